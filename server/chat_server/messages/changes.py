"""Who may edit, delete and react.

Checked before the journal takes a change, so that its author learns why it is
refused. What happens between the check and the commit is up to the store: a change
that comes too late gets a number and has no effect.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from chat_server.rooms.room import Room
from chat_server.sessions.session import Account
from chat_server.store.api import Draft, TargetRecord
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_EMOJIS
from chat_shared.reactions import reaction_key

_NO_SUCH: Final = partial(Refused, Code.NO_SUCH_MESSAGE, "There is no such message.")
_DELETED: Final = partial(Refused, Code.NO_SUCH_MESSAGE, "This message was deleted.")
_NOT_ALLOWED: Final = {
    "edit": partial(Refused, Code.FORBIDDEN, "You can only edit your own messages."),
    "delete": partial(
        Refused, Code.FORBIDDEN, "Only the author or the room's owner can delete a message."
    ),
}
_TOO_MANY: Final = partial(
    Refused,
    Code.FORBIDDEN,
    f"This message has {MAX_EMOJIS} different reactions, which is the limit. Use one of those.",
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Checks edits, deletions and reactions."""

    storage: Storage

    async def check(self, account: Account, room: Room, draft: Draft) -> None:
        """Raise Refused (no_such_message, forbidden) unless `account` may make this change."""
        target = await self.storage.read(lambda store: store.target(room.id, draft.of))
        _check(account, room, draft, target)


def _check(account: Account, room: Room, draft: Draft, target: TargetRecord | None) -> None:
    if target is None or target.change:
        raise _NO_SUCH()
    if target.deleted:
        raise _DELETED()
    if draft.change == "react":
        if not draft.off and _is_one_too_many(draft.text, target.emojis):
            raise _TOO_MANY()
    elif target.author != account.id and not (_owns(account, room) and draft.change == "delete"):
        raise _NOT_ALLOWED[draft.change]()


def _is_one_too_many(emoji: str, emojis: frozenset[str]) -> bool:
    known = {reaction_key(other) for other in emojis}
    return reaction_key(emoji) not in known and len(emojis) >= MAX_EMOJIS


def _owns(account: Account, room: Room) -> bool:
    return room.owner == account.name
