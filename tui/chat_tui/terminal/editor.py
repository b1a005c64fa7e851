"""Edits a text in the user's editor."""

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

_USUAL: Final = ("sensible-editor", "nano", "vi")  # unless VISUAL or EDITOR is set


class NoEditor(Exception):
    """There is no editor, or it failed; the message says what to do."""


def edit(text: str, environment: Mapping[str, str]) -> str:
    """Return `text` as the user has edited it. Waits for the editor. Raises NoEditor.

    The file can be read by its owner only and is deleted afterwards. Must be called from
    the main thread.
    """
    command = _command(environment)
    try:
        with TemporaryDirectory(prefix="chat-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "message.md"
            path.write_text(text, encoding="utf-8")
            _run([*command, str(path)])
            return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except OSError as exc:
        raise NoEditor(f"{exc.strerror}: {exc.filename}. Your text is unchanged.") from None


def _run(command: list[str]) -> None:
    """Run `command` until it exits. Ctrl+C is for the editor and must not end the chat."""
    before = signal.getsignal(signal.SIGINT)
    try:
        editor = _start(command)
        editor.wait()
    except OSError as exc:
        raise NoEditor(f"{command[0]} can't be run: {exc.strerror}.") from None
    finally:
        signal.signal(signal.SIGINT, before)
    if editor.returncode:
        why = f"{command[0]} failed with exit code {editor.returncode}"
        raise NoEditor(f"{why}. Your text is unchanged.")


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start `command`, and ignore Ctrl+C from then on.

    Not earlier, since a child inherits an ignored signal. Until then there is a handler,
    which is not inherited.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.Popen(command)  # noqa: S603 - their own
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _command(environment: Mapping[str, str]) -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        if chosen := environment.get(variable, "").strip():
            return _words(variable, chosen)
    for name in _USUAL:
        if found := which(name, path=environment.get("PATH", os.defpath)):
            return [found]
    raise NoEditor("No editor found. Set EDITOR to the one you use.")


def _words(variable: str, chosen: str) -> list[str]:
    try:
        return shlex.split(chosen)
    except ValueError:
        raise NoEditor(f"{variable} is set to {chosen}, which lacks a quotation mark.") from None
