"""A longer text, written in the editor that the person likes best."""

import os
import shlex
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

    The file lies where only its owner can read it, and is gone afterwards.
    """
    command = _command(environment)
    with TemporaryDirectory(prefix="chat-") as folder:
        path = Path(folder) / "message.md"
        path.write_text(text)
        try:
            done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - their own
        except OSError as exc:
            raise NoEditor(f"{command[0]} cannot be run: {exc.strerror}.") from None
        if done.returncode:
            raise NoEditor(f"{command[0]} ended with {done.returncode}; the text is as it was.")
        return path.read_text(errors="replace").rstrip("\n")


def _command(environment: Mapping[str, str]) -> list[str]:
    chosen = environment.get("VISUAL") or environment.get("EDITOR")
    if chosen:
        return shlex.split(chosen)
    for name in _USUAL:
        if found := which(name, path=environment.get("PATH", os.defpath)):
            return [found]
    raise NoEditor("There is no editor. Set EDITOR to the one you like.")
