"""Direct rooms, which have two participants, and blocks between accounts."""

from typing import Protocol

from chat_server.store.api.rooms import RoomRecord


def direct_name(low: int, high: int) -> str:
    """Return the name of the accounts' direct room, which no other room can have."""
    return f"@{low}-{high}"


class DirectStore(Protocol):
    """The part of `Store` that keeps direct rooms and blocks."""

    def open_direct(self, low: int, high: int, at: int) -> RoomRecord:
        """Add the direct room of these accounts if there is none; make both members of it.

        Deleted accounts do not become members. Raises BlockedError if one has
        blocked the other.
        """

    def direct_room(self, name: str) -> RoomRecord | None:
        """Return the direct room with this name, if there is one that is not removed."""

    def direct_rooms_of(self, account: int) -> list[RoomRecord]:
        """Return the direct rooms that `account` is a member of."""

    def excess_direct_rooms(self, account: int, limit: int, exclude: int) -> list[tuple[str, int]]:
        """Return the direct rooms of `account` beyond `limit`, least missed first.

        Empty rooms come first, then those it has not written in, then those it
        has read completely, then the rest; within each group the quietest
        first. Never `exclude`. Each is its name with its last seq.
        """

    def leave_excess_direct_rooms(self, limit: int) -> None:
        """End everybody's memberships in direct rooms beyond `limit`, as `excess_direct_rooms`."""

    def block(self, account: int, other: int, limit: int) -> bool:
        """Block direct messages between `account` and `other` until `unblock`.

        Return False if `account` has blocked `limit` others.
        """

    def unblock(self, account: int, other: int) -> bool:
        """Undo `block`; return whether there was a block."""

    def blocked(self, account: int) -> list[str]:
        """Return the names of the accounts that `account` has blocked, by key."""
