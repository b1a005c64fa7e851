"""What arrives is taken at once, without the task of its connection where nothing has to wait."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked

from chat_server.net import readiness as module
from chat_server.net.readiness import Readiness, Watch
from chat_server.net.transport import Transport
from support.streams import SocketPair, socket_pair


class Taker:
    """Takes what arrives, and leaves to the task what ends with an exclamation mark."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.taken: list[bytes | None] = []
        self.by: list[trio.lowlevel.Task] = []  # the tasks that took

    def take(self) -> bool:
        data = self.transport.read_nowait()
        self.by.append(trio.lowlevel.current_task())
        self.taken.append(data)
        is_done = bool(data) and not (data or b"").endswith(b"!")
        return (data is None or is_done) and not self.transport.may_read

    @property
    def bytes(self) -> bytes:
        return b"".join(data or b"" for data in self.taken)


@asynccontextmanager
async def watched(stream: trio.abc.Stream) -> AsyncGenerator[tuple[Taker, Watch]]:
    readiness = Readiness()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(readiness.run)
        taker = Taker(Transport(stream))
        with readiness.watching(taker.transport, taker.take) as watch:
            yield taker, watch
        nursery.cancel_scope.cancel()


async def test_what_needs_no_task_wakes_none(sockets: SocketPair) -> None:
    theirs, ours = sockets
    async with watched(ours) as (taker, watch), trio.open_nursery() as nursery:
        nursery.start_soon(watch.wait)
        for word in (b"one ", b"two ", b"three"):
            await wait_all_tasks_blocked()
            await theirs.send_all(word)
        await wait_all_tasks_blocked()

        assert taker.bytes == b"one two three"
        await theirs.send_all(b"!")  # ends the wait
    assert taker.bytes == b"one two three!"
    waiting, *telling = taker.by
    assert waiting not in telling
    assert len(set(telling)) == 1


async def test_what_arrives_while_the_task_is_busy_is_taken_when_it_waits(
    sockets: SocketPair,
) -> None:
    theirs, ours = sockets
    async with watched(ours) as (taker, watch):
        await theirs.send_all(b"!")
        await watch.wait()
        await theirs.send_all(b"meanwhile!")
        await wait_all_tasks_blocked()
        assert taker.bytes == b"!"

        await watch.wait()

        assert taker.bytes == b"!meanwhile!"


async def test_more_than_one_read_is_taken_to_its_end(sockets: SocketPair) -> None:
    theirs, ours = sockets
    async with watched(ours) as (taker, watch), trio.open_nursery() as nursery:
        nursery.start_soon(theirs.send_all, b"x" * 50_000 + b"!")
        while not taker.bytes.endswith(b"!"):
            await watch.wait()

        assert len(taker.bytes) == 50_001
        assert len(taker.taken) >= 4


async def test_the_end_is_registered_at_once_and_with_what_came_before(sockets: SocketPair) -> None:
    theirs, ours = sockets
    async with watched(ours) as (taker, watch):
        await theirs.send_all(b"last words")
        await theirs.aclose()
        while taker.taken[-1:] != [b""]:
            await watch.wait()

        assert taker.bytes == b"last words"


async def test_of_many_that_end_together_some_have_their_turn_after_all_others() -> None:
    readiness, turn, crowd = Readiness(), 0, 300
    taken: list[tuple[bytes | None, int]] = []  # and in which turn

    async with AsyncExitStack() as connected, trio.open_nursery() as nursery:

        async def watch(ours: trio.SocketStream) -> None:
            transport = Transport(ours)

            def take() -> bool:
                taken.append((transport.read_nowait(), turn))
                return not transport.may_read

            with readiness.watching(transport, take) as watch:
                await watch.wait()

        pairs = [connected.enter_context(socket_pair()) for _ in range(crowd + 1)]
        for _, ours in pairs:
            nursery.start_soon(watch, ours)
        nursery.start_soon(readiness.run)
        await wait_all_tasks_blocked()
        taken.clear()
        *ending, staying = [theirs for theirs, _ in pairs]
        for theirs in ending:
            theirs.socket.close()
        await staying.send_all(b"hello")
        while len(taken) <= crowd:
            await trio.lowlevel.checkpoint()
            turn += 1
        nursery.cancel_scope.cancel()

    assert taken[0][0] == b"hello"
    ended_in = Counter(turn for data, turn in taken if data == b"")
    assert ended_in.total() == crowd
    assert max(ended_in.values()) <= 2 * 64  # tasks of one turn run in any order


async def test_who_no_longer_waits_is_not_woken_and_another_wait_goes_on(
    sockets: SocketPair,
) -> None:
    theirs, ours = sockets
    async with watched(ours) as (taker, watch):
        with trio.move_on_after(0.01):
            await watch.wait()
        await theirs.send_all(b"hello!")
        await wait_all_tasks_blocked()
        assert taker.bytes == b""

        await watch.wait()

        assert taker.bytes == b"hello!"


async def test_nothing_is_forgotten_when_a_run_fails(sockets: SocketPair) -> None:
    theirs, ours = sockets
    readiness, taker = Readiness(), Taker(Transport(ours))

    def fail() -> bool:
        raise RuntimeError("a bug")

    with readiness.watching(taker.transport, lambda: takes[0]()) as watch:
        takes = [taker.take]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch.wait)
            await wait_all_tasks_blocked()
            takes[0] = fail
            await theirs.send_all(b"hello!")
            with pytest.raises(RuntimeError):
                await readiness.run()
            takes[0] = taker.take
            nursery.start_soon(readiness.run)
            with trio.fail_after(5):
                while taker.bytes != b"hello!":  # noqa: ASYNC110 - of another task
                    await trio.sleep(0.001)
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize("kind", ["no epoll", "no socket"])
async def test_without_epoll_or_a_socket_the_task_takes_it(
    kind: str, sockets: SocketPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "no epoll":
        monkeypatch.setattr(module, "_HAS_EPOLL", False)
        theirs, ours = sockets
    else:
        theirs, ours = memory_stream_pair()  # type: ignore[assignment]
    async with watched(ours) as (taker, watch), trio.open_nursery() as nursery:
        nursery.start_soon(watch.wait)
        for word in (b"one ", b"two", b"!"):
            await wait_all_tasks_blocked()
            await theirs.send_all(word)
    assert taker.bytes == b"one two!"
