"""The form to log in and to create an account: server, name and password."""

from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.text import clean_line
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.net.events import LogIn, LogInFailed
from chat_tui.storage.tokens import StoredToken
from chat_tui.ui.bindings import bindings
from chat_tui.ui.login.fields import LoginFields
from chat_tui.ui.login.typed_ahead import TypedAhead
from chat_tui.ui.messages import LogInRequested, Pasted
from chat_tui.ui.widgets.checkbox import TickBox
from chat_tui.ui.widgets.field import FOCUS_AT_ONCE, Field

_KEYS: Final = "Tab: next field · Enter: log in · F2: create account · F1: help · Ctrl+Q: quit"
_KEYS_CREATING: Final = (
    "Tab: next field · Enter: create account · F2: log in instead · F1: help · Ctrl+Q: quit"
)
_LOCAL: Final = "Your own server on this computer"
_UNINVITED: Final = (
    "You need an invitation code to create an account here. Ask the server's operator."
)
_NEW_HERE: Final = "New here? Press F2 and enter the invitation code that you were given."
_INVITED: Final = "You're invited. Create an account, or press F2 to log in with yours."
_CLOSED: Final = "This server isn't accepting new accounts. Contact its operator."


class LoginScreen(Screen[None]):
    """Asks for server, name and password; shows an error at the field that it is about."""

    AUTO_FOCUS = None  # on_mount focuses the first empty field
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-high")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("account.create"),
        *FOCUS_AT_ONCE,
        Binding("enter", "next_field", show=False, priority=True),
    ]
    creating: reactive[bool] = reactive(False)
    busy: reactive[bool] = reactive(False)

    def __init__(
        self,
        server: str,
        name: str,
        note: str = "",
        *,
        invitation: Invitation | None = None,
        premises: Premises = OWN_COMPUTER,
    ) -> None:
        """Offer `server`, or the server of `invitation`, which is the only one at a kiosk."""
        super().__init__()
        self._fields = fields = LoginFields()
        self._server, self._account = fields.server, fields.account
        self._password, self._repeat, self._invite = fields.password, fields.repeat, fields.invite
        self._registration = "open"  # as the server below announced it, if known
        self._asked = ""
        self._ahead = TypedAhead(None)
        # On your own server, nobody else could use a stored session.
        local = invitation is not None and invitation.local
        self._keep = TickBox("Keep me logged in", local, id="keep", compact=True)
        self._premises = premises
        self._server.display = premises.chooses_server
        self._keep.display = premises.keeps_log_in
        self._note = Label(Content(), id="note", markup=False)
        self._invitation = invitation
        self._kept: StoredToken | None = None
        self._kept_at = ""  # its server: the token is sent to no other
        self._say(note)
        self._server.value = str(invitation.address) if invitation else server
        self._account.value = name
        if invitation is not None and invitation.code:
            self._invite.value, fields.invited = invitation.code, True
        self._offered = self._server.value, self._account.value, self._invite.value

    def compose(self) -> ComposeResult:
        with Vertical(id="card"):
            yield Label(Content.assemble(("tria", "bold"), ("logue", "bold $accent")), id="brand")
            yield self._note
            yield from self._fields.all
            yield self._keep
            with Horizontal(id="buttons"):
                yield Button("Log in", id="submit", variant="primary", compact=True)
                yield Button("Create account", id="switch", compact=True)
            yield Label(Content(), id="progress", markup=False)
        yield Label(Content(_KEYS), id="keys", markup=False)

    def on_mount(self) -> None:
        if self._fields.invited:
            self._offer_to_use_invitation()
        if self._invitation is not None and self._invitation.local:
            self._server.fix(_LOCAL)
            self._account.take_focus()
        else:
            self._fields.first_empty.take_focus()

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
        chosen = self.creating and not self._fields.invited
        return self.busy or chosen or bool(filled) or changed

    # --- the destination

    @on(Pasted)
    def follow_link(self, event: Pasted) -> None:
        """Fill in the form from a pasted link, whichever field it was pasted into."""
        event.stop()
        if not event.text.startswith("chat://") or not self._premises.chooses_server:
            return
        try:
            invitation = read_invitation(event.text)
        except BadAddress as exc:
            self._say_at(self._server, str(exc))
            return
        self._fields.remove(event.text)
        self._follow(invitation)
        self._fields.first_empty.take_focus()

    def _follow(self, invitation: Invitation) -> None:
        self._forget_invitation()
        self._invitation = invitation
        self._server.value = str(invitation.address)
        if invitation.code:
            self._invite.value, self._fields.invited = invitation.code, True
            self._offer_to_use_invitation()
        elif invitation.room:
            self._say(f"You'll join {invitation.room} after you log in.")

    def _offer_to_use_invitation(self) -> None:
        """Offer to create an account: few who are invited have one."""
        self.creating = True
        self.add_class("-invite")
        self._say(_INVITED)

    def _forget_invitation(self) -> None:
        """Drop the code of a link once the server is another one, which must not see it."""
        if self._fields.invited:
            self._fields.invited = False
            self._invite.value = ""
            self.set_class(self._fields.by_invitation, "-invite")

    def _destination(self) -> Invitation | None:
        """Return where the form leads; a link applies until the server field is changed."""
        try:
            typed = read_invitation(self._server.value)
        except BadAddress as exc:
            self._say_at(self._server, str(exc))
            return None
        if "://" in self._server.value and typed.room + typed.fingerprint:
            self._follow(typed)
        if self._invitation is None or self._invitation.address != typed.address:
            self._forget_invitation()
            self._invitation = typed
        return replace(self._invitation, code=self._fields.code)

    # --- logging in or creating an account

    def watch_creating(self, creating: bool) -> None:
        self.set_class(creating, "-creating")
        names = ("Create account", "Log in instead") if creating else ("Log in", "Create account")
        self.query_one("#submit", Button).label = Content(names[0])
        self.query_one("#switch", Button).label = Content(names[1])
        self.query_one("#keys", Label).update(Content(_KEYS_CREATING if creating else _KEYS))
        self._fields.creating = creating
        self.check()

    def watch_busy(self, busy: bool) -> None:
        self.set_class(busy, "-busy")
        words = f"Connecting to {self._server.value}…" if busy else ""
        self.query_one("#progress", Label).update(Content(clean_line(words)))

    @on(Button.Pressed, "#switch")
    def action_create_account(self) -> None:
        if self._registration == "closed":
            self._say(_CLOSED)
            return
        self.creating = not self.creating
        self._fields.first_empty.take_focus()

    def greeted(self, registration: str) -> None:
        """Offer registration as the server allows it: open, by invitation or closed."""
        self._registration = registration
        self._fields.by_invitation = registration == "invite"
        self.creating = self.creating and registration != "closed"
        self.set_class(registration == "invite" or self._fields.invited, "-invite")
        self.set_class(registration == "closed", "-closed")

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
        if self.creating:
            code = self._fields.code
            return m.Register(id=m.UNNUMBERED, name=name, password=password, invite=code)
        return m.Login(id=m.UNNUMBERED, name=name, password=password)

    def _can_resume(self) -> bool:
        """Return whether a stored session replaces the missing password."""
        if self._kept is None or self.creating or self._password.value:
            return False
        stored_for = self._kept_at, self._kept.account
        return stored_for == (self._server.value, self._account.value)

    # --- checks, while typing and before sending

    @on(Input.Changed)
    def check(self) -> None:
        """Show what is wrong with the input so far, and remove the server's last errors."""
        self._forget_other_server()
        self._fields.check()

    def _checked(self) -> Field | None:
        """Check everything that would be sent; return a field that is wrong."""
        self._forget_other_server()
        return self._fields.check_whole()

    def _forget_other_server(self) -> None:
        if self._server.value != self._asked:
            self.greeted("open")  # until that server says otherwise

    def _is_weak(self) -> bool:
        self.check()
        return bool(self._password.value and self._password.problem)

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
        if event.code == Code.REGISTRATION_CLOSED and self._registration == "closed":
            return self._say_at(self._account, _CLOSED)
        if event.code == Code.WRONG_CREDENTIALS and self._registration == "invite":
            self._say(_NEW_HERE)
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

    def _say(self, sentence: str) -> None:
        self._note.update(Content(clean_line(sentence)))
        self._note.set_class(bool(sentence), "-said")

    def _say_at(self, field: Field, sentence: str) -> Field:
        field.problem = sentence
        field.take_focus()
        return field
