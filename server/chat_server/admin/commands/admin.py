"""`chat-server admin`: sends a request to the running server, over its admin socket.

Data that a script may want (rows, a new password) goes to stdout; sentences
about it go to stderr.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from chat_server.admin import messages as m
from chat_server.admin.commands import Data
from chat_server.admin.commands.exchange import answers
from chat_server.admin.commands.output import print_lines
from chat_server.config import default_data
from chat_server.errors import StartError
from chat_server.keep import parse_keep

DEFAULT: Final = "default"

_Account: TypeAlias = Annotated[str, Parameter(help="Account name", show_env_var=False)]
_Room: TypeAlias = Annotated[str, Parameter(help="Room name", show_env_var=False)]
_Duration: TypeAlias = Annotated[
    str, Parameter(help="12h, 90d, 52w, forever or default", show_env_var=False)
]
_Text: TypeAlias = Annotated[str, Parameter(help="Text of the notice", show_env_var=False)]
Days: TypeAlias = Annotated[int, Parameter(help="Expire the code after this many days")]

admin_app = App(name="admin", help="Manage the running server")
_accounts = App(name="accounts", help="List and manage accounts")
_rooms = App(name="rooms", help="List and manage rooms")
_sessions = App(name="sessions", help="List connections and log out devices")
for _group in _accounts, _rooms, _sessions:
    admin_app.command(_group)


@_accounts.command(name="list")
def list_accounts(*, data: Data = None) -> int:
    """List all accounts"""
    return _request(data, m.ListAccounts())


@_accounts.command
def reset_password(account: _Account, /, *, data: Data = None) -> int:
    """Set a new random password, log out all devices and remove all SSH keys of the account"""
    return _request(data, m.ResetPassword(account))


@_accounts.command
def lock(account: _Account, /, *, data: Data = None) -> int:
    """Prevent log-ins to an account and log out its devices"""
    return _request(data, m.LockAccount(account))


@_accounts.command
def unlock(account: _Account, /, *, data: Data = None) -> int:
    """Allow log-ins to an account again"""
    return _request(data, m.UnlockAccount(account))


@_accounts.command(name="delete")
def delete_account(account: _Account, /, *, data: Data = None) -> int:
    """Delete an account permanently; its messages stay, and its name stays taken"""
    return _request(data, m.DeleteAccount(account))


@_rooms.command(name="list")
def list_rooms(*, data: Data = None) -> int:
    """List all rooms"""
    return _request(data, m.ListRooms())


@_rooms.command(name="delete")
def delete_room(room: _Room, /, *, data: Data = None) -> int:
    """Delete a room and all its messages permanently"""
    return _request(data, m.DeleteRoom(room))


@_rooms.command(name="reset-password", alias="new-password")
def reset_room_password(room: _Room, /, *, data: Data = None) -> int:
    """Set a new random room password; members stay members"""
    return _request(data, m.ResetRoomPassword(room))


@_rooms.command
def owner(room: _Room, account: _Account, /, *, data: Data = None) -> int:
    """Make an account the owner of a room, and a member if it is not one"""
    return _request(data, m.SetRoomOwner(room, account))


@_rooms.command
def keep(room: _Room, duration: _Duration, /, *, data: Data = None) -> int:
    """Keep a room's messages for 12h, 90d, 52w, forever or default (the server's --keep)"""
    try:
        milliseconds = None if duration == DEFAULT else parse_keep(duration)
    except ValueError:
        raise StartError(
            f'Invalid duration "{duration}". Use 12h, 90d, 52w, forever or default.'
        ) from None
    return _request(data, m.SetRoomKeep(room, milliseconds))


@_sessions.command(name="list")
def list_sessions(*, data: Data = None) -> int:
    """List open connections"""
    return _request(data, m.ListSessions())


@_sessions.command(name="drop")
def drop_sessions(account: _Account, /, *, data: Data = None) -> int:
    """Log out all devices of an account; they need the password or an SSH key to log in again"""
    return _request(data, m.LogOutAccount(account))


@admin_app.command
def invite(*, days: Days = 7, data: Data = None) -> int:
    """Create an invitation code that one person can register with"""
    return _request(data, m.Invite(days))


@admin_app.command
def notice(text: _Text, /, *, data: Data = None) -> int:
    """Send a notice to everyone who is logged in"""
    return _request(data, m.SendNotice(text))


@admin_app.command
def stats(*, data: Data = None) -> int:
    """Show server statistics"""
    return _request(data, m.Stats())


def _request(data: Path | None, request: m.Request) -> int:
    """Send `request` to the server and print the answer; return the exit code."""
    rows: list[list[str]] = []
    for answer in answers(data or default_data(), request):
        match answer:
            case m.Row(cells):
                rows.append(cells)
            case m.Done(message, secret):
                _show(rows, message, secret)
                return 0
            case m.Failed(message):
                raise StartError(message)
    raise StartError(
        "The server stopped before it answered. "
        "Check whether the change was made before you repeat it."
    )


def _show(rows: list[list[str]], message: str, secret: str) -> None:
    """Write data to stdout, and the sentence that comes with it to stderr."""
    print_lines(_table(rows))
    if message and not (rows or secret):
        print_lines([f"{message}\n"])
    elif message:
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    if secret:
        print_lines([f"{secret}\n"])


def _table(rows: list[list[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"
