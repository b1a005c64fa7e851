"""Why a request about files is refused: what several of them say."""

from functools import partial
from typing import Final

from chat_shared.errors import Code, Refused

# Also for what is there, but not for this account: the answer tells nobody what others have.
NO_SUCH_FILE: Final = partial(
    Refused, Code.NO_SUCH_FILE, "This file doesn't exist, or you can't access it."
)

_UNITS: Final = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000))


def show_size(size: int) -> str:
    """Return `size`, in bytes, as people write it: 25 MB."""
    for unit, factor in _UNITS:
        if size >= factor:
            number = size / factor
            digits = f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")
            return f"{digits} {unit}"
    return f"{size} bytes"
