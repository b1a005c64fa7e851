"""Saying something, reading what was said, and being there."""

from functools import partial
from typing import Final

from chat_server.clock import rfc3339
from chat_server.messages.journal import Post
from chat_server.services import Services, account_of, room_of, writable_room_of
from chat_server.sessions.session import Session
from chat_server.store.api import Draft
from chat_shared import messages as m
from chat_shared.errors import Code, Refused

_NOT_SAID: Final = partial(
    Refused, Code.BAD_REQUEST, "Nothing has that number yet: it cannot be replied to."
)


async def post(services: Services, session: Session, request: m.Post) -> m.Accepted | None:
    account = account_of(session)
    try:
        room = writable_room_of(services, session, request.room)
        if request.reply > room.last_seq:
            raise _NOT_SAID()
        if room.peers:
            await services.direct_rooms.call(account, room)
    except Refused as refused:
        return await granted_before(services, session, request, refused)
    draft = Draft(room.id, account.id, request.text, request.nonce, request.reply)
    await services.journal.post(Post(session, request.id, account.name, room, draft))
    return None


async def granted_before(
    services: Services,
    session: Session,
    request: m.Post | m.Edit | m.Delete | m.React,
    refused: Refused,
) -> m.Accepted:
    """Return the answer that `request` had, by its nonce; raise `refused` if it is a new one.

    Who has not heard that it was stored asks again, and may have been muted or put out
    since. Looked up only now: nobody who is granted something waits for it.
    """
    known = await services.journal.find(account_of(session).id, request.nonce)
    if known is None:
        raise refused
    room, at = services.rooms.numbered(known.room), rfc3339(known.at)
    return m.Accepted(re=request.id, room=room.name, seq=known.seq, at=at)


async def history(services: Services, session: Session, request: m.History) -> m.Page:
    room = room_of(services, session, request.room)
    lines, more = await services.history.page(room, request, account_of(session).id)
    return m.Page(re=request.id, room=room.name, messages=lines, more=more)


async def look_up(services: Services, session: Session, request: m.LookUp) -> m.Lines:
    room = room_of(services, session, request.room)
    lines = await services.history.lines(room, request.seqs, account_of(session).id)
    return m.Lines(re=request.id, room=room.name, messages=lines)


async def ping(_: Services, __: Session, request: m.Ping) -> m.Pong:
    return m.Pong(re=request.id)
