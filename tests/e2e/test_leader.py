"""Whatever happens to the leader, another node goes on with all that was acknowledged.

`LEADER_ROUNDS` sets how often a leader is killed, and `PRIMARY_ROUNDS` how often the primary
database is, with its synchronous standby promoted by the test.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import apsw
import pytest
import trio

from chat_server.store.postgresql.database import connect
from chat_server.store.postgresql.leadership import LEASE, take_lock
from chat_shared import messages as m
from support.dark_proxy import dark_proxy
from support.nodes import PATIENCE, Cluster, Crowd, Node, running_nodes, starting_nodes
from support.peer import connected
from support.postgresql import empty_database, wait_true
from support.postgresql_pair import follow, postgresql_pair, postgresql_server
from support.searching import wait_found
from support.server_process import run

_ROUNDS = int(os.environ.get("LEADER_ROUNDS", "2"))
_PRIMARY_ROUNDS = int(os.environ.get("PRIMARY_ROUNDS", "1"))
# Seconds: a round with a primary takes a few, on a busy machine many.
pytestmark = pytest.mark.timeout(120 + 10 * _ROUNDS + 30 * _PRIMARY_ROUNDS)

_LOST = "database connection lost"
_ENOUGH = 60  # answers
_AT_ONCE = 3  # seconds, on a busy machine; a lease is longer
_LOCKS = "pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


async def test_a_node_that_stands_by_refuses_people_and_says_who_leads(url: str) -> None:
    async with running_nodes(url) as cluster:
        leader, waiting = await cluster.wait_leader()
        listed = await run("admin", "accounts", "list", "--data", waiting.data)
        checked = await run("check", "--data", waiting.data)
        assert not await waiting.accepts_people()

    assert listed.code == 1
    assert f"The leader is {leader.name}: run the command there." in listed.err
    assert f"ok    server        standing by; the leader is {leader.name}\n" in checked.out


async def test_a_node_that_waits_for_the_lead_ends_at_once_when_it_is_told_to(url: str) -> None:
    async with running_nodes(url) as cluster:
        leader, waiting = await cluster.wait_leader()
        waiting.process.terminate()
        with trio.fail_after(_AT_ONCE):
            assert await waiting.process.wait() == 0
        assert not waiting.epochs()
        peer, node = await cluster.connect_to_any()
        assert node is leader
        await peer.aclose()


async def test_of_nodes_that_want_to_lead_at_the_same_moment_one_does(url: str) -> None:
    with connect(url) as db:
        assert take_lock(db)
        async with starting_nodes(url) as cluster:
            await wait_true(url, f"(SELECT count(*) FROM {_LOCKS} AND NOT granted) = 2")
            db.close()  # now both want the lock, and the database is empty
            async with Crowd(cluster).at_work():
                leader = await cluster.wait_answers(_ENOUGH)
                [other] = [node for node in cluster.nodes if node is not leader]
                assert not await other.accepts_people()
                assert not cluster.accepted[other.name]
                await leader.kill()
                await _accepted_elsewhere(cluster, leader)
            assert (leader.epochs(), other.epochs()) == ([1], [2])


async def test_a_node_that_stands_by_has_indexed_what_the_next_leader_is_asked_for(
    url: str,
) -> None:
    async with running_nodes(url) as cluster:
        leader, waiting = await cluster.wait_leader()
        ada = await cluster.connect()
        await ada.register("Ada")
        await ada.post("the soup is ready")
        await _wait_indexed(waiting, 1)
        await ada.post("the bread is ready")
        await leader.kill()
        await ada.aclose()

        again = await cluster.connect()
        await again.resume(ada.token)
        assert await wait_found(again, "bread") == ["the bread is ready"]
        assert await wait_found(again, "soup") == ["the soup is ready"]
        await again.aclose()


async def _wait_indexed(node: Node, messages: int) -> None:
    """Wait until the search index of `node` has so many messages."""
    index = node.data / "search.db"
    with trio.fail_after(PATIENCE):
        while _indexed(index) < messages:  # noqa: ASYNC110 - of another process
            await trio.sleep(0.05)


def _indexed(index: Path) -> int:
    if not index.exists():
        return 0
    with closing(apsw.Connection(str(index), flags=apsw.SQLITE_OPEN_READONLY)) as db:
        db.set_busy_timeout(int(PATIENCE * 1000))  # the node locks it while it makes the tables
        if not db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entry'").get:
            return 0
        count: int = db.execute("SELECT count(*) FROM entry").get
    return count


async def test_another_node_goes_on_when_the_leader_is_killed(url: str) -> None:
    took = list[float]()
    async with running_nodes(url) as cluster, Crowd(cluster).at_work():
        for _ in range(_ROUNDS):
            leader = await cluster.wait_answers(_ENOUGH)
            await leader.kill()
            took.append(await _accepted_elsewhere(cluster, leader))
            await leader.start_again()
    _print_figures("from the kill of the leader to the first post accepted elsewhere", took)


async def test_a_leader_that_was_stopped_acknowledges_nothing_afterwards(url: str) -> None:
    async with running_nodes(url) as cluster, Crowd(cluster).at_work():
        leader = await cluster.wait_answers(_ENOUGH)
        witness = await connected(leader.address)
        await witness.register("witness")
        leader.process.send_signal(signal.SIGSTOP)
        await _accepted_elsewhere(cluster, leader)
        await witness.send(witness.draft("too late"))
        leader.process.send_signal(signal.SIGCONT)

        assert not [each for each in await witness.receive_all() if isinstance(each, m.Accepted)]
        await witness.aclose()


async def test_another_node_goes_on_when_the_leader_loses_sight_of_the_database() -> None:
    with postgresql_server() as server:
        async with dark_proxy(server.folder) as one, dark_proxy(server.folder) as other:
            urls = [f"postgresql://chat@/postgres?host={proxy.folder}" for proxy in (one, other)]
            async with running_nodes(*urls) as cluster, Crowd(cluster).at_work():
                leader = await cluster.wait_answers(_ENOUGH)
                proxy = one if leader.url == urls[0] else other
                proxy.go_dark()
                await _accepted_elsewhere(cluster, leader)
                await leader.wait_logged(_LOST)
                proxy.light()


async def test_all_go_on_when_the_database_is_back() -> None:
    with postgresql_server() as server:
        async with running_nodes(server.url) as cluster, Crowd(cluster).at_work():
            leader = await cluster.wait_answers(_ENOUGH)
            await trio.to_thread.run_sync(server.stop)
            for node in cluster.nodes:
                await node.wait_logged("database not reached")
            await trio.to_thread.run_sync(server.start)
            await cluster.wait_answers(_ENOUGH)
            assert leader.process.returncode is None


async def test_what_was_acknowledged_survives_the_death_of_the_primary() -> None:
    took = list[float]()
    with postgresql_pair() as (primary, standby):
        urls = f"postgresql://chat@/postgres?host={primary.folder},{standby.folder}"
        async with running_nodes(urls) as cluster, Crowd(cluster).at_work():
            for number in range(_PRIMARY_ROUNDS):
                if number:
                    await trio.to_thread.run_sync(follow, standby, primary)
                leader = await cluster.wait_answers(_ENOUGH)
                lost = leader.log().count(_LOST)
                primary.kill()
                began = trio.current_time()
                await leader.wait_logged(_LOST, lost + 1)
                await trio.to_thread.run_sync(standby.promote)
                await cluster.wait_answers(1)
                took.append(trio.current_time() - began)
                primary, standby = standby, primary
    _print_figures("from the kill of the primary, promoted at once, to the first post", took)


async def test_while_the_standby_is_frozen_nothing_is_acknowledged_and_the_leader_stays() -> None:
    with postgresql_pair() as (primary, standby):
        async with running_nodes(primary.url) as cluster, Crowd(cluster).at_work():
            leader = await cluster.wait_answers(_ENOUGH)
            standby.freeze()
            await wait_true(primary.url, _commit_has_waited(1))
            accepted = cluster.accepted.total()
            await wait_true(primary.url, _commit_has_waited(LEASE + 1))
            assert cluster.accepted.total() == accepted
            standby.thaw()
            await cluster.wait_answers(_ENOUGH)

            standby.freeze()
            await wait_true(primary.url, _commit_has_waited(0))
            primary.wait_for("")  # as an operator does who gives the standby up
            await cluster.wait_answers(_ENOUGH)
            assert leader.epochs() == [1]
            assert _LOST not in leader.log()


async def test_another_node_goes_on_when_a_frozen_database_thaws() -> None:
    with postgresql_server() as server:
        async with running_nodes(server.url) as cluster, Crowd(cluster).at_work():
            await cluster.wait_answers(_ENOUGH)
            server.freeze()
            for node in cluster.nodes:
                await node.wait_logged(_LOST)
            server.thaw()
            await cluster.wait_answers(_ENOUGH)


async def test_a_frozen_primary_is_replaced_and_nobody_leads_there_when_it_thaws() -> None:
    with postgresql_pair() as (primary, standby):
        urls = f"postgresql://chat@/postgres?host={primary.folder},{standby.folder}"
        async with running_nodes(urls) as cluster, Crowd(cluster).at_work():
            leader = await cluster.wait_answers(_ENOUGH)
            primary.freeze()
            await leader.wait_logged(_LOST)
            await trio.to_thread.run_sync(standby.promote)
            leader = await cluster.wait_answers(_ENOUGH)
            [other] = [node for node in cluster.nodes if node is not leader]
            led = other.epochs()

            primary.thaw()
            await other.kill()
            await other.start_again()  # and finds the former primary first
            await wait_true(primary.url, _commit_has_waited(0, "UPDATE leader"))
            assert not await other.accepts_people()
            assert other.epochs() == led
            await cluster.wait_answers(_ENOUGH, not_by=other)


def _commit_has_waited(seconds: int, statement: str = "") -> str:
    """Return the condition that a commit of `statement` waits for the standby for so long."""
    return (
        "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        f" AND starts_with(query, '{statement}')"
        f" AND clock_timestamp() - query_start >= '{seconds} s')"
    )


async def _accepted_elsewhere(cluster: Cluster, former: Node) -> float:
    """Wait until another node than `former` accepts a post; return how many seconds that took."""
    began = trio.current_time()
    await cluster.wait_answers(1, not_by=former)
    return trio.current_time() - began


def _print_figures(what: str, took: list[float]) -> None:
    """Print how long something took each time, which `pytest -s` shows."""
    figures = f"median {median(took):.2f} s, max {max(took):.2f} s, of {len(took)}"
    print(f"{what}: {figures}")  # noqa: T201
