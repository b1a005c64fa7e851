"""A longer text, written in the editor that the person likes best."""

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

_USUAL: Final = ("sensible-editor", "nano", "vi")  # where nobody has chosen one


class NoEditor(Exception):
    """There is none, or it did not end well; the message says what to do."""


def edit(text: str, environment: Mapping[str, str]) -> str:
    """Return `text` as the person has left it. Waits for them. Raises NoEditor.

    The file lies where only its owner can read it, and is gone afterwards. Must
    be called from the main thread.
    """
    command = _command(environment)
    try:
        with TemporaryDirectory(prefix="chat-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "message.md"
            path.write_text(text, encoding="utf-8")
            _run([*command, str(path)])
            return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except OSError as exc:
        raise NoEditor(f"{exc.strerror}: {exc.filename}. The text is as it was.") from None


def _run(command: list[str]) -> None:
    """Run `command` to its end. Ctrl+C is its own, and must not end the chat as well."""
    before = signal.getsignal(signal.SIGINT)
    try:
        editor = _start(command)
        editor.wait()
    except OSError as exc:
        raise NoEditor(f"{command[0]} cannot be run: {exc.strerror}.") from None
    finally:
        signal.signal(signal.SIGINT, before)
    if editor.returncode:
        raise NoEditor(f"{command[0]} ended with {editor.returncode}; the text is as it was.")


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start `command`, and ignore Ctrl+C from then on.

    Not before: whoever is started then goes on ignoring it. Until then it has a
    handler, which is not inherited; the event loop, which hears of every signal
    that has one, is deaf for that moment, or it would follow this one later.
    """
    loop = signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.Popen(command)  # noqa: S603 - their own
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(loop, warn_on_full_buffer=False)


def _command(environment: Mapping[str, str]) -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        if chosen := environment.get(variable, "").strip():
            return _words(variable, chosen)
    for name in _USUAL:
        if found := which(name, path=environment.get("PATH", os.defpath)):
            return [found]
    raise NoEditor("There is no editor. Set EDITOR to the one you like.")


def _words(variable: str, chosen: str) -> list[str]:
    try:
        return shlex.split(chosen)
    except ValueError:
        raise NoEditor(f"{variable} is {chosen}: a quotation mark is missing.") from None
