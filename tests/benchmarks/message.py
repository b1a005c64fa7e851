"""The one message that the load consists of: 64 bytes that can be counted without being parsed.

Knows no protocol and no socket. A body looks like `~load-benchmark-line~0007~00…12345678~....`: the
marker that every delivery is counted by, the number of the speaker, and the time of sending.
"""

import re
from collections import Counter
from collections.abc import Iterator

#: Stands in every body exactly once and nowhere else in either protocol. Its length lets the
#: search skip ahead (40 ns a message); a single byte would be looked for in every position.
MARKER = b"~load-benchmark-line~"

#: Bytes of one body, as in the figures that are compared: a short line of talk.
BODY_SIZE = 64

_STAMP_DIGITS = 19
_SPEAKER_DIGITS = 4


_SPEAKER = re.compile(MARKER + rb"(\d{%d})~" % _SPEAKER_DIGITS)
_STAMP = re.compile(MARKER + rb"\d{%d}~(\d{%d})~" % (_SPEAKER_DIGITS, _STAMP_DIGITS))


def body(speaker: int, stamp: int = 0) -> bytes:
    """Return a body of 64 bytes from `speaker`, sent at `stamp` (nanoseconds, monotonic)."""
    numbers = b"%0*d~%0*d~" % (_SPEAKER_DIGITS, speaker, _STAMP_DIGITS, stamp)
    return (MARKER + numbers).ljust(BODY_SIZE, b".")


def speakers(lines: bytes) -> Counter[bytes]:
    """Return how many bodies of each speaker (by `speaker_key`) are in `lines`, all whole."""
    return Counter(_SPEAKER.findall(lines))


def speaker_key(speaker: int) -> bytes:
    """Return what `speakers` calls `speaker`."""
    return b"%0*d" % (_SPEAKER_DIGITS, speaker)


def stamps(lines: bytes) -> Iterator[int]:
    """Yield the time of sending of every body in `lines`, all whole."""
    return map(int, _STAMP.findall(lines))
