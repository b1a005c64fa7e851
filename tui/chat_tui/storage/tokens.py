"""What lets this device come back without a password: one session per server, for who wants that.

A token is worth as much as the password until it is revoked. It lies in the
system's keyring where there is one that works, else in a file that only its
owner may read. The file names the servers and accounts either way.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec

from chat_shared.names import fold
from chat_tui.storage.atomic_write import write_private

_SERVICE: Final = "trialogue"


class Keyring(Protocol):
    """The part of the `keyring` package that is used here."""

    def get_password(self, service_name: str, username: str) -> str | None: ...
    def set_password(self, service_name: str, username: str, password: str) -> None: ...
    def delete_password(self, service_name: str, username: str) -> None: ...


class Kept(msgspec.Struct, frozen=True):
    """A session that can be resumed."""

    account: str
    token: str  # empty in the file where the keyring has it


class Tokens:
    """The kept sessions. Keyrings ask people and wait for them: call from a thread."""

    def __init__(self, path: Path | None = None, keyring: Keyring | None = None) -> None:
        self._path = path
        self._keyring = keyring
        self._held: dict[str, Kept] = {}

    def find(self, server: str, account: str) -> Kept | None:
        """Return the session on `server` of `account`, or of anybody if that is empty."""
        kept = self._read().get(server)
        if kept is None or (account and fold(account) != fold(kept.account)):
            return None
        if kept.token:
            return kept
        token = self._from_keyring(server, kept.account)
        return Kept(kept.account, token) if token else None

    def keep(self, server: str, account: str, token: str) -> str:
        """Keep this session; return a sentence if it is not kept as one would expect."""
        problem = self._into_keyring(server, account, token) if self._keyring else ""
        in_file = self._keyring is None or bool(problem)
        entry = Kept(account, token if in_file else "")
        try:
            self._write({**self._read(), server: entry})
        except OSError as exc:
            return f"You are not kept signed in: {self._path} cannot be written: {exc.strerror}."
        return problem

    def forget(self, server: str) -> None:
        """Keep no session on `server`, as far as disk and keyring let that be done."""
        held = dict(self._read())
        if (kept := held.pop(server, None)) is None:
            return
        with suppress(OSError):
            self._write(held)
        if self._keyring is not None:
            with suppress(Exception):  # keyrings raise what their systems do
                self._keyring.delete_password(_SERVICE, _user(server, kept.account))

    def _from_keyring(self, server: str, account: str) -> str:
        if self._keyring is None:
            return ""
        try:
            return self._keyring.get_password(_SERVICE, _user(server, account)) or ""
        except Exception:  # keyrings raise what their systems do
            return ""

    def _into_keyring(self, server: str, account: str, token: str) -> str:
        """Give the token to the keyring, or return why it is in the file."""
        assert self._keyring is not None
        try:
            self._keyring.set_password(_SERVICE, _user(server, account), token)
            arrived = self._keyring.get_password(_SERVICE, _user(server, account)) == token
        except Exception:  # keyrings raise what their systems do
            arrived = False
        if arrived:
            return ""
        return f"The system's keyring does not work; the session is kept in {self._path}."

    def _read(self) -> dict[str, Kept]:
        if self._path is None:
            return self._held
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Kept])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}  # then a password is asked for, and the file written anew

    def _write(self, held: dict[str, Kept]) -> None:
        self._held = held
        if self._path is not None:
            write_private(self._path, msgspec.json.format(msgspec.json.encode(held)) + b"\n")


def _user(server: str, account: str) -> str:
    return f"{account} at {server}"


def system_keyring() -> Keyring | None:
    """Return the system's keyring, where the extra of that name is installed."""
    try:
        import keyring
    except ImportError:
        return None
    ring: Keyring = keyring
    return ring
