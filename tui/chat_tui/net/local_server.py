"""The user's own server: a chat-server as a child process, for as long as the client runs.

It ends when its standard input does, so it never outlives the client, however
that ends. It listens at a socket in its data folder, which only this user may open.
If it ends before the client does, connecting to it starts it again. A second client
connects to the server of the first, and starts its own when that one has ended.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from shutil import which
from threading import Lock, Thread
from types import TracebackType
from typing import IO, Final, Self

from platformdirs import user_data_path

from chat_tui.model.address import Address, BadAddress, read_address
from chat_tui.storage.atomic_write import write_private
from chat_tui.storage.home import user_folder

_READY_WITHIN: Final = 20.0  # seconds: a cold disk and an old laptop
_END_WITHIN: Final = 5.0  # seconds: the server's own time to shut down
_READY: Final = "listening on "
_SOCKET: Final = "chat.sock"
_UNIX: Final = "unix://"
_ADDRESS: Final = "local-address"  # the file that says where it listens without a socket
_LOOK_EVERY: Final = 0.05  # seconds: whether another client's server answers by now
_LOOK_FOR: Final = 1.0  # seconds; then it may have ended, and a start succeed
_FOLDER_HELD: Final = 3  # chat-server's exit code if another one uses the data folder
_LOG_KEPT: Final = 1_000_000  # bytes: weeks of it; a longer log is emptied at the next start
_MAX_PATH: Final = 100  # bytes of a socket's path: some systems allow 104, others 108
_LOOPBACK: Final = "tcp://127.0.0.1:0"


class CannotStart(Exception):
    """The server did not start; the message says why, as far as is known."""


def local_data_path() -> Path:
    """Return the folder of the user's own server. Raises NoHome."""
    return user_folder(user_data_path) / "local"


class LocalServer:
    """A running server. Use it as a context manager, which ends it."""

    def __init__(self, data: Path, program: list[str] | None = None) -> None:
        """Start it; `wait_ready` returns once it listens. Raises CannotStart."""
        _create(data)
        self.log = data / "server.log"
        self._data = data
        self._program = program or _program()
        self._listen = _where(data.absolute())
        self._address: Address | None = None
        self._one_at_a_time = Lock()
        self._start()

    def _start(self) -> None:
        command = [
            *self._program, "--listen", self._listen, "--data", str(self._data), "--until-eof",
        ]  # fmt: skip
        with self._open_log() as log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                    # The terminal's signals are for the client, whose end ends the server.
                    start_new_session=True,
                )  # fmt: skip
            except OSError as exc:
                raise CannotStart(f"{command[0]} can't be run: {exc.strerror}.") from None

    def _open_log(self) -> IO[bytes]:
        """Append to the log: it says why the last server ended, or what another one writes.

        Raises CannotStart.
        """
        if self.log.exists() and not self.log.is_file():  # opening a FIFO would never return
            raise CannotStart(f"{self.log} isn't a regular file. Move it away.")
        try:
            is_short = not self.log.exists() or self.log.stat().st_size < _LOG_KEPT
            return self.log.open("ab" if is_short else "wb")
        except OSError as exc:
            raise CannotStart(f"Can't write {self.log}: {exc.strerror}.") from None

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, within: float = _READY_WITHIN) -> Address:
        """Return where the server listens: ours, or another client's. Raises CannotStart."""
        end = time.monotonic() + within
        while (address := self._wait_own(within) or self._wait_other()) is None:
            if time.monotonic() > end:
                raise CannotStart(
                    f"Another server uses {self._data}, but doesn't answer. End it first."
                )
            self._start()
        self._address = address
        return address

    def _wait_own(self, within: float) -> Address | None:
        """Return where our server listens, or None if another one has the folder.

        Raises CannotStart.
        """
        lines: Queue[str] = Queue()
        stdout = self._process.stdout
        assert stdout is not None
        Thread(target=_read_line, args=(stdout, lines), daemon=True).start()
        try:
            line = lines.get(timeout=within)
        except Empty:
            raise CannotStart(f"The server did not start within {within:g} s.") from None
        if line.startswith(_READY):
            self._listen = line.removeprefix(_READY)  # the same address after a restart
            self._note_port()
            return read_address(self._listen)
        self.close()
        if self._process.returncode != _FOLDER_HELD:
            raise CannotStart(self._read_reason())
        return None

    def _wait_other(self) -> Address | None:
        """Return where another client's server listens, once it does; None if it does not."""
        end = time.monotonic() + _LOOK_FOR
        while time.monotonic() < end:
            address = self._find_address()
            if address is not None and _answers(address):
                self._listen = str(address)  # ours will, once the other one has ended
                return address
            time.sleep(_LOOK_EVERY)
        return None

    def _note_port(self) -> None:
        """Let further clients find a server without a socket. Raises CannotStart."""
        if self._listen.startswith(_UNIX):
            return
        path = self._data / _ADDRESS
        try:
            write_private(path, f"{self._listen}\n".encode())
        except OSError as exc:
            raise CannotStart(f"Can't write {path}: {exc.strerror}.") from None

    def _find_address(self) -> Address | None:
        if self._listen.startswith(_UNIX):
            return read_address(self._listen)
        try:
            return read_address((self._data / _ADDRESS).read_text())
        except (OSError, UnicodeDecodeError, BadAddress):
            return None  # it has not been written yet

    def wake(self, address: Address) -> None:
        """Start the server again if `address` is its own and it has ended. Raises CannotStart.

        Returns once it listens. May be called from any thread.
        """
        with self._one_at_a_time:
            if address != self._address or self._process.poll() is None or _answers(address):
                return
            self.close()
            try:
                self._start()
                self.wait_ready()
            except CannotStart as exc:
                self.close()
                sentence = f"Your local server stopped and couldn't be restarted: {exc}"
                raise CannotStart(f"{sentence} See its log: {self.log}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the server shut down; kill it if it does not in time."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_reason(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "The server stopped while starting."


def _create(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise CannotStart(f"Can't create {folder}: {exc.strerror}.") from None


def _where(data: Path) -> str:
    """Return where to listen: a socket in the folder, or loopback if its path is too long."""
    path = data / _SOCKET
    return f"{_UNIX}{path}" if len(os.fsencode(path)) <= _MAX_PATH else _LOOPBACK


def _answers(address: Address) -> bool:
    """Return whether a server of this computer listens at `address`."""
    try:
        if address.path:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(address.path)
        else:
            socket.create_connection((address.host, address.port)).close()
    except OSError:
        return False
    return True


def _read_line(stdout: IO[bytes], lines: "Queue[str]") -> None:
    lines.put(stdout.readline().decode(errors="replace").strip())


def _program() -> list[str]:
    """Return the chat-server installed with this client, else the one on the path."""
    beside = Path(sys.executable).with_name("chat-server")
    found = str(beside) if beside.exists() else which("chat-server")
    if found is None:
        raise CannotStart(
            "chat-server isn't installed next to chat-tui or on PATH. Install Trialogue again."
        )
    return [found]
