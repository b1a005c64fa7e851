"""The installed chat-server as a process, which can be stopped and started again."""

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from chat_shared.links import fingerprint_of
from chat_tui.model.address import Address, read_address

_PROGRAM = Path(sys.executable).with_name("chat-server")


class RealServer:
    """One data folder and one port, independent of the process that serves them."""

    def __init__(
        self, data: Path, *flags: str, scheme: str = "tcp", at: Address | None = None
    ) -> None:
        """Serve at an address of this computer; without a port, at any that is free."""
        self.address = at or Address("127.0.0.1", 0)
        self._scheme = scheme
        self._certificate = data / "tls.crt"
        self._arguments = ["--data", str(data), *flags]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its own certificate; empty without TLS."""
        if not self._certificate.exists():
            return ""
        return fingerprint_of(ssl.PEM_cert_to_DER_cert(self._certificate.read_text()))

    async def start(self) -> None:
        where = f"{self._scheme}://{self.address.host}:{self.address.port}"
        self._process = await asyncio.create_subprocess_exec(
            _PROGRAM, "--listen", where, *self._arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        self.address = read_address(line.strip().removeprefix("listening on "))

    async def stop(self) -> None:
        """End it as an operator does, with SIGTERM."""
        assert self._process is not None
        self._process.terminate()
        await self._wait()

    async def kill(self) -> None:
        """End it as a power failure does, with SIGKILL, if it runs."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
            await self._wait()

    async def _wait(self) -> None:
        assert self._process is not None
        # Reading to the end also closes the pipe, which nobody else would.
        await self._process.communicate()


@asynccontextmanager
async def real_server(
    data: Path, posts: int = 1_000, posts_per_second: int = 1_000, scheme: str = "tcp"
) -> AsyncGenerator[RealServer]:
    """Serve `data` over tcp or tls; each session has these limits on posts."""
    posting = ("--limits.posts", str(posts), "--limits.posts-per-second", str(posts_per_second))
    server = RealServer(data, *posting, scheme=scheme)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
