"""Garbage collection: a full one looks at all objects, and the server serves nobody meanwhile.

With 5,000 people connected that takes a fifth of a second, and by itself the interpreter does it
whenever a quarter more objects have come to stay: again and again while people connect. Yet there
is little to collect. A session that ends is no garbage, since nothing of it refers to itself: it is
freed at once, by counting references.
"""

import gc
from typing import Final

# Collections of the middle generation until a full one, which without this are ten. A server that
# is busy all the time has one or two a second.
_RARELY: Final = 1_000


def collect_rarely() -> None:
    """Make full collections rare, and let them leave out all that is there now."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _RARELY)
