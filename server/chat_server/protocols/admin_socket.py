"""The operator's door: a Unix socket in the data folder that only its owner may open."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any, Final, TypeAlias

import structlog
import trio

from chat_server.admin import messages as m
from chat_server.admin.operations import Administration
from chat_server.clock import rfc3339
from chat_server.config import show_keep
from chat_server.errors import OperatorError
from chat_server.store.api import AccountSummary, RoomSummary, Store, StoreError
from chat_shared.errors import Refused
from chat_shared.names import fold

log = structlog.get_logger()

# Seconds to send a request or to take the next of the answer: the other end is
# a command on this machine, perhaps in front of a pager.
_DEADLINE: Final = 60.0

_READ: Final = 16 * 1024  # bytes

_PAGE: Final = 200  # accounts read at a time: a query that keeps nobody waiting

_NEEDLESS: Final = " (It is asked for only with --registration invite.)"

_Answers: TypeAlias = AsyncGenerator[m.Answer]


class AdminSocket:
    """Called with a stream, does the one thing that is asked on it."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    async def __call__(self, stream: trio.abc.Stream) -> None:
        async with stream:
            try:
                await self._serve(stream)
            except (trio.BrokenResourceError, trio.TooSlowError):
                log.info("the operator's command has gone")
            except Exception:  # whatever it was, nobody else is to notice
                log.exception("operator's command crashed")

    async def _serve(self, stream: trio.abc.Stream) -> None:
        with trio.fail_after(_DEADLINE):
            line = await _read_line(stream)
        try:
            request = m.decode_request(line)
        except ValueError as exc:  # a command of another version, or no command at all
            await stream.send_all(m.encode(m.Sorry(f"The server does not understand: {exc}.")))
            return
        log.info("operator", request=type(request).__name__)
        async with aclosing(self._answers(request)) as answers:
            async for answer in answers:
                with trio.fail_after(_DEADLINE):
                    await stream.send_all(m.encode(answer))

    async def _answers(self, request: m.Request) -> _Answers:
        try:
            async with aclosing(_HANDLERS[type(request)](self._administration, request)) as answers:
                async for answer in answers:
                    yield answer
        except (OperatorError, Refused) as exc:
            yield m.Sorry(str(exc))
        except StoreError as exc:
            log.error("operator's command not stored", reason=str(exc))
            yield m.Sorry(f"The store could not do it: {exc}.")


async def _read_line(stream: trio.abc.Stream) -> bytes:
    """Return the first line, or what there is of it."""
    line = b""
    while b"\n" not in line and len(line) <= m.MAX_REQUEST:
        data = await stream.receive_some(_READ)
        if not data:
            break
        line += data
    return line.partition(b"\n")[0]


# --- accounts ---------------------------------------------------------------------------


async def _list_accounts(admin: Administration, _: m.ListAccounts) -> _Answers:
    yield m.Row(["account", "since", "rooms", "devices", "state"])
    key, count = "", 0
    while page := await admin.storage.read(_accounts_behind(key)):
        here = {live.name for live in admin.services.registry.accounts}
        for account in page:
            yield m.Row(_account_cells(account, online=account.name in here))
        key = fold(page[-1].name)
        count += len(page)
    yield m.Done(_counted(count, "account"))


def _accounts_behind(key: str) -> Callable[[Store], list[AccountSummary]]:
    return lambda store: store.account_summaries(key, _PAGE)


def _account_cells(account: AccountSummary, *, online: bool) -> list[str]:
    state = "locked" if account.locked else "online" if online else ""
    since = rfc3339(account.created)[:10]
    return [account.name, since, str(account.rooms), str(account.sessions), state]


async def _reset_password(admin: Administration, request: m.ResetPassword) -> _Answers:
    password = await admin.reset_password(request.account)
    yield m.Done(f"The new password of {request.account}, shown only now:", password)


async def _lock_account(admin: Administration, request: m.LockAccount) -> _Answers:
    ended = await admin.lock(request.account)
    yield m.Done(f"{request.account} is locked; {_counted(ended, 'session')} ended.")


async def _unlock_account(admin: Administration, request: m.UnlockAccount) -> _Answers:
    await admin.unlock(request.account)
    yield m.Done(f"{request.account} may log in again.")


async def _delete_account(admin: Administration, request: m.DeleteAccount) -> _Answers:
    await admin.delete_account(request.account)
    yield m.Done(f"{request.account} is deleted. Their messages stay; nobody gets their name.")


# --- rooms ------------------------------------------------------------------------------


async def _list_rooms(admin: Administration, _: m.ListRooms) -> _Answers:
    yield m.Row(["room", "owner", "members", "messages", "keep"])
    rooms = await admin.storage.read(lambda store: store.room_summaries())
    for room in rooms:
        yield m.Row(_room_cells(room))
    yield m.Done(_counted(len(rooms), "room"))


def _room_cells(room: RoomSummary) -> list[str]:
    return [room.name, room.owner, str(room.members), str(room.messages), show_keep(room.keep)]


async def _delete_room(admin: Administration, request: m.DeleteRoom) -> _Answers:
    await admin.delete_room(request.room)
    yield m.Done(f"{request.room} is deleted, and all that was said in it.")


async def _new_room_password(admin: Administration, request: m.NewRoomPassword) -> _Answers:
    password = await admin.new_room_password(request.room)
    yield m.Done(f"The new password of {request.room}, shown only now:", password)


async def _own_room(admin: Administration, request: m.OwnRoom) -> _Answers:
    await admin.own_room(request.room, request.account)
    yield m.Done(f"{request.room} belongs to {request.account} now, who is a member of it.")


async def _keep_room(admin: Administration, request: m.KeepRoom) -> _Answers:
    await admin.keep_room(request.room, request.keep)
    yield m.Done(f"{request.room} keeps its messages: {show_keep(request.keep)}.")


# --- everybody --------------------------------------------------------------------------


async def _list_sessions(admin: Administration, _: m.ListSessions) -> _Answers:
    yield m.Row(["account", "address", "connected"])
    sessions = list(admin.services.registry)
    now = trio.current_time()
    for session in sorted(sessions, key=lambda session: session.since):
        connected = str(timedelta(seconds=int(now - session.since)))
        name = session.account.name if session.account else "(not logged in)"
        yield m.Row([name, session.address or "(this machine)", connected])
    yield m.Done(_counted(len(sessions), "session"))


async def _drop_sessions(admin: Administration, request: m.DropSessions) -> _Answers:
    ended = await admin.drop_sessions(request.account)
    yield m.Done(f"{request.account} is logged out; {_counted(ended, 'session')} ended.")


async def _invite(admin: Administration, request: m.Invite) -> _Answers:
    code = await admin.invite(request.days)
    lasting = _counted(request.days, "day")
    closed = "" if admin.services.accounts.registration == "invite" else _NEEDLESS
    yield m.Done(f"Lets one person register, for {lasting}. Shown only now.{closed}", code)


async def _announce(admin: Administration, request: m.Announce) -> _Answers:
    yield m.Done(f"Told {_counted(admin.announce(request.text), 'account')}.")


async def _stats(admin: Administration, _: m.Stats) -> _Answers:
    figures = await admin.storage.read(lambda store: store.figures())
    registry, journal = admin.services.registry, admin.services.journal
    yield m.Row(["figure", "value"])
    for name, value in (
        ("accounts", figures.accounts),
        ("accounts online", len(registry.accounts)),
        ("sessions", len(registry)),
        ("rooms", figures.rooms),
        ("messages since the start", journal.figures.posts),
        ("bytes of the database", figures.size),
    ):
        yield m.Row([name, f"{value:,}"])
    yield m.Done("")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


# The table pairs a request's type with a function of that type: see `commands`.
_HANDLERS: Final[dict[type[m.Request], Callable[[Administration, Any], _Answers]]] = {
    m.ListAccounts: _list_accounts,
    m.ResetPassword: _reset_password,
    m.LockAccount: _lock_account,
    m.UnlockAccount: _unlock_account,
    m.DeleteAccount: _delete_account,
    m.ListRooms: _list_rooms,
    m.DeleteRoom: _delete_room,
    m.NewRoomPassword: _new_room_password,
    m.OwnRoom: _own_room,
    m.KeepRoom: _keep_room,
    m.ListSessions: _list_sessions,
    m.DropSessions: _drop_sessions,
    m.Invite: _invite,
    m.Announce: _announce,
    m.Stats: _stats,
}
