"""Editing and deleting what was said, and reacting to it."""

from chat_server.messages.journal import Post
from chat_server.requests.messages import granted_before
from chat_server.services import Services, account_of, writable_room_of
from chat_server.sessions.session import Session
from chat_server.store.api import Draft
from chat_shared import messages as m
from chat_shared.errors import Refused


async def edit(services: Services, session: Session, request: m.Edit) -> m.Accepted | None:
    return await _change(services, session, request, request.text)


async def delete(services: Services, session: Session, request: m.Delete) -> m.Accepted | None:
    return await _change(services, session, request)


async def react(services: Services, session: Session, request: m.React) -> m.Accepted | None:
    return await _change(services, session, request, request.emoji, off=request.off)


async def _change(
    services: Services,
    session: Session,
    request: m.Edit | m.Delete | m.React,
    text: str = "",
    *,
    off: bool = False,
) -> m.Accepted | None:
    account, kind = account_of(session), str(type(request).__struct_config__.tag)
    try:
        room = writable_room_of(services, session, request.room)
        draft = Draft(room.id, account.id, text, request.nonce, change=kind, of=request.of, off=off)
        await services.changes.check(account, room, draft)
        # To take back what one has said is not to speak.
        if room.peers and not isinstance(request, m.Delete):
            await services.direct_rooms.call(account, room)
    except Refused as refused:
        return await granted_before(services, session, request, refused)
    await services.journal.post(Post(session, request.id, account.name, room, draft))
    return None
