"""How to log in, enter a room and speak: bytes to send, and what to look for in the answer.

Knows no socket. The load generator sees only this, so the same loop drives every server.
"""

from typing import Protocol


class Dialect(Protocol):
    """What a client has to say to a server, and how it sees that it was understood."""

    #: Whether a sender receives their own message back as a member.
    echoes: bool
    #: Occurs in the answer to `login`, and in the answer to `join`.
    logged_in: bytes
    joined: bytes
    #: Any of these in an answer means that the server said no.
    refusals: tuple[bytes, ...]
    #: What shows that somebody is still there.
    ping: bytes

    def login(self, number: int) -> bytes:
        """Return what connection `number` says to be let in."""

    def join(self, room: str) -> bytes:
        """Return what a connection says to enter `room`; empty where log-in has done it."""

    def posts(self, room: str, body: bytes, count: int) -> bytes:
        """Return `count` messages with `body` to `room`."""


class Irc:
    """RFC 2812, the little of it that a crowd needs."""

    echoes = False
    logged_in = b" 001 "
    joined = b" 366 "
    refusals: tuple[bytes, ...] = (b"ERROR :", b" 433 ", b" 471 ", b" 405 ")
    ping = b"PING :bench\r\n"

    def login(self, number: int) -> bytes:
        """Return nick and user; the nick is as long as a native account name."""
        return b"NICK m%05d\r\nUSER bench 0 * :bench\r\n" % number

    def join(self, room: str) -> bytes:
        """Return the JOIN; the first one makes the channel."""
        return b"JOIN #%s\r\n" % room.encode()

    def posts(self, room: str, body: bytes, count: int) -> bytes:
        """Return `count` equal lines: IRC numbers nothing."""
        return b"PRIVMSG #%s :%s\r\n" % (room.encode(), body) * count
