"""Preferences of accounts, in SQLite."""

from collections.abc import Mapping

from chat_server.store.api import FullError, GoneError
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_shared.preferences import changed, fit


class SqlitePreferences(Subject):
    @raises_store_errors
    def preferences(self, account: int) -> dict[str, str]:
        return self._preferences(account)

    def _preferences(self, account: int) -> dict[str, str]:
        rows = self._db.execute(
            "SELECT name, value FROM preference WHERE account = ? ORDER BY name", (account,)
        )
        return dict(rows)

    @one_transaction
    def set_preferences(self, account: int, changes: Mapping[str, str]) -> None:
        exists = "SELECT 1 FROM account WHERE id = ? AND removed IS NULL"
        if self._db.execute(exists, (account,)).get is None:
            raise GoneError
        if not fit(changed(self._preferences(account), changes)):
            raise FullError
        self._db.executemany(
            "DELETE FROM preference WHERE account = ? AND name = ?",
            [(account, name) for name in changes],
        )
        self._db.executemany(
            "INSERT INTO preference (account, name, value) VALUES (?, ?, ?)",
            [(account, name, value) for name, value in changes.items() if value],
        )
