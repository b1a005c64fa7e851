"""Terminals for end-to-end tests: a command in a real pty, and its screen.

Nothing here sleeps: `wait_for` reads until the screen shows the expected text.
While one terminal of a desk is awaited, all are read, as real ones are: a
program whose terminal is not read would block.
"""

import os
import re
import select
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Final

import pyte

from support.pty_program import PtyProgram

PATIENCE: Final = 60.0  # seconds for anything to happen on a busy machine

_TO_END: Final = 5.0  # seconds that a program has to end by itself
_READ: Final = 65_536

# Pictures, which the screen does not know.
_PICTURE: Final = re.compile(rb"\x1b[P_][^\x1b]*\x1b\\\\")

# Synchronized output: a program that is told of it marks where a frame begins and ends,
# and the terminal shows the frame at once. Without it a test reads half-drawn screens.
_ASKS_FOR_SYNC: Final = b"\x1b[?2026$p"
_HAS_SYNC: Final = "\x1b[?2026;2$y"
_FRAME_BEGINS: Final = b"\x1b[?2026h"
_FRAME_ENDS: Final = b"\x1b[?2026l"

_BETWEEN_KEYS: Final = 0.05  # seconds: about the repeat rate of a key that is held down

# Variables that would bring in settings of the user who runs the tests.
_PERSONAL: Final = re.compile(
    r"CHAT_|XDG_|TEXTUAL|TMUX|NO_COLOR$|COLORTERM$|TERM|COLUMNS$|LINES$|LANG$|LC_"
)

_FUNCTION_KEYS: Final = ("OP", "OQ", "OR", "OS", *(f"[{n}~" for n in (15, 17, 18, 19, 20, 21)))
_KEYS: Final = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{f"f{number}": f"\x1b{code}" for number, code in enumerate(_FUNCTION_KEYS, start=1)},
}


class Terminal:
    """One program in its own terminal, with its own home folder."""

    def __init__(
        self,
        program: PtyProgram,
        size: tuple[int, int],
        read_all: Callable[[float], None],
        answers: Mapping[bytes, str],
    ) -> None:
        """Look at `program` on a screen of `size` columns and rows.

        `answers` are what the terminal answers to which questions.
        """
        columns, rows = size
        self._answers = {_ASKS_FOR_SYNC: _HAS_SYNC, **answers}
        self.received = bytearray()  # all output, including escape sequences
        self._undrawn = bytearray()  # output that belongs to a frame without an end yet
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._read_all = read_all
        self._program = program
        self._exit_code: int | None = None

    # --- input

    def type(self, text: str) -> None:
        """Type `text`, one key per character."""
        self._program.write(text.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name: `enter`, `f10`, `ctrl+k`, or a character."""
        for key in keys:
            self.type(_code(key))

    def enter(self, line: str) -> None:
        """Type `line` and press Enter."""
        self.type(line)
        self.press("enter")

    def paste(self, text: str) -> None:
        """Paste `text` as terminals do (bracketed paste), and read meanwhile, as they do.

        A program whose output nobody reads may take no more input.
        """
        left = f"\x1b[200~{text}\x1b[201~".encode()
        deadline = monotonic() + PATIENCE
        os.set_blocking(self.fileno(), False)
        while left and self.running:
            if monotonic() > deadline:
                raise AssertionError(f"the paste was not taken\n{self.screen}")
            _, writable, _ = select.select([], [self], [], _BETWEEN_KEYS)
            if writable:
                with suppress(BlockingIOError):
                    left = left[os.write(self.fileno(), left) :]
            self._read_all(0)
        if self.running:
            os.set_blocking(self.fileno(), True)

    def resize(self, columns: int, rows: int, pixels: tuple[int, int] = (0, 0)) -> None:
        """Resize the window; the system notifies the program. `pixels` are of the window."""
        self._read_all(0)
        self._screen.resize(rows, columns)
        self._program.resize(columns, rows, pixels)

    # --- output

    @property
    def screen(self) -> str:
        """The text of the screen, row by row."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def cursor_is_under(self, label: str) -> bool:
        """Return whether the cursor is in the field below `label`."""
        return label in self.screen.split("\n")[self._screen.cursor.y - 1]

    @property
    def last_row(self) -> str:
        return self._screen.display[-1].rstrip()

    @property
    def background(self) -> str:
        """The color behind the first character of the screen."""
        return str(self._screen.buffer[0][0].bg)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """What is drawn, row by row."""
        columns = range(self._screen.columns)
        return [[self._screen.buffer[row][x] for x in columns] for row in range(self._screen.lines)]

    def row_with(self, text: str) -> str:
        """Return the row that shows `text`."""
        return next(row for row in self.screen.split("\n") if text in row)

    def wait_for(self, text: str, timeout: float = PATIENCE) -> None:
        """Read until the screen shows `text`; fail with the screen after `timeout`."""
        self.wait_until(lambda: text in self.screen, f"{text!r} to be", timeout)

    def wait_for_no(self, text: str, timeout: float = PATIENCE) -> None:
        """Read until the screen no longer shows `text`."""
        self.wait_until(lambda: text not in self.screen, f"{text!r} not to be", timeout)

    def wait_for_cursor_under(self, label: str, timeout: float = PATIENCE) -> None:
        """Read until the cursor is in the field below `label`."""
        self.wait_until(lambda: self.cursor_is_under(label), f"the cursor under {label!r}", timeout)

    def press_until(self, key: str, text: str, timeout: float = PATIENCE) -> None:
        """Press `key` repeatedly until the screen shows `text`; fail after `timeout`."""
        deadline = monotonic() + timeout
        while text not in self.screen:
            if monotonic() > deadline:
                raise AssertionError(f"{text!r} did not appear after {key}\n{self.screen}")
            self.press(key)
            self._read_all(_BETWEEN_KEYS)

    def wait_until(
        self, condition: Callable[[], bool], what: str, timeout: float = PATIENCE
    ) -> None:
        """Read until `condition` holds; the failure message names `what`."""
        deadline = monotonic() + timeout
        while not condition():
            left = deadline - monotonic()
            if left <= 0 or not self.running:
                end = "" if self.running else " (ended)"
                raise AssertionError(f"waited for {what} on{end}\n{self.screen}")
            self._read_all(left)

    # --- the program itself

    @property
    def pid(self) -> int:
        return self._program.pid

    def kill(self) -> None:
        """Kill the program (SIGKILL)."""
        self._program.kill()

    def terminate(self) -> None:
        """Terminate the program (SIGTERM)."""
        self._program.terminate()

    def wait_for_end(self, timeout: float = PATIENCE) -> int:
        """Read until the program has ended; return its exit code, or its signal negated."""
        deadline = monotonic() + timeout
        while self._exit_code is None:
            left = deadline - monotonic()
            if left <= 0:
                raise AssertionError(f"the program did not end\n{self.screen}")
            self._read_all(left)
        return self._exit_code

    def wait_for_process(self) -> None:
        """Wait until the program has ended, whose terminal what it started still has."""
        self._program.join(PATIENCE)

    # --- for the desk

    @property
    def running(self) -> bool:
        return self._exit_code is None

    def fileno(self) -> int:
        """Return the descriptor for `select`."""
        return self._program.fd

    def read(self) -> None:
        """Process the output of the program; close the pty once it has ended."""
        data = self._program.read(_READ)
        if not data:
            self._stream.feed(bytes(self._undrawn))
            self._program.hang_up()
            self._exit_code = self._program.join(PATIENCE)
            return
        for question, answer in self._answers.items():
            if question in data:
                self.type(answer)
        self.received += data
        self._undrawn += data
        self._draw_whole_frames()

    def _draw_whole_frames(self) -> None:
        """Draw the output up to the frame that has no end yet."""
        begins = self._undrawn.rfind(_FRAME_BEGINS)
        is_open = begins >= 0 and self._undrawn.find(_FRAME_ENDS, begins) < 0
        whole = begins if is_open else len(self._undrawn)
        self._stream.feed(_PICTURE.sub(b"", bytes(self._undrawn[:whole])))
        del self._undrawn[:whole]

    def hang_up(self) -> None:
        """Close the terminal, and end the program if it still runs; `join` waits for that."""
        if self.running:
            self._program.hang_up()
            self._program.send_signal(signal.SIGINT)  # which a server passes on to its gateway

    def join(self) -> None:
        """Wait until the program has ended; kill it if it goes on."""
        if self.running:
            self._exit_code = self._program.join(_TO_END)


class Desk:
    """Terminals used side by side, with home folders inside `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terminals: list[Terminal] = []

    def open(
        self,
        *command: str,
        home: str,
        size: tuple[int, int] = (120, 36),
        env: Mapping[str, str] | None = None,
        answers: Mapping[bytes, str] = MappingProxyType({}),
        is_forked: bool = True,
    ) -> Terminal:
        """Start `command` in a terminal; `home` names the user whose home folder it uses.

        `answers` are what the terminal answers to which questions. With variables in `env`, or
        unless `is_forked`, the installed command is started.
        """
        own = {**_environment(self.home_of(home)), **(env or {})}
        program = PtyProgram(list(command), size, own, is_forked=is_forked and not env)
        terminal = Terminal(program, size, self._read_all, answers)
        self._terminals.append(terminal)
        return terminal

    def home_of(self, name: str) -> Path:
        """Return the home folder of a user."""
        return self._folder / name

    def close(self) -> None:
        """End the programs that still run."""
        for terminal in self._terminals:
            terminal.hang_up()
        for terminal in self._terminals:
            terminal.join()

    def _read_all(self, within: float) -> None:
        """Read every terminal with output, waiting at most `within` seconds."""
        running = [terminal for terminal in self._terminals if terminal.running]
        ready, _, _ = select.select(running, [], [], within)
        for terminal in ready:
            terminal.read()


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """Yield a desk; its programs are ended afterwards."""
    own = Desk(folder)
    try:
        yield own
    finally:
        own.close()


def _code(key: str) -> str:
    """Return the characters that a terminal sends for `key`."""
    if key.startswith("ctrl+"):
        return chr(ord(key.removeprefix("ctrl+")) & 0x1F)
    return _KEYS.get(key, key)


def _environment(home: Path) -> dict[str, str]:
    """Return the environment of a user with the home folder `home` and a common terminal."""
    home.mkdir(exist_ok=True)
    impersonal = {name: value for name, value in os.environ.items() if not _PERSONAL.match(name)}
    return {
        **impersonal,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }
