"""The threads of files: few, fair, and gone when the server is."""

import threading

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.files.bucket import BUCKET_SLOTS
from chat_server.files.threads import SLOTS, FileThreads


def _files() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "files"]


@pytest.mark.parametrize("slots", [SLOTS, BUCKET_SLOTS])
async def test_as_many_calls_are_made_at_a_time_as_there_are_threads(slots: int) -> None:
    threads, gate = FileThreads(slots), threading.Event()
    most = 0

    async def call(caller: int) -> None:
        await threads.call(caller, gate.wait)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(threads.run)
        for caller in range(10):
            nursery.start_soon(call, caller)
        await wait_all_tasks_blocked()
        most = len(_files())
        gate.set()
        await wait_all_tasks_blocked()
        assert len(_files()) == slots  # they are kept
        assert await threads.call(1, lambda: "done") == "done"
        threads.close()
    for thread in _files():
        thread.join()

    assert most == slots
    assert _files() == []


async def test_what_a_call_raises_is_raised() -> None:
    threads = FileThreads()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(threads.run)
        with pytest.raises(ZeroDivisionError):
            await threads.call(1, lambda: 1 / 0)
        assert await threads.call(1, lambda: 2) == 2
        nursery.cancel_scope.cancel()


async def test_a_call_that_outlasts_the_server_ends_its_thread() -> None:
    threads, gate = FileThreads(), threading.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(threads.run)
        nursery.start_soon(threads.call, 1, gate.wait)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        threading.Timer(0.01, gate.set).start()
    for thread in _files():
        thread.join()

    assert _files() == []
