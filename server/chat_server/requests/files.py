"""Files: uploads and downloads, chunk by chunk."""

from typing import Final

import trio

from chat_server.requests.handlers import handles
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_shared import messages as m
from chat_shared.errors import Code, Refused

# Seconds for which a chunk waits until what was sent before it has left: what a person reads goes
# first. Meanwhile no other request of the session is answered.
DRAIN_DEADLINE: Final = 5.0


@handles(m.Upload)
async def upload(services: Services, session: Session, request: m.Upload) -> m.UploadState:
    account = account_of(session)
    room = services.moderation.writable_room(account, request.room)
    services.direct_messages.check_reachable(account, room)
    return await services.uploads.begin(account, room.id, request)


@handles(m.SendChunk)
async def send_chunk(services: Services, session: Session, request: m.SendChunk) -> m.UploadState:
    transfers = services.transfers
    with transfers.chunk(session, "up", request.upload):
        await transfers.wait_turn(len(request.data))
        state, is_whole = await services.uploads.add(account_of(session), request)
    transfers.figures.received += len(request.data)
    if is_whole:
        transfers.end(session, "up", request.upload)
    return state


@handles(m.CancelUpload)
async def cancel_upload(services: Services, session: Session, request: m.CancelUpload) -> m.Ok:
    await services.uploads.cancel(account_of(session), request.upload)
    services.transfers.end(session, "up", request.upload)
    return m.Ok(re=request.id)


@handles(m.Download)
async def download(services: Services, session: Session, request: m.Download) -> m.FileChunk:
    transfers = services.transfers
    with transfers.chunk(session, "down", request.file):
        await transfers.wait_turn(request.limit)
        await _wait_drained(session)
        chunk, is_last = await services.downloads.read(account_of(session), request)
    transfers.figures.sent += len(chunk.data)
    if is_last:
        transfers.end(session, "down", request.file)
    return chunk


async def _wait_drained(session: Session) -> None:
    """Wait until nothing is queued for `session`. Raises Refused (too_fast)."""
    with trio.move_on_after(DRAIN_DEADLINE):
        await session.outbox.wait_drained()
        return
    raise Refused(
        Code.TOO_FAST, "Your connection is busy. Try again in a moment.", retry_after=DRAIN_DEADLINE
    )
