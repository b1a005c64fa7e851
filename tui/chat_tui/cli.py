"""The command `chat-tui`: reads arguments and settings, and runs the client.

The exit code is 2 for wrong arguments, and 1 if your own server does not start or there is
no home folder; all come with a sentence and never with a traceback.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chat_tui.arguments import WrongUse, read_arguments
from chat_tui.model.address import Address, BadAddress, Invitation, read_invitation
from chat_tui.model.premises import KIOSK
from chat_tui.net.local_server import CannotStart, LocalServer, local_data_path
from chat_tui.running import FAILED, INTERRUPTED, end, load_app, run_app, run_without_screen
from chat_tui.storage import settings as stored
from chat_tui.storage.home import NoHome
from chat_tui.storage.settings import BadSettings, Settings

if TYPE_CHECKING:
    from argparse import Namespace

    from chat_tui.storage.paths import Paths
    from chat_tui.terminal.pictures.ways import Choice

Run: TypeAlias = Callable[[Settings, Invitation | None, Callable[[Address], None]], None]

_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; ends the process with an exit code."""
    try:
        _follow(arguments)
    except (WrongUse, BadSettings) as exc:
        end(str(exc), _USAGE)
    except (CannotStart, NoHome) as exc:
        end(str(exc), FAILED)
    except KeyboardInterrupt:  # before the screen is drawn; then Ctrl+C is an ordinary key
        raise SystemExit(INTERRUPTED) from None


def _follow(arguments: Sequence[str] | None) -> None:
    given = read_arguments(sys.argv[1:] if arguments is None else arguments)
    if given.version:
        _say_version()
    elif given.kiosk:
        _run_at_kiosk(given)
    else:
        _run_at_home(given)


def _run_at_home(given: "Namespace") -> None:
    """Run the client as the arguments say, on the person's own computer."""
    if given.local and given.server:
        raise WrongUse("--local starts your own server, so it takes no SERVER.")
    settings, invitation = _settings(given.name), _invitation(given.server)
    if sum((given.plain, given.send is not None, given.new_token)) > 1:
        raise WrongUse("Use only one of --plain, --send and --new-token.")
    _check_together(given)
    if given.new_token:
        _make_token(settings, invitation, given.out, local=given.local)
        return
    if given.send is not None:
        _check_no_server_of_its_own(local=given.local)
        _send(settings, invitation, given)
        return
    if not given.plain:
        _check_terminal()
    run = (
        partial(_run_plain, named=given.name or "")
        if given.plain
        else partial(_run, images=given.images)
    )
    if given.local:
        _run_with_server(settings, run, drawn=not given.plain)
    else:
        run(settings, invitation)


def _check_together(given: "Namespace") -> None:
    """Raise WrongUse for an argument that means something only with another one."""
    if given.file and given.send is None:
        raise WrongUse("--file PATH goes with --send ROOM.")
    if given.caption and not given.file:
        raise WrongUse("--caption TEXT goes with --file PATH.")
    if given.out and not given.new_token:
        raise WrongUse("--out FILE goes with --new-token.")


def _run_at_kiosk(given: "Namespace") -> None:
    """Serve a person who may use nothing here but the connection to one server."""
    from chat_tui import kiosk
    from chat_tui.commands.ssh import UnknownCommand

    if (
        given.local
        or given.send is not None
        or given.new_token
        or given.out
        or given.file
        or given.caption
    ):
        raise WrongUse("--kiosk goes with SERVER, --name and --plain only.")
    if (invitation := _invitation(given.server)) is None:
        raise WrongUse("--kiosk needs a SERVER, which is the only one that it connects to.")
    has_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    try:
        wanted = kiosk.wanted(os.environ, has_terminal=has_terminal)
    except UnknownCommand as exc:
        end(str(exc), FAILED)
    kiosk.restrict(os.environ)
    invitation = replace(invitation, alts=())  # a person there is led nowhere else
    if wanted.room:
        invitation = replace(invitation, room=wanted.room, password="")
    settings = Settings(name=given.name or "")
    if given.plain or wanted.view == "plain":
        _run_plain_at_kiosk(settings, invitation)
    else:
        _check_terminal()
        app = load_app()(settings, invitation=invitation, premises=KIOSK, images=given.images)
        from chat_tui.terminal.kiosk_driver import KioskDriver

        app.driver_class = KioskDriver
        run_app(app)


def _run_plain_at_kiosk(settings: Settings, invitation: Invitation) -> None:
    from chat_tui.plain.start import talk
    from chat_tui.storage.paths import Paths

    sys.exit(run_without_screen(talk(settings, invitation, Paths(), premises=KIOSK)))


def _say_version() -> None:
    # Imported here: finding the installed version takes as long as drawing the form.
    from importlib.metadata import version

    print(f"chat-tui {version('trialogue')}")  # noqa: T201 - output of the command


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
    """Raise WrongUse without one: keys are read from stdin, the screen is drawn on stderr."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise WrongUse("The full screen needs a terminal. In a pipe, use --plain.")


def _run_with_server(settings: Settings, run: "Run", *, drawn: bool) -> None:
    """Run a local server, and the client for it."""
    with LocalServer(local_data_path()) as server:
        if drawn:
            load_app()  # while the server starts
        run(settings, Invitation(server.wait_ready(), local=True), server.wake)


def _run_plain(
    settings: Settings,
    invitation: Invitation | None,
    wake: Callable[[Address], None] | None = None,
    *,
    named: str,
) -> None:
    from chat_tui.plain.start import talk

    sys.exit(run_without_screen(talk(settings, invitation, _folder(), wake, named=named)))


def _make_token(
    settings: Settings, invitation: Invitation | None, out: Path | None, *, local: bool
) -> None:
    from chat_tui.plain.start import new_token, new_token_file

    _check_no_server_of_its_own(local=local)
    if out is not None:
        run_without_screen(new_token_file(settings, invitation, _folder(), out))
        return
    if sys.stdout is None:
        raise WrongUse("--new-token writes to standard output, which is closed. Use --out FILE.")
    run_without_screen(new_token(settings, invitation, _folder()))


def _send(settings: Settings, invitation: Invitation | None, given: "Namespace") -> None:
    from chat_tui.plain.start import send, send_files

    folder, named = _folder(), given.name or ""
    if given.file:
        paths, caption = [str(path) for path in given.file], given.caption or ""
        sending = send_files(settings, invitation, folder, given.send, paths, caption, named=named)
    else:
        sending = send(settings, invitation, folder, given.send, named=named)
    run_without_screen(sending)


def _check_no_server_of_its_own(*, local: bool) -> None:
    if local:
        raise WrongUse("--local stops with the client; a script needs a server that keeps running.")


def _folder() -> "Paths":
    from chat_tui.storage.paths import Paths, state_path
    from chat_tui.storage.tokens import system_keyring

    return Paths(state_path(), system_keyring())


def _run(
    settings: Settings,
    invitation: Invitation | None,
    wake: Callable[[Address], None] | None = None,
    *,
    images: "Choice",
) -> None:
    make_app = load_app()
    from chat_tui.net.client import clients_of

    folder = _folder()
    make_client = clients_of(folder, settings.device, wake)
    path = stored.settings_path()
    app = make_app(
        settings,
        invitation=invitation,
        path=path,
        folder=folder,
        make_client=make_client,
        images=images,
    )
    run_app(app)
