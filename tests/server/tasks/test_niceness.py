"""A nicer thread comes after the others, and makes no other nicer."""

import os
import sys
import threading

import pytest

from chat_server.tasks.niceness import NICENESS, make_nicer
from chat_server.tasks.worker import Worker

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="no other system has priorities of threads"
)


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_one_thread_becomes_nicer_and_no_other() -> None:
    usual = niceness()
    worker = Worker("nicer")
    worker.start()
    await worker.call(make_nicer)

    assert await worker.call(niceness) == min(usual + NICENESS, 19)
    assert niceness() == usual
    worker.stop()


def test_where_it_is_forbidden_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr("os.setpriority", forbid)
    make_nicer()
