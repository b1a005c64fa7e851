"""The gateway's SSH server: anyone who connects gets a client, and nothing else of this computer.

Nobody needs a key: everybody is let in to the log-in form, where the chat's own passwords count.
"""

import asyncio
import re
import socket
from contextlib import suppress
from typing import Any, Final

import asyncssh

from chat_shared.addresses import limit_address
from chat_shared.limits import MAX_NAME
from chat_tui.gateway.frames import Opening, Size
from chat_tui.gateway.places import NoPlaceError, Places
from chat_tui.gateway.relay import Relay
from chat_tui.gateway.workers import Workers

# Cells of a screen, at most: what is drawn grows with it.
MAX_COLUMNS: Final = 240
MAX_LINES: Final = 80
_USUAL: Final = Size(80, 24)  # for a terminal that does not say

# Variables of the person's terminal that matter, and what they may look like.
_VARIABLES: Final = ("TERM", "COLORTERM", "NO_COLOR")
_HARMLESS: Final = re.compile(r"[\w.+-]{0,64}", re.ASCII)

_WINDOW: Final = 64 * 1024  # bytes that a person may send ahead
HANDSHAKE_DEADLINE: Final = 30.0  # seconds to establish a connection
_KEEPALIVE: Final = 30.0  # seconds

_NO_TERMINAL: Final = (
    "This is a chat for terminals. Connect without a command: ssh -p PORT NAME@HOST\r\n"
)


class SshConnection(asyncssh.SSHServer):
    """One connection. Authentication always succeeds: see the module."""

    def __init__(self, workers: Workers, places: Places) -> None:
        self._workers = workers
        self._places = places
        self._connection: asyncssh.SSHServerConnection | None = None
        self._in_handshake = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        try:
            self._places.begin_handshake()
        except NoPlaceError as exc:
            conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, str(exc))
        else:
            self._in_handshake = True

    def begin_auth(self, username: str) -> bool:
        return False  # no password, no key: the log-in form asks

    def auth_completed(self) -> None:
        self._end_handshake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_handshake()

    def session_requested(self) -> "Session":
        assert self._connection is not None
        return Session(self._workers, self._places, self._connection)

    def _end_handshake(self) -> None:
        if self._in_handshake:
            self._in_handshake = False
            self._places.end_handshake()


class Session(asyncssh.SSHServerSession[bytes]):
    """A terminal on a connection; an Outlet of its relay."""

    def __init__(
        self, workers: Workers, places: Places, connection: asyncssh.SSHServerConnection
    ) -> None:
        self._workers = workers
        self._places = places
        self._connection = connection
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._relay: Relay | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    # --- for asyncssh

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return True

    def session_started(self) -> None:
        channel = self._channel
        assert channel is not None
        if channel.get_terminal_type() is None or channel.get_command():
            channel.write_stderr(_NO_TERMINAL.encode())
            channel.exit(1)
            return
        self._relay = Relay(self._workers, self._places, self._opening(channel), self)
        self._task = asyncio.create_task(self._relay.run())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._relay is not None:
            self._relay.typed(data)

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        if self._relay is not None:
            self._relay.resized(screen_size(width, height))

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # --- for the relay

    def write(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.write(data)

    async def wait_writable(self) -> None:
        await self._writable.wait()

    def hold_input(self, *, hold: bool) -> None:
        if self._channel is not None:
            (self._channel.pause_reading if hold else self._channel.resume_reading)()

    def end(self, code: int, sentence: str = "") -> None:
        if self._channel is not None:
            with suppress(OSError):  # closed meanwhile
                if sentence:
                    self._channel.write(f"{sentence}\r\n".encode())
                self._channel.exit(code)

    def cut(self) -> None:
        self._connection.abort()

    def _opening(self, channel: "asyncssh.SSHServerChannel[bytes]") -> Opening:
        columns, lines, _, _ = channel.get_terminal_size()
        claimed = {"TERM": channel.get_terminal_type() or "", **channel.get_environment()}
        variables = {
            name: value
            for name in _VARIABLES
            if (value := claimed.get(name)) is not None and _HARMLESS.fullmatch(value)
        }
        return Opening(
            address=limit_address(self._connection.get_extra_info("peername")[0]),
            via="ssh",
            size=screen_size(columns, lines),
            variables=variables,
            name=self._connection.get_extra_info("username")[:MAX_NAME],
        )


def screen_size(columns: int, lines: int) -> Size:
    """Return the size as it is drawn; terminals may claim anything."""
    return Size(min(columns or _USUAL.columns, MAX_COLUMNS), min(lines or _USUAL.lines, MAX_LINES))


async def listen(
    sock: socket.socket, workers: Workers, places: Places, key: asyncssh.SSHKey
) -> asyncssh.SSHAcceptor:
    """Accept connections on `sock`, which listens, with the host key `key`."""
    return await asyncssh.listen(
        sock=sock,
        server_factory=lambda: SshConnection(workers, places),
        server_host_keys=[key],
        encoding=None,
        line_editor=False,
        agent_forwarding=False,
        x11_forwarding=False,
        gss_kex=False,
        gss_auth=False,
        allow_scp=False,
        window=_WINDOW,
        login_timeout=HANDSHAKE_DEADLINE,
        keepalive_interval=_KEEPALIVE,
        compression_algs=None,
        server_version="Trialogue",
    )
