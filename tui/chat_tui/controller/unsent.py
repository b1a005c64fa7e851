"""Keeps an account's unsent messages on disk, and takes over what earlier runs left there."""

from collections.abc import Callable

from chat_shared.names import fold, is_direct
from chat_tui.markup.files import gist
from chat_tui.model.outbox import Unsent
from chat_tui.model.state import ChatState
from chat_tui.storage.outbox_file import OutboxFile
from chat_tui.storage.paths import Paths


class UnsentMessages:
    """The file behind the outbox of one account on one server at a time."""

    def __init__(self, state: ChatState, folder: Paths, warn: Callable[[str], None]) -> None:
        self._state = state
        self._folder = folder
        self._warn = warn
        self._file: OutboxFile | None = None
        self._owner = ("", "")  # server and account
        self._has_warned = False

    @property
    def are_kept(self) -> bool:
        """Whether unsent messages outlive the program."""
        return self._file is not None and not self._file.problem

    def open(self, server: str, account: str) -> None:
        """Keep the outbox on disk from now on, with what earlier runs could not send."""
        if self._owner == (server, fold(account)):
            return
        self.close()
        self._owner = server, fold(account)
        self._file = self._folder.outbox(server, account)
        if self._file is not None:
            left = [unsent for unsent in self._file.take_over() if self._has_room(unsent)]
            self._state.outbox.keep_in(self._file, left)
            if self._file.unreadable:
                self._warn(self._file.unreadable)

    def _has_room(self, unsent: Unsent) -> bool:
        """Return whether the account is still in the message's room; warn and forget it if not."""
        if unsent.room in self._state.rooms:
            return True
        if self._file is not None:
            self._file.forget(unsent.nonce)
        why = f"you're no longer in {unsent.room}"
        if is_direct(unsent.room):
            why = "this conversation is closed"
        self._warn(f"Not sent: {why}. Your message: {gist(unsent.text, unsent.files)}")
        return False

    def check_disk(self) -> None:
        """Warn, once each time it begins, that unsent messages would not outlive the program."""
        problem = self._file.problem if self._file is not None else ""
        if problem and not self._has_warned:
            self._warn(problem)
        self._has_warned = bool(problem)

    def discard(self) -> None:
        """Forget everything: the account no longer exists."""
        if self._file is not None:
            self._file.discard()
        self._state.outbox.clear()
        self._file, self._owner = None, ("", "")

    def close(self) -> None:
        """Release the file; what it holds waits for this account's next log-in."""
        if self._file is not None:
            self._file.close()
        self._state.outbox.keep_no_longer()
        self._file, self._owner = None, ("", "")
