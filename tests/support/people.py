"""What users do with the installed commands, each in their own terminal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from support.terminal import Desk, Terminal

PASSWORD: Final = "correct horse battery"

_READY: Final = "listening on tcp://"


def start_server(
    desk: Desk, data: Path, *flags: str, port: int = 0, env: Mapping[str, str] | None = None
) -> tuple[Terminal, str]:
    """Start a server on `data`; return its terminal and HOST:PORT once it is ready."""
    listen = ("--listen", f"tcp://127.0.0.1:{port}")
    command = ("chat-server", *listen, "--data", str(data), *flags)
    server = desk.open(*command, home="operator", size=(200, 50), env=env)
    server.wait_for(_READY)
    return server, server.row_with(_READY).removeprefix(_READY)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def sign_up(desk: Desk, name: str, *arguments: str, size: tuple[int, int] = (120, 36)) -> Terminal:
    """Start the client with `arguments` and register `name`."""
    client = at_the_form(desk, name, *arguments, size=size)
    client.enter(PASSWORD)
    client.wait_for("Repeat the password")
    client.enter(PASSWORD)
    client.wait_for("Message general")
    return client


def log_in(desk: Desk, name: str, *arguments: str) -> Terminal:
    """Start the client with `arguments` and log `name` in."""
    client = at_the_form(desk, name, *arguments)
    client.enter(PASSWORD)
    client.wait_for("Message general")
    return client


def at_the_form(
    desk: Desk, name: str, *arguments: str, size: tuple[int, int] = (120, 36)
) -> Terminal:
    """Start the client with `arguments` and go to the password field of `name`."""
    client = desk.open("chat-tui", *arguments, "--name", name, home=name, size=size)
    client.wait_until(
        lambda: client.cursor_is_under("Name") or client.cursor_is_under("Password"), "the form"
    )
    if client.cursor_is_under("Name"):
        client.press("enter")
        client.wait_for_cursor_under("Password")
    return client


def reopen(desk: Desk, name: str, *arguments: str) -> Terminal:
    """Start the client with `arguments`, where the session of `name` is stored."""
    client = desk.open("chat-tui", *arguments, "--name", name, home=name)
    client.wait_for("Message general")
    return client


def send(client: Terminal, text: str) -> None:
    """Send `text` and wait until the server has accepted it."""
    client.enter(text)
    client.wait_until(lambda: _is_accepted(client.screen, text), f"{text!r} to be accepted and")


def _is_accepted(screen: str, text: str) -> bool:
    composer_is_empty = "Message " in screen
    return composer_is_empty and text in screen and "queued" not in screen
