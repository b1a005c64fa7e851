"""What a copy of the messages elsewhere is made of, in PostgreSQL."""

from typing import Final

from chat_server.store.api import CopiedMessage
from chat_server.store.postgresql.files import FILES, files_of
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import rows

_COPIED: Final = (
    "SELECT message.id, message.room, message.seq, message.author, message.at, message.text,"  # noqa: S608 - constants
    f" message.change, message.of, message.deleted, account.key, account.name, {FILES}"
    " FROM message JOIN account ON account.id = message.author"
)
_NEXT: Final = f"{_COPIED} WHERE message.id > %s ORDER BY message.id LIMIT %s"
_CHANGED: Final = f"""
    {_COPIED} WHERE (room, seq) IN (
        SELECT room, of FROM message WHERE id > %s AND id <= %s AND change <> ''
    ) ORDER BY message.id
"""  # noqa: S608 - a constant
# One look into the index for each room, and not at every message.
_FIRST: Final = (
    "SELECT room.id, first.seq FROM room CROSS JOIN LATERAL"
    " (SELECT seq FROM message WHERE room = room.id ORDER BY seq LIMIT 1) AS first"
)


class PostgresqlCopying(Subject):
    @raises_store_errors
    def copied_messages(self, after: int, limit: int) -> list[CopiedMessage]:
        return self._copied(_NEXT, after, limit)

    @raises_store_errors
    def changed_messages(self, after: int, until: int) -> list[CopiedMessage]:
        return self._copied(_CHANGED, after, until)

    @raises_store_errors
    def first_messages(self) -> dict[int, int]:
        return dict(rows(self._db, _FIRST))

    def _copied(self, query: str, *values: int) -> list[CopiedMessage]:
        found = rows(self._db, query, values)
        return [CopiedMessage(*(*columns, files_of(files))) for *columns, files in found]
