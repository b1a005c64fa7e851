"""Asks for the current password and, twice, for the new one."""

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import check_password
from chat_tui.commands.replies import confirmation
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field


class ChangePassword(FormDialog[str]):
    """Returns the sentence that confirms the change."""

    def __init__(self) -> None:
        self._old = Field("Current password", "old", secret=True)
        self._new = Field("New password", "new", secret=True)
        self._repeat = Field("Repeat the new password", "again", secret=True)
        super().__init__(
            "Change your password",
            self._old,
            self._new,
            self._repeat,
            submit="Change",
            note="All your other devices will be logged out, and SSH keys removed.",
        )

    def check(self) -> tuple[Field, str] | None:
        try:
            check_password(self._new.value)
        except Refused as refusal:
            return self._new, refusal.message
        if self._repeat.value != self._new.value:
            return self._repeat, "The passwords don't match."
        return None

    def request(self) -> m.Request:
        return m.Password(id=m.UNNUMBERED, old=self._old.value, new=self._new.value)

    def field_of(self, error: m.Error) -> Field:
        return self._new if error.code == Code.WEAK_PASSWORD else self._old

    def granted(self, reply: m.Reply) -> None:
        self.dismiss(confirmation(self.request(), reply))
