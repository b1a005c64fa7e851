"""Our own server: its protocol as the load uses it, its filled database, and its process.

Accounts are written into the database before the start: a log-in by password costs an Argon2 hash
on purpose, and that is not measured here. All clients log in by token, are members of their rooms
already, and go through everything that a real client does.
"""

import base64
import contextlib
import hashlib
import importlib.metadata
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from benchmarks.connections import LOOPBACK, in_url, trusting_tls
from benchmarks.crowd import Address, Seating
from benchmarks.peers import Running
from benchmarks.processes import running, wait_line
from chat_server.config import Durability
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.schema import MIGRATIONS

OURS: Final = "chat-server"

#: So high that the rate limiter checks every message and refuses none.
_WIDE = "1000000000"

_LIMITS = (
    "connections",
    "connections-per-address",
    "sessions-per-account",
    "registrations",
    "posts",
    "posts-per-second",
    "requests",
    "requests-per-second",
)

#: Rows per transaction while a long history is written.
_ROWS_AT_ONCE = 500_000

#: Rooms over which the half of a long history is spread that is not in the room under load.
_OTHER_ROOMS = 100

_NOW = 1_767_225_600_000  # milliseconds since 1970: when the seeded accounts were made


class Native:
    """Our protocol: one JSON object per line."""

    echoes = True
    logged_in = b'"type":"welcome"'
    joined = b""
    refusals: tuple[bytes, ...] = (b'"type":"error"', b'"type":"bye"')
    ping = b'{"type":"ping","id":1}\n'

    def __init__(self) -> None:
        # Nonces of one account never repeat and sort by time, as a client's do; they start at
        # the clock, so that they do not repeat in a later run on a cached history.
        self._numbers = itertools.count(1)
        self._nonce = b"%016x" % time.time_ns()

    def login(self, number: int) -> bytes:
        """Return the frame with which account `number` resumes, having seen everything."""
        return b'{"type":"resume","id":1,"token":"%s","seen":{}}\n' % token(number).encode()

    def join(self, room: str) -> bytes:
        """Return nothing: accounts are members of their rooms already."""
        return b""

    def posts(self, room: str, body: bytes, count: int, reply: int = 0) -> bytes:
        """Return `count` requests, each with a number and a nonce of its own."""
        start = b'{"type":"post","room":"%s","text":"%s",%s"nonce":"%s' % (
            room.encode(),
            body,
            b'"reply":%d,' % reply if reply else b"",
            self._nonce,
        )
        numbers = itertools.islice(self._numbers, count)
        return b"".join([b'%s%08x","id":%d}\n' % (start, number, number) for number in numbers])


def token(number: int) -> str:
    """Return the token of account `number`: shaped like a real one, the same in every run."""
    digest = hashlib.sha256(b"trialogue-benchmarks %d" % number).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class ChatServer:
    """This project's server, with a durability and a number of stored messages."""

    name: str = OURS
    durability: Durability = "power"
    rows: int = 0
    #: The arguments of the interpreter.
    program: Sequence[str] = ("-m", "chat_server.cli")

    def version(self) -> str:
        """Return the installed version, which is the one that runs."""
        return importlib.metadata.version("trialogue")

    @contextlib.contextmanager
    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> Iterator[Running]:
        """Run it on a database in which all clients of `seating` have an account and a token."""
        data = self.filled(folder, seating)
        with self.serving(data, folder, core, tls=tls, host=seating.host) as server:
            yield server

    def filled(self, folder: Path, seating: Seating) -> Path:
        """Return a data folder in `folder` with the clients of `seating`."""
        data = folder / "data"
        data.mkdir()
        self.fill_database(data / "chat.db", seating)
        return data

    @contextlib.contextmanager
    def serving(
        self, data: Path, folder: Path, core: int, *options: str, tls: bool, host: str = LOOPBACK
    ) -> Iterator[Running]:
        """Run it on the data folder, with further options."""
        where = f"{'tls' if tls else 'tcp'}://{in_url(host)}:0"
        with running([*self._argv(data, where), *options], folder, core) as process:
            context, port = trusting_tls() if tls else None, _port_of(process, folder)
            yield Running(process.pid, Address(port, Native(), context, host=host))

    def fill_database(self, path: Path, seating: Seating) -> None:
        """Create the database at `path` with which the server starts."""
        fill_database(path, seating, self.rows)

    def _argv(self, data: Path, where: str) -> list[str]:
        limits = [word for name in _LIMITS for word in (f"--limits.{name}", _WIDE)]
        options = ["--listen", where, "--data", str(data)]
        program = [sys.executable, *self.program, *options]
        return [*program, "--durability", self.durability, *limits]


def _port_of(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Return the port in `listening on tcp://127.0.0.1:PORT`, the first line of the server."""
    return int(wait_line(process, folder).rpartition(":")[2])


def fill_database(path: Path, seating: Seating, rows: int) -> None:
    """Create the database at `path` with the clients of `seating` and `rows` messages.

    A history is written once and kept in the cache folder, since it takes minutes.
    """
    if not rows:
        _write_accounts(path, seating)
        return
    cached = cache_folder() / f"{_key(seating, rows)}.db"
    if not cached.exists():
        for outdated in cache_folder().glob(f"history-{rows}-*"):
            outdated.unlink()
        unfinished = cached.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _write_accounts(unfinished, seating)
        _write_history(unfinished, rows)
        unfinished.rename(cached)
    shutil.copyfile(cached, path)


def cache_folder() -> Path:
    """Return the folder for files that are reused by later runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "trialogue-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _key(seating: Seating, rows: int) -> str:
    what = repr((MIGRATIONS, seating, rows, _OTHER_ROOMS))
    return f"history-{rows}-{hashlib.sha256(what.encode()).hexdigest()[:12]}"


def _write_accounts(path: Path, seating: Seating) -> None:
    db = apsw.Connection(str(path))
    configure(db, "process")
    migrate(db)
    with db:
        numbers = range(seating.size)
        db.executemany(
            "INSERT INTO account (id, key, name, password, created) VALUES (?, ?, ?, '', ?)",
            ((number + 1, _name(number), _name(number), _NOW) for number in numbers),
        )
        db.executemany(
            "INSERT INTO token (digest, account, created) VALUES (?, ?, ?)",
            ((_digest(number), number + 1, _NOW) for number in numbers),
        )
        _add_room(db, "general", numbers)
        for room, members in seating.rooms.items():
            _add_room(db, room, members)
    db.close()


def _add_room(db: apsw.Connection, room: str, members: range) -> None:
    db.execute(
        "INSERT INTO room (key, name, password, created) VALUES (?, ?, '', ?)"
        " ON CONFLICT DO NOTHING",
        (room, room, _NOW),
    )
    db.executemany(
        "INSERT INTO member (account, room, since) SELECT ?, id, ? FROM room WHERE key = ?",
        ((number + 1, _NOW, room) for number in members),
    )


def _write_history(path: Path, rows: int) -> None:
    """Write messages of a hundred authors, every other one into the newest room."""
    db = apsw.Connection(str(path))
    db.pragma("synchronous", "OFF")
    db.pragma("cache_size", -512_000)
    room = db.execute("SELECT max(id) FROM room").get
    with db:
        for number in range(_OTHER_ROOMS):
            _add_room(db, f"other{number:03d}", range(0))
    for first in range(0, rows, _ROWS_AT_ONCE):
        with db:
            db.execute(_HISTORY, {"room": room, "first": first, "count": _ROWS_AT_ONCE}).fetchall()
    with db:
        db.execute(
            "UPDATE room SET last_seq ="
            " (SELECT coalesce(max(seq), 0) FROM message WHERE message.room = room.id)"
        )
    db.pragma("wal_checkpoint", "truncate")
    db.close()


_HISTORY = f"""
WITH RECURSIVE number (i) AS (
    SELECT :first UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :first + :count
)
INSERT INTO message (room, seq, author, at, nonce, text)
SELECT
    iif(i % 2, :room, :room + 1 + i / 2 % {_OTHER_ROOMS}),
    iif(i % 2, i / 2 + 1, i / 2 / {_OTHER_ROOMS} + 1),
    i / 2 % (SELECT min(100, count(*)) FROM account) + 1,
    {_NOW} + i,
    printf('%016x%08x', 0, i),
    printf('message %d: something written here once, of the usual length', i)
FROM number
"""


def _name(number: int) -> str:
    return f"m{number:05d}"


def _digest(number: int) -> bytes:
    return hashlib.sha256(token(number).encode()).digest()
