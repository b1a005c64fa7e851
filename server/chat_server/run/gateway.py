"""Runs the gateway: another process, which serves the client over SSH.

It is given listening sockets that this process keeps open, so that a gateway that fails and is
started again misses no connection.
"""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import structlog
import trio

from chat_server.errors import StartError

log = structlog.get_logger()

_MODULE: Final = "chat_tui.gateway"
_REQUIRED: Final = "asyncssh"

# Seconds for the gateway to end its clients in order.
_END_WITHIN: Final = 5.0


class GatewayFailedError(Exception):
    """The gateway ended although nobody told it to."""


def check_installed() -> None:
    """Raise StartError if what the gateway needs is not installed."""
    if find_spec(_REQUIRED) is None:
        raise StartError("ssh:// needs the extra gateway: in a clone, pip install '.[gateway]'.")


class Gateway:
    """The gateway for some listening sockets, which connects to the server as a proxy does."""

    def __init__(
        self, sockets: Sequence[trio.socket.SocketType], server: Path, host_key: Path
    ) -> None:
        self._descriptors = [sock.fileno() for sock in sockets]
        self._server = server
        self._host_key = host_key

    async def run(self) -> None:
        """Run the gateway until cancelled. Raises GatewayFailedError if it ends before."""
        process = await trio.lowlevel.open_process(
            self._command(),
            stdin=subprocess.PIPE,  # its end is what tells the gateway that we are gone
            stdout=subprocess.PIPE,
            pass_fds=self._descriptors,
        )
        try:
            await self._watch(process)
        finally:
            with trio.CancelScope(shield=True):
                await _end(process)
        raise GatewayFailedError(f"exit code {process.returncode}")

    def _command(self) -> list[str]:
        sockets = [f"--ssh={descriptor}" for descriptor in self._descriptors]
        files = [f"--server={self._server}", f"--host-key={self._host_key}"]
        return [sys.executable, "-m", _MODULE, *sockets, *files]

    async def _watch(self, process: trio.Process) -> None:
        """Log when the gateway is ready; return when it has ended."""
        assert process.stdout is not None
        output = b""
        async for data in process.stdout:
            output += data
            if output.endswith(b"\n"):
                _, _, fingerprint = output.decode().strip().partition(" ")
                log.info("gateway ready", fingerprint=fingerprint)
                output = b""
        await process.wait()


async def _end(process: trio.Process) -> None:
    """End the gateway, in order if it can."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            await stream.aclose()
    with trio.move_on_after(_END_WITHIN):
        await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
