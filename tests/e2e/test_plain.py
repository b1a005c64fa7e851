"""The client without a screen: at a terminal, in a pipe, and from a script."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, CompletedProcess
from typing import IO

from support.full_disk import files_of_at_most
from support.people import PASSWORD, start_server
from support.terminal import Desk

_PROGRAM = Path(sys.executable).with_name("chat-tui")
_TIMEOUT = 60  # seconds


def _run(
    home: Path, *arguments: str, text: str = "", token: str = "", stdout: int | IO[str] = PIPE
) -> CompletedProcess[str]:
    """Run the client in `home` with `text` on its standard input."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        **({"CHAT_TOKEN": token} if token else {}),
    }
    return subprocess.run(
        [_PROGRAM, *arguments],
        input=text,
        stdout=stdout,
        stderr=PIPE,
        text=True,
        env=environment,
        timeout=_TIMEOUT,
        check=False,
    )


def test_a_script_sends_with_a_token_and_a_pipe_reads_the_message(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data")
    typed = f"{PASSWORD}\n{PASSWORD}\n/create builds\n"
    ada = _run(tmp_path / "ada", "--plain", address, "--name", "ada", text=typed)
    assert (ada.returncode, ada.stderr) == (0, "")
    assert "To invite others, send them: /join builds" in ada.stdout

    asked = _run(tmp_path / "ada", "--new-token", address, "--name", "ada", text=f"{PASSWORD}\n")
    token = asked.stdout.strip()
    assert (asked.returncode, len(token)) == (0, 43)

    cron = tmp_path / "cron"
    sent = _run(cron, address, "--send", "builds", text="Build 7 is green.\n", token=token)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    refused = _run(cron, address, "--send", "cellar", text="x", token=token)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "You're not in this room." in refused.stderr
    for way in (("--send", "builds"), ("--plain",)):
        other = _run(cron, address, *way, "--name", "ben", text="x", token=token)
        assert (other.returncode, other.stdout) == (1, "")
        assert "The token belongs to ada, but --name says ben." in other.stderr
    nobody = _run(cron, address, "--send", "builds", text="x")
    assert nobody.returncode == 1
    assert "CHAT_TOKEN" in nobody.stderr

    (tmp_path / "build.log").write_text("All tests passed.\n")
    with_file = "--send", "builds", "--file", str(tmp_path / "build.log")
    sent = _run(cron, address, *with_file, "--caption", "Its log", text="unread", token=token)
    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    missing = _run(cron, address, "--send", "builds", "--file", "/no/such.log", token=token)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr == "chat-tui: There is no file /no/such.log.\n"

    read = _run(cron, "--plain", address, text="/go builds\n", token=token)
    assert read.returncode == 0
    *_, first, last = read.stdout.splitlines()
    assert first.endswith("ada: Build 7 is green.")
    assert last.endswith("ada: Its log [file 1: build.log, 18 bytes]")
    assert "\x1b" not in read.stdout


def test_ctrl_c_before_the_log_in_ends_it_without_a_traceback(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada = table.open("chat-tui", "--plain", address, "--name", "ada", home="ada", size=(80, 20))
    ada.wait_for("Password:")
    ada.press("ctrl+c")

    assert ada.wait_for_end() == 130
    assert "Traceback" not in ada.screen


def test_at_a_terminal_messages_appear_above_the_input(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    _run(
        tmp_path / "ben", "--plain", address, "--name", "ben",
        text=f"{PASSWORD}\n{PASSWORD}\nanybody here?\n",
    )  # fmt: skip
    ada = table.open("chat-tui", "--plain", address, "--name", "ada", home="ada", size=(80, 20))
    ada.wait_for("Password:")
    ada.enter(PASSWORD)
    ada.wait_for("repeat the password")
    ada.enter(PASSWORD)
    ada.wait_for("ben: anybody here?")
    ada.wait_for("general>")

    ada.type("half a sen")
    _run(
        tmp_path / "ben", "--plain", address, "--name", "ben",
        text=f"{PASSWORD}\nmeanwhile\n",
    )  # fmt: skip
    ada.wait_for("ben: meanwhile")
    ada.wait_for("general> half a sen")
    ada.enter("tence")
    _run(
        tmp_path / "ben", "--plain", address, "--name", "ben",
        text=f"{PASSWORD}\nand the other half?\n",
    )  # fmt: skip
    ada.wait_for("ben: and the other half?")
    assert ada.screen.count("half a sentence") == 1
    assert PASSWORD not in ada.received.decode()

    ada.terminate()
    assert ada.wait_for_end() == 128 + signal.SIGTERM


def test_ctrl_z_suspends_to_the_shell_and_keeps_the_input(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    shell = table.open("/bin/sh", "-i", home="ada", size=(80, 20), env={"PS1": "shell> "})
    shell.wait_for("shell>")
    shell.enter(f"{_PROGRAM} --plain {address} --name ada")
    shell.wait_for("Password:")
    shell.enter(PASSWORD)
    shell.wait_for("repeat the password")
    shell.enter(PASSWORD)
    shell.wait_for("general>")
    shell.type("half a sen")
    shell.wait_for("general> half a sen")
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    shell.enter("clear")
    shell.wait_for_no("Stopped")
    shell.enter("fg")
    shell.wait_for("general> half a sen")
    shell.enter("tence")
    shell.press("ctrl+d")
    shell.wait_for("shell>")

    read = _run(tmp_path / "ada", "--plain", address, "--name", "ada", text=f"{PASSWORD}\n")
    assert read.stdout.splitlines()[-1].endswith("ada: half a sentence")


def test_the_password_for_a_redirected_token_is_asked_at_the_terminal(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data")
    token = tmp_path / "token"
    command = f"{_PROGRAM} --new-token {address} --name ada > {token}"
    asks = table.open("/bin/sh", "-c", command, home="ada", size=(80, 20))
    asks.wait_for("Password:")
    asks.enter(PASSWORD)
    asks.wait_for("repeat the password")
    asks.enter(PASSWORD)
    assert asks.wait_for_end() == 0
    assert PASSWORD not in asks.received.decode()
    assert len(token.read_text().strip()) == 43


def test_a_full_disk_loses_the_token_and_tells_how_to_log_its_device_out(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data")
    home, token = tmp_path / "ada", tmp_path / "token"
    _run(home, "--plain", address, "--name", "ada", text=f"{PASSWORD}\n{PASSWORD}\n")
    lost = "The token is lost. Log its device out with /sessions.\n"

    new = ("--new-token", address, "--name", "ada")
    with open("/dev/full", "w") as full:
        printed = _run(home, *new, text=f"{PASSWORD}\n", stdout=full)
    assert printed.returncode == 1
    assert printed.stderr.endswith(f"Can't write the output: No space left on device. {lost}")

    with files_of_at_most(0):
        saved = _run(home, *new, "--out", str(token), text=f"{PASSWORD}\n")
    assert saved.returncode == 1, saved.stdout
    assert saved.stderr == f"chat-tui: Can't write {token}: File too large. {lost}"
    assert not token.exists()


def test_a_token_is_written_to_a_new_file_that_only_its_owner_can_read(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data")
    home, token = tmp_path / "ada", tmp_path / "token"
    made = ("--new-token", "--out", str(token), address, "--name", "ada")

    missing = _run(home, "--new-token", "--out", str(tmp_path / "no" / "token"), address)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    given_up = _run(home, *made, text="")
    assert (given_up.returncode, token.exists()) == (1, False)

    asked = _run(home, *made, text=f"{PASSWORD}\n{PASSWORD}\n")
    assert (asked.returncode, len(token.read_text().strip())) == (0, 43), asked.stderr
    assert token.read_text().strip() not in asked.stdout
    assert token.stat().st_mode & 0o777 == 0o600
    again = _run(home, *made, text=f"{PASSWORD}\n")
    assert (again.returncode, again.stderr) == (
        1,
        f"chat-tui: Can't create {token}: File exists.\n",
    )


def test_messages_are_replied_to_edited_and_deleted_by_their_numbers(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data")
    client = ("--plain", address, "--name")
    written = "Soup or salad?\nNever mind.\n"
    _run(tmp_path / "ben", *client, "ben", text=f"{PASSWORD}\n{PASSWORD}\n{written}")
    # Each change is on the server before the next line is read; a message need not be.
    changes = "/react 1 tada\n/react 1 tada\n/reply 1 Soup, pleas\n"
    ada = _run(tmp_path / "ada", *client, "ada", text=f"{PASSWORD}\n{PASSWORD}\n{changes}")
    assert ada.returncode == 0, ada.stdout
    assert "Changed: " in ada.stdout
    assert "Soup or salad? [🎉 1]" in ada.stdout
    assert "ada (reply to ben): Soup, pleas" in ada.stdout

    more = "/edit\n/edit 3 Soup, please\n/delete 3\ny\n"
    again = _run(tmp_path / "ada", *client, "ada", text=f"{PASSWORD}\n{more}")
    assert again.returncode == 0, again.stdout
    assert "ben: Soup or salad? [1]" in again.stdout  # the reaction was removed
    assert "ada (reply to ben): Soup, please (edited) [3]" in again.stdout
    assert "ada: (message deleted) [3]" in again.stdout
