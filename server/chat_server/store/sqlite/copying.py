"""What a copy of the messages elsewhere is made of, in SQLite."""

from typing import Final

from chat_server.store.api import CopiedMessage
from chat_server.store.sqlite.files import FILES, files_of
from chat_server.store.sqlite.guard import Subject, raises_store_errors

_COPIED: Final = (
    "SELECT message.id, message.room, message.seq, message.author, message.at, message.text,"  # noqa: S608 - constants
    f" message.change, message.of, message.deleted, account.key, account.name, {FILES}"
    " FROM message JOIN account ON account.id = message.author"
)
_NEXT: Final = f"{_COPIED} WHERE message.id > ? ORDER BY message.id LIMIT ?"
_CHANGED: Final = f"""
    {_COPIED} WHERE (room, seq) IN (
        SELECT room, of FROM message WHERE id > ? AND id <= ? AND change <> ''
    ) ORDER BY message.id
"""  # noqa: S608 - a constant
_FIRST: Final = """
    SELECT id, oldest FROM (
        SELECT id, (SELECT seq FROM message WHERE room = room.id ORDER BY seq LIMIT 1) AS oldest
        FROM room
    ) WHERE oldest IS NOT NULL
"""


class SqliteCopying(Subject):
    @raises_store_errors
    def copied_messages(self, after: int, limit: int) -> list[CopiedMessage]:
        return self._copied(_NEXT, after, limit)

    @raises_store_errors
    def changed_messages(self, after: int, until: int) -> list[CopiedMessage]:
        return self._copied(_CHANGED, after, until)

    @raises_store_errors
    def first_messages(self) -> dict[int, int]:
        return dict(self._db.execute(_FIRST))

    def _copied(self, query: str, *values: int) -> list[CopiedMessage]:
        rows = self._db.execute(query, values)
        return [CopiedMessage(*(*columns, files_of(files))) for *columns, files in rows]
