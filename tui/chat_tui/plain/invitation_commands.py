"""The command that lists invitations, and revokes one."""

from typing import Final, Protocol

from chat_shared import messages as m
from chat_tui.plain.ssh_key_commands import Question

_WHICH: Final = "Revoke one? Type its number (empty: cancel): "
_UNKNOWN: Final = "There is no invitation with this number. Nothing was revoked."


class Chat(Protocol):
    """What the command acts on."""

    async def ask(self, request: m.Request) -> m.Reply | None: ...
    def fail(self, sentence: str) -> None: ...


class InvitationCommands:
    """Creating one is a mere request."""

    def __init__(self, chat: Chat, question: Question) -> None:
        self._chat = chat
        self._question = question

    async def list(self, room: str, *, asks: bool) -> None:
        """Write the unused invitations to `room`; then, if it `asks`, revoke one."""
        listed = await self._chat.ask(m.Invitations(id=m.UNNUMBERED, room=room))
        if not (asks and isinstance(listed, m.InvitationList) and listed.invitations):
            return
        if answer := (await self._question(_WHICH)).strip():
            await self._revoke(listed, answer)

    async def _revoke(self, listed: m.InvitationList, answer: str) -> None:
        by_number = {str(n): one.invitation for n, one in enumerate(listed.invitations, 1)}
        if answer not in by_number:
            self._chat.fail(_UNKNOWN)
            return
        revoke = m.RevokeInvitation(id=m.UNNUMBERED, room=listed.room, invitation=by_number[answer])
        await self._chat.ask(revoke)
