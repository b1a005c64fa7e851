"""`chat-server check`: whether a server would run well here, one line per check."""

import os
import resource
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from chat_server.admin import messages as m
from chat_server.admin.commands.check_bucket import check_bucket, check_without_bucket
from chat_server.admin.commands.check_files import check_files
from chat_server.admin.commands.check_gateway import check_gateway
from chat_server.admin.commands.check_store import check_store
from chat_server.admin.commands.exchange import NotRunningError, answers
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.admin.commands.output import print_lines, report_share
from chat_server.config import Config
from chat_server.data_folder import (
    ADMIN_SOCKET,
    DATABASE,
    FILES,
    SEARCH,
    is_writable_by_others,
)
from chat_server.errors import StartError
from chat_server.net.files import OWN_FILES
from chat_server.store.sqlite.offline import examine, examine_index
from chat_server.store.sqlite.readers import programs_using
from chat_server.store.sqlite.schema import VERSION

_MIB: Final = 1024**2
_GIB: Final = 1024**3
_LARGE_LOG: Final = 64 * _MIB  # bytes, of some 4 MiB that it has otherwise
_LOW_DISK: Final = 1 * _GIB  # bytes free: time to get more
_FULL_DISK: Final = _GIB // 10  # bytes free: not enough for a backup or a busy day

_EXPIRES_SOON: Final = timedelta(days=14)  # enough time to renew a certificate

_FILES_HELP: Final = "Read all that people uploaded, to find what is damaged"


def check(
    settings: Annotated[Config | None, Parameter(name="*")] = None,
    *,
    files: Annotated[bool, Parameter(negative="", help=_FILES_HELP)] = False,
) -> int:
    """Check the settings and the data folder (safe while the server runs)

    Prints ok, warn or fail for each check. The exit code is 1 if any check fails.
    """
    config = settings or Config()
    findings = list(run_checks(config, read_files=files))
    print_lines(f"{finding}\n" for finding in findings)
    return int(any(finding.verdict is Verdict.FAIL for finding in findings))


def run_checks(config: Config, *, read_files: bool = False) -> Iterator[Finding]:
    """Yield the findings about running a server with `config`."""
    addresses = [*config.addresses, *config.gateway_addresses]
    yield Finding(Verdict.OK, "config", f"listens on {', '.join(map(str, addresses))}")
    yield from _check_folder(config.data)
    if config.store is None:
        yield from _check_database(config.data / DATABASE)
        yield from _check_log(config.data / DATABASE)
        yield from _check_index(config.data / SEARCH, config.data / DATABASE)
    else:
        yield from check_store(config.store)
    report = report_share if read_files else None
    if config.bucket_address is not None:
        yield from check_bucket(config, config.bucket_address, report)
    elif config.store is None:
        yield from check_files(config.data / FILES, config.data / DATABASE, report)
    else:
        yield from check_without_bucket(config.store)
    yield from _check_certificate(config)
    yield from check_gateway(config)
    yield from _check_parts(config.data)
    yield _check_disk(config.data)
    yield _check_files(config.limits.connections)


def _check_folder(folder: Path) -> Iterator[Finding]:
    subject = "data folder"
    if not folder.exists():
        yield Finding(
            Verdict.WARN, subject, f"{folder} does not exist yet; the first start creates it"
        )
    elif not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        yield Finding(
            Verdict.FAIL,
            subject,
            f"this user cannot read and write {folder}. "
            "Run chat-server as the folder's owner, or chown the folder.",
        )
    elif is_writable_by_others(folder):
        yield Finding(
            Verdict.FAIL, subject, f"other users can write in {folder}. Run chmod 700 {folder}."
        )
    else:
        yield Finding(Verdict.OK, subject, f"{folder}")
        yield from filter(None, map(_mode_finding, (folder, *sorted(folder.iterdir()))))


def _mode_finding(path: Path) -> Finding | None:
    """Return a warning if other users can open `path` and should not."""
    mode = stat.S_IMODE(path.lstat().st_mode)
    if mode & 0o077 and (path.is_dir() or _is_secret(path)):
        private = "700" if path.is_dir() else "600"
        sentence = f"other users can open {path} (mode {mode:04o}). Run chmod {private} {path}."
        return Finding(Verdict.WARN, "permissions", sentence)
    return None


def _is_secret(path: Path) -> bool:
    return path.name.startswith((DATABASE, SEARCH, ADMIN_SOCKET)) or path.suffix == ".key"


def _check_database(path: Path) -> Iterator[Finding]:
    subject = "database"
    if not path.exists():
        yield Finding(Verdict.WARN, subject, "does not exist yet; the first start creates it")
        return
    try:
        version = examine(path)
    except StartError as exc:
        yield Finding(Verdict.FAIL, subject, f"{exc}")
        return
    if version < VERSION:
        outlook = f"intact; version {version}, the next start upgrades it to {VERSION}"
        yield Finding(Verdict.WARN, subject, outlook)
    else:
        yield Finding(Verdict.OK, subject, f"intact; version {version}")


def _check_log(database: Path) -> Iterator[Finding]:
    """Warn if the log beside the database grows: then a program keeps it from being emptied."""
    log = database.with_name(f"{database.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size >= _LARGE_LOG:
        programs = ", ".join(programs_using(database)) or "no program that this user can see"
        sentence = (
            f"{log.name} has grown to {size / _MIB:,.0f} MiB, as while a program reads the "
            f"database for long. It is open in: {programs}"
        )
        yield Finding(Verdict.WARN, "database", sentence)


def _check_index(path: Path, database: Path) -> Iterator[Finding]:
    subject = "search index"
    if not (path.exists() and database.exists()):
        yield Finding(Verdict.OK, subject, "does not exist yet; the server creates it")
        return
    try:
        behind = examine_index(path, database)
    except StartError as exc:
        yield Finding(Verdict.WARN, subject, f"{exc} The next start rebuilds it.")
        return
    yield Finding(Verdict.OK, subject, _index_state(behind))


def _index_state(behind: int) -> str:
    if behind == 0:
        return "up to date"
    messages = "1 message" if behind == 1 else f"{behind:,} messages"
    return f"{messages} behind; the server catches up"


def _check_certificate(config: Config) -> Iterator[Finding]:
    # Imported here: slow, and no other command needs it.
    from chat_server.net.certificate_pair import open_pair, validity_of
    from chat_server.net.certificates import CERTIFICATE, KEY

    subject = "certificate"
    path, key = config.tls_cert or config.data / CERTIFICATE, config.tls_key or config.data / KEY
    if config.tls_cert is None and not path.exists():
        if config.store is not None and any(each.scheme == "tls" for each in config.addresses):
            sentence = (
                f"{path} does not exist. If another machine has one, copy it and {KEY} from there "
                "before this one leads: clients refuse another certificate."
            )
            yield Finding(Verdict.WARN, subject, sentence)
        return  # the first start that needs one creates it
    try:
        open_pair(path, key)
        validity = validity_of(path)
    except StartError as exc:
        own = config.tls_cert is None
        advice = "Restore both from a backup." if own else "Check --tls-cert and --tls-key."
        yield Finding(Verdict.FAIL, subject, f"{exc} {advice}")
        return
    verdict, state = _validity(validity.begin, validity.end)
    yield Finding(verdict, subject, f"{path} {state}")


def _validity(begin: datetime, end: datetime) -> tuple[Verdict, str]:
    now = datetime.now(UTC)
    if now < begin:
        return Verdict.FAIL, f"is not valid before {begin:%F}. Set the clock, or replace it."
    if now >= end:
        return Verdict.FAIL, f"expired on {end:%F}. Renew it."
    if end - now < _EXPIRES_SOON:
        return Verdict.WARN, f"expires on {end:%F}. Renew it."
    return Verdict.OK, f"is valid from {begin:%F} to {end:%F}"


def _check_parts(data: Path) -> Iterator[Finding]:
    """Yield what the running server, if there is one, says of its parts."""
    subject = "server"
    try:
        received = list(answers(data, m.ListParts()))
    except NotRunningError:
        yield Finding(Verdict.OK, subject, "is not running")
        return
    except (StartError, ValueError) as exc:
        yield Finding(Verdict.FAIL, subject, f"does not answer: {exc}")
        return
    rows = [answer.cells for answer in received if isinstance(answer, m.Row)]
    failed = [part_finding(*row) for row in rows if int(row[2])]
    failed += [
        Finding(Verdict.FAIL, subject, a.message) for a in received if isinstance(a, m.Failed)
    ]
    states = [answer.message for answer in received if isinstance(answer, m.Done)]
    yield from failed or [Finding(Verdict.OK, subject, states[0] or "running; no failures")]


def part_finding(name: str, running: str, failures: str, error: str) -> Finding:
    """Return what a part that has failed means for the operator."""
    times = "once" if failures == "1" else f"{failures} times"
    sentence = f"the {name} service failed {times} since the start (last: {error})."
    if running == "no":
        return Finding(Verdict.FAIL, "server", f"{sentence} It has not restarted; see the log.")
    return Finding(Verdict.WARN, "server", f"{sentence} It is running again; see the log.")


def _check_disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    state = f"{free / _GIB:.1f} GiB free at {existing}"
    if free >= _LOW_DISK:
        return Finding(Verdict.OK, "free disk", state)
    verdict = Verdict.FAIL if free < _FULL_DISK else Verdict.WARN
    advice = "Free some space or move the data folder."
    return Finding(verdict, "free disk", f"only {state}. {advice}")


def _check_files(connections: int) -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + OWN_FILES
    enough = hard == resource.RLIM_INFINITY or hard >= needed
    state = f"{hard:,} open files; --limits.connections needs {needed:,}"
    if enough:
        return Finding(Verdict.OK, "file limit", state)
    advice = "Raise LimitNOFILE or lower --limits.connections."
    return Finding(Verdict.WARN, "file limit", f"{state}. {advice}")
