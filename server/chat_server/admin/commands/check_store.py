"""The part of `chat-server check` about a store in PostgreSQL."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.errors import StartError
from chat_server.store.sqlite.schema import VERSION

if TYPE_CHECKING:
    from chat_server.store.postgresql.examination import Examination

_SUBJECT: Final = "database"


def check_store(url: str) -> Iterator[Finding]:
    """Yield the findings about the database at `url`."""
    if find_spec("psycopg") is None:
        advice = "in a clone, pip install '.[postgresql]'"
        yield Finding(Verdict.FAIL, _SUBJECT, f"--store needs the extra postgresql: {advice}.")
        return
    from chat_server.store.postgresql.examination import examine

    try:
        found = examine(url)
    except StartError as exc:
        yield Finding(Verdict.FAIL, _SUBJECT, f"{exc}")
        return
    yield _state(found.server, found.version)
    if not found.syncs:
        sentence = "fsync is off: a power failure can destroy the database. Switch it on."
        yield Finding(Verdict.FAIL, _SUBJECT, sentence)
    yield _standby(found)
    if found.leader is not None:
        leader = f"{found.leader.node} (epoch {found.leader.epoch})"
        yield Finding(Verdict.OK, "leader", f"{leader} leads, or was the last to do so")


def _standby(found: "Examination") -> Finding:
    subject = "standby"
    if not found.standbys:
        sentence = (
            "a commit waits for no other machine: what was acknowledged can be lost with the "
            "database's. Set synchronous_standby_names there."
        )
        return Finding(Verdict.WARN, subject, sentence)
    waits = f"a commit waits for {found.standbys}"
    if found.connected is None or any(each.is_synchronous for each in found.connected):
        return Finding(Verdict.OK, subject, waits)
    sentence = (
        f"{waits}, which is not connected: nothing can be stored. Start it, or change "
        "synchronous_standby_names."
    )
    return Finding(Verdict.FAIL, subject, sentence)


def _state(server: str, version: int) -> Finding:
    state = f"PostgreSQL {server}"
    if not version:
        return Finding(Verdict.OK, _SUBJECT, f"{state}; empty, the first start fills it")
    if version < VERSION:
        outlook = f"version {version}, the next start upgrades it to {VERSION}"
        return Finding(Verdict.WARN, _SUBJECT, f"{state}; {outlook}")
    return Finding(Verdict.OK, _SUBJECT, f"{state}; version {version}")
