"""Blocks: events that are sent together, encoded once for all recipients."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from chat_shared.messages import Event, Message

# The close reason after a bug: what was sent meanwhile is only known once the client asks.
INTERRUPTED: Final = "internal server error"

Encoder: TypeAlias = Callable[[Sequence[Message]], bytes]


class Block:
    """Events for several sessions, in order, and their bytes per encoder.

    The bytes are made when first asked for, so a further protocol costs one more
    encoding and not one for each of its sessions.
    """

    __slots__ = ("_encoded", "events")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._encoded: dict[Encoder, bytes] = {}

    def encoded(self, encode: Encoder) -> bytes:
        """Return the block in the encoding of `encode`."""
        data = self._encoded.get(encode)
        if data is None:
            data = self._encoded[encode] = encode(self.events)
        return data


class Last(NamedTuple):
    """The last message of a room: its number, and its time as the protocol writes it."""

    seq: int
    at: str


class Audience(Protocol):
    """The recipients of a block: what the journal needs to know of a room."""

    @property
    def name(self) -> str: ...

    @property
    def last_seq(self) -> int: ...

    def publish(self, block: Block, last: Last) -> None:
        """Deliver `block`, whose last message is `last`, to all. Never waits."""

    def broadcast(self, block: Block) -> None:
        """Deliver `block`, which has no messages, to all. Never waits."""

    def interrupt(self, last: Last) -> None:
        """Disconnect all: some may have missed messages, up to `last`. Never waits."""
