"""Making, joining and exiting rooms, and who is in them."""

from chat_server.rooms.room import Room
from chat_server.services import House, account_of, room_of
from chat_server.sessions.session import Session
from chat_server.store.attention import Unread
from chat_shared import messages as m


async def create(house: House, session: Session, request: m.Create) -> m.Created:
    room, password = await house.rooms.create(account_of(session), request.room)
    return m.Created(re=request.id, room=room.name, password=password)


async def direct(house: House, session: Session, request: m.Direct) -> m.Joined:
    room = await house.direct_rooms.open(account_of(session), request.name)
    return await joined(house, session, room, request.id)


async def block(house: House, session: Session, request: m.Block) -> m.Ok:
    await house.direct_rooms.block(account_of(session), request.name)
    return m.Ok(re=request.id)


async def unblock(house: House, session: Session, request: m.Unblock) -> m.Ok:
    await house.direct_rooms.unblock(account_of(session), request.name)
    return m.Ok(re=request.id)


async def blocked(house: House, session: Session, request: m.Blocked) -> m.BlockedList:
    names = await house.direct_rooms.blocked(account_of(session))
    return m.BlockedList(re=request.id, names=names)


async def join(house: House, session: Session, request: m.Join) -> m.Joined:
    room = await house.admission.join(
        account_of(session), request.room, request.password, session.address
    )
    return await joined(house, session, room, request.id)


async def joined(house: House, session: Session, room: Room, re: int) -> m.Joined:
    """Return what a member is told of a room that it looks at for the first time."""
    account = account_of(session)
    members, more = await house.archive.members(room, "")
    unread = (await house.reading.unread(account, [room])).get(room.id, Unread())
    return m.Joined(
        re=re,
        room=room.name,
        topic=room.topic,
        owner=room.owner,
        last_seq=room.last_seq,
        members=members,
        more=more,
        read_seq=account.read.get(room.id, room.last_seq),
        unread=unread.messages,
        mentions=unread.mentions,
        peer=room.peer_of(account),
    )


async def exit_room(house: House, session: Session, request: m.Exit) -> m.Ok:
    room = room_of(house, session, request.room)
    await house.succession.exit(account_of(session), room, request.heir)
    return m.Ok(re=request.id)


async def members(house: House, session: Session, request: m.Members) -> m.MemberPage:
    room = room_of(house, session, request.room)
    page, more = await house.archive.members(room, request.after)
    return m.MemberPage(re=request.id, room=room.name, members=page, more=more)
