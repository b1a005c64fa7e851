"""One server leads; what could make two of them, or an answer that is lost, is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
import trio

from chat_server.errors import UnreachableStoreError, UnusableStoreError
from chat_server.store.errors import StoreLost
from chat_server.store.postgresql.database import connect, version_of
from chat_server.store.postgresql.examination import examine
from chat_server.store.postgresql.leadership import LEASE, Leader, check_server, wait_for_lock
from chat_server.store.postgresql.queries import Database, value
from chat_server.store.postgresql.storage import candidate, find_leader, open_storage
from chat_server.store.postgresql.tables import new_tables, open_tables
from support.pgbouncer import PGBOUNCER, running_pgbouncer
from support.postgresql import wait_true


@asynccontextmanager
async def _leading(url: str, node: str) -> AsyncIterator[None]:
    async with open_storage(url, node):
        yield


async def test_one_leads_and_the_next_one_once_it_has_ended(
    url: str, nursery: trio.Nursery
) -> None:
    leads = trio.Event()

    async def wait(url: str) -> None:
        async with candidate(url) as second:
            assert await second.wait_leading("second") == 2
            leads.set()

    assert find_leader(url) is None
    async with _leading(url, "first"):
        nursery.start_soon(wait, url)
        await _waits_for_lock(url)
        assert find_leader(url) == Leader("first", 1)
        assert not leads.is_set()
    await leads.wait()
    assert find_leader(url) == Leader("second", 2)


async def test_who_waits_can_be_cancelled_at_once(url: str, nursery: trio.Nursery) -> None:
    async with _leading(url, "first"):
        with trio.CancelScope() as scope:
            nursery.start_soon(_cancel_when_waiting, url, scope)
            async with candidate(url) as second:
                await second.wait_leading("second")
        assert scope.cancelled_caught


async def test_a_leader_whose_lock_is_taken_away_is_told_within_seconds(url: str) -> None:
    began = trio.current_time()
    with pytest.RaisesGroup(StoreLost, flatten_subgroups=True):
        async with _leading(url, "first"):
            with connect(url) as db:
                db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                )
            await trio.sleep_forever()
    assert trio.current_time() - began < LEASE + 1


def test_an_old_server_is_refused() -> None:
    info = SimpleNamespace(server_version=140_011)

    with pytest.raises(UnusableStoreError, match=r"PostgreSQL 14\. Upgrade it to 15 or later"):
        check_server(cast("Any", SimpleNamespace(info=info)))


@pytest.mark.skipif(PGBOUNCER is None, reason="requires pgbouncer")
@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
async def test_a_pooler_that_lends_its_connections_is_refused(url: str, mode: str) -> None:
    with running_pgbouncer(url, mode) as pooled:
        with psycopg.connect(pooled, autocommit=True) as db:  # it leads to the same tables
            assert db.execute("SELECT current_schema()").fetchone() == ("other",)
        with pytest.raises(UnusableStoreError, match="A connection pooler"):
            async with open_storage(pooled):
                pass
        for use in new_tables, open_tables:
            with pytest.raises(UnusableStoreError, match="A connection pooler"), use(pooled):
                pass
        with pytest.raises(UnusableStoreError, match="A connection pooler"):
            examine(pooled)

    with connect(url) as db:
        assert version_of(db) == 0


@pytest.mark.parametrize(
    ("before", "after"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")]
)
def test_a_commit_waits_for_the_standby_at_least(db: Database, before: str, after: str) -> None:
    db.execute(f"SET synchronous_commit = {before}")

    wait_for_lock(db)

    assert value(db, "SHOW synchronous_commit") == after


async def test_a_database_that_does_not_answer_may_do_so_later(url: str) -> None:
    with pytest.raises(UnreachableStoreError):
        async with candidate(f"{url}&port=1"):
            pass


async def _cancel_when_waiting(url: str, scope: trio.CancelScope) -> None:
    await _waits_for_lock(url)
    scope.cancel()


async def _waits_for_lock(url: str) -> None:
    """Return once a connection waits for the lock."""
    await wait_true(
        url, "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    )
