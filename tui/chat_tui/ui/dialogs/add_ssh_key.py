"""Asks for a public key and for the password: the key will log in permanently."""

from textual.widgets import Input

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_SSH_KEY
from chat_tui.commands.replies import confirmation
from chat_tui.commands.ssh_keys import why_not
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.widgets.field import Field


class AddSshKey(FormDialog[str]):
    """Returns the sentence that confirms it."""

    def __init__(self, key: str = "") -> None:
        """Begin with `key`, which may be edited."""
        self._key = Field("Public key", "key", hint="ssh-ed25519 AAAA… you@laptop")
        self._password = Field("Your password", "password", secret=True)
        self._key.value = key
        super().__init__(
            "Add an SSH key",
            self._key,
            self._password,
            submit="Add",
            explanation="Paste the line in your .pub file, such as ~/.ssh/id_ed25519.pub.",
            note="The private key stays with you: never paste it anywhere.",
        )

    def opened(self) -> None:
        (self._password if self._key.value else self._key).take_focus()

    def submit(self) -> None:
        """Check the key first, even if there is no password yet."""
        wrong = self.check() if self._key.value else None
        if wrong is not None:
            self.say_at(*wrong)
        else:
            super().submit()

    def check(self) -> tuple[Field, str] | None:
        """Return what is wrong with the key, which then leaves the screen: it may be private."""
        problem = why_not(self._key.value)
        if not problem:
            return None
        with self.prevent(Input.Changed):  # its handler would remove the sentence
            self._key.value = ""
        return self._key, problem

    def request(self) -> m.Request:
        key = self._key.value[:MAX_SSH_KEY]
        return m.AddSshKey(id=m.UNNUMBERED, key=key, password=self._password.value)

    def field_of(self, error: m.Error) -> Field:
        of_password = error.code in (Code.WRONG_CREDENTIALS, Code.TOO_FAST)
        return self._password if of_password else self._key

    def granted(self, reply: m.Reply) -> None:
        self.dismiss(confirmation(self.request(), reply))
