"""Messages: sending, editing, deleting, reacting, reading back and searching."""

from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeAlias

from chat_server.clock import rfc3339
from chat_server.files.claims import Claim
from chat_server.messages.events import as_sent
from chat_server.messages.publishing import Post
from chat_server.pages import fit_page
from chat_server.requests.handlers import handles
from chat_server.requests.validation import check_emoji, check_text
from chat_server.rooms.room import Room
from chat_server.services import Services
from chat_server.sessions.session import Account, Session, account_of
from chat_server.store.api import Draft
from chat_server.store.search_index.query import HitRecord
from chat_shared import messages as m
from chat_shared.errors import Code, Refused

# What a handler that is no coroutine function returns where it has to wait.
_Later: TypeAlias = Coroutine[Any, Any, m.Accepted | None]

# --- requests that take a seq in a room --------------------------------------------------------


@handles(m.Post)
def post(services: Services, session: Session, request: m.Post) -> _Later | None:
    check_text(request.text, empty=bool(request.files))
    if request.files:
        return _post_files(services, session, request)
    try:
        room = _room_of(services, session, request)
    except Refused:
        return _post_later(services, session, request)
    waits = room.leaving or room.participants
    if waits or not services.journal.take(_post(session, request, room)):
        return _post_later(services, session, request)
    return None


async def _post_files(services: Services, session: Session, request: m.Post) -> m.Accepted | None:
    """Post a message that names uploads, which nothing else can take until it is stored."""
    account = account_of(session)
    try:
        room = services.moderation.writable_room(account, request.room)
        claim = await services.uploads.claim(account, room.id, request.files, request.nonce)
    except Refused:
        if accepted := await _accepted_before(services, session, request):
            return accepted
        raise
    try:
        accepted = await _post_later(services, session, request, claim)
    except BaseException:
        claim.release()
        raise
    if accepted is not None:  # otherwise it is up to the journal
        claim.release()
    return accepted


async def _post_later(
    services: Services, session: Session, request: m.Post, claim: Claim | None = None
) -> m.Accepted | None:
    """Post once nobody is being removed from the room, both participants are in it, and so on."""
    account = account_of(session)
    try:
        room = _room_of(services, session, request)
        if room.leaving:
            room = await _room_after_removals(services, account, room)
        if room.participants:
            await services.direct_messages.ensure_joined(account, room)
    except Refused:
        if accepted := await _accepted_before(services, session, request):
            return accepted
        raise
    await services.journal.post(_post(session, request, room, claim))
    return None


def _room_of(services: Services, session: Session, request: m.Post) -> Room:
    """Return the room that `request` may be posted to. Raises Refused."""
    room = services.moderation.writable_room(account_of(session), request.room)
    if request.reply > room.last_seq:
        raise Refused(Code.BAD_REQUEST, "The message you're replying to doesn't exist.")
    return room


def _post(session: Session, request: m.Post, room: Room, claim: Claim | None = None) -> Post:
    account, text, files = account_of(session), request.text, request.files
    draft = Draft(room.id, account.id, text, request.nonce, request.reply, files)
    return Post(session, request.id, account.name, room, draft, bool(account.guest_until), claim)


@handles(m.Edit)
async def edit(services: Services, session: Session, request: m.Edit) -> m.Accepted | None:
    check_text(request.text)
    return await _change(services, session, request, request.text)


@handles(m.Delete)
async def delete(services: Services, session: Session, request: m.Delete) -> m.Accepted | None:
    return await _change(services, session, request)


@handles(m.React)
async def react(services: Services, session: Session, request: m.React) -> m.Accepted | None:
    check_emoji(request.emoji)
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
        room = services.moderation.writable_room(account, request.room)
        draft = Draft(room.id, account.id, text, request.nonce, change=kind, of=request.of, off=off)
        await services.changes.check(account, room, draft)
        room = await _room_after_removals(services, account, room)
        # A deletion is nothing new to read, so nobody rejoins a direct message for it.
        if room.participants and not isinstance(request, m.Delete):
            await services.direct_messages.ensure_joined(account, room)
    except Refused:
        if accepted := await _accepted_before(services, session, request):
            return accepted
        raise
    await services.journal.post(Post(session, request.id, account.name, room, draft))
    return None


async def _room_after_removals(services: Services, account: Account, room: Room) -> Room:
    """Wait until no removal of `account` from `room` is under way; return the room.

    Raises Refused (not_a_member, muted) as of now.
    """
    await room.wait_not_leaving(account)
    return services.moderation.writable_room(account, room.name)


async def _accepted_before(
    services: Services,
    session: Session,
    request: m.Post | m.Edit | m.Delete | m.React,
) -> m.Accepted | None:
    """Return the reply that `request` had, by its nonce; None if it is a new one.

    A client that did not receive `accepted` sends the request again, and may have been muted
    or removed since. Looked up only now: requests that are granted do not wait for it.
    """
    known = await services.journal.find_receipt(account_of(session).id, request.nonce)
    if known is None:
        return None
    return m.Accepted(re=request.id, room=known.name, seq=known.seq, at=rfc3339(known.at))


# --- reading ---------------------------------------------------------------------------------


@handles(m.History)
async def history(services: Services, session: Session, request: m.History) -> m.Page:
    room = services.rooms.joined(account_of(session), request.room)
    lines, more = await services.history.page(room, request, account_of(session).id)
    return m.Page(re=request.id, room=room.name, messages=lines, more=more)


@handles(m.LookUp)
async def look_up(services: Services, session: Session, request: m.LookUp) -> m.Lines:
    room = services.rooms.joined(account_of(session), request.room)
    lines = await services.history.lines(room, request.seqs, account_of(session).id)
    return m.Lines(re=request.id, room=room.name, messages=lines)


@handles(m.Read)
def read(services: Services, session: Session, request: m.Read) -> None:
    room = services.rooms.joined(account_of(session), request.room)
    services.read_state.mark_read(session, request.id, account_of(session), room, request.seq)


@handles(m.Mentions)
async def mentions(services: Services, session: Session, request: m.Mentions) -> m.Found:
    hits, more = await services.history.mentions(account_of(session), request)
    return m.Found(re=request.id, hits=hits, more=more)


@handles(m.Search)
async def search(services: Services, session: Session, request: m.Search) -> m.Found:
    account = account_of(session)
    joined = services.rooms.of(account)
    rooms = [services.rooms.joined(account, request.room)] if request.room else joined
    found = await services.search.find(request, [room.id for room in rooms], account.id)
    # An account that was removed from a room during the search gets no hit from there.
    names = {room.id: room.name for room in services.rooms.of(account)}
    hits = fit_page(_hits(names, found.hits))
    more = bool(hits) and (found.more or len(hits) < len(found.hits))
    return m.Found(re=request.id, hits=hits, more=more)


def _hits(names: Mapping[int, str], records: Iterable[HitRecord]) -> Iterable[m.Hit]:
    for record in records:
        if room := names.get(record.room):
            at = rfc3339(record.at)
            yield m.Hit(
                *(record.id, room, record.seq, record.author, record.text, at, record.marks),
                as_sent(record.files),
            )
