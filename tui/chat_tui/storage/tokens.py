"""Stored sessions, which log this device in without a password: at most one per server.

A token is worth as much as the password until it is revoked. It is stored in the
system's keyring where one works, else in a file that only its owner can read. The
file lists the servers and accounts either way, and how each server was known.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import msgspec
from msgspec.structs import replace

from chat_shared.names import fold
from chat_tui.storage import shared_file
from chat_tui.storage.shared_file import Unreadable

_SERVICE: Final = "trialogue"
# Seconds: while one client changes a token, its keyring may ask the user to unlock it.
_LOCKED_WITHIN: Final = 30.0


class Keyring(Protocol):
    """The used part of the `keyring` package."""

    def get_password(self, service_name: str, username: str) -> str | None: ...
    def set_password(self, service_name: str, username: str, password: str) -> None: ...
    def delete_password(self, service_name: str, username: str) -> None: ...


class StoredToken(msgspec.Struct, frozen=True):
    """A session that can be resumed."""

    account: str
    token: str  # empty in the file if the keyring has it
    trust: str = ""  # how its server was known: see Place.trust; empty from earlier versions
    next: str = ""  # may have replaced `token`: the reply was lost; likewise in the keyring
    was: str = ""  # the digest of the token that `token` replaced


_Stored: TypeAlias = dict[str, StoredToken]  # by server
_Kept: TypeAlias = StoredToken | None


class Tokens:
    """The stored sessions. Keyrings may ask the user and wait: call from a thread."""

    def __init__(self, path: Path | None = None, keyring: Keyring | None = None) -> None:
        self._path = path
        self._keyring = keyring
        self._stored: _Stored = {}

    def find(self, server: str, account: str) -> StoredToken | None:
        """Return the session of `account` on `server`, or of any account if that is empty."""
        kept = self._read().get(server)
        if kept is None or (account and fold(account) != fold(kept.account)):
            return None
        if kept.token:
            return kept
        token, _, following = self._from_keyring(server, kept.account).partition(" ")
        return replace(kept, token=token, next=following) if token else None

    def keep(self, server: str, account: str, token: str, trust: str = "") -> str:
        """Store a session in place of the server's other; return a sentence if that went wrong."""

        def keep() -> str:
            other = self._read().get(server)
            problem = self._update(server, lambda kept: _kept(kept, account, token, trust))
            if other is not None and other.account != account:
                self._drop_from_keyring(server, other.account)
            return problem

        return self._alone(keep)

    def expect(self, server: str, token: str, following: str) -> str:
        """Note, before it is requested, that `following` may replace `token`, if that is stored.

        From then on either of them logs in, whenever the client ends. Returns as `keep`.
        """
        return self._replace(server, lambda kept: _expecting(kept, token, following))

    def settle(self, server: str, token: str) -> str:
        """Store that the session goes on with `token`, if that was expected. Returns as `keep`."""
        return self._replace(server, lambda kept: _settled(kept, token))

    def others(self, server: str, refused: str) -> list[str]:
        """Return the token that has replaced `refused`, as far as this or another client knows."""
        kept = self.find(server, "")
        if kept is None:
            return []
        if kept.token == refused:
            return [kept.next] if kept.next else []
        return [kept.token] if kept.was == digest(refused) else []

    def _replace(self, server: str, change: Callable[[_Kept], _Kept]) -> str:
        """Change what is stored for `server`, if anything is. Returns as `keep`."""
        if server not in self._read():
            return ""
        return self._alone(lambda: self._update(server, change))

    def _alone(self, change: Callable[[], str]) -> str:
        """Make a change while no other client makes one, in file and keyring. Returns as `keep`."""
        try:
            with self._locked():
                return change()
        except OSError as exc:
            return f"Can't keep you logged in: can't write {self._path}: {exc.strerror}."

    def _locked(self) -> AbstractContextManager[None]:
        """Lock the stored sessions. Raises OSError if it is not possible to enter this."""
        if self._path is None:
            return nullcontext()
        return shared_file.locked(self._path.with_suffix(".lock"), _LOCKED_WITHIN)

    def _update(self, server: str, change: Callable[[_Kept], _Kept]) -> str:
        """Change what is stored for `server`; return a sentence about it. Raises OSError."""
        kept = self.find(server, "")
        new = change(kept)
        if new is None or new == kept:
            return ""
        problem, entry = "", new
        if self._keyring is not None:
            packed = f"{new.token} {new.next}".rstrip()
            problem = self._into_keyring(server, new.account, packed)
            entry = new if problem else replace(new, token="", next="")
        aside = self._change(lambda stored: {**stored, server: entry})
        return " ".join(filter(None, (problem, aside)))

    def forget(self, server: str, token: str = "") -> None:
        """Delete the session on `server`, as far as disk and keyring allow.

        With a `token`, only if that is its token: another client may have stored a new one.
        """
        if server not in self._read():
            return
        with ExitStack() as stack:
            with suppress(OSError):  # what can be deleted without the lock must go all the same
                stack.enter_context(self._locked())
            self._forget(server, token)

    def _forget(self, server: str, token: str) -> None:
        kept = self.find(server, "") if token else self._read().get(server)
        if kept is None or (token and kept.token != token):
            return
        with suppress(OSError):
            self._change(lambda stored: {s: kept for s, kept in stored.items() if s != server})
        self._drop_from_keyring(server, kept.account)

    def _from_keyring(self, server: str, account: str) -> str:
        if self._keyring is None:
            return ""
        try:
            return self._keyring.get_password(_SERVICE, _user(server, account)) or ""
        except Exception:  # keyrings raise what their systems do
            return ""

    def _drop_from_keyring(self, server: str, account: str) -> None:
        if self._keyring is not None:
            with suppress(Exception):  # keyrings raise what their systems do
                self._keyring.delete_password(_SERVICE, _user(server, account))

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

    def _read(self) -> _Stored:
        if self._path is None:
            return self._stored
        try:
            return _decode(shared_file.read(self._path))
        except (OSError, Unreadable):
            return {}  # then the password is asked for

    def _change(self, change: Callable[[_Stored], _Stored]) -> str:
        """Change what is stored; return a sentence about an unreadable file. Raises OSError."""
        if self._path is None:
            self._stored = change(self._stored)
            return ""
        return shared_file.merge(self._path, lambda data: _encode(change(_decode(data))))


# What is stored next, by what is stored. Without a change it is the same, or None.


def _kept(kept: _Kept, account: str, token: str, trust: str) -> _Kept:
    if kept is not None and kept.account == account and kept.was == digest(token):
        return kept  # another client has replaced this token meanwhile
    if kept is None or kept.account != account or kept.token != token:
        return StoredToken(account, token, trust)
    return replace(kept, trust=trust)


def _expecting(kept: _Kept, token: str, following: str) -> _Kept:
    return replace(kept, next=following) if kept is not None and kept.token == token else kept


def _settled(kept: _Kept, token: str) -> _Kept:
    if kept is None or not kept.next or token not in (kept.token, kept.next):
        return kept
    was = kept.was if token == kept.token else digest(kept.token)
    return replace(kept, token=token, next="", was=was)


def digest(token: str) -> str:
    """Return what tells that a token is this one, and is no use to log in."""
    return hashlib.sha256(token.encode()).hexdigest()


def _decode(data: bytes | None) -> _Stored:
    if data is None:
        return {}
    try:
        return msgspec.json.decode(data, type=_Stored)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Unreadable(str(exc)) from None


def _encode(stored: _Stored) -> bytes:
    return msgspec.json.format(msgspec.json.encode(stored)) + b"\n"


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
