"""What a copy of the messages elsewhere is made of: the search index of a server has one."""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.files import FileRecord


@dataclass(frozen=True, slots=True)
class CopiedMessage:
    """A message or a change as it is stored now, and its author."""

    id: int
    room: int
    seq: int
    author: int
    at: int  # milliseconds since 1970, UTC
    text: str
    change: str  # empty for a message
    of: int  # the seq that a change is about
    deleted: int | None  # when a message was deleted
    author_key: str
    author_name: str
    files: list[FileRecord]


class CopyStore(Protocol):
    def copied_messages(self, after: int, limit: int) -> list[CopiedMessage]:
        """Return the next `limit` messages and changes behind the id `after`.

        In the order of their ids, which is that in which they were stored.
        """

    def changed_messages(self, after: int, until: int) -> list[CopiedMessage]:
        """Return the messages that the changes with these ids, `until` included, are about."""

    def first_messages(self) -> dict[int, int]:
        """Return the seq of the oldest message of each room that has any."""
