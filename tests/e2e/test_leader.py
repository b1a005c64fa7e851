"""Whatever happens to the leader, another node goes on with all that was acknowledged.

`LEADER_ROUNDS` sets how often a leader is killed.
"""

import os
import signal
from collections.abc import Iterator

import pytest
import trio

from chat_shared import messages as m
from support.nodes import Cluster, Crowd, Node, running_nodes
from support.peer import connected
from support.postgresql import empty_database
from support.server_process import run

_ROUNDS = int(os.environ.get("LEADER_ROUNDS", "2"))
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


async def _accepted_elsewhere(cluster: Cluster, former: Node) -> None:
    """Wait until another node than `former` accepts a post, and print how long that took."""
    began = trio.current_time()
    await cluster.wait_answers(1, not_by=former)
    print(f"accepted elsewhere after {trio.current_time() - began:.2f} s")  # noqa: T201
