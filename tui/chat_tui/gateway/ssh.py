"""The gateway's SSH server: anyone who connects gets a client, and nothing else here."""

import asyncio
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import asyncssh

from chat_shared.addresses import limit_address
from chat_shared.limits import MAX_NAME
from chat_tui.commands.ssh import USAGE, UnknownCommand, read_command, read_user
from chat_tui.gateway.asyncssh_internals import MAX_VARIABLE, VARIABLES, bound_variables
from chat_tui.gateway.frames import ForPage, Opening, PassedFile, Prompt, Size
from chat_tui.gateway.places import Places
from chat_tui.gateway.relay import Relay
from chat_tui.gateway.screen_size import USUAL, screen_size
from chat_tui.gateway.ssh_authentication import SIGNATURES, Authentication
from chat_tui.gateway.workers import Workers
from chat_tui.terminal.pictures.cells import cell_of

_HARMLESS: Final = re.compile(rf"[\w.+-]{{0,{MAX_VARIABLE}}}", re.ASCII)

# Sessions at once on one connection: ssh shares a connection between them if asked to.
MAX_SESSIONS: Final = 10

_WINDOW: Final = 64 * 1024  # bytes that a person may send ahead
HANDSHAKE_DEADLINE: Final = 30.0  # seconds to establish a connection
_KEEPALIVE: Final = 30.0  # seconds

_NOT_HERE: Final = "Nothing is forwarded here: this is a chat."
_TOO_MANY: Final = "Too many sessions on this connection."
_SHOWS: Final = "What you type next may show. To hide it, connect with ssh -t."


class SshConnection(Authentication):
    """One connection."""

    def __init__(self, workers: Workers, places: Places, server: Path) -> None:
        super().__init__(places, server)
        self._workers = workers
        self._sessions: set[Session] = set()

    def session_requested(self) -> "Session":
        if len(self._sessions) >= MAX_SESSIONS:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, _TOO_MANY)
        session = Session(self._workers, self, self._sessions.discard)
        self._sessions.add(session)
        return session

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, _NOT_HERE)


class Session(asyncssh.SSHServerSession[bytes]):
    """A terminal or a command on a connection; an Outlet of its relay."""

    def __init__(
        self,
        workers: Workers,
        authentication: Authentication,
        ended: Callable[["Session"], object],
    ) -> None:
        """`ended` is called at the end."""
        assert authentication.connection is not None
        self._workers = workers
        self._authentication = authentication
        self._connection = authentication.connection
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._relay: Relay | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = ended
        self._has_terminal = False
        self._is_drawn = False  # a full screen
        self._has_warned = False  # that what is typed shows
        self._writable = asyncio.Event()
        self._writable.set()

    # --- for asyncssh

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self._channel = chan
        bound_variables(chan)

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        return True  # and then told what works: `sftp` would show nothing else

    def session_started(self) -> None:
        channel = self._channel
        assert channel is not None
        self._has_terminal = channel.get_terminal_type() is not None
        try:
            opening = self._opening(channel)
        except UnknownCommand as exc:
            self.end(1, str(exc))
            return
        self._relay = Relay(self._workers, self._authentication.places, opening, self)
        self._task = asyncio.create_task(self._relay.run())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._relay is not None:
            self._relay.typed(data)

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        if self._relay is not None:
            self._relay.resized(self._size(width, height, pixwidth, pixheight))

    def eof_received(self) -> bool:
        if self._relay is not None:
            self._relay.input_ended()
        return True  # what was typed is followed to its end

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(self)
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

    def ask(self, prompt: Prompt) -> None:
        if prompt.is_secret and not self._has_warned:
            self._has_warned = True
            self._write_aside(_SHOWS)
        if prompt.is_question:
            self._write_aside(prompt.text)

    def tell_page(self, sent: ForPage) -> None:
        """There is none: its browser is where the person was before."""
        if isinstance(sent, PassedFile):
            Path(sent.path).unlink(missing_ok=True)

    def tell_kept(self, *, is_kept: bool) -> None:
        """Nobody waits to hear it: there is no page."""

    def hold_input(self, *, hold: bool) -> None:
        if self._channel is not None:
            (self._channel.pause_reading if hold else self._channel.resume_reading)()

    def end(self, code: int, sentence: str = "") -> None:
        if self._channel is not None:
            with suppress(OSError):  # closed meanwhile
                if sentence:
                    self._write_aside(sentence)
                self._channel.exit(code)

    def cut(self) -> None:
        self._connection.abort()

    def _write_aside(self, sentence: str) -> None:
        """Write what is no output of the command."""
        assert self._channel is not None
        if self._has_terminal:
            self._channel.write(f"{sentence}\r\n".encode())
        else:
            self._channel.write_stderr(f"{sentence}\n".encode())

    def _opening(self, channel: "asyncssh.SSHServerChannel[bytes]") -> Opening:
        """Return what the person wants. Raises UnknownCommand."""
        variables = _harmless({"TERM": channel.get_terminal_type() or ""})
        variables |= _harmless(channel.get_environment())
        term = variables.get("TERM", "") if self._has_terminal else None
        if channel.get_subsystem() is not None:
            raise UnknownCommand(USAGE)
        wanted = read_command(channel.get_command() or "", term)
        self._is_drawn = wanted.view == "screen"
        name, invite = read_user(self._connection.get_extra_info("username"))
        return Opening(
            address=limit_address(self._connection.get_extra_info("peername")[0]),
            via="ssh",
            size=self._size(*channel.get_terminal_size()),
            view=wanted.view,
            has_terminal=self._has_terminal,
            variables=variables,
            name=name[:MAX_NAME],
            room=wanted.room,
            invite=invite,
            key=str(self._authentication.proven or ""),
            offered=tuple(map(str, self._authentication.offered)),
        )

    def _size(self, columns: int, lines: int, width: int, height: int) -> Size:
        """Return the size of the terminal, also in pixels; of a screen, what is drawn of it."""
        if self._is_drawn:
            return screen_size(columns, lines, cell_of((columns, lines), (width, height)) or (0, 0))
        return Size(columns or USUAL.columns, lines or USUAL.lines)


def _harmless(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that matter, if they look like what they are."""
    return {
        name: value
        for name in VARIABLES
        if (value := variables.get(name)) is not None and _HARMLESS.fullmatch(value)
    }


async def listen(
    sock: socket.socket, workers: Workers, places: Places, key: asyncssh.SSHKey, server: Path
) -> asyncssh.SSHAcceptor:
    """Accept connections on `sock`, which listens, with the host key `key`.

    `server` is the chat server's socket for proxies.
    """
    return await asyncssh.listen(
        sock=sock,
        server_factory=lambda: SshConnection(workers, places, server),
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
        signature_algs=SIGNATURES,
        server_version="Trialogue",
    )
