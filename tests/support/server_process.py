"""The installed `chat-server` as a process, and its commands."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from support.peer import Peer, connected

COMMAND: Final = str(Path(sys.executable).with_name("chat-server"))

# Seconds until a server is ready, or a command is done, on a busy machine.
_TIMEOUT: Final = 30.0


@dataclass(frozen=True)
class ServerProcess:
    """A server that is ready."""

    process: trio.Process
    address: str
    errors: Path  # what it writes to stderr
    _peers: AsyncExitStack

    async def connect(self) -> Peer:
        """Return a connected peer that is closed with the server."""
        peer = await connected(self.address)
        self._peers.push_async_callback(peer.aclose)
        return peer

    def log(self) -> str:
        """Return the log so far."""
        return self.errors.read_text()


@dataclass(frozen=True)
class Finished:
    """The result of a command."""

    code: int
    out: str
    err: str


@asynccontextmanager
async def running(
    data: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[ServerProcess]:
    """Yield a running server on `data`; it is terminated afterwards."""
    errors = data.with_name(f"{data.name}.log")
    with errors.open("ab") as stderr:
        process = await trio.lowlevel.open_process(
            [COMMAND, "--data", str(data), "--listen", "tcp://127.0.0.1:0", *flags],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=_environment(environment),
        )
    try:
        with trio.fail_after(_TIMEOUT):
            address = await _ready_line(process)
        async with AsyncExitStack() as peers:
            yield ServerProcess(process, address, errors, peers)
    finally:
        process.terminate()
        with trio.CancelScope(shield=True):
            await process.wait()


async def run(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Finished:
    """Run the command with `arguments` and return its result."""
    with trio.fail_after(_TIMEOUT):
        done = await trio.run_process(
            [COMMAND, *map(str, arguments)],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=_environment(environment),
        )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment without the settings of the user who runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return {**own, **(extra or {})}


async def _ready_line(process: trio.Process) -> str:
    assert process.stdout is not None
    output = b""
    while b"\n" not in output:
        data = await process.stdout.receive_some()
        assert data, "the server ended before it was ready"
        output += data
    return output.decode().splitlines()[0].removeprefix("listening on ")
