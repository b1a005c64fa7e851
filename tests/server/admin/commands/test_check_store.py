"""`chat-server check` looks at a database of PostgreSQL, and says what an operator should do."""

import pytest

from chat_server.admin.commands.check_store import check_store
from chat_server.admin.commands.findings import Verdict
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.examination import Examination
from chat_server.store.postgresql.leadership import Leader, begin
from chat_server.store.postgresql.replication import Standby
from chat_server.store.postgresql.schema import VERSION
from support.postgresql import empty_database


def _findings(url: str) -> list[tuple[Verdict, str, str]]:
    return [(each.verdict, each.subject, each.sentence) for each in check_store(url)]


def test_an_empty_database_is_well_and_one_that_is_used_names_its_leader() -> None:
    with empty_database() as url:
        empty = _findings(url)[0]
        with connect(url) as db:
            migrate(db)
            begin(db, "chat1")
        used = _findings(url)

    assert empty[2].endswith("; empty, the first start fills it")
    assert used[0][2].endswith(f"; version {VERSION}")
    assert (
        Verdict.FAIL,
        "database",
        "fsync is off: a power failure can destroy the database. Switch it on.",
    ) in used
    assert used[-1] == (Verdict.OK, "leader", "chat1 (epoch 1) leads, or was the last to do so")


def test_a_database_that_cannot_be_used_fails() -> None:
    ((verdict, subject, sentence),) = _findings("postgresql:///chat?host=/nowhere")

    assert (verdict, subject) == (Verdict.FAIL, "database")
    assert sentence.startswith("The database cannot be used: ")


_SYNCHRONOUS = Standby("db2", is_synchronous=True, lag=0)
_OTHER = Standby("db3", is_synchronous=False, lag=0)


@pytest.mark.parametrize(
    ("standbys", "connected", "verdict"),
    [
        ("", (_OTHER,), Verdict.WARN),
        ("ANY 1 (db2)", None, Verdict.OK),
        ("ANY 1 (db2)", (_OTHER, _SYNCHRONOUS), Verdict.OK),
        ("ANY 1 (db2)", (_OTHER,), Verdict.FAIL),
        ("ANY 1 (db2)", (), Verdict.FAIL),
    ],
)
def test_a_commit_that_no_other_machine_has_or_can_have_is_found(
    monkeypatch: pytest.MonkeyPatch,
    standbys: str,
    connected: tuple[Standby, ...] | None,
    verdict: Verdict,
) -> None:
    found = Examination("15.18", VERSION - 1, Leader("chat1", 3), True, standbys, connected)
    monkeypatch.setattr("chat_server.store.postgresql.examination.examine", lambda _: found)

    database, standby, _ = _findings("postgresql:///chat")

    assert database[0] is Verdict.WARN
    assert f"upgrades it to {VERSION}" in database[2]
    assert standby[:2] == (verdict, "standby")
