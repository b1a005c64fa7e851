"""Counts of failed log-ins, in PostgreSQL."""

from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import change, first


class PostgresqlLoginAttempts(Subject):
    @raises_store_errors
    def login_attempts(self, digest: bytes) -> tuple[int, int]:
        row = first(self._db, "SELECT failed, at FROM login_attempt WHERE digest = %s", (digest,))
        failed, at = row or (0, 0)
        return failed, at

    @raises_store_errors
    def set_login_attempts(self, digest: bytes, failed: int, at: int) -> None:
        if failed:
            change(
                self._db,
                "INSERT INTO login_attempt (digest, failed, at) VALUES (%s, %s, %s)"
                " ON CONFLICT (digest) DO UPDATE SET (failed, at) = (excluded.failed, excluded.at)",
                (digest, failed, at),
            )
        else:
            change(self._db, "DELETE FROM login_attempt WHERE digest = %s", (digest,))

    @one_transaction
    def trim_login_attempts(self, before: int, limit: int) -> None:
        change(self._db, "DELETE FROM login_attempt WHERE at < %s", (before,))
        change(
            self._db,
            "DELETE FROM login_attempt WHERE digest = ANY(ARRAY("
            "SELECT digest FROM login_attempt ORDER BY at DESC OFFSET %s))",
            (limit,),
        )
