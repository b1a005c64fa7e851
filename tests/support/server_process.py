"""`chat-server` as a process, and its commands: forked, or the installed one."""

import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol

import trio

from support.forked_server import ForkedServer, without_settings
from support.peer import Peer, connected

COMMAND: Final = str(Path(sys.executable).with_name("chat-server"))

# Seconds until a server is ready, or a command is done, on a busy machine.
_TIMEOUT: Final = 30.0


class Process(Protocol):
    """What `trio.Process` and `ForkedServer` have in common."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


@dataclass(frozen=True)
class ServerProcess:
    """A server that is ready."""

    process: Process
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
    data: Path,
    *flags: str,
    environment: Mapping[str, str] | None = None,
    is_forked: bool = True,
) -> AsyncGenerator[ServerProcess]:
    """Yield a running server on `data`; it is terminated afterwards.

    With variables in `environment`, or unless `is_forked`, it is the installed command.
    """
    errors = data.with_name(f"{data.name}.log")
    arguments = ["--data", str(data), "--listen", "tcp://127.0.0.1:0", *flags]
    read_end, write_end = Pipe(duplex=False)
    with read_end, write_end:
        process: Process
        if is_forked and not environment:
            process = ForkedServer(arguments, errors, write_end)
        else:
            process = await _installed(arguments, errors, write_end, environment)
        write_end.close()
        try:
            with trio.fail_after(_TIMEOUT):
                address = await _ready_line(read_end)
            async with AsyncExitStack() as peers:
                yield ServerProcess(process, address, errors, peers)
        finally:
            process.terminate()
            with trio.CancelScope(shield=True):
                await process.wait()


async def _installed(
    arguments: list[str], errors: Path, out: Connection, environment: Mapping[str, str] | None
) -> trio.Process:
    with errors.open("ab") as stderr:
        return await trio.lowlevel.open_process(
            [COMMAND, *arguments],
            stdout=out,
            stderr=stderr,
            env={**without_settings(), **(environment or {})},
        )


async def run(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Finished:
    """Run the command with `arguments` and return its result."""
    given = [str(argument) for argument in arguments]
    with trio.fail_after(_TIMEOUT):
        return await (_run_installed(given, environment) if environment else _run_forked(given))


async def _run_installed(arguments: list[str], environment: Mapping[str, str]) -> Finished:
    done = await trio.run_process(
        [COMMAND, *arguments],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        env={**without_settings(), **environment},
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


async def _run_forked(arguments: list[str]) -> Finished:
    (out, out_end), (errors, errors_end) = Pipe(duplex=False), Pipe(duplex=False)
    with out, errors:
        with out_end, errors_end:
            process = ForkedServer(arguments, errors_end, out_end)
        written: dict[str, str] = {}
        async with trio.open_nursery() as nursery:
            for name, pipe in (("out", out), ("err", errors)):
                nursery.start_soon(_read_all, pipe, name, written)
        return Finished(await process.wait(), **written)


async def _read_all(pipe: Connection, name: str, written: dict[str, str]) -> None:
    async with _stream(pipe) as stream:
        written[name] = b"".join([part async for part in stream]).decode()


def _stream(pipe: Connection) -> trio.lowlevel.FdStream:
    """Return what reads the bytes of `pipe`, and not objects; close it as well."""
    return trio.lowlevel.FdStream(os.dup(pipe.fileno()))


async def _ready_line(out: Connection) -> str:
    output = b""
    async with _stream(out) as stream:
        while b"\n" not in output:
            data = await stream.receive_some()
            assert data, "the server ended before it was ready"
            output += data
    return output.decode().splitlines()[0].removeprefix("listening on ")
