"""Away messages and times last seen, in PostgreSQL."""

from collections.abc import Mapping
from typing import Final

from chat_server.store.api import AccountState
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import change, columns, rows

_SET_SEEN: Final = (
    "UPDATE account SET seen = last.seen FROM unnest(%s::bigint[], %s::bigint[])"
    " AS last (account, seen) WHERE account.id = last.account"
)


class PostgresqlPresence(Subject):
    @raises_store_errors
    def account_state(self, account: int) -> AccountState:
        found = rows(
            self._db,
            "SELECT away, room.id, read_seq FROM account"
            " JOIN member ON member.account = account.id JOIN room ON room.id = member.room"
            " WHERE account.id = %s AND room.removed IS NULL",
            (account,),
        )
        # Every account that is not deleted is a member of a room.
        away = found[0][0] if found else ""
        return AccountState(away, {room: read_seq for _, room, read_seq in found})

    @raises_store_errors
    def set_away(self, account: int, away: str) -> None:
        change(self._db, "UPDATE account SET away = %s WHERE id = %s", (away, account))

    @raises_store_errors
    def set_last_seen(self, seen: Mapping[int, int]) -> None:
        change(self._db, _SET_SEEN, columns(list(seen.items()), 2))
