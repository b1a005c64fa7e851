"""The command `chat-tui`: arguments to settings to a running client.

Wrong arguments end with 2, a server of one's own that does not start with 1;
both with a sentence and never with a traceback.
"""

import asyncio
import gc
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from chat_tui import settings as stored
from chat_tui.address import Address, BadAddress, Invitation, read_invitation
from chat_tui.local import CannotStart, LocalServer, local_data_path
from chat_tui.settings import BadSettings, Settings

if TYPE_CHECKING:
    from chat_tui.app import ChatApp

_USAGE = 2
_FAILED = 1
_INTERRUPTED = 128 + signal.SIGINT  # as shells have it


class WrongUse(Exception):
    """The arguments cannot be followed; the message says which."""


# Not the library that reads the arguments of chat-server: it takes a third of
# the time in which the form has to be there, and there is little to read here.
class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUse(f"{message[0].upper()}{message[1:]}. --help says what there is.")


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="chat-tui",
        description="Chat in the terminal. Without a server, the one of the last time is offered.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "server",
        nargs="?",
        help="HOST, HOST:PORT or a chat:// link; tcp://HOST goes without encryption",
    )
    parser.add_argument("--name", help="under which name to log in")
    parser.add_argument(
        "--local",
        action="store_true",
        help="start a server of one's own for as long as the client runs",
    )
    parser.add_argument("--version", action="store_true", help="say which version this is")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; ends the process with an exit code."""
    try:
        _follow(arguments)
    except (WrongUse, BadSettings) as exc:
        _end(str(exc), _USAGE)
    except CannotStart as exc:
        _end(str(exc), _FAILED)
    except KeyboardInterrupt:  # before the screen is there; then Ctrl+C is a key like others
        raise SystemExit(_INTERRUPTED) from None


def _follow(arguments: Sequence[str] | None) -> None:
    given = _parser().parse_args(arguments)
    if given.version:
        _say_version()
        return
    if given.local and given.server:
        raise WrongUse("--local starts a server of its own; it takes no server to go to.")
    settings, invitation = _settings(given.name), _invitation(given.server)
    _check_terminal()
    if given.local:
        _run_with_server(settings)
    else:
        _run(settings, invitation)


def _say_version() -> None:
    # Here, since looking for what is installed takes as long as drawing the form.
    from importlib.metadata import version

    print(f"chat-tui {version('trialogue')}")  # noqa: T201 - this is for a person


def _end(sentence: str, code: int) -> None:
    print(f"chat-tui: {sentence}", file=sys.stderr)  # noqa: T201 - this is for a person
    raise SystemExit(code)


def _invitation(server: str | None) -> Invitation | None:
    if server is None:
        return None
    try:
        return read_invitation(server)
    except BadAddress as exc:
        raise WrongUse(str(exc)) from None


def _settings(name: str | None) -> Settings:
    settings = stored.load(stored.settings_path())
    return replace(settings, name=name) if name else settings


def _check_terminal() -> None:
    """Keys are read from the input, and the screen is drawn over the errors' stream."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise WrongUse("This program fills the screen: run it in a terminal, not redirected.")


def _run_with_server(settings: Settings) -> None:
    """Run a server of one's own, and the client for it."""
    with LocalServer(local_data_path()) as server:
        _load_app()  # while the server starts
        _run(settings, Invitation(server.wait_ready(), local=True), server.wake)


def _run(
    settings: Settings, invitation: Invitation | None, wake: Callable[[Address], None] | None = None
) -> None:
    make_app = _load_app()
    from chat_tui.link import Link
    from chat_tui.state_folder import StateFolder, state_path
    from chat_tui.tokens import system_keyring

    folder = StateFolder(state_path(), system_keyring())
    make_link = partial(Link, known=folder.known, wake=wake)
    path = stored.settings_path()
    app = make_app(settings, invitation=invitation, path=path, folder=folder, make_link=make_link)
    asyncio.run(_run_until_told(app))
    sys.exit(app.return_code or 0)


def _load_app() -> "type[ChatApp]":
    """Import what draws the screen; the time to the form is mostly this.

    Nothing that is imported is ever garbage. Looking for some in it, at each of
    the thousands of objects, is a twentieth of that time, and later a pause in
    which a key is not heard.
    """
    gc.disable()
    from chat_tui.app import ChatApp

    gc.freeze()
    gc.enable()
    return ChatApp


async def _run_until_told(app: "ChatApp") -> None:
    """Run `app`; a signal that ends it leaves the terminal as it was found."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    await app.run_async()
