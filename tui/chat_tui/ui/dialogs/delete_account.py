"""Explains what deleting an account means, and asks for its password."""

from typing import Final

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field

_MEANING: Final = (
    "You leave all rooms and are logged out everywhere. Your messages stay, under your name, and "
    "nobody else can take that name. Rooms you own pass to their longest-standing member. "
    "This can't be undone."
)


class DeleteAccount(FormDialog[None]):
    """The app closes it with the chat, when the server ends the session."""

    def __init__(self, account: str) -> None:
        self._password = Field("Type your password to confirm", "password", secret=True)
        super().__init__(
            f"Delete account {clean_line(account)}",
            self._password,
            submit="Delete account",
            explanation=_MEANING,
            destroys=True,
        )

    def entered(self) -> None:
        """Enter alone deletes nothing: the button has to be chosen."""
        self.query_one("#cancel").focus()

    def request(self) -> m.Request:
        return m.DeleteAccount(id=m.UNNUMBERED, password=self._password.value)

    def granted(self, reply: m.Reply) -> None:
        """Wait for the app to show the log-in."""
