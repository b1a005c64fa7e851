"""Whatever happens to the leader, another node goes on with all that was acknowledged.

`LEADER_ROUNDS` sets how often a leader is killed, and `PRIMARY_ROUNDS` how often the primary
database is, with its synchronous standby promoted by the test.
"""

import os
import signal
from collections.abc import Iterator

import pytest
import trio

from chat_shared import messages as m
from support.dark_proxy import dark_proxy
from support.nodes import Cluster, Crowd, Node, running_nodes
from support.peer import connected
from support.postgresql import empty_database
from support.postgresql_pair import follow, postgresql_pair, postgresql_server
from support.server_process import run

_ROUNDS = int(os.environ.get("LEADER_ROUNDS", "2"))
_PRIMARY_ROUNDS = int(os.environ.get("PRIMARY_ROUNDS", "1"))
# Seconds: a round with a primary takes a few, on a busy machine many.
pytestmark = pytest.mark.timeout(120 + 10 * _ROUNDS + 30 * _PRIMARY_ROUNDS)

_LOST = "database connection lost"
_ENOUGH = 60  # answers


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


async def test_a_node_that_stands_by_refuses_people_and_says_who_leads(url: str) -> None:
    async with running_nodes(url) as cluster:
        leader, waiting = cluster.nodes
        listed = await run("admin", "accounts", "list", "--data", waiting.data)
        checked = await run("check", "--data", waiting.data)
        with pytest.raises(OSError, match=r"connect|No such file"):
            await connected(waiting.address)

    assert listed.code == 1
    assert f"The leader is {leader.name}: run the command there." in listed.err
    assert f"ok    server        standing by; the leader is {leader.name}\n" in checked.out


async def test_another_node_goes_on_when_the_leader_is_killed(url: str) -> None:
    async with running_nodes(url) as cluster, Crowd(cluster).at_work():
        for _ in range(_ROUNDS):
            leader = await cluster.wait_answers(_ENOUGH)
            await leader.kill()
            await _accepted_elsewhere(cluster, leader)
            await leader.start_again()


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
        async with dark_proxy(server.folder) as proxy:
            behind = f"postgresql://chat@/postgres?host={proxy.folder}"
            async with running_nodes(behind, server.url) as cluster, Crowd(cluster).at_work():
                leader = await cluster.wait_answers(_ENOUGH)
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
                print(f"accepted after {trio.current_time() - began:.2f} s")  # noqa: T201
                primary, standby = standby, primary


async def _accepted_elsewhere(cluster: Cluster, former: Node) -> None:
    """Wait until another node than `former` accepts a post, and print how long that took."""
    began = trio.current_time()
    await cluster.wait_answers(1, not_by=former)
    print(f"accepted elsewhere after {trio.current_time() - began:.2f} s")  # noqa: T201
