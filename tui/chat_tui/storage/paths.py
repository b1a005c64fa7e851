"""Where the client stores its state: known servers, sessions, drafts, unsent messages."""

import hashlib
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from chat_shared.names import fold
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address
from chat_tui.storage.drafts import Drafts
from chat_tui.storage.home import user_folder
from chat_tui.storage.known_servers import KnownServers, UnusableFile
from chat_tui.storage.outbox_file import OutboxFile
from chat_tui.storage.tokens import Keyring, StoredToken, Tokens

_NAME_BYTES: Final = 8  # of the digest that names an account's folder: names may hold any character


def state_path() -> Path:
    """Return the folder of the client's state. Raises NoHome."""
    return user_folder(user_state_path)


class Paths:
    """The state folder. Without a path, the state lasts as long as the program."""

    def __init__(self, path: Path | None = None, keyring: Keyring | None = None) -> None:
        self._path = path
        self.known: Final = KnownServers(path / "known-servers" if path else None)
        self.tokens: Final = Tokens(path / "sessions.json" if path else None, keyring)

    def key_of(self, address: Address) -> str:
        """Return the name under which data of this server is stored, by whichever address it is.

        What is known of its other addresses may be unreadable; connecting says so.
        """
        with suppress(UnusableFile):
            return self.known.home(address).key
        return address.key

    def other_tokens(self, address: Address, refused: str) -> list[str]:
        """Return what may have replaced a token that this server refuses."""
        return self.tokens.others(self.key_of(address), refused)

    def find_session(self, address: Address, account: str) -> StoredToken | None:
        """Return the session of `account` at `address`, or of any account if that is empty.

        It goes only to a server that is known as it was when the session was stored:
        connecting compares, and an unencrypted address gets what was stored for one.
        Keyrings may ask the user and wait: call from a thread. Raises UnusableFile.
        """
        stored = self.tokens.find(self.key_of(address), account)
        if stored is None:
            return None
        trust = stored.trust or _trust_of_old(address)
        if trust == UNENCRYPTED:
            return stored
        if address.plain:
            return None
        if not self.known.find(address):
            with suppress(UnusableFile):  # this run knows it anyway
                self.known.remember(address, trust)
        return stored

    def outbox(self, server: str, account: str) -> OutboxFile | None:
        """Return the file for unsent messages of `account` to `server`; None without a path.

        It takes over what was stored for another address, before that was known as the server's.
        """
        if self._path is None:
            return None
        names: list[str] = []
        with suppress(UnusableFile):  # connecting says so
            names = self.known.names(server)
        folder, *also = (self._path / "unsent" / _name(each, account) for each in (server, *names))
        return OutboxFile(folder, secrets.token_hex(_NAME_BYTES), also)

    def drafts(self, server: str, account: str) -> Drafts:
        """Return the drafts of `account` on `server`."""
        if self._path is None:
            return Drafts()
        return Drafts(self._path / "drafts" / f"{_name(server, account)}.json")


def _trust_of_old(address: Address) -> str:
    """Return how the server of a session was known whose file does not say so.

    A fingerprint would be among the known servers, and nobody can get between this
    computer and itself.
    """
    return UNENCRYPTED if address.path or address.is_loopback else AUTHORITY


def _name(server: str, account: str) -> str:
    return hashlib.sha256(f"{server} {fold(account)}".encode()).digest()[:_NAME_BYTES].hex()
