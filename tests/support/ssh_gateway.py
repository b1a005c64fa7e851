"""A server with a gateway, for people with nothing but OpenSSH's own client."""

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from support.people import PASSWORD, start_server
from support.terminal import Desk, Terminal

_READY: Final = "listening on ssh://127.0.0.1:"
_OPTIONS: Final = (
    "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
    "-F", "none",
)  # fmt: skip


class Gateway:
    """A server with a gateway, and its people."""

    def __init__(self, desk: Desk, data: Path, *flags: str) -> None:
        self._desk = desk
        self.data = data
        self._flags = flags
        self.start_again()

    def start_again(self, *more: str, env: Mapping[str, str] | None = None) -> None:
        """Start the server, with the same settings and `more` flags, perhaps in another `env`."""
        listen = ("--listen", "ssh://127.0.0.1:0")
        flags = (*listen, *self._flags, *more)
        self.server, self.address = start_server(self._desk, self.data, *flags, env=env)
        self.server.wait_for("gateway ready")
        self.port = self.server.row_with(_READY).removeprefix(_READY)

    def ssh(
        self,
        name: str,
        *more: str,
        size: tuple[int, int] = (120, 36),
        options: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        answers: Mapping[bytes, str] = MappingProxyType({}),
    ) -> Terminal:
        """Start OpenSSH's client as `name`, with further arguments behind the host."""
        return self._desk.open(
            *self.command(name, *more, options=options),
            home=name, size=size, env={"SSH_AUTH_SOCK": "", **(env or {})},
            answers=answers,
        )  # fmt: skip

    def command(self, name: str, *more: str, options: tuple[str, ...] = ()) -> list[str]:
        here = ("-p", self.port, f"{name}@127.0.0.1")
        return ["/usr/bin/ssh", *_OPTIONS, *options, *here, *more]

    def follow(self, line: str, *, home: str) -> Terminal:
        """Run `line`, an ssh command that someone has copied, in the folder of `home`."""
        program, *arguments = shlex.split(line)
        assert program == "ssh"
        return self._desk.open("/usr/bin/ssh", *_OPTIONS, *arguments, home=home, size=(120, 36))

    def run(
        self, name: str, *more: str, options: tuple[str, ...] = (), typed: str = ""
    ) -> tuple[int, str]:
        """Run OpenSSH's client without a terminal; return its exit code and all its output."""
        done = subprocess.run(
            self.command(name, *more, options=options),
            input=typed.encode(), capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).decode()

    def processes(self) -> list[int]:
        """Return the processes of the gateway: the front, the spawner, the workers."""
        found = subprocess.run(
            ["pgrep", "-f", f"chat_tui.gateway.*{self.data}/"], capture_output=True, check=False
        )
        return sorted(map(int, found.stdout.split()))


def register(terminal: Terminal) -> None:
    terminal.wait_for_cursor_under("Password")
    terminal.enter(PASSWORD)
    terminal.wait_for("Repeat the password")
    terminal.enter(PASSWORD)
    terminal.wait_for("Message general")


def log_in(terminal: Terminal) -> None:
    terminal.wait_for_cursor_under("Password")
    terminal.enter(PASSWORD)
    terminal.wait_for("Message general")
