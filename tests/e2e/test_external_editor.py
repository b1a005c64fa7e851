"""F4 opens the editor in the terminal, and the chat gets it back however the editor exits."""

from pathlib import Path

import pytest

from support.people import sign_up
from support.terminal import Desk

# Fails the first time, waits for Ctrl+C the second. With short sleeps: a shell runs its trap
# only after the current command, and a long one could start after the key.
_EDITOR = """#!/bin/sh
test -e "$0.ran" || { touch "$0.ran"; exit 3; }
trap 'echo interrupted > "$1"; exit 0' INT
echo editing
while :; do sleep 0.1; done
"""


def test_the_terminal_is_restored_however_the_editor_exits(
    table: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    ada = sign_up(table, "ada", "--local")

    ada.type("as it was")
    ada.press("f4")
    ada.wait_for("unchanged.")  # of a sentence that is as long as the path
    ada.wait_for("as it was")

    ada.press("f4")
    ada.wait_for("editing")
    ada.press("ctrl+c")
    ada.wait_for("interrupted")
    ada.type(" and goes on")
    ada.wait_for("interrupted and goes on")
