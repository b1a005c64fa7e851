"""`chat-server check`: whether a server would run well here, a line for each thing looked at."""

import os
import resource
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from chat_server.config import Config
from chat_server.data_folder import ADMIN_SOCKET, DATABASE, SEARCH
from chat_server.errors import StartError
from chat_server.store.sqlite.offline import examine, examine_index
from chat_server.store.sqlite.schema import VERSION

_GIB: Final = 1024**3
_LITTLE: Final = 1 * _GIB  # bytes free: time to look for more
_TOO_LITTLE: Final = _GIB // 10  # bytes free: not enough for a backup, nor for a busy day

_SOON: Final = timedelta(days=14)  # before its end a certificate is worth a warning

# Open files besides one per connection: the database, the log, the sockets to listen at.
_OWN_FILES: Final = 64


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict:<4}  {self.subject:<12}  {self.sentence}"


def check(settings: Annotated[Config | None, Parameter(name="*")] = None) -> int:
    """Say whether a server would run well here: ok, warn or fail for each thing looked at.

    The exit code is 1 if anything fails. Harmless while a server runs.
    """
    config = settings or Config()
    findings = list(look_around(config))
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    return int(any(finding.verdict is Verdict.FAIL for finding in findings))


def look_around(config: Config) -> Iterator[Finding]:
    """Yield what there is to say about running a server with `config`."""
    yield Finding(Verdict.OK, "config", f"listen at {', '.join(map(str, config.addresses))}")
    yield from _look_at_folder(config.data)
    yield from _look_at_database(config.data / DATABASE)
    yield from _look_at_index(config.data / SEARCH, config.data / DATABASE)
    yield from _look_at_certificate(config)
    yield _look_at_disk(config.data)
    yield _look_at_files(config.limits.connections)


def _look_at_folder(folder: Path) -> Iterator[Finding]:
    subject = "data folder"
    if not folder.exists():
        yield Finding(Verdict.WARN, subject, f"{folder} is not there yet; the first start makes it")
    elif not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        yield Finding(Verdict.FAIL, subject, f"{folder} cannot be used by this user")
    else:
        yield Finding(Verdict.OK, subject, f"{folder}")
        yield from filter(None, map(_look_at_mode, (folder, *sorted(folder.iterdir()))))


def _look_at_mode(path: Path) -> Finding | None:
    """Return what is wrong with who may look into `path`, if anything is."""
    mode = stat.S_IMODE(path.lstat().st_mode)
    if mode & 0o077 and (path.is_dir() or _is_secret(path)):
        return Finding(Verdict.WARN, "permissions", f"others may open {path} (mode {mode:04o})")
    return None


def _is_secret(path: Path) -> bool:
    return path.name.startswith((DATABASE, SEARCH, ADMIN_SOCKET)) or path.suffix == ".key"


def _look_at_database(path: Path) -> Iterator[Finding]:
    subject = "database"
    if not path.exists():
        yield Finding(Verdict.WARN, subject, "there is none yet; the first start makes it")
        return
    try:
        version = examine(path)
    except StartError as exc:
        yield Finding(Verdict.FAIL, subject, f"{exc}")
        return
    if version < VERSION:
        coming = f"sound; version {version}, the next start brings it to {VERSION}"
        yield Finding(Verdict.WARN, subject, coming)
    else:
        yield Finding(Verdict.OK, subject, f"sound; version {version}")


def _look_at_index(path: Path, database: Path) -> Iterator[Finding]:
    subject = "search index"
    if not (path.exists() and database.exists()):
        yield Finding(Verdict.OK, subject, "there is none yet; the server makes it")
        return
    try:
        behind = examine_index(path, database)
    except StartError as exc:
        yield Finding(Verdict.WARN, subject, f"{exc} The next start makes it anew")
        return
    words = f"{behind:,} messages behind; the server takes them in" if behind else "up to date"
    yield Finding(Verdict.OK, subject, words)


def _look_at_certificate(config: Config) -> Iterator[Finding]:
    # Here, since it costs much to import and no other command needs it.
    from cryptography.x509 import load_pem_x509_certificate

    from chat_server.net.certificates import CERTIFICATE

    subject = "certificate"
    path = config.tls_cert or config.data / CERTIFICATE
    if config.tls_cert is None and not path.exists():
        return  # the first start that needs one makes it
    try:
        certificate = load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        yield Finding(Verdict.FAIL, subject, f"{path} cannot be read as a certificate")
        return
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    yield Finding(_verdict_on(begin, end), subject, f"{path} is good from {begin:%F} to {end:%F}")


def _verdict_on(begin: datetime, end: datetime) -> Verdict:
    now = datetime.now(UTC)
    if not begin <= now < end:
        return Verdict.FAIL
    return Verdict.WARN if end - now < _SOON else Verdict.OK


def _look_at_disk(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    verdict = Verdict.FAIL if free < _TOO_LITTLE else Verdict.WARN if free < _LITTLE else Verdict.OK
    return Finding(verdict, "free disk", f"{free / _GIB:.1f} GiB at {there}")


def _look_at_files(connections: int) -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + _OWN_FILES
    enough = hard == resource.RLIM_INFINITY or hard >= needed
    return Finding(
        Verdict.OK if enough else Verdict.WARN,
        "file limit",
        f"{hard:,} open files; {needed:,} would be needed for limits.connections",
    )
