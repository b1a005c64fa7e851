"""Edits, deletions and reactions, in PostgreSQL."""

from collections.abc import Collection
from typing import Final

from chat_server.store.api import ReactionRecord, TargetRecord
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import first, rows, values_of

# One statement for a page: with one more for each emoji, an account that puts twenty
# under every message makes every page cost six times as much.
_REACTIONS: Final = (
    "SELECT seq, emoji, count(*), ARRAY(SELECT name"
    " FROM reaction AS one JOIN account ON account.id = one.account"
    " WHERE one.room = reaction.room AND one.seq = reaction.seq AND one.emoji = reaction.emoji"
    " ORDER BY one.id LIMIT %s), bool_or(account = %s) FROM reaction WHERE room = %s"
    " AND seq = ANY(%s::bigint[]) GROUP BY room, seq, emoji ORDER BY seq, min(id)"
)


class PostgresqlChanges(Subject):
    @raises_store_errors
    def target(self, room: int, seq: int) -> TargetRecord | None:
        row = first(
            self._db,
            "SELECT author, change, deleted IS NOT NULL FROM message WHERE room = %s AND seq = %s",
            (room, seq),
        )
        if row is None:
            return None
        author, kind, deleted = row
        emojis = "SELECT DISTINCT emoji FROM reaction WHERE room = %s AND seq = %s"
        return TargetRecord(
            author, kind, deleted, frozenset(values_of(self._db, emojis, (room, seq)))
        )

    @raises_store_errors
    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        found: dict[int, list[ReactionRecord]] = {}
        for seq, *reaction in rows(self._db, _REACTIONS, (names, account, room, [*seqs])):
            found.setdefault(seq, []).append(ReactionRecord(*reaction))
        return found
