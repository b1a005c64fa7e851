"""Retention: removing what is too old or was deleted, in steps of bounded size."""

from typing import Protocol


class RetentionStore(Protocol):
    """The part of `Store` that background maintenance needs."""

    def keep_times(self) -> list[tuple[int, int | None]]:
        """Return the id and the `keep` of every room that has not been removed."""

    def remove_old_messages(self, room: int, before: int, limit: int) -> int:
        """Remove up to `limit` messages from the front of `room`; return how many.

        Stops at the first one written at `before` or later, so that no gap
        opens among those that stay.
        """

    def remove_orphan_reactions(self, room: int, limit: int) -> int:
        """Remove up to `limit` reactions to messages that are gone; return how many."""

    def purge_removed_rooms(self, before: int, limit: int) -> int:
        """Remove up to `limit` rows of rooms removed before then; return how many."""

    def erase_deleted(self) -> None:
        """Make deleted texts unreadable in the store's files too, unless a reader holds them."""
