"""A server that stands by says which one leads, whatever it is asked."""

from collections.abc import Awaitable, Callable

import trio
from trio.testing import memory_stream_pair

from chat_server.admin import messages as m
from chat_server.errors import UnreachableStoreError
from chat_server.protocols.standby_socket import StandbySocket


def _finds(leader: str) -> Callable[[], Awaitable[str]]:
    async def find() -> str:
        await trio.lowlevel.checkpoint()
        return leader

    return find


async def _fails() -> str:
    await trio.lowlevel.checkpoint()
    raise UnreachableStoreError("The database cannot be used: it is away.")


async def _ask(nursery: trio.Nursery, find: Callable[[], Awaitable[str]], line: bytes) -> m.Answer:
    theirs, ours = memory_stream_pair()
    nursery.start_soon(StandbySocket(find), ours)
    await theirs.send_all(line)
    await theirs.send_eof()
    answer = b""
    async for data in theirs:
        answer += data
    return m.decode_answer(answer)


async def test_any_command_must_be_run_where_the_leader_is(nursery: trio.Nursery) -> None:
    for line in m.encode(m.Stats()), b"of another version\n", b"":
        answer = await _ask(nursery, _finds("chat2"), line)

        expected = "This server stands by. The leader is chat2: run the command there."
        assert answer == m.Failed(expected)


async def test_without_a_leader_it_says_so(nursery: trio.Nursery) -> None:
    answer = await _ask(nursery, _finds(""), m.encode(m.Stats()))

    assert answer == m.Failed("This server stands by, and no other leads. Try again in a moment.")


async def test_without_a_database_it_says_why(nursery: trio.Nursery) -> None:
    answer = await _ask(nursery, _fails, m.encode(m.Stats()))

    assert answer == m.Failed("This server stands by. The database cannot be used: it is away.")


async def test_the_check_is_told_that_all_is_well(nursery: trio.Nursery) -> None:
    check = m.encode(m.ListParts())

    assert await _ask(nursery, _finds("chat2"), check) == m.Done("standing by; the leader is chat2")
    assert await _ask(nursery, _finds(""), check) == m.Done("standing by")
