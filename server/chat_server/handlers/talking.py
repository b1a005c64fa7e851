"""Saying something, reading what was said, and being there."""

from chat_server.house import House, account_of, room_of, writable_room_of
from chat_server.journal import Post
from chat_server.session import Session
from chat_server.store import Draft
from chat_shared import messages as m
from chat_shared.errors import Code, Refused


async def post(house: House, session: Session, request: m.Post) -> None:
    room = writable_room_of(house, session, request.room)
    account = account_of(session)
    if request.reply > room.last_seq:
        raise Refused(Code.BAD_REQUEST, "Nothing has that number yet: it cannot be replied to.")
    if room.peers:
        await house.direct_rooms.call(account, room)
    draft = Draft(room.id, account.id, request.text, request.nonce, request.reply)
    await house.journal.post(Post(session, request.id, account.name, room, draft))


async def history(house: House, session: Session, request: m.History) -> m.Page:
    room = room_of(house, session, request.room)
    lines, more = await house.archive.page(room, request, account_of(session).id)
    return m.Page(re=request.id, room=room.name, messages=lines, more=more)


async def look_up(house: House, session: Session, request: m.LookUp) -> m.Lines:
    room = room_of(house, session, request.room)
    lines = await house.archive.lines(room, request.seqs, account_of(session).id)
    return m.Lines(re=request.id, room=room.name, messages=lines)


async def ping(_: House, __: Session, request: m.Ping) -> m.Pong:
    return m.Pong(re=request.id)
