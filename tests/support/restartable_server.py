"""A server on a real file that can be closed and opened again while its test runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import trio

from chat_server.config import Config
from chat_server.store.sqlite.storage import open_storage
from support.running_server import RunningServer, running_server


class RestartableServer:
    """Runs in the nursery of the test that made it, on the database at `path`."""

    def __init__(
        self, nursery: trio.Nursery, path: Path, config: Config, now: Callable[[], int]
    ) -> None:
        self.path: Final = path
        self._nursery = nursery
        self._config = config
        self._now = now
        self._scope = trio.CancelScope()
        self._closed = trio.Event()
        self.server: RunningServer

    async def open(self) -> None:
        self._scope, self._closed = trio.CancelScope(), trio.Event()
        self.server = await self._nursery.start(self._run)

    async def close(self) -> None:
        """End all connections at whatever point they are, as far as cancellation allows."""
        self._scope.cancel()
        await self._closed.wait()

    async def _run(self, *, task_status: trio.TaskStatus[RunningServer]) -> None:
        with self._scope:
            async with (
                open_storage(self.path, "process") as storage,
                running_server(storage, self._config, now=self._now) as server,
            ):
                task_status.started(server)
                await trio.sleep_forever()
        self._closed.set()
