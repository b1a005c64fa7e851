"""The command `chat-tui`: arguments to settings to a running client.

Wrong arguments end with 2, a server of one's own that does not start with 1;
both with a sentence and never with a traceback.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Parameter

from chat_tui import settings as stored
from chat_tui.address import Address, BadAddress, Invitation, read_invitation
from chat_tui.local import CannotStart, LocalServer, local_data_path
from chat_tui.settings import BadSettings, Settings

if TYPE_CHECKING:
    from chat_tui.app import ChatApp

_USAGE = 2
_FAILED = 1

cli = App(
    name="chat-tui",
    help="Chat in the terminal. Without a server, the one of the last time is offered.",
    version=lambda: f"chat-tui {version('trialogue')}",
    version_flags=["--version"],
)


class WrongUse(Exception):
    """The arguments cannot be followed; the message says which."""


@cli.default
def chat_tui(
    server: str | None = None,
    /,
    *,
    name: Annotated[str | None, Parameter(name="--name")] = None,
    local: Annotated[bool, Parameter(name="--local", negative=())] = False,
) -> None:
    """Open the client.

    Parameters
    ----------
    server
        HOST, HOST:PORT or a chat:// link; tcp://HOST goes without encryption.
    name
        Under which name to log in.
    local
        Start a server of one's own for as long as the client runs.
    """
    if local and server:
        raise WrongUse("--local starts a server of its own; it takes no server to go to.")
    invitation = _invitation(server)
    settings = _settings(name)
    if local:
        _run_with_server(settings)
    else:
        _run(settings, invitation)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; ends the process with an exit code."""
    try:
        cli(arguments, exit_on_error=False, print_error=False)
    except (WrongUse, BadSettings, CycloptsError) as exc:
        _end(str(exc), _USAGE)
    except CannotStart as exc:
        _end(str(exc), _FAILED)


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


def _run_with_server(settings: Settings) -> None:
    """Run a server of one's own, and the client for it."""
    with LocalServer(local_data_path()) as server:
        # The server starts while the client's own modules are being read.
        import chat_tui.app  # noqa: F401

        _run(settings, Invitation(server.wait_ready(), local=True), server.wake)


def _run(
    settings: Settings, invitation: Invitation | None, wake: Callable[[Address], None] | None = None
) -> None:
    if not sys.stdin.isatty():
        raise WrongUse("This program fills the screen: it needs a terminal to read keys from.")
    from chat_tui.app import ChatApp
    from chat_tui.link import Link
    from chat_tui.state_folder import StateFolder, state_path
    from chat_tui.tokens import system_keyring

    folder = StateFolder(state_path(), system_keyring())
    make_link = partial(Link, known=folder.known, wake=wake)
    path = stored.settings_path()
    app = ChatApp(settings, invitation=invitation, path=path, folder=folder, make_link=make_link)
    asyncio.run(_run_until_told(app))
    sys.exit(app.return_code or 0)


async def _run_until_told(app: "ChatApp") -> None:
    """Run `app`; a signal that ends it leaves the terminal as it was found."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    await app.run_async()
