"""Retention: removing what is too old or was deleted, in steps of bounded size."""

from typing import Final, Protocol

from msgspec import Struct

from chat_shared.limits import MAX_SEQ

NEVER: Final = MAX_SEQ  # a time that never comes


class Expiry(Struct, frozen=True):
    """How far expiry has followed the clock; both in milliseconds."""

    time: int  # since 1970, UTC: nothing later has expired; 0 before the first look
    waited: int = 0  # for how long the server has run since the clock leapt ahead of it


class RetentionStore(Protocol):
    """The part of `Store` that background maintenance needs.

    `now` is the present time as far as expiry has followed it: a time behind that was
    written while the clock was wrong.
    """

    def expiry(self) -> Expiry: ...

    def set_expiry(self, expiry: Expiry) -> None: ...

    def keep_times(self) -> list[tuple[int, int | None]]:
        """Return the id and the `keep` of every room that has not been removed."""

    def remove_old_messages(self, room: int, before: int, limit: int, now: int = NEVER) -> int:
        """Remove up to `limit` messages from the front of `room`; return how many.

        Stops at the first one written at `before` or later, so that no gap
        opens among those that stay. One with a time behind `now` goes by what the clock
        said later, or with those around it.
        """

    def remove_orphan_reactions(self, room: int, limit: int) -> int:
        """Remove up to `limit` reactions to messages that are gone; return how many."""

    def purge_removed_rooms(self, before: int, limit: int, now: int = NEVER) -> int:
        """Remove up to `limit` rows of rooms removed before then; return how many.

        A room that was removed behind `now` counts as removed now.
        """

    def other_programs(self) -> list[str]:
        """Return the names of other programs that use the store, as far as the system tells."""
