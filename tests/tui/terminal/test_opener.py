"""Files are opened by the desktop's own program, without a shell, where someone sees it."""

import time
from pathlib import Path

import pytest

from chat_tui.terminal import opener as module
from chat_tui.terminal.opener import open_file, opener


def program(folder: Path, script: str, name: str = "xdg-open") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_program_is_found_where_there_is_a_screen(tmp_path: Path) -> None:
    found, mac = program(tmp_path, "true"), program(tmp_path, "true", "open")
    here = {"PATH": str(tmp_path)}

    assert opener({**here, "DISPLAY": ":0"}, "linux") == found
    assert opener({**here, "WAYLAND_DISPLAY": "wayland-0"}, "linux") == found
    assert opener(here, "darwin") == mac
    assert opener(here, "linux") == ""
    assert opener({**here, "DISPLAY": ":0", "SSH_CONNECTION": "x"}, "linux") == ""
    assert opener({**here, "BROWSER": "firefox"}, "linux") == ""
    assert opener({"PATH": "", "DISPLAY": ":0"}, "linux") == ""


def test_a_name_is_never_a_command(tmp_path: Path) -> None:
    file = tmp_path / "$(touch hacked); `touch hacked`.pdf"
    file.write_bytes(b"")
    given = tmp_path / "given"

    assert open_file(program(tmp_path, f'printf "%s|" "$#" "$1" > {given}'), file)

    assert given.read_text() == f"1|{file}|"
    assert not (tmp_path / "hacked").exists()


def test_a_program_that_fails_or_is_missing_opens_nothing(tmp_path: Path) -> None:
    assert not open_file(program(tmp_path, "exit 3"), tmp_path)
    assert not open_file(str(tmp_path / "missing"), tmp_path)


def test_nobody_waits_for_a_program_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STARTED_WITHIN", 0.05)
    pipe = tmp_path / "pipe"
    waiting = program(tmp_path, f"mkfifo {pipe}; read line < {pipe}; touch {tmp_path}/ended")

    assert open_file(waiting, tmp_path)

    assert not (tmp_path / "ended").exists()
    deadline = time.monotonic() + 10
    while not pipe.exists():  # the program is slower than we were
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pipe.write_text("\n")
