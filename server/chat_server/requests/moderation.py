"""What whoever owns a room may ask, and what they did. That they own it is seen to before."""

from chat_server.clock import rfc3339
from chat_server.services import House, account_of, room_of
from chat_server.sessions.session import Session
from chat_shared import messages as m


async def topic(house: House, session: Session, request: m.Topic) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.set_topic(account_of(session), room, request.topic)
    return m.Ok(re=request.id)


async def new_password(house: House, session: Session, request: m.NewPassword) -> m.RoomPassword:
    room = room_of(house, session, request.room)
    password = await house.moderation.renew_password(account_of(session), room)
    return m.RoomPassword(re=request.id, room=room.name, password=password)


async def invite(house: House, session: Session, request: m.Invite) -> m.RoomInvite:
    room = room_of(house, session, request.room)
    code, expires = await house.moderation.invite(account_of(session), room)
    return m.RoomInvite(re=request.id, room=room.name, code=code, expires=rfc3339(expires))


async def kick(house: House, session: Session, request: m.Kick) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.kick(account_of(session), room, request.name, request.reason)
    return m.Ok(re=request.id)


async def ban(house: House, session: Session, request: m.Ban) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.ban(
        account_of(session), room, request.name, request.until, request.reason
    )
    return m.Ok(re=request.id)


async def unban(house: House, session: Session, request: m.Unban) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.unban(account_of(session), room, request.name)
    return m.Ok(re=request.id)


async def mute(house: House, session: Session, request: m.Mute) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.mute(
        account_of(session), room, request.name, request.until, request.reason
    )
    return m.Ok(re=request.id)


async def unmute(house: House, session: Session, request: m.Unmute) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.unmute(account_of(session), room, request.name)
    return m.Ok(re=request.id)


async def hand_over(house: House, session: Session, request: m.HandOver) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.succession.hand_over(account_of(session), room, request.name)
    return m.Ok(re=request.id)


async def delete_room(house: House, session: Session, request: m.DeleteRoom) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.moderation.delete(account_of(session), room)
    return m.Ok(re=request.id)


async def audit(house: House, session: Session, request: m.Audit) -> m.AuditPage:
    room = room_of(house, session, request.room)
    entries, more = await house.audit.page(room, request.before)
    return m.AuditPage(re=request.id, room=room.name, entries=entries, more=more)
