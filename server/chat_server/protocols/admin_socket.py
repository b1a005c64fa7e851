"""The handler of `chat-server admin`: a Unix socket that only its owner can open."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any, Final, TypeAlias

import structlog
import trio

from chat_server.admin import messages as m
from chat_server.admin.operations import Administration
from chat_server.clock import rfc3339
from chat_server.errors import OperatorError
from chat_server.keep import show_keep
from chat_server.store.api import AccountSummary, RoomSummary, Store, StoreError
from chat_shared.errors import Refused
from chat_shared.names import fold
from chat_shared.proxy_header import Origin

log = structlog.get_logger()

# Seconds to send a request or to receive the next part of the answer: the peer
# is a command on this machine, perhaps piped into a pager.
DEADLINE: Final = 60.0

_READ: Final = 16 * 1024  # bytes

_SAME_VERSION: Final = "Use the chat-server of the same version."

_PAGE: Final = 200  # accounts per query: short enough that no commit waits for it

# Said before an invitation code that nobody can use, by --registration.
_UNUSED_INVITE: Final = {
    "open": "Registration is open, so nobody needs a code. ",
    "closed": "Registration is closed. Restart with --registration invite to use this code. ",
    "invite": "",
}

_Answers: TypeAlias = AsyncGenerator[m.Answer]


class AdminSocket:
    """A connection handler: carries out the one request on the stream."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    async def __call__(self, stream: trio.abc.Stream) -> None:
        async with stream:
            try:
                await self._serve(stream)
            except (trio.BrokenResourceError, trio.TooSlowError):
                log.info("admin client disconnected")
            except Exception:  # must not affect other connections
                log.exception("admin request crashed")

    async def _serve(self, stream: trio.abc.Stream) -> None:
        with trio.fail_after(DEADLINE):
            line = await read_line(stream)
        try:
            request = m.decode_request(line)
        except ValueError as exc:  # a client of another version, or none at all
            sorry = f"The server does not understand this request: {exc}. {_SAME_VERSION}"
            await stream.send_all(m.encode(m.Failed(sorry)))
            return
        log.info("admin request", request=type(request).__name__)
        async with aclosing(self._answers(request)) as answers:
            async for answer in answers:
                with trio.fail_after(DEADLINE):
                    await stream.send_all(m.encode(answer))

    async def _answers(self, request: m.Request) -> _Answers:
        try:
            async with aclosing(_HANDLERS[type(request)](self._administration, request)) as answers:
                async for answer in answers:
                    yield answer
        except (OperatorError, Refused) as exc:
            yield m.Failed(str(exc))
        except StoreError as exc:
            log.error("admin request failed: store error", reason=str(exc))
            yield m.Failed(f"The database reported an error: {exc}. See the server's log.")


async def read_line(stream: trio.abc.Stream) -> bytes:
    """Return the first line, or what was received of it."""
    line = b""
    while b"\n" not in line and len(line) <= m.MAX_REQUEST:
        data = await stream.receive_some(_READ)
        if not data:
            break
        line += data
    return line.partition(b"\n")[0]


# --- accounts ---------------------------------------------------------------------------


async def _list_accounts(admin: Administration, _: m.ListAccounts) -> _Answers:
    yield m.Row(["account", "created", "rooms", "devices", "state", "guest until"])
    key, count = "", 0
    while page := await admin.storage.read(_accounts_after(key)):
        online = {live.name for live in admin.services.registry.online_accounts}
        for account in page:
            yield m.Row(_account_cells(account, online=account.name in online))
        key = fold(page[-1].name)
        count += len(page)
    yield m.Done(_counted(count, "account"))


def _accounts_after(key: str) -> Callable[[Store], list[AccountSummary]]:
    return lambda store: store.account_summaries(key, _PAGE)


def _account_cells(account: AccountSummary, *, online: bool) -> list[str]:
    state = "locked" if account.locked else "online" if online else ""
    created = rfc3339(account.created)[:10]
    until = f"{rfc3339(account.guest_until)[:16]}Z" if account.guest_until else ""
    return [account.name, created, str(account.rooms), str(account.sessions), state, until]


async def _reset_password(admin: Administration, request: m.ResetPassword) -> _Answers:
    password = await admin.reset_password(request.account)
    yield m.Done(f"New password for {request.account} (shown only once):", password)


async def _lock_account(admin: Administration, request: m.LockAccount) -> _Answers:
    devices = await admin.lock(request.account)
    yield m.Done(f"Locked {request.account} and logged out {_counted(devices, 'device')}.")


async def _unlock_account(admin: Administration, request: m.UnlockAccount) -> _Answers:
    await admin.unlock(request.account)
    yield m.Done(f"Unlocked {request.account}.")


async def _delete_account(admin: Administration, request: m.DeleteAccount) -> _Answers:
    await admin.delete_account(request.account)
    yield m.Done(
        f"Deleted the account {request.account}. Its messages stay, and its name stays taken."
    )


# --- rooms ------------------------------------------------------------------------------


async def _list_rooms(admin: Administration, _: m.ListRooms) -> _Answers:
    yield m.Row(["room", "owner", "members", "messages", "keep"])
    rooms = await admin.storage.read(lambda store: store.room_summaries())
    for room in rooms:
        yield m.Row(_room_cells(room))
    yield m.Done(_counted_rooms(rooms))


def _room_cells(room: RoomSummary) -> list[str]:
    name = f"{room.name} ({' and '.join(room.participants)})" if room.participants else room.name
    return [name, room.owner, str(room.members), str(room.messages), show_keep(room.keep)]


def _counted_rooms(rooms: list[RoomSummary]) -> str:
    direct = sum(bool(room.participants) for room in rooms)
    counted = _counted(len(rooms) - direct, "room")
    return f"{counted}, {_counted(direct, 'DM room')}" if direct else counted


async def _delete_room(admin: Administration, request: m.DeleteRoom) -> _Answers:
    await admin.delete_room(request.room)
    yield m.Done(f"Deleted {request.room} and all its messages.")


async def _reset_room_password(admin: Administration, request: m.ResetRoomPassword) -> _Answers:
    password = await admin.reset_room_password(request.room)
    yield m.Done(f"New password for {request.room} (shown only once):", password)


async def _set_room_owner(admin: Administration, request: m.SetRoomOwner) -> _Answers:
    await admin.set_room_owner(request.room, request.account)
    yield m.Done(f"{request.account} now owns {request.room}.")


async def _set_room_keep(admin: Administration, request: m.SetRoomKeep) -> _Answers:
    await admin.set_room_keep(request.room, request.keep)
    yield m.Done(f"Messages in {request.room} are kept {_how_long(request.keep)}.")


def _how_long(keep: int | None) -> str:
    match show_keep(keep):
        case "default":
            return "for the server's default (--keep)"
        case "forever":
            return "forever"
        case duration:
            return f"for {duration}"


# --- the server -------------------------------------------------------------------------


async def _list_sessions(admin: Administration, _: m.ListSessions) -> _Answers:
    yield m.Row(["account", "address", "via", "connected"])
    sessions = list(admin.services.registry)
    now = trio.current_time()
    for session in sorted(sessions, key=lambda session: session.connected_at):
        connected = str(timedelta(seconds=int(now - session.connected_at)))
        name = session.account.name if session.account else "(not logged in)"
        yield m.Row([name, session.address or "(this machine)", _via(session.origin), connected])
    yield m.Done(_counted(len(sessions), "connection"))


def _via(origin: Origin) -> str:
    """Return what a connection came through, and whether an SSH key proved whose it is."""
    return f"{origin.via or 'its own client'}{', by key' if origin.public_key else ''}"


async def _log_out_account(admin: Administration, request: m.LogOutAccount) -> _Answers:
    devices = await admin.log_out(request.account)
    yield m.Done(f"Logged {request.account} out of {_counted(devices, 'device')}.")


async def _invite(admin: Administration, request: m.Invite) -> _Answers:
    code = await admin.invite(request.days)
    note = _UNUSED_INVITE[admin.services.accounts.policy.registration]
    days = _counted(request.days, "day")
    yield m.Done(f"{note}Invitation code for one person, valid for {days} (shown only once):", code)


async def _send_notice(admin: Administration, request: m.SendNotice) -> _Answers:
    yield m.Done(f"Sent to {_counted(admin.send_notice(request.text), 'account')}.")


async def _stats(admin: Administration, _: m.Stats) -> _Answers:
    figures = await admin.storage.read(lambda store: store.figures())
    registry, journal = admin.services.registry, admin.services.journal
    yield m.Row(["figure", "value"])
    for name, value in (
        ("accounts", figures.accounts),
        ("accounts online", len(registry.online_accounts)),
        ("connections", len(registry)),
        ("rooms", figures.rooms),
        ("messages since start", journal.figures.posts),
        ("database bytes", figures.size),
    ):
        yield m.Row([name, f"{value:,}"])
    yield m.Done("")


async def _list_parts(admin: Administration, _: m.ListParts) -> _Answers:
    for part in admin.services.parts:
        yield m.Row([part.name, "yes" if part.running else "no", str(part.failures), part.error])
    yield m.Done("")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


# Any, because no type says that each function takes the request it is paired with.
_HANDLERS: Final[dict[type[m.Request], Callable[[Administration, Any], _Answers]]] = {
    m.ListAccounts: _list_accounts,
    m.ResetPassword: _reset_password,
    m.LockAccount: _lock_account,
    m.UnlockAccount: _unlock_account,
    m.DeleteAccount: _delete_account,
    m.ListRooms: _list_rooms,
    m.DeleteRoom: _delete_room,
    m.ResetRoomPassword: _reset_room_password,
    m.SetRoomOwner: _set_room_owner,
    m.SetRoomKeep: _set_room_keep,
    m.ListSessions: _list_sessions,
    m.LogOutAccount: _log_out_account,
    m.Invite: _invite,
    m.SendNotice: _send_notice,
    m.Stats: _stats,
    m.ListParts: _list_parts,
}
