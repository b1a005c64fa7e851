"""Programs in a pty, seen from the other end: bytes are written and read, and signals sent."""

import errno
import fcntl
import os
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from support.forked import Forked

_COMMANDS: Final = Path(sys.executable).parent

# Those that need not be started, since what is forked has imported them.
_FORKED: Final = ("chat-server", "chat-tui")

_UNLOCK, _NUMBER = 0x40045431, 0x80045430  # ioctls of Linux: TIOCSPTLCK, TIOCGPTN


class PtyProgram(Forked):
    """A program in a terminal of its own, of which `fd` is the other end."""

    def __init__(
        self,
        command: list[str],
        size: tuple[int, int],
        env: Mapping[str, str],
        *,
        is_forked: bool,
    ) -> None:
        """Start `command`, an installed one or a path, with `size` columns and rows.

        With `is_forked`, our own programs are not started by their installed commands.
        """
        self.fd: Final = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, _UNLOCK, struct.pack("i", 0))
        self.resize(*size)
        (number,) = struct.unpack("i", fcntl.ioctl(self.fd, _NUMBER, bytes(4)))
        act = _run_forked if is_forked and command[0] in _FORKED else _run_installed
        super().__init__(act, f"/dev/pts/{number}", command, env=env)

    def resize(self, columns: int, rows: int, pixels: tuple[int, int] = (0, 0)) -> None:
        """Resize the window; the system notifies the program. `pixels` are of the window."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, *pixels))

    def write(self, data: bytes) -> None:
        """Write all of it; blocks while the program takes no input."""
        while data:
            data = data[os.write(self.fd, data) :]

    def read(self, most: int) -> bytes:
        """Read what is there, up to `most` bytes; return none at the end."""
        try:
            return os.read(self.fd, most)
        except OSError as exc:
            if exc.errno != errno.EIO:
                raise
            return b""  # the program has ended, and so has all that it started there

    def hang_up(self) -> None:
        """Close the terminal, of which the system tells the program (SIGHUP)."""
        os.close(self.fd)


def _run_forked(terminal: str, command: list[str]) -> None:
    _enter(terminal)
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        errors = "backslashreplace" if name == "stderr" else "surrogateescape"
        file = os.fdopen(fd, mode, 1, encoding="utf-8", errors=errors, closefd=False)
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)
    sys.argv = [str(_COMMANDS / command[0]), *command[1:]]
    if command[0] == "chat-server":
        from chat_server.cli import main
    else:
        from chat_tui.cli import main
    main()


def _run_installed(terminal: str, command: list[str]) -> None:
    _enter(terminal)
    program = str(_COMMANDS / command[0])
    os.execv(program, [program, *command[1:]])


def _enter(terminal: str) -> None:
    """Begin a session; its terminal is the first that it opens (`man 4 tty`)."""
    os.setsid()
    fd = os.open(terminal, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(fd, standard)
    os.close(fd)
