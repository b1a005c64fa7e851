"""Paths are completed as a shell does it."""

from pathlib import Path

import pytest

from chat_tui.storage.path_completion import paths_beginning


def test_paths_begin_as_typed_and_folders_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("report.pdf", "recipe 1.txt", ".hidden", "re\nport", "other"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "recipes").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert paths_beginning("~/re") == ["~/recipe 1.txt", "~/recipes/", "~/report.pdf"]
    assert paths_beginning("rep") == ["report.pdf"]
    assert paths_beginning(f"{tmp_path}/o") == [f"{tmp_path}/other"]
    assert paths_beginning("~/.h") == ["~/.hidden"]
    assert "~/.hidden" not in paths_beginning("~/")
    assert paths_beginning("recipes/") == []


def test_what_is_no_folder_has_no_paths(tmp_path: Path) -> None:
    assert paths_beginning(f"{tmp_path}/none/x") == []
    assert paths_beginning("a\0b/c") == []


def test_of_a_folder_without_end_some_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.storage.path_completion.MAX_NAMES", 3)
    for number in range(9):
        (tmp_path / f"{number}.txt").write_bytes(b"")

    assert len(paths_beginning(f"{tmp_path}/")) == 3
