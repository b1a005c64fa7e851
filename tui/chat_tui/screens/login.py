"""Who are you, and on which server? One form to log in and to create an account."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import MIN_PASSWORD
from chat_shared.names import check_name, check_password
from chat_shared.text import clean_line
from chat_tui.address import Address, BadAddress, read_address
from chat_tui.keys import bindings
from chat_tui.messages import LogInFailed, LogInRequested
from chat_tui.slash import UNNUMBERED
from chat_tui.widgets.field import Field

# At which field a refusal is said; everything else concerns the server.
_FIELD_OF: Final = {
    Code.WRONG_CREDENTIALS: "password",
    Code.WEAK_PASSWORD: "password",
    Code.NAME_TAKEN: "name",
    Code.BAD_NAME: "name",
    Code.REGISTRATION_CLOSED: "name",
}
_NOT_THE_SAME: Final = "The two passwords are not the same."


class LoginScreen(Screen[None]):
    """Asks for server, name and password; says at the field what was wrong with it."""

    AUTO_FOCUS = None  # on_mount knows better: the first field that is empty
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("account.create")]
    creating: reactive[bool] = reactive(False)
    busy: reactive[bool] = reactive(False)

    def __init__(self, server: str, name: str, note: str = "") -> None:
        super().__init__()
        self._server = Field("Server", "server", hint="chat.example.org or host:7667")
        self._account = Field("Name", "name", hint="what others call you")
        self._password = Field("Password", "password", secret=True)
        self._repeat = Field("Again", "repeat", secret=True, hint="the same password")
        self._note = Label(Content(), id="note", markup=False)
        self._say(note)
        self._server.value, self._account.value = server, name

    def compose(self) -> ComposeResult:
        with Vertical(id="card"):
            yield Label(Content.assemble(("tria", "bold"), ("logue", "bold $accent")), id="brand")
            yield self._note
            yield from (self._server, self._account, self._password, self._repeat)
            with Horizontal(id="buttons"):
                yield Button("Log in", id="submit", variant="primary", compact=True)
                yield Button("Create account", id="switch", compact=True)
            yield Label(Content(), id="progress", markup=False)

    def on_mount(self) -> None:
        empty = (field for field in self._fields() if not field.value)
        next(empty, self._password).take_focus()

    # --- the two ways of the form

    def watch_creating(self, creating: bool) -> None:
        self.set_class(creating, "-creating")
        self._button("submit").label = Content("Create account" if creating else "Log in")
        self._button("switch").label = Content("I have one" if creating else "Create account")
        self.check()

    def watch_busy(self, busy: bool) -> None:
        words = f"Asking {self._server.value}…" if busy else ""
        self.query_one("#progress", Label).update(Content(clean_line(words)))

    def action_create_account(self) -> None:
        self.creating = not self.creating
        next((f for f in self._fields() if not f.value), self._password).take_focus()

    @on(Button.Pressed, "#switch")
    def switch(self) -> None:
        self.action_create_account()

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        """Send the form, or go to the first field that is not right."""
        self._say("")
        for field in self._fields():
            if not field.value:
                field.take_focus()
                return
        if not self._is_right() or (address := self._address()) is None:
            return
        self.busy = True
        self.post_message(LogInRequested(address, self._request()))

    def _request(self) -> m.Login | m.Register:
        kind = m.Register if self.creating else m.Login
        return kind(id=UNNUMBERED, name=self._account.value, password=self._password.value)

    # --- checks, while typing and before sending

    @on(Input.Changed)
    def check(self) -> None:
        """Say what is wrong with what is typed so far; what the server said is outdated."""
        self._server.problem = ""
        name, password, repeated = (
            field.value for field in (self._account, self._password, self._repeat)
        )
        self._account.problem = _problem_of_name(name) if name else ""
        self._password.problem = self._repeat.problem = ""
        if self.creating and password:
            self._password.problem = _problem_of_password(password)
        if self.creating and not password.startswith(repeated):
            self._repeat.problem = _NOT_THE_SAME

    def _address(self) -> Address | None:
        try:
            return read_address(self._server.value)
        except BadAddress as exc:
            self._say_at(self._server, str(exc))
            return None

    def _is_right(self) -> bool:
        """Check what can be known only once everything is typed."""
        self.check()
        if self.creating and self._repeat.value != self._password.value:
            self._repeat.problem = _NOT_THE_SAME
        wrong = next((field for field in self._fields() if field.problem), None)
        if wrong is not None:
            wrong.take_focus()
        return wrong is None

    # --- what the server said

    def failed(self, event: LogInFailed) -> None:
        """Say why there is no session, at the field that it is about."""
        self.busy = False
        if event.code == Code.UNKNOWN_ACCOUNT and not self.creating:
            self._offer_to_register()
            return
        by_id = {field.id: field for field in self._fields()}
        field = by_id[
            _FIELD_OF.get(Code(event.code), "server") if _is_code(event.code) else "server"
        ]
        self._say_at(field, event.sentence)

    def _offer_to_register(self) -> None:
        self.creating = True
        self._say(
            f"Nobody is called {self._account.value} on {self._server.value} yet."
            " Type the password again to register."
        )
        self._repeat.take_focus()

    def _say(self, sentence: str) -> None:
        self._note.update(Content(clean_line(sentence)))
        self._note.set_class(bool(sentence), "-said")

    def _say_at(self, field: Field, sentence: str) -> None:
        field.problem = sentence
        field.take_focus()

    def _fields(self) -> list[Field]:
        fields = [self._server, self._account, self._password]
        return [*fields, self._repeat] if self.creating else fields

    def _button(self, id: str) -> Button:
        return self.query_one(f"#{id}", Button)


def _is_code(code: str) -> bool:
    return code in Code._value2member_map_


def _problem_of_name(name: str) -> str:
    try:
        check_name(name)
    except Refused as refusal:
        return refusal.message
    return ""


def _problem_of_password(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        return f"{MIN_PASSWORD} characters at least; {MIN_PASSWORD - len(password)} to go."
    try:
        check_password(password)
    except Refused as refusal:
        return refusal.message
    return ""
