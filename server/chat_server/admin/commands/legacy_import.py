"""`chat-server import`: the people and the rooms of the old chat, with their passwords."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from chat_server import data_folder
from chat_server.accounts.codes import normalize_code
from chat_server.accounts.passwords import Sha1InArgon2, argon2
from chat_server.admin.commands import Data
from chat_server.admin.commands.legacy_file import Origin, read_origin
from chat_server.clock import now
from chat_server.config import default_data
from chat_server.store.api import Store
from chat_server.store.sqlite.offline import open_store
from chat_shared.errors import Refused
from chat_shared.names import check_name, fold

_SHA1_OF_NOTHING: Final = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
_SHA1: Final = re.compile(r"[0-9a-fA-F]{40}")


@dataclass(slots=True)
class Outcome:
    accounts: int = 0
    rooms: int = 0
    skipped: list[str] = field(default_factory=list)  # a sentence for each


_Candidate: TypeAlias = tuple[str, str, str]  # key, name, password or its digest or its hash


def import_origin(file: Path, /, *, data: Data = None) -> int:
    """Take over the users and rooms of the old chat from FILE: JSON, or its pickle.

    The server must not be running. Passwords go on working. What is here
    already is left alone, so a second run changes nothing.
    """
    folder = data or default_data()
    origin = read_origin(file)
    with (
        data_folder.held(folder),
        open_store(folder / data_folder.DATABASE) as store,
    ):
        outcome = take_over(store, origin)
    sys.stdout.writelines(f"skipped {sentence}\n" for sentence in outcome.skipped)
    sys.stdout.write(f"taken over: accounts {outcome.accounts:,}, rooms {outcome.rooms:,}\n")
    return 0


def take_over(store: Store, origin: Origin) -> Outcome:
    """Bring the people and rooms of `origin` into `store`; say which were not, and why."""
    outcome = Outcome(skipped=[f"{name}: its value is no text" for name in origin.strange])
    users = _Sieve("account", lambda key: store.account(key) is not None, _bad_digest)
    for key, name, password in _hashed(users.pass_on(origin.users), Sha1InArgon2().wrap):
        store.add_account(key, name, password, now())
        outcome.accounts += 1
    there = {fold(room.name) for room in store.rooms() if not room.removed}
    rooms = _Sieve("room", there.__contains__, _no_password)
    for key, name, password in _hashed(rooms.pass_on(origin.rooms), _hash_room_password):
        store.add_unowned_room(key, name, password, now())
        outcome.rooms += 1
    outcome.skipped += users.skipped + rooms.skipped
    return outcome


@dataclass(slots=True)
class _Sieve:
    """Lets through what can be taken over, and says of the rest why it cannot."""

    kind: str
    is_here: Callable[[str], bool]  # asked with a key
    complaint: Callable[[str], str]  # about a password or digest; empty for a good one
    skipped: list[str] = field(default_factory=list)

    def pass_on(self, origin: dict[str, str]) -> list[_Candidate]:
        passed: dict[str, _Candidate] = {}
        for name, password in origin.items():
            try:
                shown = check_name(name)
            except Refused as refused:
                self._skip(name, refused.message)
                continue
            key = fold(shown)
            if self.is_here(key) or key in passed:
                self._skip(shown, "the name is taken here")
            elif complaint := self.complaint(password):
                self._skip(shown, complaint)
            else:
                passed[key] = (key, shown, password)
        return list(passed.values())

    def _skip(self, name: str, reason: str) -> None:
        self.skipped.append(f"{self.kind} {name!r}: {reason}")


def _hashed(candidates: list[_Candidate], hash_one: Callable[[str], str]) -> Iterator[_Candidate]:
    """Yield `candidates` with their passwords hashed, on all cores at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        kept = threads.map(hash_one, [password for _, _, password in candidates])
        for (key, name, _), password in zip(candidates, kept, strict=True):
            yield key, name, password


def _bad_digest(digest: str) -> str:
    if not _SHA1.fullmatch(digest):
        return "its password is no SHA-1 in hexadecimal"
    return "its password is empty" if digest.lower() == _SHA1_OF_NOTHING else ""


def _no_password(password: str) -> str:
    return "" if normalize_code(password) else "it has no password"


def _hash_room_password(password: str) -> str:
    return argon2().hash(normalize_code(password))
