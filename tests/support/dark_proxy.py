"""A proxy before a server of PostgreSQL, for a network that goes dark: nothing is cut."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

_SOCKET: Final = ".s.PGSQL.5432"
_READ: Final = 65_536  # bytes


class DarkProxy:
    """Forwards what comes to the socket in `folder`, until it is dark."""

    def __init__(self, folder: Path, to: Path) -> None:
        self.folder = folder
        self._to = to
        self._light = trio.Event()
        self._light.set()

    def go_dark(self) -> None:
        """Forward nothing from now on, and keep all connections open."""
        self._light = trio.Event()

    def light(self) -> None:
        self._light.set()

    async def serve(self, near: trio.SocketStream) -> None:
        far = await trio.open_unix_socket(str(self._to / _SOCKET))
        async with near, far, trio.open_nursery() as nursery:
            nursery.start_soon(self._forward, near, far, nursery.cancel_scope)
            nursery.start_soon(self._forward, far, near, nursery.cancel_scope)

    async def _forward(
        self, source: trio.SocketStream, target: trio.SocketStream, both: trio.CancelScope
    ) -> None:
        with suppress(trio.BrokenResourceError):
            while data := await source.receive_some(_READ):
                await self._light.wait()
                await target.send_all(data)
        await self._light.wait()  # in the dark nobody sees an end, either
        both.cancel()


@asynccontextmanager
async def dark_proxy(to: Path) -> AsyncGenerator[DarkProxy]:
    """Yield a proxy to the server with its socket in the folder `to`."""
    with TemporaryDirectory(prefix="dark-") as folder:
        proxy = DarkProxy(Path(folder), to)
        sock = trio.socket.socket(trio.socket.AF_UNIX)
        await sock.bind(f"{folder}/{_SOCKET}")
        sock.listen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, proxy.serve, [trio.SocketListener(sock)])
            yield proxy
            nursery.cancel_scope.cancel()
