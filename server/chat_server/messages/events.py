"""Messages and changes of messages as they are sent: just stored, or read back from the store."""

from collections.abc import Iterable
from typing import TypeAlias

from chat_server.clock import rfc3339
from chat_server.store.api import Draft, FileRecord, MessageRecord, ReactionRecord, Receipt
from chat_shared.messages import Deleted, Edited, File, Line, Posted, Reacted, Reaction

MessageEvent: TypeAlias = Posted | Edited | Deleted | Reacted


def message_event(room: str, author: str, draft: Draft, receipt: Receipt) -> MessageEvent:
    """Return the event of the change `draft`, which has just been stored."""
    of = 0 if receipt.late else draft.of
    text = "" if receipt.late and draft.change == "edit" else receipt.emoji or draft.text
    at = rfc3339(receipt.at)
    return _change(room, author, draft, receipt.seq, of, at, text)


def stored_event(room: str, message: MessageRecord) -> MessageEvent:
    """Return the event of `message`, for a session that missed it.

    An edit of a message that has been deleted or removed since has no text left, and is
    `of` message 0.
    """
    at = rfc3339(message.at)
    if not message.change:
        return Posted(
            *(room, message.seq, message.author, message.text, at),
            *(message.nonce, message.reply, message.mentions, bool(message.guest)),
            files=as_sent(message.files),
        )
    gone = message.change == "edit" and not message.text
    of = 0 if gone else message.of
    return _change(room, message.author, message, message.seq, of, at, message.text)


def line_of(record: MessageRecord, reactions: Iterable[ReactionRecord]) -> Line:
    """Return a message as pages have it, with its `reactions`."""
    at = rfc3339(record.at)
    if record.change:
        return Line(record.seq, record.author, "", at, change=record.change, of=record.of)
    return Line(
        record.seq,
        record.author,
        record.text,
        at,
        reply=record.reply,
        edited=rfc3339(record.edited) if record.edited else "",
        deleted=bool(record.deleted),
        mentions=record.mentions,
        guest=bool(record.guest),
        files=as_sent(record.files),
        reactions=tuple(Reaction(r.emoji, r.count, r.names, r.mine) for r in reactions),
    )


def as_sent(files: Iterable[FileRecord]) -> tuple[File, ...]:
    """Return the files of a message as events and pages have them."""
    return tuple(File(file.id, file.name, file.size, file.type) for file in files)


def _change(
    room: str, author: str, what: Draft | MessageRecord, seq: int, of: int, at: str, text: str
) -> MessageEvent:
    if what.change == "edit":
        return Edited(room, seq, of, author, at, text, what.nonce)
    if what.change == "delete":
        return Deleted(room, seq, of, author, at, what.nonce)
    return Reacted(room, seq, of, author, at, text, bool(what.off), what.nonce)
