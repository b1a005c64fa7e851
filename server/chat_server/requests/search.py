"""Finding what was said."""

from collections.abc import Iterable, Mapping

from chat_server.clock import rfc3339
from chat_server.pages import fitting
from chat_server.rooms.room import Room
from chat_server.services import Services, account_of, room_of
from chat_server.sessions.session import Session
from chat_server.store.search_index.query import HitRecord
from chat_shared import messages as m


async def search(services: Services, session: Session, request: m.Search) -> m.Found:
    rooms = (
        [room_of(services, session, request.room)] if request.room else _rooms(services, session)
    )
    found = await services.search.find(request, [room.id for room in rooms])
    # Who was put out of a room while it was searched hears nothing of it.
    names = {room.id: room.name for room in _rooms(services, session)}
    hits = fitting(_hits(names, found.hits))
    more = bool(hits) and (found.more or len(hits) < len(found.hits))
    return m.Found(re=request.id, hits=hits, more=more)


def _rooms(services: Services, session: Session) -> list[Room]:
    return services.rooms.of(account_of(session))


def _hits(names: Mapping[int, str], records: Iterable[HitRecord]) -> Iterable[m.Hit]:
    for record in records:
        if room := names.get(record.room):
            at = rfc3339(record.at)
            yield m.Hit(record.id, room, record.seq, record.author, record.text, at, record.marks)
