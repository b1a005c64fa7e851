"""The command about SSH keys, in questions and answers."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

from chat_shared import messages as m
from chat_shared.ssh_keys import SshKey, is_end_of_private, is_private
from chat_tui.commands import ssh_keys
from chat_tui.model.connection_keys import ConnectionKeys

_WHICH: Final = 'Type the number of a key to remove it, or "add" to add one (empty: neither): '
_UNKNOWN: Final = "There is no SSH key with this number. Nothing was removed."
_KEY: Final = "The public key, the line in your .pub file (empty: cancel): "
_OFFERED: Final = "The public key, or its number above (empty: cancel): "
_PASSWORD: Final = "Your password, since the key logs you in permanently (empty: cancel): "  # noqa: S105
_REST: Final = "Nothing is sent up to the end of the private key (Ctrl+C: send again): "


class Chat(Protocol):
    """What the command acts on."""

    @property
    def connection_keys(self) -> ConnectionKeys: ...
    async def ask(self, request: m.Request) -> m.Reply | None: ...
    def fail(self, sentence: str) -> None: ...


class Question(Protocol):
    """Asks a question; returns the answer."""

    def __call__(self, prompt: str, *, secret: bool = False) -> Coroutine[Any, Any, str]: ...


class SshKeyCommands:
    """Lists keys, adds one, removes one."""

    def __init__(self, chat: Chat, write: Callable[[str], None], question: Question) -> None:
        self._chat = chat
        self._write = write
        self._question = question

    async def list(self, *, asks: bool) -> None:
        """Write the keys; then, if it `asks`, add or remove one."""
        listed = await self._chat.ask(m.SshKeys(id=m.UNNUMBERED))
        if not asks or not isinstance(listed, m.SshKeyList):
            return
        answer = (await self._question(_WHICH)).strip()
        if answer.lower() == "add":
            await self._add(
                list(ssh_keys.not_held(self._chat.connection_keys.offered, listed.keys))
            )
        elif answer:
            by_number = {str(n): key.fingerprint for n, key in enumerate(listed.keys, 1)}
            await self._remove(by_number.get(answer, ""))

    async def _remove(self, fingerprint: str) -> None:
        if fingerprint:
            await self._chat.ask(m.RemoveSshKey(id=m.UNNUMBERED, fingerprint=fingerprint))
        else:
            self._chat.fail(_UNKNOWN)

    async def _add(self, offered: Sequence[SshKey]) -> None:
        for number, key in enumerate(offered, 1):
            self._write(f"{number}. {key.kind}, {key.fingerprint}, offered by your connection")
        answer = (await self._question(_OFFERED if offered else _KEY)).strip()
        by_number = {str(n): str(key) for n, key in enumerate(offered, 1)}
        text = by_number.get(answer, answer)
        if not text:
            return
        if problem := ssh_keys.why_not(text):
            self._chat.fail(problem)
            await self._skip_rest(text)
        elif password := await self._question(_PASSWORD, secret=True):
            await self._chat.ask(m.AddSshKey(id=m.UNNUMBERED, key=text, password=password))

    async def _skip_rest(self, line: str) -> None:
        """Read a private key to its end: the rest of a paste would be sent to the room."""
        if not is_private(line):
            return
        while not is_end_of_private(line):
            line = await self._question(_REST)
