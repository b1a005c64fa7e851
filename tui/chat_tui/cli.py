"""The command `chat-tui`: arguments to settings to a running client.

Wrong arguments end with 2, a server of one's own that does not start with 1;
both with a sentence and never with a traceback.
"""

import asyncio
import gc
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from chat_shared.text import clean
from chat_tui.model.address import Address, BadAddress, Invitation, read_invitation
from chat_tui.net.local_server import CannotStart, LocalServer, local_data_path
from chat_tui.storage import settings as stored
from chat_tui.storage.settings import BadSettings, Settings
from chat_tui.terminal.sighup import end_with_terminal

if TYPE_CHECKING:
    from chat_tui.app import ChatApp
    from chat_tui.storage.paths import Paths

T = TypeVar("T")
Run: TypeAlias = Callable[[Settings, Invitation | None, Callable[[Address], None]], None]

_USAGE = 2
_FAILED = 1
_SIGNALLED = 128  # and the signal's number, as shells have it
_INTERRUPTED = _SIGNALLED + signal.SIGINT


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
    parser.add_argument(
        "--plain",
        action="store_true",
        help="one line after the other instead of a full screen: for screen readers and pipes",
    )
    parser.add_argument(
        "--send",
        metavar="ROOM",
        help="bring what standard input holds to this room; 0 once the server has it on disk",
    )
    parser.add_argument(
        "--new-token",
        action="store_true",
        help="log in, and write a token for programs to standard output",
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
    if sum((given.plain, given.send is not None, given.new_token)) > 1:
        raise WrongUse("--plain, --send and --new-token are three ways to use it: choose one.")
    if given.send is not None or given.new_token:
        _serve_program(
            settings, invitation, local=given.local, room=given.send, named=given.name or ""
        )
        return
    if not given.plain:
        _check_terminal()
    run = partial(_run_plain, named=given.name or "") if given.plain else _run
    if given.local:
        _run_with_server(settings, run)
    else:
        run(settings, invitation)


def _say_version() -> None:
    # Here, since looking for what is installed takes as long as drawing the form.
    from importlib.metadata import version

    print(f"chat-tui {version('trialogue')}")  # noqa: T201 - this is for a person


def _end(sentence: str, code: int) -> NoReturn:
    print(f"chat-tui: {clean(sentence)}", file=sys.stderr)  # noqa: T201 - this is for a person
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


def _run_with_server(settings: Settings, run: "Run") -> None:
    """Run a server of one's own, and the client for it."""
    with LocalServer(local_data_path()) as server:
        if run is _run:
            _load_app()  # while the server starts
        run(settings, Invitation(server.wait_ready(), local=True), server.wake)


def _run_plain(
    settings: Settings,
    invitation: Invitation | None,
    wake: Callable[[Address], None] | None = None,
    *,
    named: str,
) -> None:
    from chat_tui.plain.start import talk

    sys.exit(_without_screen(talk(settings, invitation, _folder(), wake, named=named)))


def _serve_program(
    settings: Settings, invitation: Invitation | None, *, local: bool, room: str | None, named: str
) -> None:
    from chat_tui.plain.start import new_token, send

    if local:
        raise WrongUse("--local ends with the client; a program sends to a server that stays.")
    if room is None:
        if sys.stdout is None:
            raise WrongUse("--new-token writes to standard output, which is closed.")
        _without_screen(new_token(settings, invitation, _folder()))
    else:
        _without_screen(send(settings, invitation, _folder(), room, named=named))


def _without_screen(way: "Coroutine[None, None, T]") -> "T":
    """Go this way; a reader that has gone, as `head` does, is no mistake of anybody's."""
    from chat_tui.plain.console import Unheard, prepare_streams
    from chat_tui.plain.login import GaveUp

    prepare_streams()
    try:
        return asyncio.run(_until_signal(way))
    except (GaveUp, Unheard) as exc:
        _end_deaf(str(exc))
    except BrokenPipeError:
        _end_deaf("")


def _end_deaf(sentence: str) -> NoReturn:
    """End, and do not stumble once more over a standard output that takes nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if sentence:
        _end(sentence, _FAILED)
    raise SystemExit(_FAILED)


async def _until_signal(way: "Coroutine[None, None, T]") -> "T":
    """Go this way until a signal ends it, which leaves the terminal as it was found."""
    task, ended_by = asyncio.current_task(), list[int]()

    def end(number: int) -> None:
        ended_by.append(number)
        if task is not None:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    try:
        return await way
    except asyncio.CancelledError:
        if ended_by:
            raise SystemExit(_SIGNALLED + ended_by[0]) from None
        raise


def _folder() -> "Paths":
    from chat_tui.storage.paths import Paths, state_path
    from chat_tui.storage.tokens import system_keyring

    return Paths(state_path(), system_keyring())


def _run(
    settings: Settings, invitation: Invitation | None, wake: Callable[[Address], None] | None = None
) -> None:
    make_app = _load_app()
    from chat_tui.net.client import Client

    folder = _folder()
    make_client = partial(Client, known=folder.known, wake=wake)
    path = stored.settings_path()
    app = make_app(
        settings, invitation=invitation, path=path, folder=folder, make_client=make_client
    )
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
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, app.exit)
    end_with_terminal(lambda: loop.call_soon_threadsafe(app.exit))
    await app.run_async()
