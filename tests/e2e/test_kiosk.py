"""The installed command as a login of its own, as sshd's ForceCommand runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.people import PASSWORD, send, start_server
from support.ssh_gateway import register
from support.terminal import Desk, Terminal


@pytest.fixture
def kiosk(table: Desk, tmp_path: Path) -> Callable[..., Terminal]:
    """Return what starts the client at a kiosk, with what was typed behind the host."""
    _, address = start_server(table, tmp_path / "data")

    def start(typed: str = "", **variables: str) -> Terminal:
        return table.open(
            "chat-tui", "--kiosk", f"tcp://{address}", "--name", "ada", home="kiosk",
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
