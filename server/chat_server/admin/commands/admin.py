"""`chat-server admin`: asks the running server, over the Unix socket in its data folder.

What a script may want (rows, a fresh password) goes to stdout alone; sentences
beside it go to stderr.
"""

import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cyclopts import App

from chat_server.admin import messages as m
from chat_server.admin.commands import Data
from chat_server.config import default_data, parse_keep
from chat_server.data_folder import ADMIN_SOCKET
from chat_server.errors import StartError

# Seconds without a word from the server: a deleted account's rooms take a while to tell.
_PATIENCE: Final = 60.0

DEFAULT: Final = "default"

admin_app = App(name="admin", help="Ask the running server.")
_accounts = App(name="accounts", help="Who may log in.")
_rooms = App(name="rooms", help="Where people talk.")
_sessions = App(name="sessions", help="Who is connected.")
for _part in _accounts, _rooms, _sessions:
    admin_app.command(_part)


@_accounts.command(name="list")
def list_accounts(*, data: Data = None) -> int:
    """List the accounts."""
    return _ask(data, m.ListAccounts())


@_accounts.command
def reset_password(account: str, /, *, data: Data = None) -> int:
    """Give an account a fresh password and log all its devices out."""
    return _ask(data, m.ResetPassword(account))


@_accounts.command
def lock(account: str, /, *, data: Data = None) -> int:
    """Let nobody log in as an account, and end its sessions."""
    return _ask(data, m.LockAccount(account))


@_accounts.command
def unlock(account: str, /, *, data: Data = None) -> int:
    """Let an account log in again."""
    return _ask(data, m.UnlockAccount(account))


@_accounts.command(name="delete")
def delete_account(account: str, /, *, data: Data = None) -> int:
    """Delete an account for good. Its messages stay, and nobody else gets its name."""
    return _ask(data, m.DeleteAccount(account))


@_rooms.command(name="list")
def list_rooms(*, data: Data = None) -> int:
    """List the rooms."""
    return _ask(data, m.ListRooms())


@_rooms.command(name="delete")
def delete_room(room: str, /, *, data: Data = None) -> int:
    """Delete a room for good, and all that was said in it."""
    return _ask(data, m.DeleteRoom(room))


@_rooms.command
def new_password(room: str, /, *, data: Data = None) -> int:
    """Give a room a fresh password. Who is a member stays one."""
    return _ask(data, m.NewRoomPassword(room))


@_rooms.command
def owner(room: str, account: str, /, *, data: Data = None) -> int:
    """Let an account own a room, and be a member of it."""
    return _ask(data, m.OwnRoom(room, account))


@_rooms.command
def keep(room: str, time: str, /, *, data: Data = None) -> int:
    """Keep a room's messages for a TIME such as 12h, 90d or 52w, or forever, or default."""
    try:
        milliseconds = None if time == DEFAULT else parse_keep(time)
    except ValueError as exc:
        raise StartError(str(exc)) from None
    return _ask(data, m.KeepRoom(room, milliseconds))


@_sessions.command(name="list")
def list_sessions(*, data: Data = None) -> int:
    """List the connections."""
    return _ask(data, m.ListSessions())


@_sessions.command(name="drop")
def drop_sessions(account: str, /, *, data: Data = None) -> int:
    """Log all devices of an account out; they need the password to come back."""
    return _ask(data, m.DropSessions(account))


@admin_app.command
def invite(*, days: int = 7, data: Data = None) -> int:
    """Print a code that lets one person register within so many days."""
    return _ask(data, m.Invite(days))


@admin_app.command
def notice(text: str, /, *, data: Data = None) -> int:
    """Tell everybody who is logged in."""
    return _ask(data, m.Announce(text))


@admin_app.command
def stats(*, data: Data = None) -> int:
    """Show a few figures."""
    return _ask(data, m.Stats())


def _ask(data: Path | None, request: m.Request) -> int:
    """Put `request` to the server and show its answer; return the exit code."""
    rows: list[list[str]] = []
    for answer in _answers(data or default_data(), request):
        match answer:
            case m.Row(cells):
                rows.append(cells)
            case m.Done(message, secret):
                _show(rows, message, secret)
                return 0
            case m.Sorry(message):
                raise StartError(message)
    raise StartError("The server ended before it was done.")


def _answers(data: Path, request: m.Request) -> Iterator[m.Answer]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_PATIENCE)
        try:
            sock.connect(str(data / ADMIN_SOCKET))
            sock.sendall(m.encode(request))
            with sock.makefile("rb") as lines:
                yield from map(m.decode_answer, lines)
        except (FileNotFoundError, ConnectionRefusedError):
            raise StartError(
                f"No chat-server runs on the data folder {data}. Name the right one with --data."
            ) from None
        except OSError as exc:
            raise StartError(
                f"The server on the data folder {data} cannot be asked: {exc.strerror or exc}."
            ) from None


def _show(rows: list[list[str]], message: str, secret: str) -> None:
    """Write what is asked for to stdout, and what is said beside it to stderr."""
    beside = sys.stderr if rows or secret else sys.stdout
    sys.stdout.writelines(_table(rows))
    sys.stdout.flush()
    if message:
        beside.write(f"{message}\n")
        beside.flush()
    if secret:
        sys.stdout.write(f"{secret}\n")


def _table(rows: list[list[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"
