"""Stored sessions, which log this device in without a password: at most one per server.

A token is worth as much as the password until it is revoked. It is stored in the
system's keyring where one works, else in a file that only its owner can read. The
file lists the servers and accounts either way.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec

from chat_shared.names import fold
from chat_tui.storage.atomic_write import write_private

_SERVICE: Final = "trialogue"


class Keyring(Protocol):
    """The used part of the `keyring` package."""

    def get_password(self, service_name: str, username: str) -> str | None: ...
    def set_password(self, service_name: str, username: str, password: str) -> None: ...
    def delete_password(self, service_name: str, username: str) -> None: ...


class StoredToken(msgspec.Struct, frozen=True):
    """A session that can be resumed."""

    account: str
    token: str  # empty in the file if the keyring has it


class Tokens:
    """The stored sessions. Keyrings may ask the user and wait: call from a thread."""

    def __init__(self, path: Path | None = None, keyring: Keyring | None = None) -> None:
        self._path = path
        self._keyring = keyring
        self._stored: dict[str, StoredToken] = {}

    def find(self, server: str, account: str) -> StoredToken | None:
        """Return the session of `account` on `server`, or of any account if that is empty."""
        kept = self._read().get(server)
        if kept is None or (account and fold(account) != fold(kept.account)):
            return None
        if kept.token:
            return kept
        token = self._from_keyring(server, kept.account)
        return StoredToken(kept.account, token) if token else None

    def keep(self, server: str, account: str, token: str) -> str:
        """Store a session; return a sentence if that did not work as expected."""
        problem = self._into_keyring(server, account, token) if self._keyring else ""
        in_file = self._keyring is None or bool(problem)
        entry = StoredToken(account, token if in_file else "")
        try:
            self._write({**self._read(), server: entry})
        except OSError as exc:
            return f"Can't keep you logged in: can't write {self._path}: {exc.strerror}."
        return problem

    def forget(self, server: str) -> None:
        """Delete the session on `server`, as far as disk and keyring allow."""
        stored = dict(self._read())
        if (kept := stored.pop(server, None)) is None:
            return
        with suppress(OSError):
            self._write(stored)
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
        """Store the token in the keyring; return a sentence if it has to go into the file."""
        assert self._keyring is not None
        try:
            self._keyring.set_password(_SERVICE, _user(server, account), token)
            arrived = self._keyring.get_password(_SERVICE, _user(server, account)) == token
        except Exception:  # keyrings raise what their systems do
            arrived = False
        if arrived:
            return ""
        return f"The system keyring isn't available. Your log-in is stored in {self._path} instead."

    def _read(self) -> dict[str, StoredToken]:
        if self._path is None:
            return self._stored
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, StoredToken])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}  # then the password is asked for, and the file written again

    def _write(self, stored: dict[str, StoredToken]) -> None:
        self._stored = stored
        if self._path is not None:
            write_private(self._path, msgspec.json.format(msgspec.json.encode(stored)) + b"\n")


def _user(server: str, account: str) -> str:
    return f"{account} at {server}"


def system_keyring() -> Keyring | None:
    """Return the system's keyring if the `keyring` extra is installed."""
    try:
        import keyring
    except ImportError:
        return None
    ring: Keyring = keyring
    return ring
