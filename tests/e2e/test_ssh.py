"""People with nothing but OpenSSH's own client use the chat."""

import os
import re
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

import chat_server
import chat_shared
import chat_tui
from support.people import PASSWORD, send, sign_up
from support.ssh_gateway import Gateway, log_in, register
from support.terminal import PATIENCE, Desk, Terminal

SIZES: Final = [(80, 24), (40, 20), (120, 36)]


@pytest.fixture
def gateway(table: Desk, tmp_path: Path) -> Gateway:
    return Gateway(table, tmp_path / "data")


@pytest.mark.parametrize("size", SIZES)
def test_someone_registers_and_talks_with_someone_who_has_a_client(
    gateway: Gateway, table: Desk, size: tuple[int, int]
) -> None:
    ben = sign_up(table, "ben", gateway.address)
    ada = gateway.ssh("ada", size=size)
    register(ada)

    send(ada, "hello from ssh")
    ben.wait_for("hello from ssh")
    send(ben, "hello ada")
    ada.wait_for("hello ada")

    ada.press("ctrl+q")
    assert ada.wait_for_end() == 0


def test_the_form_asks_for_no_server_and_offers_what_is_possible(gateway: Gateway) -> None:
    ada = gateway.ssh("ada")
    ada.wait_for_cursor_under("Password")

    assert "Server" not in ada.screen
    assert "Keep me logged in" not in ada.screen
    ada.press("f1")
    ada.wait_for("Keys and commands")
    ada.type("editor")
    ada.wait_for("No matches")


def test_the_screen_follows_the_size_of_the_terminal(gateway: Gateway) -> None:
    ada = gateway.ssh("ada", size=(80, 24))
    register(ada)

    ada.resize(120, 40)

    ada.wait_until(lambda: "Ctrl+Q quit" in ada.last_row, "the last row at the bottom")


def test_who_is_cut_off_goes_on_where_they_were(gateway: Gateway) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    ada.enter("/create kitchen")
    ada.wait_for("kitchen is ready")
    ada.press("escape")
    ada.wait_for_no("kitchen is ready")
    ada.type("half a sentence")
    ada.wait_for("half a sentence")

    ada.kill()
    again = gateway.ssh("ada", size=(90, 30))
    log_in_to_draft(again)

    again.wait_for("half a sentence")
    again.wait_until(lambda: "Ctrl+K" in again.last_row, "the last row at the bottom")
    send_rest(again)


def log_in_to_draft(terminal: Terminal) -> None:
    terminal.wait_for_cursor_under("Password")
    terminal.enter(PASSWORD)


def send_rest(terminal: Terminal) -> None:
    terminal.enter(", and the rest")
    terminal.wait_for("half a sentence, and the rest")
    terminal.wait_for("Message kitchen")


def test_settings_and_drafts_outlive_the_client_however_it_ends(gateway: Gateway) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    dark = ada.background
    ada.press("ctrl+p")
    ada.wait_for("Search for commands")
    ada.type("Theme")
    ada.wait_for("Change the colors")
    ada.press("enter")
    ada.wait_for("trialogue-dark")
    ada.enter("trialogue-light")
    ada.wait_until(lambda: ada.background != dark, "the other theme")
    ada.type("half a sentence")
    ada.wait_for("half a sentence")

    os.kill(gateway.processes()[-1], signal.SIGTERM)
    ada.wait_for_end()
    again = gateway.ssh("ada")
    log_in_to_draft(again)
    again.wait_for("half a sentence")
    assert again.background == ada.background != dark

    phone = gateway.ssh("ada", size=(40, 20))
    log_in_to_draft(phone)
    phone.wait_for("half a sentence")
    again.type(", and more")
    phone.wait_for("and more")  # so the server has it
    os.kill(gateway.processes()[-1], signal.SIGKILL)
    again.wait_for_end()
    last = gateway.ssh("ada")
    log_in_to_draft(last)
    last.wait_for("half a sentence, and more")


def test_limits_and_the_operator_see_the_person_and_not_the_gateway(gateway: Gateway) -> None:
    register(gateway.ssh("ada"))

    listed = subprocess.run(
        [_chat_server(), "admin", "sessions", "list", "--data", str(gateway.data)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert re.search(r"^ada +127\.0\.0\.1 +ssh ", listed, re.MULTILINE)


@pytest.mark.parametrize("command", [("ls", "-l"), ("cat /etc/passwd",), ("/bin/sh", "-c", "id")])
def test_no_command_is_run(gateway: Gateway, command: tuple[str, ...]) -> None:
    code, output = gateway.run("eve", *command)

    assert code == 1
    assert "This is a chat" in output


@pytest.mark.parametrize(
    "options",
    [
        ("-N", "-R", "0:127.0.0.1:22", "-o", "ExitOnForwardFailure=yes"),
        ("-s",),  # a subsystem, with the name "sftp" below
    ],
)
def test_nothing_but_the_chat_is_reached(gateway: Gateway, options: tuple[str, ...]) -> None:
    code, output = gateway.run("eve", *(["sftp"] if options == ("-s",) else []), options=options)

    assert code != 0
    assert "root:" not in output


def test_no_connection_is_forwarded(gateway: Gateway) -> None:
    inward = gateway.address  # the server's own port, which the gateway itself can reach
    code, output = gateway.run("eve", options=("-W", inward))

    assert code != 0
    assert "hello" not in output


def test_the_end_of_a_worker_ends_its_people_with_a_sentence_and_nobody_else(
    gateway: Gateway, table: Desk
) -> None:
    ben = sign_up(table, "ben", gateway.address)
    ada = gateway.ssh("ada")
    register(ada)

    os.kill(gateway.processes()[-1], signal.SIGKILL)

    assert ada.wait_for_end() == 1
    assert "Connect again" in ada.screen
    gateway.server.wait_for("gateway worker failed")
    assert gateway.server.row_with("gateway worker failed").split()[-2:] == [
        "people=1",
        "signal=SIGKILL",
    ]
    send(ben, "still here")
    log_in(gateway.ssh("ada"))


def test_a_gateway_that_is_killed_is_started_again_and_the_server_goes_on(
    gateway: Gateway, table: Desk
) -> None:
    ben = sign_up(table, "ben", gateway.address)
    ada = gateway.ssh("ada")
    register(ada)

    os.kill(gateway.processes()[0], signal.SIGKILL)
    ada.wait_for_end()
    send(ben, "still here")
    gateway.server.wait_for("gateway failed")
    assert gateway.server.row_with("gateway failed").split()[-2:] == ["people=1", "signal=SIGKILL"]

    log_in(gateway.ssh("ada"))  # its connection waits until the gateway is there again


def test_the_gateway_ends_with_the_server(gateway: Gateway) -> None:
    register(gateway.ssh("ada"))
    gateway.server.press("ctrl+c")

    assert gateway.server.wait_for_end() == 0
    assert not gateway.processes()


def test_who_uses_ssh_stays_while_the_server_is_killed_and_restarted(
    gateway: Gateway, table: Desk
) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    processes = gateway.processes()

    gateway.server.kill()
    gateway.server.wait_for_process()
    ada.enter("sent while no server is there")
    gateway.start_again()

    ada.wait_for_no("queued")
    assert gateway.processes() == processes
    log_in(gateway.ssh("ada"))
    ben = sign_up(table, "ben", gateway.address)
    ben.wait_for("sent while no server is there")

    gateway.server.press("ctrl+c")
    assert gateway.server.wait_for_end() == 0
    _wait_ended(processes)
    assert not gateway.processes()


def test_a_gateway_with_other_settings_keeps_its_people_and_a_new_one_takes_the_next(
    gateway: Gateway, table: Desk
) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    earlier = gateway.processes()

    gateway.server.terminate()
    gateway.server.wait_for_process()
    gateway.start_again("--listen", "ssh://127.0.0.1:0")  # one address more

    send(ada, "still here")
    register(gateway.ssh("ben"))
    assert set(earlier) < set(gateway.processes())
    ada.press("ctrl+q")
    ada.wait_for_end()
    _wait_ended(earlier[:1])


def test_clients_of_an_earlier_version_go_on_with_the_server_of_the_next(
    gateway: Gateway, tmp_path: Path
) -> None:
    ada = gateway.ssh("ada")
    register(ada)
    earlier = gateway.processes()

    gateway.server.terminate()
    gateway.server.wait_for_process()
    ada.enter("sent during the upgrade")
    gateway.start_again(env={"PYTHONPATH": str(_next_version(tmp_path))})

    ada.wait_for_no("queued")
    ben = gateway.ssh("ben")
    register(ben)
    ben.wait_for("sent during the upgrade")
    send(ben, "welcome to the next version")
    ada.wait_for("welcome to the next version")
    later = set(gateway.processes()) - set(earlier)
    assert later
    assert all(_is_next_version(pid) for pid in later)
    assert not any(_is_next_version(pid) for pid in earlier)

    ada.press("ctrl+q")
    ada.wait_for_end()
    assert select.select([os.pidfd_open(earlier[0])], [], [], PATIENCE)[0]
    send(ben, "still here")


def _next_version(folder: Path) -> Path:
    """Return a folder with the installed packages, as another version of Trialogue."""
    installed = folder / "next-version"
    (installed / "trialogue-99.0.dist-info").mkdir(parents=True)
    metadata = installed / "trialogue-99.0.dist-info" / "METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: trialogue\nVersion: 99.0\n")
    for package in (chat_shared, chat_server, chat_tui):
        source = Path(package.__path__[0])
        (installed / source.name).symlink_to(source)
    return installed


def _is_next_version(pid: int) -> bool:
    return b"--settings=99.0 " in Path(f"/proc/{pid}/cmdline").read_bytes()


def _chat_server() -> str:
    return str(Path(sys.executable).with_name("chat-server"))


def _wait_ended(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            assert select.select([os.pidfd_open(pid)], [], [], PATIENCE)[0]
