"""The command `chat-tui`: arguments to settings to a running client.

Wrong arguments end with 2, a server of one's own that does not start with 1;
both with a sentence and never with a traceback.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

from cyclopts import App, CycloptsError, Parameter

from chat_tui import settings as stored
from chat_tui.address import BadAddress, Invitation, read_invitation
from chat_tui.local import CannotStart, LocalServer, local_data_path
from chat_tui.settings import BadSettings, Settings

if TYPE_CHECKING:
    from chat_tui.app import ChatApp
    from chat_tui.state_folder import StateFolder

T = TypeVar("T")

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
    plain: Annotated[bool, Parameter(name="--plain", negative=())] = False,
    send: Annotated[str | None, Parameter(name="--send")] = None,
    new_token: Annotated[bool, Parameter(name="--new-token", negative=())] = False,
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
    plain
        One line after the other instead of a full screen: for screen readers and pipes.
    send
        Bring what standard input holds to this room, and end: 0 once it is on the server's disk.
    new_token
        Log in, write a token for programs to standard output, and end.
    """
    if local and server:
        raise WrongUse("--local starts a server of its own; it takes no server to go to.")
    invitation = _invitation(server)
    settings = _settings(name)
    if send is not None or new_token:
        _serve_program(settings, invitation, local=local, room=send)
        return
    with _server(local) as own:
        (_run_plain if plain else _run)(settings, own or invitation)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; ends the process with an exit code."""
    try:
        cli(arguments, exit_on_error=False, print_error=False)
    except (WrongUse, BadSettings, CycloptsError) as exc:
        _end(str(exc), _USAGE)
    except CannotStart as exc:
        _end(str(exc), _FAILED)


def _end(sentence: str, code: int) -> NoReturn:
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


@contextmanager
def _server(local: bool) -> Iterator[Invitation | None]:
    """Run a server of one's own, if that is wanted, and say where it is."""
    if not local:
        yield None
        return
    with LocalServer(local_data_path()) as server:
        # The server starts while the client's own modules are being read.
        import chat_tui.app  # noqa: F401

        yield Invitation(server.wait_ready(), local=True)


def _run(settings: Settings, invitation: Invitation | None) -> None:
    if not sys.stdin.isatty():
        raise WrongUse("This program fills the screen: it needs a terminal to read keys from.")
    from chat_tui.app import ChatApp

    path = stored.settings_path()
    app = ChatApp(settings, invitation=invitation, path=path, folder=_folder())
    asyncio.run(_run_until_told(app))
    sys.exit(app.return_code or 0)


def _run_plain(settings: Settings, invitation: Invitation | None) -> None:
    from chat_tui.plain.start import talk

    sys.exit(_without_screen(talk(settings, invitation, _folder())))


def _serve_program(
    settings: Settings, invitation: Invitation | None, *, local: bool, room: str | None
) -> None:
    from chat_tui.plain.start import new_token, send

    if local:
        raise WrongUse("--local ends with the client; a program sends to a server that stays.")
    if room is None:
        print(_without_screen(new_token(settings, invitation, _folder())))  # noqa: T201 - as asked
    else:
        _without_screen(send(settings, invitation, _folder(), room))


def _without_screen(way: "Coroutine[None, None, T]") -> "T":
    """Go this way; a reader that has gone, as `head` does, is no mistake of anybody's."""
    from chat_tui.plain.entry import GaveUp

    try:
        return asyncio.run(way)
    except GaveUp as exc:
        _end(str(exc), _FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(_FAILED) from None


def _folder() -> "StateFolder":
    from chat_tui.state_folder import StateFolder, state_path
    from chat_tui.tokens import system_keyring

    return StateFolder(state_path(), system_keyring())


async def _run_until_told(app: "ChatApp") -> None:
    """Run `app`; a signal that ends it leaves the terminal as it was found."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.exit)
    await app.run_async()
