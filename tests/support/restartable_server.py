"""A server on real storage that can be closed and opened again while its test runs."""

from collections.abc import Callable

import trio

from chat_server.config import Config
from support.engines import Opener
from support.running_server import RunningServer, running_server


class RestartableServer:
    """Runs in the nursery of the test that made it, on what `open_storage` opens each time."""

    def __init__(
        self, nursery: trio.Nursery, open_storage: Opener, config: Config, now: Callable[[], int]
    ) -> None:
        self._open_storage = open_storage
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
                self._open_storage() as storage,
                running_server(storage, self._config, now=self._now) as server,
            ):
                task_status.started(server)
                await trio.sleep_forever()
        self._closed.set()
