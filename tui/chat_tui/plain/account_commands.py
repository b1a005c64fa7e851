"""The commands about the account that ask for passwords."""

from collections.abc import Callable
from typing import Final, Protocol

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.plain.ssh_key_commands import Question

_NOT_THE_SAME: Final = "The passwords don't match. Nothing was changed."
_CODE: Final = "The code of an invitation to this server (empty: cancel): "
_DELETE: Final = "This permanently deletes your account. Your password (empty: cancel): "


class Chat(Protocol):
    """What the commands act on."""

    async def ask(self, request: m.Request) -> m.Reply | None: ...


class AccountCommands:
    """Changing the password, keeping a guest's account, deleting an account."""

    def __init__(self, chat: Chat, write: Callable[[str], None], question: Question) -> None:
        self._chat = chat
        self._write = write
        self._question = question

    async def change_password(self) -> None:
        old = await self._question("Current password: ", secret=True)
        if new := await self._new_password("New password: ", "Repeat the new password: "):
            await self._chat.ask(m.Password(id=m.UNNUMBERED, old=old, new=new))

    async def keep(self, *, asks: bool) -> None:
        """Keep a guest's account; if it `asks`, by an invitation where the server needs one."""
        prompts = "A password for your account: ", "Repeat the password: "
        if not (password := await self._new_password(*prompts)):
            return
        reply = await self._chat.ask(m.Keep(id=m.UNNUMBERED, password=password))
        refused = isinstance(reply, m.Error) and reply.code == Code.REGISTRATION_CLOSED
        if refused and asks and (code := (await self._question(_CODE)).strip()):
            await self._chat.ask(m.Keep(id=m.UNNUMBERED, password=password, invite=code))

    async def delete(self) -> None:
        if password := await self._question(_DELETE, secret=True):
            await self._chat.ask(m.DeleteAccount(id=m.UNNUMBERED, password=password))

    async def _new_password(self, prompt: str, again: str) -> str:
        """Return a password that was typed twice; empty if it was not."""
        password = await self._question(prompt, secret=True)
        if await self._question(again, secret=True) == password:
            return password
        self._write(_NOT_THE_SAME)
        return ""
