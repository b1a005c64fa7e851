"""Threads for the content of files: few, and accounts take turns at them.

So a disk that is slow holds up transfers and nothing else, and the event loop has only as many
chunks at a time as there are threads.
"""

from collections.abc import Callable, Hashable
from typing import Final, TypeVar

import trio

from chat_server.tasks.fair_queue import FairQueue
from chat_server.tasks.worker import Worker

T = TypeVar("T")

# One writes while another waits for the disk. More would only compete for it with the database.
SLOTS: Final = 2

# Calls that may wait, of all accounts: each session makes one at a time.
FILES_QUEUE: Final = 200


class FileThreads:
    """Calls functions that wait for the disk, or a bucket, `slots` at a time.

    `run` keeps the threads, which it starts late.
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._turns = FairQueue(slots=slots, most=FILES_QUEUE)
        self._idle: list[Worker] = []
        self._closing = trio.Event()

    async def call(self, caller: Hashable, fn: Callable[[], T]) -> T:
        """Call `fn` on a thread when it is the turn of `caller`; return what it returns.

        Cancellable while it waits for its turn only. Raises what `fn` raises, QueueFullError and
        MemoryError.
        """
        async with self._turns.turn(caller):
            worker = self._idle.pop() if self._idle else _start()
            try:
                return await worker.call(fn)
            finally:
                self._put_back(worker)

    def close(self) -> None:
        """Make `run` end."""
        self._closing.set()

    async def run(self) -> None:
        """Keep the threads until closed; they end with it, or with their call."""
        try:
            await self._closing.wait()
        finally:
            self.close()
            while self._idle:
                self._idle.pop().leave()

    def _put_back(self, worker: Worker) -> None:
        if self._closing.is_set():
            worker.leave()
        else:
            self._idle.append(worker)


def _start() -> Worker:
    worker = Worker("files")
    worker.start()
    return worker
