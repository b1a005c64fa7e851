"""Commands that list what a room has, and remove one of it by its number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from chat_shared import messages as m
from chat_tui.plain.ssh_key_commands import Question


class Chat(Protocol):
    """What the commands act on."""

    async def ask(self, request: m.Request) -> m.Reply | None: ...
    def fail(self, sentence: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is listed, and how one of it is removed."""

    question: str
    unknown: str
    request: Callable[[str], m.Request]  # asks for those of a room
    removals: Callable[[m.Reply | None], list[m.Request]]  # of what is listed, in its order


_INVITATIONS: Final = _Kind(
    "Revoke one? Type its number (empty: cancel): ",
    "There is no invitation with this number. Nothing was revoked.",
    lambda room: m.Invitations(id=m.UNNUMBERED, room=room),
    lambda reply: (
        [
            m.RevokeInvitation(id=m.UNNUMBERED, room=reply.room, invitation=one.invitation)
            for one in reply.invitations
        ]
        if isinstance(reply, m.InvitationList)
        else []
    ),
)
_HOOKS: Final = _Kind(
    "Remove one? Type its number (empty: cancel): ",
    "There is no hook with this number. Nothing was removed.",
    lambda room: m.Hooks(id=m.UNNUMBERED, room=room),
    lambda reply: (
        [m.RemoveHook(id=m.UNNUMBERED, room=reply.room, hook=one.hook) for one in reply.hooks]
        if isinstance(reply, m.HookList)
        else []
    ),
)


class Removals:
    """Creating one of these is a mere request."""

    def __init__(self, chat: Chat, question: Question) -> None:
        self._chat = chat
        self._question = question

    async def invitations(self, room: str, *, asks: bool) -> None:
        """Write the unused invitations to `room`; then, if it `asks`, revoke one."""
        await self._list(_INVITATIONS, room, asks=asks)

    async def hooks(self, room: str, *, asks: bool) -> None:
        """Write the hooks of `room`; then, if it `asks`, remove one."""
        await self._list(_HOOKS, room, asks=asks)

    async def _list(self, kind: _Kind, room: str, *, asks: bool) -> None:
        removals = kind.removals(await self._chat.ask(kind.request(room)))
        if not (asks and removals):
            return
        if answer := (await self._question(kind.question)).strip():
            by_number = {str(number): one for number, one in enumerate(removals, 1)}
            if answer in by_number:
                await self._chat.ask(by_number[answer])
            else:
                self._chat.fail(kind.unknown)
