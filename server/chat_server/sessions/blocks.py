"""A block: what a room is told at once, encoded once however many hear it."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from chat_shared.messages import Event

Encoder: TypeAlias = Callable[[Sequence[Event]], bytes]


class Block:
    """Events for everybody in a room, in order, and their bytes per encoding.

    Wherever the events came from, a block is all that a room needs to know of
    them. The bytes are made when they are first asked for, so another door
    costs one more encoding and not one for each of its members.
    """

    __slots__ = ("_encoded", "events")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._encoded: dict[Encoder, bytes] = {}

    def encoded(self, encode: Encoder) -> bytes:
        """Return the block as `encode` writes it."""
        data = self._encoded.get(encode)
        if data is None:
            data = self._encoded[encode] = encode(self.events)
        return data


class Audience(Protocol):
    """Whom a block can be told to: a room, as those see it who know nothing of rooms."""

    @property
    def name(self) -> str: ...

    def publish(self, block: Block, last_seq: int) -> None:
        """Tell every member `block`, whose last message has number `last_seq`. Never waits."""

    def broadcast(self, block: Block) -> None:
        """Tell every member `block`, which has no number. Never waits."""
