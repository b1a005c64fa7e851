"""Away messages and times last seen, in SQLite."""

from collections.abc import Mapping

from chat_server.store.api import AccountState
from chat_server.store.sqlite.bulk import update_rows
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors


class SqlitePresence(Subject):
    @raises_store_errors
    def account_state(self, account: int) -> AccountState:
        found = self._db.execute(
            "SELECT away, room.id, read_seq FROM account"
            " JOIN member ON member.account = account.id JOIN room ON room.id = member.room"
            " WHERE account.id = ? AND room.removed IS NULL",
            (account,),
        )
        rows = list(found)
        # Every account that is not deleted is a member of a room.
        away = rows[0][0] if rows else ""
        read = {room: read_seq for _, room, read_seq in rows}
        return AccountState(away, read)

    @raises_store_errors
    def set_away(self, account: int, away: str) -> None:
        self._db.execute("UPDATE account SET away = ? WHERE id = ?", (away, account))

    @one_transaction
    def set_last_seen(self, seen: Mapping[int, int]) -> None:
        update_rows(
            self._db,
            "UPDATE account SET seen = value ->> 1 FROM json_each(?)"
            " WHERE account.id = value ->> 0",
            list(seen.items()),
        )
