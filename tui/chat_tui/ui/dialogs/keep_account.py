"""Asks a guest twice for a password, and for an invitation code where the server needs one."""

from textual.app import ComposeResult

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import check_password
from chat_tui.commands.replies import confirmation
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field


class KeepAccount(FormDialog[str]):
    """Returns the sentence that confirms it."""

    def __init__(self, account: str) -> None:
        self._password = Field("Password", "new", secret=True)
        self._repeat = Field("Repeat the password", "again", secret=True)
        self._invite = Field("Invitation code", "code", hint="only if this server asks for one")
        super().__init__(
            f"Keep the account {account}",
            self._password,
            self._repeat,
            submit="Keep",
            note="You keep your name and your messages, and join general.",
        )

    def compose_below_fields(self) -> ComposeResult:
        yield self._invite

    def check(self) -> tuple[Field, str] | None:
        try:
            check_password(self._password.value)
        except Refused as refusal:
            return self._password, refusal.message
        if self._repeat.value != self._password.value:
            return self._repeat, "The passwords don't match."
        return None

    def forget_problems(self) -> None:
        super().forget_problems()
        self._invite.problem = ""

    def request(self) -> m.Request:
        code = self._invite.value.strip()
        return m.Keep(id=m.UNNUMBERED, password=self._password.value, invite=code)

    def field_of(self, error: m.Error) -> Field:
        return self._invite if error.code == Code.REGISTRATION_CLOSED else self._password

    def granted(self, reply: m.Reply) -> None:
        self.dismiss(confirmation(self.request(), reply))
