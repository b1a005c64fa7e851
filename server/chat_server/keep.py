"""How long messages are kept, as operators write it: 12h, 90d, 52w or forever."""

import re

_KEEP = re.compile(r"(?P<count>[1-9][0-9]{0,4})(?P<unit>[hdw])")
_UNITS = {"h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}  # milliseconds
FOREVER = "forever"


def parse_keep(text: str) -> int:
    """Return how long messages are kept, in milliseconds; 0 for forever. Raises ValueError."""
    if text == FOREVER:
        return 0
    match = _KEEP.fullmatch(text)
    if match is None:
        raise ValueError("Use 12h, 90d, 52w or forever.")
    return int(match["count"]) * _UNITS[match["unit"]]


def show_keep(keep: int | None) -> str:
    """Return `keep` (milliseconds) as `parse_keep` reads it; None means the server's default."""
    if keep is None:
        return "default"
    if keep == 0:
        return FOREVER
    unit = next(unit for unit in "dh" if keep % _UNITS[unit] == 0)
    return f"{keep // _UNITS[unit]}{unit}"
