"""The installed command as a login of its own, as sshd's ForceCommand runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.terminal.size_limits import MAX_COLUMNS, MAX_LINES
from support.people import PASSWORD, send, start_server
from support.ssh_gateway import register
from support.terminal import Desk, Terminal


@pytest.fixture
def kiosk(table: Desk, tmp_path: Path) -> Callable[..., Terminal]:
    """Return what starts the client at a kiosk, with what was typed behind the host."""
    _, address = start_server(table, tmp_path / "data")

    def start(typed: str = "", size: tuple[int, int] = (120, 36), **variables: str) -> Terminal:
        return table.open(
            "chat-tui", "--kiosk", f"tcp://{address}", "--name", "ada", home="kiosk", size=size,
            env={"SSH_ORIGINAL_COMMAND": typed, **variables},
        )  # fmt: skip

    return start


def test_a_login_reaches_the_chat_and_nothing_of_the_computer(
    kiosk: Callable[..., Terminal], tmp_path: Path
) -> None:
    program, home = tmp_path / "program", tmp_path / "home"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    home.mkdir()
    folders = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    ada = kiosk(
        EDITOR=str(program), BROWSER=str(program), TEXTUAL_LOG=str(home / "log"),
        CHAT_TOKEN_FILE="/etc/passwd", **dict.fromkeys(folders, str(home)),
    )  # fmt: skip
    register(ada)
    ada.press("ctrl+z", "f4")
    ada.wait_for("There is no editor here")
    send(ada, "https://example.org/")
    ada.press("ctrl+l")
    ada.wait_for("o open link")
    ada.press("o")
    ada.wait_for("Link copied")
    ada.press("ctrl+q")

    assert ada.wait_for_end() == 0
    assert list(home.iterdir()) == []
    assert not (tmp_path / "started").exists()


def test_lines_and_other_commands_are_as_at_the_gateway(kiosk: Callable[..., Terminal]) -> None:
    ada = kiosk("plain")
    ada.wait_for("Password:")
    ada.enter(PASSWORD)
    ada.wait_for("repeat the password:")
    ada.enter(PASSWORD)
    ada.wait_for("general>")
    ada.press("ctrl+d")
    assert ada.wait_for_end() == 0

    other = kiosk("/bin/sh -i")
    other.wait_for("This is a chat")
    assert other.wait_for_end() == 1


def test_a_window_of_any_size_has_a_screen_of_limited_size(kiosk: Callable[..., Terminal]) -> None:
    """sshd takes what the person's terminal says, and a person can type a size as well."""
    ada = kiosk(size=(MAX_COLUMNS + 20, MAX_LINES + 10))
    register(ada)
    _wait_until_drawn(ada, MAX_COLUMNS, MAX_LINES)

    ada.resize(MAX_COLUMNS + 20, 30)
    _wait_until_drawn(ada, MAX_COLUMNS, 30)
    ada.resize(MAX_COLUMNS + 30, MAX_LINES + 20)
    _wait_until_drawn(ada, MAX_COLUMNS, MAX_LINES)
    ada.type(f"\x1b[48;{MAX_LINES + 10};{MAX_COLUMNS + 10};300;300t")
    send(ada, "hello")
    _wait_until_drawn(ada, MAX_COLUMNS, MAX_LINES)


def _wait_until_drawn(terminal: Terminal, columns: int, lines: int) -> None:
    """Wait until all of a screen of that size is drawn, and see that nothing else ever was."""

    def is_drawn(row: int, column: int) -> bool:
        return terminal.cells[row][column].bg != "default"

    terminal.wait_until(
        lambda: is_drawn(lines - 1, columns - 1), f"a screen of {columns} columns, {lines} lines"
    )
    assert not any(cell.bg != "default" for row in terminal.cells for cell in row[columns:])
    assert not any(cell.bg != "default" for row in terminal.cells[lines:] for cell in row)
