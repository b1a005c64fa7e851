"""Preferences of accounts, in PostgreSQL."""

from collections.abc import Mapping

from chat_server.store.api import FullError, GoneError
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import change, columns, rows, value
from chat_shared.preferences import changed, fit


class PostgresqlPreferences(Subject):
    @raises_store_errors
    def preferences(self, account: int) -> dict[str, str]:
        return self._preferences(account)

    def _preferences(self, account: int) -> dict[str, str]:
        found = "SELECT name, value FROM preference WHERE account = %s ORDER BY name"
        return dict(rows(self._db, found, (account,)))

    @one_transaction
    def set_preferences(self, account: int, changes: Mapping[str, str]) -> None:
        exists = "SELECT 1 FROM account WHERE id = %s AND removed IS NULL"
        if value(self._db, exists, (account,)) is None:
            raise GoneError
        if not fit(changed(self._preferences(account), changes)):
            raise FullError
        change(
            self._db,
            "DELETE FROM preference WHERE account = %s AND name = ANY(%s::text[])",
            (account, list(changes)),
        )
        kept = [(name, value) for name, value in changes.items() if value]
        change(
            self._db,
            "INSERT INTO preference (account, name, value)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[])",
            (account, *columns(kept, 2)),
        )
