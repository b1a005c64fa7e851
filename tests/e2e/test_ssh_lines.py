"""People and scripts use the chat line by line, with OpenSSH's own client."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ClientEvent, LoggedIn, Received
from support.loops import run_apart
from support.people import PASSWORD, port_of, send, sign_up
from support.ssh_gateway import Gateway, register
from support.terminal import Desk

_REGISTERED = f"{PASSWORD}\n{PASSWORD}\n"


@pytest.fixture
def gateway(table: Desk, tmp_path: Path) -> Gateway:
    return Gateway(table, tmp_path / "data")


@pytest.mark.parametrize(("term", "command"), [("xterm", ["plain"]), ("dumb", [])])
def test_someone_at_a_terminal_chats_in_lines(
    gateway: Gateway, table: Desk, term: str, command: list[str]
) -> None:
    ben = sign_up(table, "ben", gateway.address)
    ada = gateway.ssh("ada", *command, options=("-t",), env={"TERM": term}, size=(60, 20))
    ada.wait_for("Password:")
    ada.enter(PASSWORD)
    ada.wait_for("repeat the password:")
    ada.enter(PASSWORD)
    ada.wait_for("general>")
    assert PASSWORD not in ada.screen

    ada.type("is anybody there?!")
    ada.press("backspace")
    send(ben, "hello from a full screen")
    ada.wait_for("ben: hello from a full screen")
    ada.press("enter")
    ben.wait_for("is anybody there?")
    ada.resize(40, 20)
    ada.enter("/members")
    ada.wait_for("ben")
    assert ada.screen.count("is anybody there?") <= 2  # as typed; a dumb terminal keeps the half

    ada.press("ctrl+d")
    assert ada.wait_for_end() == 0
    if term == "dumb":
        assert b"\x1b" not in ada.received


def test_a_pipe_is_followed_to_its_end(gateway: Gateway) -> None:
    code, output = gateway.run("ada", "plain", typed=f"{_REGISTERED}/create kitchen\nsoup?\n")
    assert code == 0, output
    assert output.count("ada: soup?") == 1

    code, output = gateway.run("ada", "plain", "kitchen", typed=f"{PASSWORD}\n")
    assert code == 0
    assert "ada: soup?" in output

    code, output = gateway.run("ada", typed=f"{PASSWORD}\n/go cellar\nlost\n")
    assert code == 1
    assert "Your message: lost" in output


def test_a_room_is_opened_on_the_full_screen(gateway: Gateway) -> None:
    gateway.run("ada", "plain", typed=f"{_REGISTERED}/create kitchen\n")

    ada = gateway.ssh("ada", "kitchen", options=("-t",))
    ada.wait_for_cursor_under("Password")
    ada.enter(PASSWORD)
    ada.wait_for("Message kitchen")
    ada.kill()
    again = gateway.ssh("ada", "general", options=("-t",))
    again.wait_for_cursor_under("Password")
    again.enter(PASSWORD)
    again.wait_for("Message general")
    again.wait_for("ada (you)")  # which is drawn a moment later
    again.press("ctrl+q")
    assert again.wait_for_end() == 0

    code, output = gateway.run("ada", "kitchen")
    assert code == 1
    assert "ssh -t NAME@HOST kitchen" in output


def test_a_script_sends_with_a_key_and_not_without(gateway: Gateway, tmp_path: Path) -> None:
    key = tmp_path / "id"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(make, check=True)
    register(gateway.ssh("builds"))
    options = ("-i", str(key))

    code, output = gateway.run("builds", "send", "general", options=options, typed="green\n")
    assert code == 1
    assert "No SSH key logs in to builds" in output

    run_apart(_add_key(gateway.address, "builds", key.with_suffix(".pub").read_text()))
    sent = gateway.run("builds", "send", "general", options=options, typed="Build 7\nis green\n")
    assert sent == (0, "")
    code, output = gateway.run("builds", "plain", options=options)  # no password
    assert code == 0
    assert output.endswith("builds: Build 7\n    is green\n")

    for room, text, sentence in (
        ("cellar", "x", "not in this room"),
        ("general", "", "Nothing to send"),
        ("general", "x" * 9_000, "9,000 characters"),
    ):
        code, output = gateway.run("builds", "send", room, options=options, typed=text)
        assert code == 1
        assert sentence in output


async def _add_key(address: str, name: str, key: str) -> None:
    """Add a key to an account, by a client of its own."""
    added = asyncio.Event()

    def handle(event: ClientEvent) -> None:
        match event:
            case LoggedIn():
                client.send(m.AddSshKey(id=m.UNNUMBERED, key=key.strip(), password=PASSWORD))
            case Received(items) if any(
                isinstance(item, Answer) and isinstance(item.request, m.AddSshKey) for item in items
            ):
                added.set()

    client = Client(handle, Outbox(), dict)
    to = Address("127.0.0.1", port_of(address), plain=True)
    log_in = m.Login(id=m.UNNUMBERED, name=name, password=PASSWORD)
    running = asyncio.create_task(client.run(to, log_in))
    async with asyncio.timeout(60):
        await added.wait()
    running.cancel()
    await asyncio.wait([running])
