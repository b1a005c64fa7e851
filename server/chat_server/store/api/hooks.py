"""Hooks: codes by which programs post to a room, each as an account of its own.

Nobody can log in to that account, and it is in no room. It stays when its hook is removed, as the
author of what was posted. Codes are kept as digests.
"""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.audit import AuditDraft, AuditRecord


@dataclass(frozen=True, slots=True)
class HookRecord:
    """A hook, under an id that is never reused."""

    id: int
    account: int
    room: int
    name: str  # of the account
    by: str  # who made it
    created: int  # milliseconds since 1970, UTC
    used: int | None = None  # when it was last opened; likewise


class HookStore(Protocol):
    """The part of `Store` that keeps hooks."""

    def add_hook(
        self, entry: AuditDraft, name: str, digest: bytes, limit: int
    ) -> tuple[HookRecord, AuditRecord]:
        """Add a hook to `entry.room`, and an account with this `name` for it.

        Other accounts may have the same name, but no other hook of the room: that raises
        TakenError. Raises FullError if the room has `limit` hooks.
        """

    def hooks(self, room: int) -> list[HookRecord]:
        """Return the hooks of `room`, oldest first."""

    def remove_hook(self, entry: AuditDraft, id: int) -> tuple[HookRecord, AuditRecord]:
        """Remove a hook of `entry.room`, and lock its account. Raises GoneError."""

    def hook_room(self, digest: bytes) -> int | None:
        """Return the room of the hook whose code has this digest."""

    def open_hook(self, digest: bytes, at: int) -> HookRecord | None:
        """Return the hook whose code has this digest, and note that it was used."""
