"""Hooks: codes that the owner of a room gives to programs, which post with them.

Knows no request, no protocol and no HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from chat_server.accounts.identity import token_digest
from chat_server.rooms.audit import recorded_audit_event
from chat_server.rooms.directory import Rooms
from chat_server.rooms.moderation import owner_lock
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import AuditDraft, FullError, GoneError, HookRecord, TakenError
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_NAME
from chat_shared.names import check_new_name

MAX_HOOKS: Final = 10  # of a room: builds, alarms, a camera, and what is being tried

# Bytes of randomness in a code: it stands in the settings of other programs for years, and nobody
# types it.
_CODE_BYTES: Final = 24

_SUFFIX: Final = " (hook)"  # no person can have such a name

REMOVED: Final = "this hook was removed"


@dataclass(frozen=True, slots=True)
class Hooks:
    """Makes, lists, removes and opens hooks."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def create(self, owner: Account, room: Room, name: str) -> tuple[HookRecord, str]:
        """Return a new hook of `room`, and its code, which is never shown again.

        Raises Refused (not_a_member, forbidden, bad_name, name_taken).
        """
        shown = _check_name(name)
        code = token_urlsafe(_CODE_BYTES)
        draft = AuditDraft(room.id, owner.id, "create_hook", self.now())
        async with owner_lock(owner, room):
            try:
                hook, entry = await self.storage.write(
                    lambda store: store.add_hook(draft, shown, token_digest(code), MAX_HOOKS)
                )
            except TakenError:
                raise Refused(
                    Code.NAME_TAKEN, f"This room already has the hook {shown}. Choose another name."
                ) from None
            except FullError:
                raise Refused(
                    Code.FORBIDDEN,
                    f"This room has {MAX_HOOKS} hooks, which is the limit. Remove one with /hooks.",
                ) from None
            room.broadcast(Block([recorded_audit_event(room.name, entry)]))
        return hook, code

    async def list_hooks(self, room: Room) -> list[HookRecord]:
        """Return the hooks of `room`, oldest first."""
        return await self.storage.read(lambda store: store.hooks(room.id))

    async def remove(self, owner: Account, room: Room, id: int) -> None:
        """Make a hook of `room` useless. Raises Refused (not_a_member, forbidden)."""
        draft = AuditDraft(room.id, owner.id, "remove_hook", self.now())
        async with owner_lock(owner, room):
            try:
                hook, entry = await self.storage.write(lambda store: store.remove_hook(draft, id))
            except GoneError:
                raise Refused(Code.FORBIDDEN, "This hook was removed already.") from None
            self.registry.disconnect_account(hook.account, REMOVED)
            room.broadcast(Block([recorded_audit_event(room.name, entry)]))

    async def open(self, session: Session, code: str) -> tuple[Room, HookRecord]:
        """Log `session` in as the hook with this code. Raises Refused (bad_token)."""
        digest = token_digest(code)
        id = await self.storage.read(lambda store: store.hook_room(digest))
        room = None if id is None else self.rooms.get(id)
        if room is None:
            raise _no_such_hook()
        async with room.lock:  # or it could be removed between here and the session
            hook = await self.storage.write(lambda store: store.open_hook(digest, self.now()))
            if hook is None:
                raise _no_such_hook()
            account = self.registry.attach(session, hook.account, hook.name, hook=True)
            account.rooms = {room.id}
            account.loaded = True
        return room, hook


def _no_such_hook() -> Refused:
    return Refused(Code.BAD_TOKEN, "There is no such hook. The room's owner may have removed it.")


def _check_name(name: str) -> str:
    """Return `name` as messages of the hook have it. Raises Refused (bad_name)."""
    shown = check_new_name(name) + _SUFFIX
    if len(shown) > MAX_NAME:
        longest = MAX_NAME - len(_SUFFIX)
        raise Refused(Code.BAD_NAME, f"The name of a hook must have 1 to {longest} characters.")
    return shown
