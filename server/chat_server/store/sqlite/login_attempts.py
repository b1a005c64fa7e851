"""Counts of failed log-ins, in SQLite."""

from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors


class SqliteLoginAttempts(Subject):
    @raises_store_errors
    def login_attempts(self, digest: bytes) -> tuple[int, int]:
        row = self._db.execute(
            "SELECT failed, at FROM login_attempt WHERE digest = ?", (digest,)
        ).fetchone()
        return row or (0, 0)

    @raises_store_errors
    def set_login_attempts(self, digest: bytes, failed: int, at: int) -> None:
        if failed:
            self._db.execute(
                "INSERT OR REPLACE INTO login_attempt VALUES (?, ?, ?)", (digest, failed, at)
            )
        else:
            self._db.execute("DELETE FROM login_attempt WHERE digest = ?", (digest,))

    @one_transaction
    def trim_login_attempts(self, before: int, limit: int) -> None:
        self._db.execute("DELETE FROM login_attempt WHERE at < ?", (before,))
        self._db.execute(
            "DELETE FROM login_attempt WHERE digest IN"
            " (SELECT digest FROM login_attempt ORDER BY at DESC LIMIT -1 OFFSET ?)",
            (limit,),
        )
