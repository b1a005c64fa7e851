"""What a load writes, so that it can be counted without parsing: most often the same 64 bytes.

Knows no protocol and no socket. A body looks like `~load-benchmark-line~0007~00…12345678~....`: the
marker that every delivery is counted by, the number of the sender, and the time of sending.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from benchmarks.dialects import Dialect

#: Occurs in every body exactly once and nowhere else in either protocol. Its length lets the
#: search skip ahead (40 ns a message); a single byte would be looked for in every position.
MARKER = b"~load-benchmark-line~"

#: Bytes of one body, as in the figures that are compared: a short message.
BODY_SIZE = 64

_STAMP_DIGITS = 19
_SENDER_DIGITS = 4

_SENDER = re.compile(MARKER + rb"(\d{%d})~" % _SENDER_DIGITS)
_STAMP = re.compile(MARKER + rb"\d{%d}~(\d{%d})~" % (_SENDER_DIGITS, _STAMP_DIGITS))


def body(sender: int, stamp: int = 0) -> bytes:
    """Return a body of 64 bytes from `sender`, sent at `stamp` (nanoseconds, monotonic)."""
    numbers = b"%0*d~%0*d~" % (_SENDER_DIGITS, sender, _STAMP_DIGITS, stamp)
    return (MARKER + numbers).ljust(BODY_SIZE, b".")


def senders(lines: bytes) -> Counter[bytes]:
    """Return the number of bodies of each sender (by `sender_key`) in complete `lines`."""
    return Counter(_SENDER.findall(lines))


def sender_key(sender: int) -> bytes:
    """Return the key of `sender` in the result of `senders`."""
    return b"%0*d" % (_SENDER_DIGITS, sender)


def stamps(lines: bytes) -> Iterator[int]:
    """Yield the time of sending of every body in `lines`, which are complete."""
    return map(int, _STAMP.findall(lines))


class Texts(Protocol):
    """What the senders of a load write."""

    #: Occurs in each text exactly once, and nowhere else in what a server sends.
    marker: bytes

    def posts(self, dialect: Dialect, room: str, sender: int, count: int, seen: int) -> bytes:
        """Return the next `count` messages of `sender`, who has seen so many in the room."""

    def senders(self, lines: bytes) -> Counter[bytes]:
        """Return the number of texts of each sender (by `sender_key`) in complete `lines`."""

    def sender_key(self, sender: int) -> bytes:
        """Return the key of `sender` in the result of `senders`."""


class SameText:
    """The same short message, again and again."""

    marker = MARKER

    def posts(self, dialect: Dialect, room: str, sender: int, count: int, seen: int) -> bytes:
        """Return `count` messages, which differ between senders only."""
        return dialect.posts(room, body(sender), count)

    def senders(self, lines: bytes) -> Counter[bytes]:
        """Return the number of bodies of each sender."""
        return senders(lines)

    def sender_key(self, sender: int) -> bytes:
        """Return the digits of the sender."""
        return sender_key(sender)
