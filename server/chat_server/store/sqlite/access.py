"""Who may come in: the devices of accounts, invitations used, and wrong guesses.

What each method promises stands at `Store`.
"""

from collections.abc import Mapping

import apsw

from chat_server.store.api import InvalidInviteError, TokenRecord
from chat_server.store.sqlite.guard import raises_store_errors
from chat_server.store.sqlite.transaction import transaction


class SqliteAccess:
    """The part of `SqliteStore` that keeps people out."""

    _db: apsw.Connection

    # --- devices

    @raises_store_errors
    def tokens(self, account: int) -> list[TokenRecord]:
        rows = self._db.execute(
            "SELECT digest, created, seen FROM token WHERE account = ? ORDER BY created DESC",
            (account,),
        )
        return [TokenRecord(*row) for row in rows]

    @raises_store_errors
    def set_tokens_seen(self, seen: Mapping[bytes, int]) -> None:
        with transaction(self._db):
            self._db.executemany(
                "UPDATE token SET seen = ? WHERE digest = ?",
                [(at, digest) for digest, at in seen.items()],
            )

    @raises_store_errors
    def revoke_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        return self._remove_other_tokens(account, keep)

    @raises_store_errors
    def change_password(self, account: int, password: str, keep: bytes) -> list[bytes]:
        with transaction(self._db):
            self._db.execute("UPDATE account SET password = ? WHERE id = ?", (password, account))
            void = self._remove_other_tokens(account, keep)
        return void  # noqa: RET504 - for mypy a `with` may swallow what it raised

    # --- invitations

    @raises_store_errors
    def has_invite(self, digest: bytes, at: int) -> bool:
        found = "SELECT 1 FROM invite WHERE digest = ? AND expires > ?"
        return self._db.execute(found, (digest, at)).get is not None

    # --- guesses

    @raises_store_errors
    def login_attempts(self, digest: bytes) -> tuple[int, int]:
        row = self._db.execute("SELECT wrong, at FROM guess WHERE digest = ?", (digest,)).fetchone()
        return row or (0, 0)

    @raises_store_errors
    def set_login_attempts(self, digest: bytes, wrong: int, at: int) -> None:
        if wrong:
            self._db.execute("INSERT OR REPLACE INTO guess VALUES (?, ?, ?)", (digest, wrong, at))
        else:
            self._db.execute("DELETE FROM guess WHERE digest = ?", (digest,))

    @raises_store_errors
    def trim_login_attempts(self, before: int, most: int) -> None:
        with transaction(self._db):
            self._db.execute("DELETE FROM guess WHERE at < ?", (before,))
            self._db.execute(
                "DELETE FROM guess WHERE digest IN"
                " (SELECT digest FROM guess ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (most,),
            )

    # --- parts of transactions

    def _remove_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        removed = "DELETE FROM token WHERE account = ? AND digest <> ? RETURNING digest"
        return [digest for (digest,) in self._db.execute(removed, (account, keep))]

    def _use_invite(self, digest: bytes, at: int) -> None:
        used = "DELETE FROM invite WHERE digest = ? AND expires > ? RETURNING 1"
        if self._db.execute(used, (digest, at)).get is None:
            raise InvalidInviteError
