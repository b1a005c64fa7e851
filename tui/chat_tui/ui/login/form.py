"""The form to log in and to create an account: its fields, and where it leads.

`screen` sends it.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Button, Input, Label

from chat_shared.text import clean_line
from chat_tui.commands.keys import key_shown
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.ui.bindings import bindings
from chat_tui.ui.login.fields import LoginFields
from chat_tui.ui.login.hint import hint
from chat_tui.ui.messages import Pasted
from chat_tui.ui.widgets.checkbox import TickBox
from chat_tui.ui.widgets.field import FOCUS_AT_ONCE, Field

_LOCAL: Final = "Your own server on this computer"
_INVITED: Final = "You're invited. Create an account, or press {} to log in with yours."
_GUEST: Final = (
    "You're invited as a guest, for a day. Choose a name, or press {} to log in with an account."
)
_NO_FIELD: Final = "Every field is filled in. To paste, move to one of them first."
CLOSED: Final = "This server isn't accepting new accounts. Contact its operator."


class LoginForm(Screen[None]):
    """Shows what is wrong with what is typed; a link that is pasted fills it in."""

    AUTO_FOCUS = None  # on_mount focuses the first empty field
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (56, "-normal")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-middle"), (30, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("account.create"), *FOCUS_AT_ONCE]
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
        keys: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Offer `server`, or the server of `invitation`, which is the only one at a kiosk.

        `keys` are the overrides of keys.
        """
        super().__init__()
        self._fields = fields = LoginFields()
        self._server, self._account = fields.server, fields.account
        self._password, self._repeat, self._invite = fields.password, fields.repeat, fields.invite
        self._registration = "open"  # as the server below announced it, if known
        self._asked = ""
        # On your own server, nobody else could use a stored session.
        local = invitation is not None and invitation.local
        self._keep = TickBox("Keep me logged in", local, id="keep", compact=True)
        self._premises = premises
        self._keys = keys
        self._other_key = key_shown("account.create", keys)
        self._server.display = premises.chooses_server
        self._keep.display = premises.keeps_log_in
        # Not looked up when they change: people leave before the form is there.
        self._note = Label(Content(), id="note", markup=False)
        self._submit = Button("Log in", id="submit", variant="primary", compact=True)
        self._switch = Button("Create account", id="switch", compact=True)
        self._progress = Label(Content(), id="progress", markup=False)
        self._hint = Label(Content(), id="keys", markup=False)  # `watch_creating` fills it in
        self._invitation = invitation
        self._explanation = note
        self._say(note)
        self._server.value = str(invitation.address) if invitation else server
        self._account.value = name
        if invitation is not None:
            self._take_code(invitation)
        self._offered = self._server.value, self._account.value, self._invite.value

    def compose(self) -> ComposeResult:
        with Vertical(id="card"):
            yield Label(Content.assemble(("tria", "bold"), ("logue", "bold $accent")), id="brand")
            yield self._note
            yield from self._fields.all
            yield self._keep
            with Horizontal(id="buttons"):
                yield self._submit
                yield self._switch
            yield self._progress
        yield self._hint

    def on_mount(self) -> None:
        if self._fields.as_guest:
            self._offer_to_be_guest(self._explanation)
        elif self._fields.invited:
            self._offer_to_use_invitation()
        if self._invitation is not None and self._invitation.local:
            self._server.fix(_LOCAL)
            self._account.take_focus()
        else:
            self._fields.first_empty.take_focus()

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

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the first empty field, where none has the focus."""
        event.stop()
        empty = next((field for field in self._fields if not field.value and field.display), None)
        field = self._server if event.text.strip().startswith("chat://") else empty
        if field is None:
            self._say(_NO_FIELD)
        else:
            field.take_focus()
            field.input.post_message(events.Paste(event.text))

    def _follow(self, invitation: Invitation) -> None:
        self._forget_invitation()
        self._invitation = invitation
        self._server.value = str(invitation.address)
        self._take_code(invitation)
        if self._fields.as_guest:
            self._offer_to_be_guest()
        elif invitation.code:
            self._offer_to_use_invitation()
        elif invitation.room:
            self._say(f"You'll join {invitation.room} after you log in.")

    def _take_code(self, invitation: Invitation) -> None:
        if invitation.guest:
            self._fields.guest_code, self._fields.as_guest = invitation.code, True
        elif invitation.code:
            self._invite.value, self._fields.invited = invitation.code, True

    def _offer_to_be_guest(self, note: str = "") -> None:
        """Ask for a name only: a guest's account needs no password. `note` is why it ended."""
        self.creating = False
        self.set_class(True, "-guest")
        self._name_buttons()
        self._say(note or _GUEST.format(self._other_key))

    def _leave_guests(self) -> None:
        """Log in to an account, or create one, instead of being a guest."""
        self._fields.as_guest = False
        self.set_class(False, "-guest")
        self._name_buttons()
        self._say("")
        self.check()

    def _offer_to_use_invitation(self) -> None:
        """Offer to create an account: few who are invited have one."""
        self.creating = True
        self.add_class("-invite")
        self._say(_INVITED.format(self._other_key))

    def _forget_invitation(self) -> None:
        """Drop the code of a link once the server is another one, which must not see it."""
        if self._fields.invited:
            self._fields.invited = False
            self._invite.value = ""
            self.set_class(self._fields.by_invitation, "-invite")
        self._fields.guest_code = ""
        if self._fields.as_guest:
            self._leave_guests()

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
        fields = self._fields
        return replace(self._invitation, code=fields.code, guest=fields.as_guest)

    # --- logging in or creating an account

    def watch_creating(self, creating: bool) -> None:
        self.set_class(creating, "-creating")
        self._fields.creating = creating
        self._name_buttons()
        self.check()

    def _name_buttons(self) -> None:
        if self._fields.as_guest:
            names, does = ("Enter as a guest", "Log in instead"), ("enter", "log in")
        elif self.creating:
            names, does = ("Create account", "Log in instead"), ("create account", "log in")
        else:
            names, does = ("Log in", "Create account"), ("log in", "create account")
        self._submit.label = Content(names[0])
        self._switch.label = Content(names[1])
        self._hint.update(Content(hint(*does, self._keys)))

    def watch_busy(self, busy: bool) -> None:
        self.set_class(busy, "-busy")
        to = f" to {self._server.value}" if self._premises.chooses_server else ""
        words = f"Connecting{to}…" if busy else ""
        self._progress.update(Content(clean_line(words)))

    @on(Button.Pressed, "#switch")
    def action_create_account(self) -> None:
        if self._fields.as_guest:
            self._leave_guests()
            self._fields.first_empty.take_focus()
            return
        if self._registration == "closed":
            self._say(CLOSED)
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

    def _say(self, sentence: str) -> None:
        self._note.update(Content(clean_line(sentence)))
        self._note.set_class(bool(sentence), "-said")
        if sentence and self.is_attached:
            # As much of it as fits: what takes the focus scrolls afterwards, as far as it must.
            self.call_after_refresh(self._note.scroll_visible, animate=False)

    def _say_at(self, field: Field, sentence: str) -> Field:
        """Show a sentence at `field`; above all fields if it is hidden, as the server may be."""
        if field.display:
            field.problem = sentence
            field.take_focus()
        else:
            self._say(sentence)
            self._password.take_focus()
        return field
