"""The SSH keys that log in to the account: listed, added, removed."""

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button

from chat_shared import messages as m
from chat_shared.ssh_keys import SshKey
from chat_shared.text import clean_line
from chat_tui.commands import ssh_keys
from chat_tui.markup.times import day
from chat_tui.ui.dialogs.add_ssh_key import AddSshKey
from chat_tui.ui.dialogs.confirm import Confirm
from chat_tui.ui.dialogs.dialog import button
from chat_tui.ui.dialogs.entries import Entries
from chat_tui.ui.server import Server

_ADVICE: Final = "Enter: add or remove the selected key · ssh then asks for no password"

# One of the account's, or one that this connection offered and that could be added.
_Key: TypeAlias = m.SshKeyInfo | SshKey


class SshKeys(Entries[_Key]):
    """Enter removes the selected key, or adds it if it is the connection's; Escape closes."""

    def __init__(self) -> None:
        super().__init__("Your SSH keys", _ADVICE, "Remove", none=ssh_keys.NONE)

    def more_buttons(self) -> ComposeResult:
        yield button("Add a key", "add")

    def request(self) -> m.Request:
        return m.SshKeys(id=m.UNNUMBERED)

    def read(self, reply: m.Reply) -> Sequence[_Key]:
        held = reply.keys if isinstance(reply, m.SshKeyList) else []
        offered = cast("Server", self.app).connection_keys.offered
        return [*held, *ssh_keys.not_held(offered, held)]

    def row(self, entry: _Key) -> Content:
        if isinstance(entry, SshKey):
            use = ("your connection offers it: Enter adds it", "$text-accent")
            return _row(entry.kind, use, entry.fingerprint)
        below = f"{clean_line(entry.fingerprint)}, added {day(entry.added)}"
        return _row(ssh_keys.name_of(entry), (ssh_keys.last_use(entry), ""), below)

    def choose(self, entry: _Key) -> None:
        if isinstance(entry, SshKey):
            self._start_adding(str(entry))
        else:
            self.remove_entry(entry)

    @on(Button.Pressed, "#add")
    def add(self) -> None:
        self._start_adding(str(self.selected) if isinstance(self.selected, SshKey) else "")

    def remove_entry(self, entry: _Key) -> None:
        if isinstance(entry, SshKey):
            self.say("This key isn't among yours. Enter adds it.")
        else:
            self.start_once(self._remove_after_asking(entry))

    def _start_adding(self, key: str) -> None:
        self.start_once(self._add(key))

    async def _add(self, key: str) -> None:
        if added := await self.app.push_screen_wait(AddSshKey(key)):
            self.say(added)
            await self.load()

    async def _remove_after_asking(self, key: m.SshKeyInfo) -> None:
        question = f"Remove {ssh_keys.name_of(key)}? Its sessions will end."
        if await self.app.push_screen_wait(Confirm(question, "Remove", destroys=True)):
            request = m.RemoveSshKey(id=m.UNNUMBERED, fingerprint=key.fingerprint)
            await self.remove_by(request, f"Removed: {ssh_keys.name_of(key)}.")


def _row(name: str, use: tuple[str, str], below: str) -> Content:
    return Content.assemble((name, "bold"), " · ", use, "\n  ", (below, "$text-muted"))
