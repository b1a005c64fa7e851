"""The log-in screen: sends the form, and shows the answer."""

from typing import ClassVar, Final

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.net.events import LogIn, LogInFailed
from chat_tui.storage.tokens import StoredToken
from chat_tui.ui.login.form import CLOSED, LoginForm
from chat_tui.ui.login.typed_ahead import TypedAhead
from chat_tui.ui.messages import LogInRequested
from chat_tui.ui.widgets.field import Field

_UNINVITED: Final = (
    "You need an invitation code to create an account here. Ask the server's operator."
)
_NEW_HERE: Final = "New here? Press {} and enter the invitation code that you were given."


class LoginScreen(LoginForm):
    """Sends the form; shows an error at the field that it is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next_field", show=False, priority=True),
    ]

    _ahead = TypedAhead(None)
    _kept: StoredToken | None = None
    _kept_at = ""  # its server: the token is sent to no other

    # --- without a password

    def resume(self, kept: StoredToken) -> None:
        """Resume a session that was stored on this computer, unless the form is in use."""
        if self._is_in_use:
            return
        self._kept, self._kept_at = kept, self._server.value
        self.creating = False
        with self.prevent(Input.Changed):  # its handler would undo this
            self._account.value = kept.account
        self._keep.value = True
        self._send()

    def log_in_by_key(self) -> None:
        """Log in by the SSH key that this connection began with."""
        self._send(m.LoginByKey(id=m.UNNUMBERED, name=self._account.value))

    @property
    def _is_in_use(self) -> bool:
        """Whether anything has been typed, chosen or sent since the form was shown."""
        filled = self._password.value + self._repeat.value
        changed = (self._server.value, self._account.value, self._invite.value) != self._offered
        chosen = (self.creating and not self._fields.invited) or self._fields.as_guest
        return self.busy or chosen or bool(filled) or changed

    # --- logging in or creating an account

    def action_next_field(self) -> None:
        """Focus the next empty field, where the keys typed after Enter belong.

        Without one, Enter goes to the focused widget, but sends the form rather than tick
        a box, which Space does. Keys for that widget may still be queued, so whether it is
        empty itself is not known here.
        """
        fields = list(self._fields)
        inputs = [field.input for field in fields]
        here = inputs.index(self.focused) if self.focused in inputs else len(fields)
        behind = [field for field in fields[here + 1 :] if not field.value]
        if self.focused is self._keep:
            self.submit()
        elif self.creating and self.focused is self._password.input and self._is_weak():
            self._password.take_focus()
        elif not behind or self._can_resume():
            raise SkipAction
        else:
            self.set_focus(behind[0].input)  # at once: `focus` would wait for queued keys

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        """Send the form, or focus the first field that is empty or wrong.

        Not again while it is under way: the second of two registrations would be refused.
        """
        if self._is_typed_ahead():
            return
        self._say("")
        missing = None if self._can_resume() else self._fields.say_missing()
        if wrong := missing or self._checked():
            wrong.take_focus()
        else:
            self._send()

    def _send(self, request: LogIn | None = None) -> None:
        """Send the form, or `request`, which needs no password."""
        if (destination := self._destination()) is not None:
            self.busy = True
            self._asked = self._server.value
            # Where no password is needed, what is typed may be the one for the form.
            needs_none = request is not None or self._can_resume()
            self._ahead = TypedAhead(None if needs_none else self.focused)
            request = request or self._request()
            self.post_message(LogInRequested(destination, request, self._keep.value))

    # --- while the server has not answered

    def _is_typed_ahead(self) -> bool:
        """Return whether the form is as it was sent, but for what is typed on behind it."""
        is_same_server = self._server.value == self._asked
        return self.busy and is_same_server and self._ahead.applies(self.focused)

    def _take_typed_ahead(self) -> str:
        return self._ahead.take() if self._is_typed_ahead() else ""

    def take_message_typed_ahead(self) -> str:
        """Return what was typed on for the chat: not the password, typed once more."""
        ahead = self._take_typed_ahead()
        return "" if self._password.value.startswith(ahead) else ahead

    def _request(self) -> LogIn:
        if self._kept is not None and self._can_resume():
            return m.Resume(id=m.UNNUMBERED, token=self._kept.token, seen={})
        name, password = self._account.value, self._password.value
        if self._fields.as_guest:
            return m.RegisterGuest(id=m.UNNUMBERED, name=name, invite=self._fields.code)
        if self.creating:
            code = self._fields.code
            return m.Register(id=m.UNNUMBERED, name=name, password=password, invite=code)
        return m.Login(id=m.UNNUMBERED, name=name, password=password)

    def _can_resume(self) -> bool:
        """Return whether a stored session replaces the missing password."""
        if self._kept is None or self.creating or self._fields.as_guest or self._password.value:
            return False
        stored_for = self._kept_at, self._kept.account
        return stored_for == (self._server.value, self._account.value)

    # --- the server's answer

    def failed(self, event: LogInFailed) -> None:
        """Show why the log-in failed, at the field that it is about.

        What was typed meanwhile goes there: after a new name, it is the repeated password. So
        it is not shown in the clear in a field for something else.
        """
        ahead = self._take_typed_ahead()
        self.busy = False
        field = self._show_failure(event)
        if ahead and field.input.password:
            self.set_focus(field.input)
            field.input.insert_text_at_cursor(ahead)

    def _show_failure(self, event: LogInFailed) -> Field:
        """Show it; return the field that gets the focus."""
        if event.code == Code.UNKNOWN_ACCOUNT and not self.creating:
            return self._offer_to_register()
        if event.code == Code.BAD_TOKEN:
            self._kept = None
            self._say(event.sentence)
            self._password.take_focus()
            return self._password
        if self._fields.as_guest:
            return self._say_at(self._account, event.sentence)
        if event.code == Code.REGISTRATION_CLOSED and self._registration == "closed":
            return self._say_at(self._account, CLOSED)
        if event.code == Code.WRONG_CREDENTIALS and self._registration == "invite":
            self._say(_NEW_HERE.format(self._other_key))
        field = self._fields.concerned_by(event.code)
        uncoded = field is self._invite and not field.value
        return self._say_at(field, _UNINVITED if uncoded else event.sentence)

    def _offer_to_register(self) -> Field:
        self.creating = True
        self._say(
            f"There is no account named {self._account.value} on this server yet. "
            "To create it, repeat the password."
        )
        self._repeat.take_focus()
        return self._repeat
