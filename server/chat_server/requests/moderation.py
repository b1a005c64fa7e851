"""Requests of a room's owner, and the moderation log. `dispatch` has checked the owner."""

from chat_server.requests.handlers import handles
from chat_server.rooms.sanctions import end_of
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_shared import messages as m


@handles(m.Topic)
async def topic(services: Services, session: Session, request: m.Topic) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.set_topic(account_of(session), room, request.topic)
    return m.Ok(re=request.id)


@handles(m.NewPassword)
async def new_password(
    services: Services, session: Session, request: m.NewPassword
) -> m.RoomPassword:
    room = services.rooms.joined(account_of(session), request.room)
    password = await services.moderation.reset_password(account_of(session), room)
    return m.RoomPassword(re=request.id, room=room.name, password=password)


@handles(m.Kick)
async def kick(services: Services, session: Session, request: m.Kick) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.kick(account_of(session), room, request.name, request.reason)
    services.guests.look()
    return m.Ok(re=request.id)


@handles(m.Ban)
async def ban(services: Services, session: Session, request: m.Ban) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.ban(
        account_of(session), room, request.name, request.until, request.reason
    )
    services.guests.look()
    return m.Ok(re=request.id)


@handles(m.Unban)
async def unban(services: Services, session: Session, request: m.Unban) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.unban(account_of(session), room, request.name)
    return m.Ok(re=request.id)


@handles(m.Mute)
async def mute(services: Services, session: Session, request: m.Mute) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.mute(
        account_of(session), room, request.name, request.until, request.reason
    )
    return m.Ok(re=request.id)


@handles(m.Unmute)
async def unmute(services: Services, session: Session, request: m.Unmute) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.unmute(account_of(session), room, request.name)
    return m.Ok(re=request.id)


@handles(m.MuteOf)
async def mute_of(services: Services, session: Session, request: m.MuteOf) -> m.MuteInfo:
    room = services.rooms.joined(account_of(session), request.room)
    name, mute = await services.moderation.find_mute(room, request.name)
    until = end_of(mute) if mute else ""
    return m.MuteInfo(room.name, name, mute is not None, until, re=request.id)


@handles(m.HandOver)
async def hand_over(services: Services, session: Session, request: m.HandOver) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.ownership.hand_over(account_of(session), room, request.name)
    return m.Ok(re=request.id)


@handles(m.DeleteRoom)
async def delete_room(services: Services, session: Session, request: m.DeleteRoom) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.moderation.delete(account_of(session), room)
    services.guests.look()
    return m.Ok(re=request.id)


@handles(m.Audit)
async def audit(services: Services, session: Session, request: m.Audit) -> m.AuditPage:
    room = services.rooms.joined(account_of(session), request.room)
    entries, more = await services.audit.page(room, request.before)
    return m.AuditPage(re=request.id, room=room.name, entries=entries, more=more)
