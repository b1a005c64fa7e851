"""A login that is nothing but the client uses no variable that the person may have set."""

import pytest

from chat_tui import kiosk
from chat_tui.commands.ssh import UnknownCommand, Wanted


def test_the_environment_is_the_terminal_and_the_language() -> None:
    environment = {
        "TERM": "xterm", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin",
        "CHAT_TOKEN_FILE": "/etc/passwd", "EDITOR": "/bin/sh", "TEXTUAL_DRIVER": "os:system",
        "TEXTUAL_SCREENSHOT": "1", "HOME": "/root", "SSH_ORIGINAL_COMMAND": "plain",
    }  # fmt: skip

    kiosk.restrict(environment)

    assert environment == {"TERM": "xterm", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin"}


def test_what_was_typed_at_ssh_means_the_same_as_at_the_gateway() -> None:
    typed = {"TERM": "xterm", "SSH_ORIGINAL_COMMAND": "plain kitchen"}
    assert kiosk.wanted(typed, has_terminal=True) == Wanted("plain", "kitchen")
    assert kiosk.wanted({"TERM": "dumb"}, has_terminal=True) == Wanted("plain")
    assert kiosk.wanted({"TERM": "xterm"}, has_terminal=True) == Wanted("screen")
    assert kiosk.wanted({}, has_terminal=False) == Wanted("plain")


@pytest.mark.parametrize("command", ["/bin/sh", "scp -t /tmp", "send kitchen"])
def test_no_other_command_is_followed(command: str) -> None:
    with pytest.raises(UnknownCommand):
        kiosk.wanted({"SSH_ORIGINAL_COMMAND": command}, has_terminal=False)
