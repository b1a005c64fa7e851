"""Uses of the client without a screen: to chat, to send one message, to get a token."""

import asyncio
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from chat_shared import messages as m
from chat_shared.limits import MAX_TEXT, MAX_TOKEN
from chat_tui.controller.controller import Attempt
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.model.outbox import Outbox
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.net.client import Wake, clients_of
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import (
    Chunks,
    Console,
    OutputFailed,
    Source,
    open_console,
    read_all,
    say,
)
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.login import LogInPrompts, kept_token
from chat_tui.plain.sending import Sending
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.storage.source_file import CannotRead, find_files

TOKEN: Final = "CHAT_TOKEN"  # noqa: S105 - the variable's name
TOKEN_FILE: Final = "CHAT_TOKEN_FILE"  # noqa: S105 - the variable's name

# Bytes that are read: the longest message, with room for colours that are dropped.
_MAX_INPUT: Final = 8 * MAX_TEXT

_NOBODY: Final = (
    "No account to send from. Set CHAT_TOKEN to a token from chat-tui --new-token, or "
    "CHAT_TOKEN_FILE to a file that holds one. Or log in with chat-tui and tick "
    '"Keep me logged in".'
)

_LOST: Final = "The token is lost. Log its device out with /sessions."


async def talk(
    settings: Settings,
    invitation: Invitation | None,
    folder: Paths,
    wake: Wake = None,
    *,
    named: str = "",
    premises: Premises = OWN_COMPUTER,
) -> int:
    """Chat line by line until the input ends; return the exit code. Raises GaveUp.

    A token must belong to the account `named`, if one is.
    """
    token = token_in(os.environ)
    async with open_console(suspends=premises.has_programs) as console:
        make_client = clients_of(folder, settings.device, wake, follows=premises.chooses_server)
        chat = PlainChat(console, settings, folder, make_client, account=named, premises=premises)
        return await chat.run(invitation, token)


async def send(
    settings: Settings,
    invitation: Invitation | None,
    folder: Paths,
    room: str,
    *,
    named: str = "",
) -> None:
    """Send standard input to `room`, from the account `named` if one is. Raises GaveUp."""
    to = _server(settings, invitation)
    resume = await _resume(folder, to, settings.name)
    text = await read_text(Source(sys.stdin.fileno()))
    await Sending(room, clients_of(folder, settings.device)).run(to, resume, text, named)


async def send_files(
    settings: Settings,
    invitation: Invitation | None,
    folder: Paths,
    room: str,
    paths: Sequence[str],
    caption: str,
    *,
    named: str = "",
) -> None:
    """Send the files at `paths` as one message with the text `caption`. Raises GaveUp.

    Standard input is left alone: in a script it may be what that goes on with.
    """
    to = _server(settings, invitation)
    resume = await _resume(folder, to, settings.name)
    try:
        files = await asyncio.to_thread(find_files, [paths])
    except CannotRead as exc:
        raise GaveUp(str(exc)) from None
    sending = Sending(room, clients_of(folder, settings.device), files)
    await sending.run(to, resume, caption, named)


async def _resume(folder: Paths, to: Invitation, account: str) -> m.Resume:
    """Return the log-in of a script. Raises GaveUp if there is none."""
    token = token_in(os.environ) or await kept_token(folder, to, account)
    if not token:
        raise GaveUp(_NOBODY)
    return m.Resume(id=m.UNNUMBERED, token=token, seen={})


async def read_text(source: Chunks) -> str:
    """Return the message that `source` holds. Raises GaveUp."""
    given = await read_all(source, _MAX_INPUT)
    text = given.decode(errors="replace").rstrip()
    if not text:
        raise GaveUp("Nothing to send: standard input is empty.")
    return text


async def new_token(settings: Settings, invitation: Invitation | None, folder: Paths) -> None:
    """Log in by question and answer; write the token of a new session. Raises GaveUp.

    The session lasts until it is revoked; /sessions lists it.
    """
    async with open_console() as console:
        token = await _log_in(_Aside(console), settings, invitation, folder)
    try:
        say(token, sys.stdout)
    except OutputFailed as exc:
        raise GaveUp(f"{exc} {_LOST}") from None


async def new_token_file(
    settings: Settings, invitation: Invitation | None, folder: Paths, out: Path
) -> None:
    """Do as `new_token`, but write to the new file `out`, which only its owner can read.

    The file is made first, as a token that cannot be written is lost. Raises GaveUp.
    """
    with _private_file(out) as file:
        async with open_console() as console:
            token = await _log_in(console, settings, invitation, folder)
        try:
            with file:  # closed here, since only that tells whether the disk has room
                file.write(f"{token}\n")
        except OSError as exc:
            raise GaveUp(f"Can't write {out}: {exc.strerror}. {_LOST}") from None


@contextmanager
def _private_file(path: Path) -> Generator[TextIO]:
    """Create `path`, and remove it again if the block fails. Raises GaveUp."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise GaveUp(f"Can't create {path}: {exc.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _log_in(
    console: Console, settings: Settings, invitation: Invitation | None, folder: Paths
) -> str:
    make_client = clients_of(folder, settings.device)
    client = make_client(lambda event: prompts.handle(event), Outbox(), dict)

    async def run(attempt: Attempt) -> None:
        to = attempt.to
        await client.run(to.address, attempt.request, to.fingerprint, to.alts)

    prompts = LogInPrompts(console, folder, run)
    to = await prompts.find_server(invitation, settings.server)
    await prompts.log_in(to, await prompts.find_name(settings.name, to), kept=False)
    token = client.token
    await prompts.disconnect()
    return token


class _Aside:
    """A console that writes to stderr, since stdout is for the token alone."""

    shows_typed = False  # only questions are answered here

    @property
    def has_person(self) -> bool:
        return self._console.has_person

    def __init__(self, console: Console) -> None:
        self._console = console

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        return await self._console.read(prompt, secret=secret, question=question)

    def write(self, text: str) -> None:
        say(text, sys.stderr)


def token_in(environment: Mapping[str, str]) -> str:
    """Return the token in the environment, or in the file it names. Raises GaveUp."""
    if token := environment.get(TOKEN, "").strip():
        return _checked(token, TOKEN)
    path = environment.get(TOKEN_FILE, "")
    if not path:
        return ""
    try:
        token = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise GaveUp(f"The file {path}, named by {TOKEN_FILE}, can't be read.") from None
    return _checked(token, f"The file {path}, named by {TOKEN_FILE},")


def _checked(token: str, where: str) -> str:
    """Return `token` if it can be one; otherwise the account logged in here would be used."""
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        raise GaveUp(f"{where} holds no token; chat-tui --new-token creates one.")
    return token


def _server(settings: Settings, invitation: Invitation | None) -> Invitation:
    if invitation is not None:
        return invitation
    try:
        return read_invitation(settings.server)
    except BadAddress:
        raise GaveUp("No server given. Usage: chat-tui SERVER --send ROOM") from None
