"""`chat-server import`: accounts and rooms of the old chat, with their passwords."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import Parameter

from chat_server import data_folder
from chat_server.accounts.codes import normalize_code
from chat_server.accounts.passwords import Sha1InArgon2, argon2
from chat_server.admin.commands import Data
from chat_server.admin.commands.legacy_file import LegacyChat, read_legacy_file
from chat_server.admin.commands.output import print_lines
from chat_server.clock import now
from chat_server.config import default_data
from chat_server.errors import StartError
from chat_server.store.api import Store, StoreError
from chat_server.store.sqlite.offline import open_store
from chat_shared.errors import Refused
from chat_shared.names import check_name, fold

_SHA1_OF_EMPTY: Final = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
_SHA1: Final = re.compile(r"[0-9a-fA-F]{40}")


@dataclass(slots=True)
class Outcome:
    accounts: int = 0
    rooms: int = 0
    skipped: list[str] = field(default_factory=list)  # a sentence for each


_Candidate: TypeAlias = tuple[str, str, str]  # key, name, password or its digest or its hash

_LegacyFile: TypeAlias = Annotated[Path, Parameter(help="File of the old chat", show_env_var=False)]


def import_legacy(file: _LegacyFile, /, *, data: Data = None) -> int:
    """Import what the old chat saved in `file`; return the exit code.

    Raises StartError, also while a server uses the data folder.
    """
    folder = data or default_data()
    legacy = read_legacy_file(file)
    try:
        with (
            data_folder.locked(folder),
            open_store(folder / data_folder.DATABASE) as store,
        ):
            outcome = import_into(store, legacy)
    except StoreError as exc:  # a full disk, for one; it may have done a part
        raise StartError(f"The import stopped: {exc}. Run it again after that is solved.") from None
    print_lines(f"skipped {sentence}\n" for sentence in outcome.skipped)
    counts = _counted(outcome.accounts, "account"), _counted(outcome.rooms, "room")
    print_lines([f"imported {', '.join(counts)}\n"])
    return 0


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def import_into(store: Store, legacy: LegacyChat) -> Outcome:
    """Add the accounts and rooms of `legacy` to `store`; return which were skipped, and why."""
    outcome = Outcome(skipped=[f"{name}: its value is not text" for name in legacy.invalid])
    users = _Filter("account", lambda key: store.account(key) is not None, _bad_digest)
    for key, name, password in _hashed(users.select(legacy.users), Sha1InArgon2().wrap):
        store.add_account(key, name, password, now())
        outcome.accounts += 1
    existing = {fold(room.name) for room in store.rooms() if not room.removed}
    rooms = _Filter("room", existing.__contains__, _no_password)
    for key, name, password in _hashed(rooms.select(legacy.rooms), _hash_room_password):
        store.add_unowned_room(key, name, password, now())
        outcome.rooms += 1
    outcome.skipped += users.skipped + rooms.skipped
    return outcome


@dataclass(slots=True)
class _Filter:
    """Selects the entries that can be imported, and records why others are skipped."""

    kind: str
    exists: Callable[[str], bool]  # takes a key
    problem: Callable[[str], str]  # takes a password or digest; empty if it is valid
    skipped: list[str] = field(default_factory=list)

    def select(self, entries: dict[str, str]) -> list[_Candidate]:
        selected: dict[str, _Candidate] = {}
        for name, password in entries.items():
            try:
                shown = check_name(name)
            except Refused as refused:
                self._skip(name, refused.message)
                continue
            key = fold(shown)
            if self.exists(key) or key in selected:
                self._skip(shown, "the name is already taken")
            elif problem := self.problem(password):
                self._skip(shown, problem)
            else:
                selected[key] = (key, shown, password)
        return list(selected.values())

    def _skip(self, name: str, reason: str) -> None:
        self.skipped.append(f"{self.kind} {name!r}: {reason}")


def _hashed(candidates: list[_Candidate], hash_one: Callable[[str], str]) -> Iterator[_Candidate]:
    """Yield `candidates` with their passwords hashed, using all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        hashes = threads.map(hash_one, [password for _, _, password in candidates])
        for (key, name, _), password in zip(candidates, hashes, strict=True):
            yield key, name, password


def _bad_digest(digest: str) -> str:
    if not _SHA1.fullmatch(digest):
        return "its password is not a hexadecimal SHA-1"
    return "its password is empty" if digest.lower() == _SHA1_OF_EMPTY else ""


def _no_password(password: str) -> str:
    return "" if normalize_code(password) else "it has no password"


def _hash_room_password(password: str) -> str:
    return argon2().hash(normalize_code(password))
