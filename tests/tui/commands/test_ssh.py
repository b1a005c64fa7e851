"""What somebody types at ssh means one thing, and what means nothing is told what does."""

import pytest

from chat_tui.commands.ssh import UnknownCommand, Wanted, read_command, read_user


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("", Wanted("screen")),
        ("kitchen", Wanted("screen", "kitchen")),
        ("plain", Wanted("plain")),
        ("plain kitchen", Wanted("plain", "kitchen")),
        ("plain plain", Wanted("plain", "plain")),
    ],
)
def test_a_command_is_a_view_or_a_room(command: str, wanted: Wanted) -> None:
    assert read_command(command, "xterm") == wanted


def test_a_terminal_that_draws_nothing_has_lines() -> None:
    assert read_command("", "dumb") == Wanted("plain")
    assert read_command("kitchen", "") == Wanted("plain", "kitchen")


def test_without_a_terminal_there_are_lines_and_a_hint_for_rooms() -> None:
    assert read_command("", None) == Wanted("plain")
    with pytest.raises(UnknownCommand, match="ssh -t NAME@HOST kitchen"):
        read_command("kitchen", None)


def test_a_script_sends_and_somebody_at_a_terminal_is_helped() -> None:
    assert read_command("send builds", None) == Wanted("send", "builds")
    assert read_command("send @ada", None) == Wanted("send", "@ada")
    with pytest.raises(UnknownCommand, match="leave out -t"):
        read_command("send builds", "xterm")
    with pytest.raises(UnknownCommand, match="This is a chat"):
        read_command("send", None)


@pytest.mark.parametrize(
    "command",
    ["ls -l", "/bin/sh", "plain a b", "scp -t /tmp", "-c", "\x1b[2J", "x" * 10_000, "git\x00"],
)
def test_all_else_is_told_what_works(command: str) -> None:
    with pytest.raises(UnknownCommand, match="This is a chat") as error:
        read_command(command, "xterm")

    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("user", "read"),
    [
        ("ada", ("ada", "")),
        ("join-k7qm-2vxh-9rtd", ("", "join-k7qm-2vxh-9rtd")),
        ("JOIN-K7QM-2VXH-9RTD", ("", "join-k7qm-2vxh-9rtd")),
        ("guest-k7qm-2vxh-9rtd", ("", "guest-k7qm-2vxh-9rtd")),
        ("guest-mia", ("guest-mia", "")),
        ("join-us", ("join-us", "")),
        ("join-loui-2vxh-9rtd", ("join-loui-2vxh-9rtd", "")),  # no code has these letters
        ("join-k7qm-2vxh-9rtd-more", ("join-k7qm-2vxh-9rtd-more", "")),
    ],
)
def test_an_invitation_is_no_name(user: str, read: tuple[str, str]) -> None:
    assert read_user(user) == read
