"""Sizes of files in words."""

from typing import Final

_STEP: Final = 1_000
_DIGITS: Final = 3  # of a step
_PRECISE: Final = 9.95  # below, a figure behind the point tells something
_UNITS: Final = ("kB", "MB", "GB", "TB", "PB")


def shown_size(size: int) -> str:
    """Return a number of bytes as people read it: 1 byte, 17 bytes, 340 kB, 1.2 MB."""
    if size < _STEP:
        return f"{size} byte{'' if size == 1 else 's'}"
    power = min((len(str(size)) - 1) // _DIGITS, len(_UNITS))
    value = size / _STEP**power
    digits = 1 if value < _PRECISE else 0
    return f"{value:,.{digits}f} {_UNITS[power - 1]}"
