"""Messages: appended in order, one seq after the other, and read back in pages."""

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

from chat_server.store.api.audit import AuditRecord
from chat_server.store.api.files import FileRecord


class Draft(Struct, frozen=True, gc=False):
    """A message before it has its seq. A Struct, as one is made for every message."""

    room: int
    author: int
    text: str  # or the emoji of a reaction
    nonce: str
    reply: int = 0
    files: tuple[int, ...] = ()  # whole uploads of the author to the room, in order
    change: str = ""  # edit, delete or react: the change to the message `of`
    of: int = 0
    off: bool = False  # of a reaction: remove it


class Receipt(Struct, frozen=True, gc=False):
    """The place of a draft. Not `fresh` if its nonce had been appended already.

    Then it may be in another room, which need not exist any more: `name` is that room's.
    """

    room: int
    seq: int
    at: int  # milliseconds since 1970, UTC
    fresh: bool
    name: str = ""
    late: bool = False  # a change to a message that could no longer be changed: `of` is 0
    emoji: str = ""  # of a reaction: as it was spelt first at this message
    audit: AuditRecord | None = None  # the audit entry recorded with it
    mentions: list[str] | None = None  # members, sorted; None for a text without an `@`


class MessageRecord(Struct, frozen=True, gc=False):
    """A stored message. A Struct, as a page makes two hundred."""

    seq: int
    author: str
    text: str
    at: int  # milliseconds since 1970, UTC
    nonce: str
    reply: int = 0
    edited: int | None = None  # when it was last edited
    deleted: bool = False
    change: str = ""  # as Draft's; an edit has the current text of its message
    of: int = 0
    off: bool = False
    mentions: list[str] | None = None  # as Receipt's
    guest: bool = False  # the author is a guest, or was one to the end
    files: list[FileRecord] = []


class MessageStore(Protocol):
    """The part of `Store` that keeps messages."""

    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        """Append `drafts` to their rooms, in this order; return a receipt for each.

        `seq` goes up by one per fresh message of a room, and its time never goes back:
        where `at` is before that of an earlier message, it takes that one's. A draft whose author
        and nonce are known is not appended again: its receipt is the first one's.
        Members whom a draft mentions by name are recorded with it.
        The uploads of a draft become the message's files. The caller makes sure that there are
        such uploads and that nothing else takes them: others are left out.
        A change takes effect with its commit. If its message can no longer
        be changed, it takes its seq, has no effect and is `late`. Deleting another
        person's message adds an audit entry.
        """

    def receipt(self, author: int, nonce: str) -> Receipt | None:
        """Return the receipt of the draft with this nonce, if its message is still kept."""

    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        """Return the last `limit` messages with a lower seq than `before`, oldest first."""

    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        """Return the first `limit` messages with a higher seq than `after`, oldest first."""

    def messages_at(self, room: int, seqs: Collection[int]) -> list[MessageRecord]:
        """Return those of the messages `seqs` that exist, oldest first."""
