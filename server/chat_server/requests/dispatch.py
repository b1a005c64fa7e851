"""From a request to its reply: rate limit, guards, then the handler.

Whether a request is legal in this state of the connection is decided in
`chat_shared.connection`; here only whether it is granted.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeAlias, cast

import structlog

from chat_server.files.blobs import BlobError, NoSpaceError
from chat_server.requests.handlers import HANDLERS, Answer
from chat_server.rooms.moderation import check_owner
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_server.store.api import StoreError
from chat_server.tasks.fair_queue import QueueFullError
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import fold

log = structlog.get_logger()

# Raises Refused where the request is not granted.
Guard: TypeAlias = Callable[[Services, Session, m.Request], None]

_BUSY: Final = partial(
    Refused, Code.TOO_FAST, "The server is busy. Try again in a moment.", retry_after=2.0
)
_NOT_STORED: Final = partial(
    Refused,
    Code.INTERNAL,
    "The server couldn't store this. Try again in a few seconds.",
    retry_after=5.0,
)

_NO_SPACE: Final = partial(
    Refused, Code.INTERNAL, "The server has no space left for files. Ask its operator."
)
_NOT_CARRIED: Final = partial(
    Refused,
    Code.INTERNAL,
    "The server couldn't store or read this file. Try again in a few seconds.",
    retry_after=5.0,
)

_FAILURES: Final = (Refused, QueueFullError, StoreError, BlobError)


def dispatch(
    services: Services, session: Session, request: m.Request
) -> Coroutine[Any, Any, None] | None:
    """Grant `request` or refuse it, and reply.

    Return what the caller must await before the next request, or None if nothing waits.
    """
    try:
        for guard in GUARDS[type(request)]:
            guard(services, session, request)
        answer = HANDLERS[type(request)](services, session, request)
    except _FAILURES as exc:
        answer = _error(request, exc)
    if answer is None:
        return None
    if isinstance(answer, Coroutine):
        return _reply_later(session, request, answer)
    session.send(answer)
    return None


async def _reply_later(
    session: Session, request: m.Request, answer: Coroutine[Any, Any, Answer]
) -> None:
    try:
        reply = await answer
    except _FAILURES as exc:
        reply = _error(request, exc)
    if reply is not None:
        session.send(reply)


def _error(request: m.Request, failure: Exception) -> m.Error:
    """Return the reply to a request that was refused, or that failed for lack of something."""
    name = type(request).__name__
    match failure:
        case Refused() as refused:
            pass
        case QueueFullError():
            refused = _BUSY()
        case BlobError():
            log.error("file not stored or read", request=name, reason=str(failure))
            refused = _NO_SPACE() if isinstance(failure, NoSpaceError) else _NOT_CARRIED()
        case _:
            log.error("request not stored", request=name, reason=str(failure))
            refused = _NOT_STORED()
    return refusal(refused, request.id)


def refusal(refused: Refused, re: int | None) -> m.Error:
    """Return the reply that says why not."""
    return m.Error(refused.code, refused.message, re, refused.retry_after, refused.until)


# --- guards -----------------------------------------------------------------------------


def charge_post(_: Services, session: Session, __: m.Request) -> None:
    _check(session.charge(session.posts))


def charge_request(_: Services, session: Session, __: m.Request) -> None:
    _check(session.charge(session.requests))


def charge_chunk(services: Services, session: Session, request: m.Request) -> None:
    """Charge the bytes of a chunk. One too many is refused, and other requests go on."""
    chunk = cast("m.SendChunk | m.Download", request)
    size = len(chunk.data) if isinstance(chunk, m.SendChunk) else chunk.limit
    if wait := services.transfers.charge(account_of(session), size):
        session.charge(session.requests)  # no frame is free
        _check(wait)


def require_owner(services: Services, session: Session, request: m.Request) -> None:
    room = cast("m.OwnerRequest", request).room
    check_owner(account_of(session), services.rooms.joined(account_of(session), room))


def require_others(_: Services, session: Session, request: m.Request) -> None:
    name = cast("m.ModerationRequest | m.Block | m.Unblock", request).name
    if fold(name) == fold(account_of(session).name):
        raise Refused(Code.FORBIDDEN, "You can't do that to yourself.")


def refuse_guests(_: Services, session: Session, __: m.Request) -> None:
    if session.account is not None and session.account.guest_until:
        raise Refused(Code.FORBIDDEN, "Guests can't do that. /keep makes this an account that can.")


def refuse_hooks(_: Services, session: Session, __: m.Request) -> None:
    if session.account is not None and session.account.hook:
        raise Refused(Code.FORBIDDEN, "A hook can only post to its room.")


def _check(wait: float) -> None:
    if wait:
        # Rounded up: a client that waits this long must not come a millisecond early.
        seconds = int(wait * 1000 + 1) / 1000
        raise Refused(Code.TOO_FAST, "You're sending too fast. Wait a moment.", retry_after=seconds)


_CHARGES: Final[dict[str, tuple[Guard, ...]]] = {
    "posts": (charge_post,),
    "requests": (charge_request,),
    "chunks": (charge_chunk,),
    "none": (),
}


def _guards(request: type[m.Request]) -> tuple[Guard, ...]:
    """Return what the class attributes of `request` ask for, the cheapest first."""
    guards = _CHARGES[request.rate]
    if not request.by_guests:
        guards += (refuse_guests,)
    if not request.by_hooks:
        guards += (refuse_hooks,)
    if request.owner_only:
        guards += (require_owner,)
    if request.others_only:
        guards += (require_others,)
    return guards


GUARDS: Final = {request: _guards(request) for request in m.REQUESTS}
