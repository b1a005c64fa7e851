"""Rooms and direct messages: creating, joining, leaving, members, presence and blocking."""

from chat_server.requests.handlers import handles
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import end_of
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_server.store.api import Unread
from chat_shared import messages as m


@handles(m.Create)
async def create(services: Services, session: Session, request: m.Create) -> m.Created:
    room, password = await services.rooms.create(account_of(session), request.room)
    return m.Created(re=request.id, room=room.name, password=password)


@handles(m.Join)
async def join(services: Services, session: Session, request: m.Join) -> m.Joined:
    room = await services.membership.join(
        account_of(session), request.room, request.password, session.address
    )
    return await _joined(services, session, room, request.id)


@handles(m.Exit)
async def leave(services: Services, session: Session, request: m.Exit) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.membership.leave(account_of(session), room, request.heir)
    services.guests.look()
    return m.Ok(re=request.id)


@handles(m.Members)
async def members(services: Services, session: Session, request: m.Members) -> m.MemberPage:
    room = services.rooms.joined(account_of(session), request.room)
    page, more = await services.history.members(room, request.after, account_of(session).id)
    return m.MemberPage(re=request.id, room=room.name, members=page, more=more)


async def _joined(services: Services, session: Session, room: Room, re: int) -> m.Joined:
    """Return what a member's client needs to show a room for the first time."""
    account = account_of(session)
    members, more = await services.history.members(room, "", account.id)
    unread = (await services.read_state.unread(account, [room])).get(room.id, Unread())
    info = room.info(account, unread)
    mute = room.mute_of(account.id, services.moderation.now())
    return m.Joined(
        re=re,
        room=room.name,
        topic=room.topic,
        owner=info.owner,
        last_seq=info.last_seq,
        members=members,
        more=more,
        read_seq=info.read_seq,
        unread=info.unread,
        mentions=info.mentions,
        peer=info.peer,
        muted=mute is not None,
        muted_until=end_of(mute) if mute else "",
    )


# --- direct messages ---------------------------------------------------------------------


@handles(m.Direct)
async def direct(services: Services, session: Session, request: m.Direct) -> m.Joined:
    room = await services.direct_messages.open(account_of(session), request.name)
    return await _joined(services, session, room, request.id)


@handles(m.Block)
async def block(services: Services, session: Session, request: m.Block) -> m.Ok:
    await services.direct_messages.block(account_of(session), request.name)
    return m.Ok(re=request.id)


@handles(m.Unblock)
async def unblock(services: Services, session: Session, request: m.Unblock) -> m.Ok:
    await services.direct_messages.unblock(account_of(session), request.name)
    return m.Ok(re=request.id)


@handles(m.Blocked)
async def blocked(services: Services, session: Session, request: m.Blocked) -> m.BlockedList:
    names = await services.direct_messages.blocked(account_of(session))
    return m.BlockedList(re=request.id, names=names)


# --- presence ------------------------------------------------------------------------------


@handles(m.Watch)
async def watch(services: Services, session: Session, request: m.Watch) -> m.Joined | m.Ok:
    room = services.rooms.joined(account_of(session), request.room) if request.room else None
    # First: what changes while the reply is put together is sent after it.
    services.presence.watch(session, room)
    return await _joined(services, session, room, request.id) if room else m.Ok(re=request.id)


@handles(m.Typing)
async def typing(services: Services, session: Session, request: m.Typing) -> m.Ok:
    account = account_of(session)
    room = services.moderation.writable_room(account, request.room)
    services.direct_messages.check_reachable(account, room)
    await services.presence.send_typing(account, room)
    return m.Ok(re=request.id)
