"""Looking at a room: who is in it and who types, and how far one has read."""

from chat_server.requests.rooms import joined
from chat_server.rooms.sanctions import check_line
from chat_server.services import Services, account_of, room_of, writable_room_of
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.limits import MAX_REASON


async def read(services: Services, session: Session, request: m.Read) -> None:
    room = room_of(services, session, request.room)
    services.reading.mark(session, request.id, account_of(session), room, request.seq)


async def mentions(services: Services, session: Session, request: m.Mentions) -> m.Found:
    hits, more = await services.history.mentions(account_of(session), request)
    return m.Found(re=request.id, hits=hits, more=more)


async def watch(services: Services, session: Session, request: m.Watch) -> m.Joined | m.Ok:
    room = room_of(services, session, request.room) if request.room else None
    # First: what changes while the reply is put together is told after it.
    services.presence.watch(session, room)
    return await joined(services, session, room, request.id) if room else m.Ok(re=request.id)


async def typing(services: Services, session: Session, request: m.Typing) -> m.Ok:
    room, account = writable_room_of(services, session, request.room), account_of(session)
    services.direct_rooms.check_open(account, room)
    await services.presence.typing(account, room)
    return m.Ok(re=request.id)


async def away(services: Services, session: Session, request: m.Away) -> m.Ok:
    await services.presence.set_away(
        account_of(session), check_line(request.text, MAX_REASON, "reason")
    )
    return m.Ok(re=request.id)
