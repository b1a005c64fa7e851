"""What a session may ask for: one table of requests, their guards and their handlers.

Whether a request is legal at this point of the conversation is decided in
`chat_shared.connection`; here only, whether it is granted. Handlers are short:
what they do is done by the domain, and they say it in the protocol's words.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import structlog
import trio

from chat_server.accounts import Accounts, Identity, digest_of_token
from chat_server.arrivals import Arrivals
from chat_server.blocks import Block
from chat_server.history import Archive
from chat_server.hub import Hub
from chat_server.journal import Journal, Post
from chat_server.rooms import Room, Rooms
from chat_server.session import Account, Session
from chat_server.store import Draft, StoreError
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_TEXT
from chat_shared.text import has_controls

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """All that a command may need."""

    accounts: Accounts
    archive: Archive
    arrivals: Arrivals
    hub: Hub
    journal: Journal
    rooms: Rooms

    @contextmanager
    def present(self, session: Session) -> Generator[None]:
        """Let `session` be counted and spoken to while it lasts. Raises Refused (server_full)."""
        with self.hub.admitted(session):
            try:
                yield
            finally:
                if session.account is not None:
                    for room in self.rooms.of(session.account):
                        room.detach(session)


# The table pairs a request's type with functions of that type, which no type
# of Python's can say: hence the one `Any`, which goes no further.
Guard: TypeAlias = Callable[[House, Session, Any], None]
Handler: TypeAlias = Callable[[House, Session, Any], Awaitable[m.Reply | None]]


@dataclass(frozen=True, slots=True)
class Command:
    """What must hold for a request, and then how it is granted.

    The handler returns the reply, or None where the reply is sent by others.
    """

    handler: Handler
    guards: tuple[Guard, ...]


async def dispatch(house: House, session: Session, request: m.Request) -> None:
    """Grant `request` or refuse it, and answer."""
    command = COMMANDS[type(request)]
    try:
        for guard in command.guards:
            guard(house, session, request)
        reply = await command.handler(house, session, request)
    except Refused as refused:
        reply = refusal(refused, request.id)
    except StoreError as exc:
        log.error("request not stored", request=type(request).__name__, reason=str(exc))
        reply = refusal(NOT_STORED, request.id)
    if reply is not None:
        session.send(reply)


def refusal(refused: Refused, re: int | None) -> m.Error:
    """Return the reply that says why not."""
    return m.Error(refused.code, refused.message, re, refused.retry_after)


NOT_STORED: Final = Refused(
    Code.INTERNAL, "The server could not store this. Try again in a while.", retry_after=5.0
)


# --- guards --------------------------------------------------------------------------


def post_rate(_: House, session: Session, __: m.Post) -> None:
    _spend(session.posts.take(trio.current_time()))


def request_rate(_: House, session: Session, __: m.Request) -> None:
    _spend(session.requests.take(trio.current_time()))


def fitting_text(_: House, __: Session, request: m.Post) -> None:
    if len(request.text) > MAX_TEXT:
        raise Refused(Code.TOO_LONG, f"A message has at most {MAX_TEXT:,} characters.")
    if not request.text:
        raise Refused(Code.BAD_REQUEST, "A message has at least one character.")
    if has_controls(request.text):
        raise Refused(Code.BAD_REQUEST, "A message holds no control characters but \\n and \\t.")


def _spend(wait: float) -> None:
    if wait:
        # Rounded up: whoever waits so long must not come a millisecond early.
        seconds = int(wait * 1000 + 1) / 1000
        raise Refused(Code.TOO_FAST, "That was too fast. Wait a moment.", retry_after=seconds)


def _room_of(house: House, session: Session, name: str) -> Room:
    """Return the room that this session's account is in; which others there are is not told."""
    room = house.rooms.find(name)
    if room is None or room.id not in _account_of(session).rooms:
        raise Refused(Code.NOT_A_MEMBER, "You are not in this room.")
    return room


def _account_of(session: Session) -> Account:
    assert session.account is not None  # or the connection had refused the request
    return session.account


# --- handlers: logging in --------------------------------------------------------------


async def register(house: House, session: Session, request: m.Register) -> None:
    identity = await house.accounts.register(request.name, request.password, request.invite)
    await _claim(house, session, identity)
    await house.arrivals.enter(session, identity, request.id)
    general = house.rooms.general
    general.broadcast(Block([m.Entered(general.name, identity.account.name)]))


async def log_in(house: House, session: Session, request: m.Login) -> None:
    identity = await house.accounts.log_in(request.name, request.password, session.address)
    await _claim(house, session, identity)
    await house.arrivals.enter(session, identity, request.id)


async def _claim(house: House, session: Session, identity: Identity) -> None:
    """Let whoever voids the token end this session too; and see that nobody has yet.

    In this order: looked at first, it could be voided before it was ours.
    """
    session.digest = identity.digest
    await house.accounts.confirm(identity.digest)


async def resume(house: House, session: Session, request: m.Resume) -> None:
    session.digest = digest_of_token(request.token)  # before it is looked up, as in `_claim`
    identity = await house.accounts.resume(request.token)
    await house.accounts.devices.note(identity.digest)
    await house.arrivals.re_enter(session, identity, request.id, request.seen)


async def log_out(house: House, session: Session, request: m.Logout) -> None:
    await house.accounts.forget(session.digest)
    session.send(m.Ok(re=request.id))
    house.hub.drop_tokens([session.digest], "you logged out")


# --- handlers: one's own account -----------------------------------------------------------


async def sessions(house: House, session: Session, request: m.Sessions) -> m.SessionList:
    account = _account_of(session)
    listed = await house.accounts.devices.sessions(account.id, session.digest)
    return m.SessionList(re=request.id, sessions=listed)


async def revoke(house: House, session: Session, request: m.Revoke) -> None:
    account, devices = _account_of(session), house.accounts.devices
    if request.session:
        void = [await devices.revoke(account.id, request.session)]
    else:
        void = await devices.revoke_others(account.id, session.digest)
    session.send(m.Ok(re=request.id))  # which may be one of those that end now
    house.hub.drop_tokens(void, "this device was logged out")


async def change_password(house: House, session: Session, request: m.Password) -> m.Ok:
    void = await house.accounts.change_password(
        _account_of(session).name,
        request.old,
        request.new,
        keep=session.digest,
        address=session.address,
    )
    house.hub.drop_tokens(void, "the password was changed on another device")
    return m.Ok(re=request.id)


async def delete_account(house: House, session: Session, request: m.DeleteAccount) -> None:
    account = _account_of(session)
    await house.accounts.delete(account.name, request.password, session.address)
    session.send(m.Ok(re=request.id))
    for room in house.rooms.of(account):
        room.release(account)
    house.rooms.disown(account.name)
    house.hub.drop_account(account.id, "the account was deleted")


# --- handlers: in the house --------------------------------------------------------------


async def post(house: House, session: Session, request: m.Post) -> None:
    room = _room_of(house, session, request.room)
    account = _account_of(session)
    draft = Draft(room.id, account.id, request.text, request.nonce)
    await house.journal.post(Post(session, request.id, account.name, room, draft))


async def create(house: House, session: Session, request: m.Create) -> m.Created:
    room, password = await house.rooms.create(_account_of(session), request.room)
    return m.Created(re=request.id, room=room.name, password=password)


async def join(house: House, session: Session, request: m.Join) -> m.Joined:
    room = await house.rooms.join(
        _account_of(session), request.room, request.password, session.address
    )
    members, more = await house.archive.members(room, "")
    return m.Joined(
        re=request.id,
        room=room.name,
        topic=room.topic,
        owner=room.owner,
        last_seq=room.last_seq,
        members=members,
        more=more,
    )


async def exit_room(house: House, session: Session, request: m.Exit) -> m.Ok:
    await house.rooms.exit(_account_of(session), _room_of(house, session, request.room))
    return m.Ok(re=request.id)


async def history(house: House, session: Session, request: m.History) -> m.Page:
    room = _room_of(house, session, request.room)
    lines, more = await house.archive.page(room, request)
    return m.Page(re=request.id, room=room.name, messages=lines, more=more)


async def members(house: House, session: Session, request: m.Members) -> m.MemberPage:
    room = _room_of(house, session, request.room)
    page, more = await house.archive.members(room, request.after)
    return m.MemberPage(re=request.id, room=room.name, members=page, more=more)


async def ping(_: House, __: Session, request: m.Ping) -> m.Pong:
    return m.Pong(re=request.id)


COMMANDS: Final[dict[type[m.Request], Command]] = {
    m.Register: Command(register, (request_rate,)),
    m.Login: Command(log_in, (request_rate,)),
    m.Resume: Command(resume, (request_rate,)),
    m.Logout: Command(log_out, ()),
    m.Sessions: Command(sessions, (request_rate,)),
    m.Revoke: Command(revoke, (request_rate,)),
    m.Password: Command(change_password, (request_rate,)),
    m.DeleteAccount: Command(delete_account, (request_rate,)),
    m.Post: Command(post, (fitting_text, post_rate)),
    m.Create: Command(create, (request_rate,)),
    m.Join: Command(join, (request_rate,)),
    m.Exit: Command(exit_room, (request_rate,)),
    m.History: Command(history, (request_rate,)),
    m.Members: Command(members, (request_rate,)),
    m.Ping: Command(ping, (request_rate,)),
}
