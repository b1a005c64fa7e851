"""Connections are accepted while there are places, and whatever happens to some of them."""

import errno
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from chat_server.net.accepting import serve_listeners

Lines = list[MutableMapping[str, Any]]


class ScriptedListener(trio.abc.Listener[trio.abc.Stream]):
    """Accepts streams or fails, as its script tells; then waits forever."""

    def __init__(self, *script: trio.abc.Stream | Exception) -> None:
        self._script = list(script)

    async def accept(self) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        if not self._script:
            await trio.sleep_forever()
        step = self._script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


async def say_hello(stream: trio.abc.Stream) -> None:
    await stream.send_all(b"hello")


async def test_no_error_of_the_system_ends_accepting_and_few_are_logged(
    nursery: trio.Nursery, logged: Lines, autojump_clock: MockClock
) -> None:
    numbers = (errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.EPROTO, errno.ENOBUFS)
    theirs, ours = memory_stream_pair()
    listener = ScriptedListener(*[OSError(number, "") for number in numbers], MemoryError(), ours)
    nursery.start_soon(partial(serve_listeners, say_hello, [listener], most=1))

    assert await theirs.receive_some() == b"hello"
    (line,) = logged
    assert (line["event"], line["reason"]) == ("connection not accepted", "Too many open files")
    nursery.cancel_scope.cancel()


async def test_beyond_the_places_connections_wait_until_one_is_free(
    nursery: trio.Nursery, logged: Lines
) -> None:
    done = trio.Event()

    async def serve(stream: trio.abc.Stream) -> None:
        await stream.send_all(b"hello")
        await done.wait()

    pairs = [memory_stream_pair() for _ in range(2)]
    listener = ScriptedListener(*[ours for _, ours in pairs])
    nursery.start_soon(partial(serve_listeners, serve, [listener], most=1))
    (first, _), (second, _) = pairs
    assert await first.receive_some() == b"hello"
    await wait_all_tasks_blocked()
    assert [line["event"] for line in logged] == ["no place for further connections"]

    done.set()
    assert await second.receive_some() == b"hello"
    assert await first.receive_some() == b""
    nursery.cancel_scope.cancel()


async def test_a_handler_that_crashes_ends_its_connection_alone(
    nursery: trio.Nursery, logged: Lines
) -> None:
    async def crash(stream: trio.abc.Stream) -> None:
        raise ZeroDivisionError

    pairs = [memory_stream_pair() for _ in range(3)]
    listener = ScriptedListener(*[ours for _, ours in pairs])
    nursery.start_soon(partial(serve_listeners, crash, [listener], most=1))

    for theirs, _ in pairs:
        assert await theirs.receive_some() == b""
    assert {line["event"] for line in logged} >= {"connection handler crashed"}
    nursery.cancel_scope.cancel()
