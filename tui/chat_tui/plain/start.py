"""The ways to use the client without a screen: to talk, to send one message, to get a token."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chat_shared.limits import MAX_TEXT, MAX_TOKEN
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.model.outbox import Outbox
from chat_tui.net.client import Client, Wake
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import Console, OutputFailed, Source, open_console, say
from chat_tui.plain.login import Entry, GaveUp
from chat_tui.plain.sending import Sending
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings

TOKEN: Final = "CHAT_TOKEN"  # noqa: S105 - the variable's name
TOKEN_FILE: Final = "CHAT_TOKEN_FILE"  # noqa: S105 - the variable's name

# Bytes that are read: a longest message, with as many again of colours that will be dropped.
_MAX_INPUT: Final = 8 * MAX_TEXT

_NOBODY: Final = (
    "Who is it that sends? Set CHAT_TOKEN or CHAT_TOKEN_FILE to what chat-tui --new-token wrote, "
    "or stay signed in on this computer."
)


async def talk(
    settings: Settings,
    invitation: Invitation | None,
    folder: Paths,
    wake: Wake = None,
    *,
    named: str = "",
) -> int:
    """Chat line by line until the person leaves; return the exit code. Raises GaveUp.

    `named` is whom a token has to be of; without it, of anybody.
    """
    token = token_in(os.environ)
    async with open_console() as console:
        return await PlainChat(console, settings, folder, wake).run(invitation, token, named)


async def send(
    settings: Settings,
    invitation: Invitation | None,
    folder: Paths,
    room: str,
    *,
    named: str = "",
) -> None:
    """Bring what standard input holds to `room`, as `named` if there is one. Raises GaveUp."""
    to = _server(settings, invitation)
    token = token_in(os.environ) or await _kept(folder, to, settings.name)
    if not token:
        raise GaveUp(_NOBODY)
    given = await Source(sys.stdin.fileno()).read_all(_MAX_INPUT)
    text = given.decode(errors="replace").rstrip()
    if not text:
        raise GaveUp("There was nothing to send: the text comes from standard input.")
    await Sending(folder, room).run(to, token, text, named)


async def new_token(settings: Settings, invitation: Invitation | None, folder: Paths) -> None:
    """Log in by question and answer; write a token that is no device's of a person. Raises GaveUp.

    It lasts until it is revoked: /sessions lists it.
    """
    async with open_console() as console:
        token = await _log_in(_Aside(console), settings, invitation, folder)
    try:
        say(token, sys.stdout)
    except OutputFailed as exc:
        raise GaveUp(f"{exc} Nobody has the token now; /sessions revokes it.") from None


async def _log_in(
    console: Console, settings: Settings, invitation: Invitation | None, folder: Paths
) -> str:
    entry = Entry(console, folder)
    client = Client(entry.heard, Outbox(), dict, known=folder.known)
    to = await entry.find_server(invitation, settings.server)
    await entry.log_in(client, to, await entry.find_name(settings.name), kept=False)
    token = client.token
    await entry.disconnect()
    return token


class _Aside:
    """A console that says everything on stderr, since stdout is for what was asked for."""

    shows_typed = False  # questions are answered here, and nothing is said

    def __init__(self, console: Console) -> None:
        self._console = console

    async def read(self, prompt: str, *, secret: bool = False) -> str | None:
        return await self._console.read(prompt, secret=secret)

    def write(self, text: str) -> None:
        say(text, sys.stderr)


def token_in(environment: Mapping[str, str]) -> str:
    """Return the token that the environment holds or names a file of. Raises GaveUp."""
    if token := environment.get(TOKEN, "").strip():
        return _checked(token, TOKEN)
    path = environment.get(TOKEN_FILE, "")
    if not path:
        return ""
    try:
        token = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise GaveUp(f"The file {path}, named by {TOKEN_FILE}, cannot be read.") from None
    return _checked(token, f"The file {path}, named by {TOKEN_FILE},")


def _checked(token: str, where: str) -> str:
    """Return `token`, if it can be one: else another account, signed in here, would be used."""
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        raise GaveUp(f"{where} holds no token; chat-tui --new-token writes one.")
    return token


def _server(settings: Settings, invitation: Invitation | None) -> Invitation:
    if invitation is not None:
        return invitation
    try:
        return read_invitation(settings.server)
    except BadAddress:
        raise GaveUp("Which server? chat-tui SERVER --send ROOM") from None


async def _kept(folder: Paths, to: Invitation, name: str) -> str:
    kept = await asyncio.to_thread(folder.tokens.find, to.address.key, name)
    return kept.token if kept else ""
