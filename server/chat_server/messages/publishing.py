"""What follows a commit: replies to the authors, and one block for each room.

Nothing here waits, so nothing can come between the replies and the blocks of a batch.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from chat_server.clock import rfc3339
from chat_server.files.claims import Claim
from chat_server.messages.events import MessageEvent, message_event
from chat_server.rooms.audit import recorded_audit_event
from chat_server.sessions.blocks import INTERRUPTED, Audience, Block, Last
from chat_server.sessions.session import Session
from chat_server.store.api import Draft, Receipt
from chat_shared.errors import Code
from chat_shared.messages import Accepted, Audited, Error, Posted


class Post(Struct, frozen=True, gc=False):
    """A draft and whom to reply to. A Struct, as one is made for every message."""

    session: Session
    re: int  # the id of the request
    author: str
    room: Audience
    draft: Draft
    guest: bool = False  # whether the author is one
    claim: Claim | None = None  # on the uploads that become its files


def publish(posts: Sequence[Post], receipts: Sequence[Receipt]) -> None:
    """Reply to the authors, and publish one block to each room.

    A reply leaves in the same write as the block of its author's room.
    """
    replies: dict[Session, list[Accepted]] = {}
    events: dict[Audience, list[MessageEvent]] = {}
    audits: list[tuple[Audience, Audited]] = []
    for post, receipt in zip(posts, receipts, strict=True):
        at = rfc3339(receipt.at)
        name = post.room.name if receipt.fresh else receipt.name
        reply = Accepted(re=post.re, room=name, seq=receipt.seq, at=at)
        replies.setdefault(post.session, []).append(reply)
        if receipt.fresh:
            event = (
                _change(post, receipt, audits) if post.draft.change else _posted(post, receipt, at)
            )
            events.setdefault(post.room, []).append(event)
    for session, accepted in replies.items():
        session.buffer_replies(accepted)
    for room, room_events in events.items():
        room.publish(Block(room_events), Last(room_events[-1].seq, room_events[-1].at))
    for room, audited in audits:
        room.broadcast(Block([audited]))
    for session in replies:
        session.outbox.flush()


def refuse(posts: Sequence[Post]) -> None:
    """Reply to the authors that nothing was stored."""
    for post in posts:
        post.session.send(
            Error(
                re=post.re,
                code=Code.INTERNAL,
                message="The server couldn't store this. Try again in a few seconds.",
            )
        )


def last_of_rooms(posts: Sequence[Post], receipts: Sequence[Receipt]) -> dict[Audience, Last]:
    """Return the last message stored in each room."""
    pairs = zip(posts, receipts, strict=True)
    return {post.room: Last(r.seq, rfc3339(r.at)) for post, r in pairs if r.fresh}


def interrupt(posts: Sequence[Post], last_of_rooms: Mapping[Audience, Last]) -> None:
    """Make everybody concerned reconnect and catch up: nobody knows what they received."""
    for room, last in last_of_rooms.items():
        room.interrupt(last)
    for post in posts:
        post.session.disconnect(INTERRUPTED)


def _posted(post: Post, receipt: Receipt, at: str) -> Posted:
    draft, room = post.draft, post.room.name
    mentions, guest = receipt.mentions, post.guest
    files = () if post.claim is None else post.claim.files
    # By position and one by one: unpacked tuples, or keywords, take three times as long.
    return Posted(
        room,
        receipt.seq,
        post.author,
        draft.text,
        at,
        draft.nonce,
        draft.reply,
        mentions,
        guest,
        files,
    )


def _change(post: Post, receipt: Receipt, audits: list[tuple[Audience, Audited]]) -> MessageEvent:
    """Return the event of a change; add that of its audit entry, if it has one, to `audits`."""
    if receipt.audit is not None:
        audits.append((post.room, recorded_audit_event(post.room.name, receipt.audit)))
    return message_event(post.room.name, post.author, post.draft, receipt)
