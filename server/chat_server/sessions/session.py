"""A session: one connection, the account it is logged in to, and what it is sent.

Knows no stream and no frame: its protocol gives it an outbox and two encoders.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from chat_server.net.outbox import Outbox
from chat_server.sessions.blocks import Block, Encoder
from chat_server.sessions.rate_limits import TokenBucket
from chat_shared.messages import Message, Reply
from chat_shared.proxy_header import Origin

# Seconds by which a deadline may lag behind, so that not every read has to move it.
_SLACK: Final = 1.0

# Frames that a session may send too fast before it is read more slowly than the others that
# share its allowance, and after all of them: a client may have sent many before the first was
# refused.
_PATIENCE: Final = 20

# Seconds at most that a hook's session pauses: long enough that a flood is little work.
_HOOK_PAUSE: Final = 0.1


@dataclass(eq=False, slots=True)
class Account:
    """An account that is online, with one session or several. Exists as long as the last one."""

    id: int
    name: str
    posts: TokenBucket  # of all its sessions together, as the next
    requests: TokenBucket
    sessions: list["Session"] = field(default_factory=list)
    rooms: set[int] = field(default_factory=set)  # ids of those it is a member of
    read: dict[int, int] = field(default_factory=dict)  # the last seq that was read, by room
    away: str = ""  # its away message
    guest_until: int = 0  # when it ends, in milliseconds since 1970, UTC; 0 if it is no guest's
    hook: bool = False  # it is a hook's: nobody's, and in no room but the one it posts to
    online: bool = False  # whether a session has been welcomed
    # When the last typing event was sent, by room, in trio's time.
    typing_sent: dict[int, float] = field(default_factory=dict)
    loaded: bool = False  # whether `rooms`, `read` and `away` have been read from the store
    load_lock: trio.Lock = field(default_factory=trio.Lock)
    _locks: dict[str, trio.Lock] = field(default_factory=dict)  # by what they are for

    @property
    def join_lock(self) -> trio.Lock:
        """Held from the check of how many rooms it is in until it has joined one more.

        Several sessions may request that at once.
        """
        return self._lock("join")

    @property
    def away_lock(self) -> trio.Lock:
        """Held from the write of an away message until `away` is that message."""
        return self._lock("away")

    def _lock(self, purpose: str) -> trio.Lock:
        # Made when first used: most accounts never use them, and each takes a quarter of a kB.
        return self._locks.setdefault(purpose, trio.Lock())


class Session:
    """A connection, from its first byte to its last."""

    __slots__ = (
        "_encode",
        "_served",
        "_short_of",
        "_timeout_reason",
        "account",
        "client",
        "close_reason",
        "connected_at",
        "digest",
        "encode_all",
        "ignored",
        "origin",
        "outbox",
        "pause",
        "posts",
        "requests",
        "scope",
        "watched_room",
        "welcomed",
    )

    def __init__(
        self,
        origin: Origin,
        *,
        encode: Callable[[Message], bytes],
        encode_all: Encoder,
    ) -> None:
        self.origin: Final = origin
        # What its frames are charged to: its address, and its account once it is logged in.
        # The registry sets them.
        self.posts: TokenBucket
        self.requests: TokenBucket
        self.pause = 0.0  # seconds until more is read from it
        self._short_of: TokenBucket  # the allowance that it waits for
        self._served: TokenBucket | None = None  # that it waited for, until it takes a token
        self.ignored = 0  # frames for which it did not wait, since it last sent no more than it may
        self.connected_at: Final = trio.current_time()
        self.scope: Final = trio.CancelScope()
        self.account: Account | None = None
        self.digest = b""  # of the token this session logged in with
        self.client = ""  # what it calls itself
        self.welcomed = False  # from then on it receives events
        self.watched_room = 0  # id of the room whose presence it receives; 0 for none
        self.close_reason = ""  # why it closes, for `bye` and for the log
        self._timeout_reason = ""  # the close reason if the deadline passes
        self.outbox: Outbox
        self._encode = encode
        self.encode_all: Final = encode_all  # one function for all of a protocol

    @property
    def address(self) -> str:
        """Where it connects from, as limits count it; empty for this machine."""
        return self.origin.address

    @property
    def _is_hook(self) -> bool:
        return self.account is not None and self.account.hook

    def send(self, message: Message) -> None:
        """Send `message` to this session alone. Never waits; does nothing once it has ended."""
        if not self.outbox.closed:
            self.outbox.put(self._encode(message))
            self.outbox.flush()

    def buffer(self, messages: Sequence[Message]) -> None:
        """Send `messages` together with what is sent next, in one write. As `send` otherwise."""
        if not self.outbox.closed:
            self.outbox.buffer(b"".join([self._encode(message) for message in messages]))

    def buffer_replies(self, replies: Sequence[Reply]) -> None:
        """As `buffer`, for replies to requests of a session that is logged in, encoded at once."""
        if not self.outbox.closed:
            self.outbox.buffer(self.encode_all(replies))

    def deliver(self, block: Block) -> None:
        """Send `block`, which other sessions receive too. Never waits."""
        self.outbox.put(block.encoded(self.encode_all))
        self.outbox.flush()

    def charge(self, bucket: TokenBucket) -> float:
        """Take a token for a frame and return 0, or return the seconds to wait for one.

        Then reading pauses too, and longer for those who go on all the same: they must not
        keep others who share their allowance from it.
        """
        wait = bucket.take(trio.current_time(), served=bucket is self._served)
        if wait:
            self.pause = wait * (1 + self.ignored // _PATIENCE)
            self.ignored += 1
            self._short_of = bucket
        else:
            self._served = None
        return wait

    async def wait_turn(self) -> None:
        """Wait for as long as reading pauses.

        Those who share an allowance stand in line for it. To let them all try whenever there
        is a token would refuse all but one of them again, each time.

        The programs of a hook do not: each of their requests is a session, and the program that was
        refused has often gone, which is not noticed during the pause. Places in line, or long
        pauses, would keep away the programs that are there.
        """
        pause, self.pause = self.pause, 0.0
        if self._is_hook:
            await trio.sleep(min(pause, _HOOK_PAUSE))
            return
        if self.ignored > _PATIENCE:  # not in line, but after it
            await trio.sleep(pause)
            return
        with self._short_of.in_line():
            await trio.sleep(pause)
        self._served = self._short_of

    def set_deadline(self, seconds: float, reason: str) -> None:
        """Close the session for `reason` unless this is called again within `seconds`."""
        deadline = trio.current_time() + seconds
        if abs(deadline - self.scope.deadline) > _SLACK:
            self.scope.deadline = deadline
        self._timeout_reason = reason

    def close_for(self, reason: str = "") -> str:
        """Return why the session closes: the first reason given, or the deadline that passed."""
        self.close_reason = self.close_reason or reason or self._timeout_reason
        return self.close_reason

    def disconnect(self, reason: str) -> None:
        """Close this session from any task; its own task sends `bye`. Never waits.

        The first reason counts.
        """
        self.close_reason = self.close_reason or reason
        self.scope.cancel()


def account_of(session: Session) -> Account:
    """Return the account that `session` is logged in to. For requests that need a log-in."""
    assert session.account is not None  # or the connection had refused the request
    return session.account
