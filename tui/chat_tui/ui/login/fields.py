"""The fields of the log-in form, and what is wrong with what they hold. Knows no server."""

from collections.abc import Iterator
from typing import Final

from chat_shared.errors import Code
from chat_tui.ui.login.account_checks import (
    problem_of_guest,
    problem_of_name,
    problem_of_password,
)
from chat_tui.ui.widgets.field import Field

_NOT_THE_SAME: Final = "The passwords don't match."
# The field at which a refusal is shown; every other code concerns the server.
_FIELD_OF: Final[dict[str, str]] = {
    Code.WRONG_CREDENTIALS: "password",
    Code.WEAK_PASSWORD: "password",
    Code.NAME_TAKEN: "name",
    Code.BAD_NAME: "name",
    Code.REGISTRATION_CLOSED: "invite",
}
_MISSING: Final = {
    "name": "Enter the name that others will see.",
    "server": "Enter a server, such as chat.example.org.",
}


class LoginFields:
    """All fields. Which of them are shown depends on what the form is used for."""

    def __init__(self) -> None:
        self.server = Field("Server", "server", hint="chat.example.org, or paste a chat:// link")
        self.account = Field("Name", "name", hint="the name others see")
        self.password = Field("Password", "password", secret=True)
        self.repeat = Field("Repeat the password", "repeat", secret=True)
        self.invite = Field("Invitation code", "invite", hint="the code you were given")
        self.creating = False  # an account, instead of logging in to one
        self.as_guest = False  # by a link that lets in guests: a name is enough
        self.guest_code = ""  # of that link
        self.by_invitation = False
        self.invited = False  # by a link or by ssh; elsewhere than by invitation, that is optional

    def __iter__(self) -> Iterator[Field]:
        """Yield the fields that are shown, from above."""
        yield from (self.server, self.account)
        if self.as_guest:
            return
        yield self.password
        if self.creating:
            yield self.repeat
        if self.creating and (self.by_invitation or self.code):
            yield self.invite

    @property
    def code(self) -> str:
        """The invitation code, where one is asked for or was given."""
        if self.as_guest:
            return self.guest_code
        return self.invite.value.strip() if self.by_invitation or self.invited else ""

    @property
    def all(self) -> tuple[Field, ...]:
        return self.server, self.account, self.password, self.repeat, self.invite

    @property
    def first_empty(self) -> Field:
        last = self.account if self.as_guest else self.password
        return next((field for field in self if not field.value), last)

    def check(self) -> None:
        """Show what is wrong with the input so far, and remove the server's last errors."""
        self.server.problem = self.invite.problem = ""
        name, password = self.account.value, self.password.value
        check = problem_of_guest if self.as_guest else problem_of_name
        self.account.problem = check(name) if name else ""
        self.password.problem = self.repeat.problem = ""
        if self.creating and password:
            self.password.problem = problem_of_password(password)
        if self.creating and not password.startswith(self.repeat.value):
            self.repeat.problem = _NOT_THE_SAME

    def check_whole(self) -> Field | None:
        """Check also what can only be checked once everything is typed; return a wrong field."""
        self.check()
        if self.creating and self.repeat.value != self.password.value:
            self.repeat.problem = _NOT_THE_SAME
        return next((field for field in self if field.problem), None)

    def say_missing(self) -> Field | None:
        """Return the first empty field, which says what it is for."""
        missing = next((field for field in self if not field.value), None)
        if missing is not None and missing.id in _MISSING:
            missing.problem = _MISSING[missing.id]
        return missing

    def concerned_by(self, code: str) -> Field:
        """Return the field at which a refusal with this code is shown."""
        shown = {field.id: field for field in self}
        return shown.get(_FIELD_OF.get(code, "server"), self.account)

    def remove(self, pasted: str) -> None:
        """Take out what was pasted into any field, at its end."""
        for field in self:
            if field.value.endswith(pasted):
                field.value = field.value.removesuffix(pasted)
