"""The editor edits the text, or an error says that the text is unchanged."""

import os
from pathlib import Path

import pytest

from chat_tui.terminal.editor import NoEditor, edit


def _script(folder: Path, body: str) -> str:
    path = folder / "my editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return f"'{path}'"


def _environment(**chosen: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **chosen}


def test_the_edited_text_is_returned(tmp_path: Path) -> None:
    editor = _script(tmp_path, 'printf " and more\\n" >> "$1"')

    assert edit("soup", _environment(EDITOR=editor)) == "soup and more"


def test_visual_wins_over_editor_and_may_have_arguments(tmp_path: Path) -> None:
    visual = _script(tmp_path, 'test "$1" = --wait && echo new > "$2"')

    assert edit("old", _environment(VISUAL=f"{visual} --wait", EDITOR="false")) == "new"


def test_the_file_is_private_to_its_owner_and_deleted_afterwards(tmp_path: Path) -> None:
    editor = _script(tmp_path, f'stat -c %a "$(dirname "$1")" > {tmp_path}/mode; echo "$1"')
    edit("soup", _environment(EDITOR=editor))

    assert (tmp_path / "mode").read_text() == "700\n"


def test_an_editor_that_fails_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoEditor, match="exit code 3"):
        edit("soup", _environment(EDITOR=_script(tmp_path, "exit 3")))


def test_a_missing_editor_is_named() -> None:
    with pytest.raises(NoEditor, match="/no/such/editor"):
        edit("soup", _environment(EDITOR="/no/such/editor"))


def test_without_an_editor_the_sentence_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(NoEditor, match="EDITOR"):
        edit("soup", {"PATH": str(tmp_path)})


@pytest.mark.parametrize(("chosen", "why"), [("vim 'x", "quotation mark"), ("''", "can't be run")])
def test_a_bad_editor_command_is_reported(chosen: str, why: str) -> None:
    with pytest.raises(NoEditor, match=why):
        edit("soup", _environment(EDITOR=chosen))


def test_a_blank_variable_is_ignored(tmp_path: Path) -> None:
    editor = _script(tmp_path, 'echo new > "$1"')

    assert edit("old", _environment(VISUAL="  ", EDITOR=editor)) == "new"


def test_an_editor_that_deletes_the_file_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoEditor, match="No such file"):
        edit("soup", _environment(EDITOR=_script(tmp_path, 'rm "$1"')))
