"""Opens files with the program that the desktop has for them."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Final

from chat_tui.terminal.browser import has_screen

_STARTED_WITHIN: Final = 5.0  # seconds; after them it runs, whatever comes of it


def opener(environment: Mapping[str, str], platform: str) -> str:
    """Return the program that opens files; empty where nobody would see what it opens."""
    if not has_screen(environment, platform):
        return ""
    name = "open" if platform == "darwin" else "xdg-open"
    return which(name, path=environment.get("PATH")) or ""


def open_file(program: str, path: Path) -> bool:
    """Open `path`, which is absolute, without a shell; return whether that was possible.

    Waits for a moment: call it in a thread.
    """
    try:
        process = _start([program, str(path)])
    except OSError:
        return False
    try:
        return process.wait(_STARTED_WITHIN) == 0
    except subprocess.TimeoutExpired:
        Thread(target=process.wait, daemon=True).start()  # it is waited for, and nothing else waits
        return True


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start it apart from this terminal, on which it must not write, nor be ended with it."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - the desktop's own program
        command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
