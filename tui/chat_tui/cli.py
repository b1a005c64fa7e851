"""The command `chat-tui`: arguments to settings to a running client.

Wrong arguments end with 2, a server of one's own that does not start with 1;
both with a sentence and never with a traceback.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, Parameter

from chat_tui import settings as stored
from chat_tui.address import BadAddress, Invitation, read_invitation
from chat_tui.local import CannotStart, LocalServer, local_data_path
from chat_tui.settings import BadSettings, Settings

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
        HOST, HOST:PORT or a chat:// link.
    name
        Under which name to log in.
    local
        Start a server of one's own for as long as the client runs.
    """
    if local and server:
        raise WrongUse("--local starts a server of its own; it takes no server to go to.")
    invitation = _invitation(server)
    settings = _settings(name)
    with _server(local) as own:
        _run(settings, own or invitation)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; ends the process with an exit code."""
    try:
        cli(arguments)
    except (WrongUse, BadSettings) as exc:
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


@contextmanager
def _server(local: bool) -> Iterator[Invitation | None]:
    """Run a server of one's own, if that is wanted, and say where it is."""
    if not local:
        yield None
        return
    with LocalServer(local_data_path()) as server:
        # The server starts while the client's own modules are being read.
        import chat_tui.app  # noqa: F401

        yield Invitation(server.wait_ready())


def _run(settings: Settings, invitation: Invitation | None) -> None:
    from chat_tui.app import ChatApp

    app = ChatApp(settings, invitation=invitation, path=stored.settings_path())
    app.run()
    sys.exit(app.return_code or 0)
