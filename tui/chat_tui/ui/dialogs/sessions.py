"""The devices on which the account is logged in, and a way to log one out."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from chat_shared import messages as m
from chat_tui.commands.devices import device_name
from chat_tui.markup.times import moment
from chat_tui.ui.dialogs.entries import Entries

_ADVICE: Final = "Enter: log out the selected device · /logout all: log out everywhere"


class Sessions(Entries[m.SessionInfo]):
    """Enter logs the selected device out; Escape closes."""

    def __init__(self) -> None:
        super().__init__("Your devices", _ADVICE, "Log out")

    def request(self) -> m.Request:
        return m.Sessions(id=m.UNNUMBERED)

    def read(self, reply: m.Reply) -> Sequence[m.SessionInfo]:
        return reply.sessions if isinstance(reply, m.SessionList) else ()

    def row(self, entry: m.SessionInfo) -> Content:
        seen = f"last seen {moment(entry.seen)}"
        return Content.assemble(
            (device_name(entry), "bold"),
            " · ",
            ("this device", "$text-accent") if entry.current else seen,
        )

    def remove_entry(self, entry: m.SessionInfo) -> None:
        """Log the device out, but for this one: /logout also forgets its token."""
        if entry.current:
            self.say("This is the device you're using. /logout logs it out.")
            return
        request = m.Revoke(id=m.UNNUMBERED, session=entry.session)
        self.start_once(self.remove_by(request, f"Logged out: {device_name(entry)}."))
