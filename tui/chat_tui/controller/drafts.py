"""Unsent drafts that the server keeps, among the preferences of the account.

As those on a disk, a draft that holds a password or a private key stays in memory. A reply is
kept without the message that it quotes, which its author may delete.
"""

from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from chat_shared.text import clean
from chat_tui.controller.preferences import AccountPreferences
from chat_tui.model.draft import Draft, Edit
from chat_tui.storage.drafts import is_secret

_KIND: Final = "draft"
_NOTHING: Final = Draft()


class AccountDrafts:
    """The drafts by room, on all devices of the account."""

    def __init__(self, preferences: AccountPreferences) -> None:
        self._preferences = preferences
        self._drafts = {room: _read(value) for room, value in preferences.of(_KIND).items()}
        self._put: set[str] = set()  # rooms whose drafts have changed here since `keep`

    def get(self, room: str) -> Draft:
        return self._drafts.get(room, _NOTHING)

    def put(self, room: str, draft: Draft) -> None:
        if draft.without_quotes() != self.get(room).without_quotes():
            self._put.add(room)
        self._drafts[room] = draft

    def keep(self) -> None:
        for room in self._put:
            self._preferences.set(f"{_KIND}:{room}", _written(self.get(room)))
        self._put.clear()

    def close(self) -> None:
        pass  # what remains is sent before the connection ends

    def renew(self, names: AbstractSet[str]) -> dict[str, Draft]:
        """Take over the preferences `names`, which another device set; return what there was.

        What has changed here since `keep` stays, and so does what the server must not have.
        """
        rooms = {name.removeprefix(f"{_KIND}:") for name in names if name.startswith(f"{_KIND}:")}
        kept = {room: self.get(room) for room in rooms - self._put}
        before = {room: draft for room, draft in kept.items() if not is_secret(draft)}
        values = self._preferences.of(_KIND)
        self._drafts |= {room: _read(values.get(room, "")) for room in before}
        return before


def _written(draft: Draft) -> str:
    if is_secret(draft) or not draft:
        return ""
    bare = draft.without_quotes()
    return msgspec.json.encode(bare if bare.intent else bare.text).decode()


def _read(value: str) -> Draft:
    """Return the draft in `value`; an empty one if it makes no sense."""
    if not value:
        return _NOTHING
    try:
        found = msgspec.json.decode(value, type=str | Draft)
    except (msgspec.MsgspecError, RecursionError):
        return _NOTHING
    return _safe(Draft(found) if isinstance(found, str) else found.without_quotes())


def _safe(draft: Draft) -> Draft:
    """Return `draft` as it could have been typed: an edit interrupts no other edit."""
    waiting = draft.waiting
    if waiting is None or not isinstance(draft.intent, Edit) or isinstance(waiting.intent, Edit):
        return Draft(clean(draft.text), draft.intent)
    return Draft(clean(draft.text), draft.intent, Draft(clean(waiting.text), waiting.intent))
