"""One connected person: who they are, what they are still to be sent, and their end.

Knows no stream and no frame: a door gives it an outbox and two ways to encode.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from chat_server.net.outbox import Outbox
from chat_server.sessions.blocks import Block, Encoder
from chat_server.sessions.rate_limits import TokenBucket
from chat_shared.messages import Message

# Seconds by which a deadline may lag, so that not every read has to move it.
_SLACK: Final = 1.0


@dataclass(eq=False, slots=True)
class Account:
    """Somebody who is here, on one device or on several. Gone when the last of them is."""

    id: int
    name: str
    sessions: list["Session"] = field(default_factory=list)
    rooms: set[int] = field(default_factory=set)  # the numbers of those they are a member of
    read: dict[int, int] = field(default_factory=dict)  # how far, in each of `rooms`
    away: str = ""  # why they are not here, as they say
    here: bool = False  # whether any device has been welcomed
    typed: dict[int, float] = field(default_factory=dict)  # when it was told, by room
    loaded: bool = False  # whether all this has been read from the store
    loading: trio.Lock = field(default_factory=trio.Lock)
    # Held from the counting of their rooms until they are in one more: devices are many.
    joining: trio.Lock = field(default_factory=trio.Lock)


class Session:
    """What the house knows of one connection."""

    __slots__ = (
        "_overdue",
        "_say",
        "account",
        "address",
        "close_reason",
        "digest",
        "encode",
        "outbox",
        "posts",
        "requests",
        "scope",
        "since",
        "watched",
        "welcomed",
    )

    def __init__(
        self,
        *,
        address: str,
        say: Callable[[Message], bytes],
        encode: Encoder,
        posts: TokenBucket,
        requests: TokenBucket,
    ) -> None:
        self.address: Final = address  # of the peer, for limits; empty for a Unix socket
        self.posts: Final = posts
        self.requests: Final = requests
        self.since: Final = trio.current_time()
        self.scope: Final = trio.CancelScope()
        self.account: Account | None = None
        self.digest = b""  # of the token this session logged in with
        self.welcomed = False  # from then on it hears events
        self.watched = 0  # the number of the room that it looks at; 0 for none
        self.close_reason = ""  # why it ended, for `bye` and for the log
        self._overdue = ""  # what to say if the deadline passes
        self.outbox: Outbox
        self._say = say
        self.encode: Final = encode  # how this session's door writes what a room is told

    def send(self, message: Message) -> None:
        """Send a reply or an event to this session alone, unless it has ended. Never waits."""
        if not self.outbox.closed:
            self.outbox.put(self._say(message))

    def hold(self, messages: Sequence[Message]) -> None:
        """Send `messages` with whatever is sent next, in one write, unless it has ended."""
        if not self.outbox.closed:
            self.outbox.buffer(b"".join([self._say(message) for message in messages]))

    def hear(self, block: Block) -> None:
        """Send what a room is told. Never waits."""
        self.outbox.put(block.encoded(self.encode))

    def expect(self, seconds: float, reason: str) -> None:
        """End the session for `reason` unless this is called again within `seconds`."""
        deadline = trio.current_time() + seconds
        if abs(deadline - self.scope.deadline) > _SLACK:
            self.scope.deadline = deadline
        self._overdue = reason

    def close_for(self, reason: str = "") -> str:
        """Return why the session ended: the first reason given, or what was waited for in vain."""
        self.close_reason = self.close_reason or reason or self._overdue
        return self.close_reason

    def disconnect(self, reason: str) -> None:
        """End this session from wherever; its own task says goodbye. Never waits.

        The first reason stands.
        """
        self.close_reason = self.close_reason or reason
        self.scope.cancel()
