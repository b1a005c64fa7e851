"""The unused invitations to a room, and a way to revoke one."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.markup.times import read_time
from chat_tui.ui.dialogs.dialog import Dialog, button, text

_KEYS: Final = "Enter: revoke the selected invitation · Esc: close"
_NONE: Final = "No unused invitations. /invite creates one."


class InvitationsList(Dialog[None]):
    """Enter revokes the selected invitation; Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "revoke", show=False)]

    def __init__(self, room: str, title: str) -> None:
        super().__init__()
        self._room = room
        self._heading = f"Unused invitations to {clean_line(title)}"
        self._list = OptionList(markup=False, id="invitations")
        self._status = text("Loading…", "keys", id="words")
        self._unused: list[m.InvitationInfo] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(self._heading, "heading")
            yield self._list
            with Horizontal(classes="buttons"):
                yield button("Revoke", "revoke")
                yield button("Done", "done", "primary")
            yield self._status

    def on_mount(self) -> None:
        self._list.focus()
        self.start_once(self._load())

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#revoke")
    def action_revoke(self) -> None:
        if (selected := self._list.highlighted) is not None:
            self.start_once(self._revoke(self._unused[selected]))

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()

    async def _load(self) -> None:
        match await self.ask(m.Invitations(id=m.UNNUMBERED, room=self._room)):
            case m.InvitationList(invitations=unused):
                self._say(_KEYS if unused else _NONE)
                self._show(unused)
            case m.Error(message=sentence):
                self._say(sentence)

    async def _revoke(self, invitation: m.InvitationInfo) -> None:
        request = m.RevokeInvitation(
            id=m.UNNUMBERED, room=self._room, invitation=invitation.invitation
        )
        reply = await self.ask(request)
        if isinstance(reply, m.Error):
            self._say(reply.message)
        else:
            await self._load()
            self._say(f"Revoked the invitation by {invitation.by}.")

    def _show(self, unused: list[m.InvitationInfo]) -> None:
        self._unused = unused
        highlighted = self._list.highlighted or 0
        self._list.clear_options()
        self._list.add_options([Option(_row(invitation)) for invitation in unused])
        self._list.highlighted = min(highlighted, len(unused) - 1) if unused else None

    def _say(self, sentence: str) -> None:
        self._status.update(Content(clean_line(sentence)))


def _row(invitation: m.InvitationInfo) -> Content:
    created, expires = _time(invitation.created), _time(invitation.expires)
    return Content.assemble(
        (clean_line(invitation.by), "bold"), f" · created {created} · valid until {expires}"
    )


def _time(at: str) -> str:
    return f"{read_time(at).astimezone():%Y-%m-%d %H:%M}"
