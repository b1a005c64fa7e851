"""What is queued for all readers together is bounded, and the largest queues go first."""

import trio
from trio.testing import lockstep_stream_pair, wait_all_tasks_blocked

from chat_server.config import Config, Limits
from chat_server.net.backlogs import Backlogs
from chat_server.net.outbox import MAX_BYTES, TOO_SLOW, Outbox
from chat_server.net.transport import Transport
from support.inline_storage import InlineStorage
from support.running_server import running_server
from support.streams import lockstep_pair


class Reader:
    """A reader who takes nothing until `take`, and what its outbox reported."""

    def __init__(self, nursery: trio.Nursery, backlogs: Backlogs) -> None:
        ours, self._theirs = lockstep_stream_pair()
        self.reasons: list[str] = []
        self.outbox = Outbox(Transport(ours), nursery, self.reasons.append, backlogs)

    async def take(self) -> bytes:
        return bytes(await self._theirs.receive_some())


async def test_beyond_the_maximum_the_largest_go_first(nursery: trio.Nursery) -> None:
    backlogs = Backlogs(100)
    readers = small, _, middle = [Reader(nursery, backlogs) for _ in range(3)]
    for reader, size in zip(readers, (20, 50, 30), strict=True):
        reader.outbox.put(b"x" * size)
    assert (backlogs.queued, [reader.reasons for reader in readers]) == (100, [[], [], []])

    small.outbox.put(b"x")

    assert [reader.reasons for reader in readers] == [[], [TOO_SLOW], []]
    assert backlogs.queued == 51
    assert (await middle.take(), await small.take()) == (b"x" * 30, b"x" * 21)
    await wait_all_tasks_blocked()
    assert backlogs.queued == 0
    assert not nursery.child_tasks


async def test_many_of_one_size_go_at_once_and_not_one_at_each_block(nursery: trio.Nursery) -> None:
    backlogs = Backlogs(1_000)
    readers = [Reader(nursery, backlogs) for _ in range(100)]
    for reader in readers:
        reader.outbox.put(b"x" * 10)
    readers[0].outbox.put(b"x")

    assert sum(bool(reader.reasons) for reader in readers) == 25
    assert backlogs.queued == 750
    nursery.cancel_scope.cancel()


async def test_a_reader_who_has_to_go_frees_its_queue_at_once(nursery: trio.Nursery) -> None:
    backlogs = Backlogs(10 * MAX_BYTES)
    reader = Reader(nursery, backlogs)
    reader.outbox.put(b"being written")
    await wait_all_tasks_blocked()
    for _ in range(5):
        reader.outbox.put(bytes(MAX_BYTES // 4))

    assert reader.reasons == [TOO_SLOW]
    assert backlogs.queued == 0
    assert await reader.take() == b"being written"
    await reader.outbox.wait_drained()
    assert not nursery.child_tasks


async def test_a_server_bounds_what_all_its_sessions_have_queued(storage: InlineStorage) -> None:
    config = Config(limits=Limits(posts=1_000_000, backlog_bytes=MAX_BYTES))
    async with running_server(storage, config) as server:
        ada = await server.log_in("Ada")
        for name in ("Ben", "Cleo", "Dan"):
            stalled = await server.connect(lockstep_pair)
            await stalled.resume(await server.token(name))
        for _ in range(250):
            await ada.post("x" * 8_000)

        assert server.services.backlogs.queued <= MAX_BYTES
        assert len(server.services.registry) < 4
        assert server.services.registry.disconnects[TOO_SLOW] >= 1
