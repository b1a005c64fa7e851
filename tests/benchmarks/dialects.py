"""How to log in, join a room and post: bytes to send, and what to look for in the answer.

Knows no socket. The load generator sees only this, so the same loop drives every server.
"""

from typing import Final, Protocol

#: Bytes of a text in IRC: a line has 512, and the sender's name and host are in it.
_LONGEST: Final = 400


class Dialect(Protocol):
    """The bytes that a client sends, and those that confirm them."""

    #: Whether a sender receives their own message back as a member.
    echoes: bool
    #: Occurs in the answer to `login`, and in the answer to `join`.
    logged_in: bytes
    joined: bytes
    #: Any of these in an answer means that the server refused.
    refusals: tuple[bytes, ...]
    #: Keeps a connection alive.
    ping: bytes

    def login(self, number: int) -> bytes:
        """Return the bytes with which connection `number` logs in."""

    def join(self, room: str) -> bytes:
        """Return the bytes that join `room`; empty if log-in already does."""

    def posts(self, room: str, body: bytes, count: int, reply: int = 0) -> bytes:
        """Return `count` messages with `body` to `room`; with `reply`, they reply to that one.

        A dialect that has no replies, or no such long texts, does as much of it as it can.
        """


class Irc:
    """The small part of RFC 2812 that a crowd needs."""

    echoes = False
    logged_in = b" 001 "
    joined = b" 366 "
    refusals: tuple[bytes, ...] = (b"ERROR :", b" 433 ", b" 471 ", b" 405 ")
    ping = b"PING :bench\r\n"

    def login(self, number: int) -> bytes:
        """Return nick and user; the nick is as long as a native account name."""
        return b"NICK m%05d\r\nUSER bench 0 * :bench\r\n" % number

    def join(self, room: str) -> bytes:
        """Return the JOIN; the first one creates the channel."""
        return b"JOIN #%s\r\n" % room.encode()

    def posts(self, room: str, body: bytes, count: int, reply: int = 0) -> bytes:
        """Return `count` identical lines: IRC has no request ids, no replies and short lines."""
        if len(body) > _LONGEST:
            body = body[:_LONGEST].decode(errors="ignore").encode()
        return b"PRIVMSG #%s :%s\r\n" % (room.encode(), body) * count
