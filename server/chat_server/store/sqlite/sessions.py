"""Tokens of accounts, in SQLite."""

from collections.abc import Mapping

import apsw

from chat_server.store.api import AccountRecord, GoneError, TakenError, TokenRecord, TokenUse
from chat_server.store.sqlite.bulk import update_rows
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors


class SqliteSessions(Subject):
    @one_transaction
    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        return insert_token(self._db, digest, account, at, keep)

    @raises_store_errors
    def account_of_token(self, digest: bytes) -> AccountRecord | None:
        row = self._db.execute(
            "SELECT account.id, name, password, false, false, coalesce(guest_until, 0) FROM token"
            " JOIN account ON account.id = token.account WHERE digest = ? AND locked IS NULL",
            (digest,),
        ).fetchone()
        return row and AccountRecord(*row)

    @raises_store_errors
    def tokens(self, account: int) -> list[TokenRecord]:
        rows = self._db.execute(
            "SELECT digest, created, seen, client, address FROM token"
            " WHERE account = ? ORDER BY created DESC",
            (account,),
        )
        return [TokenRecord(digest, created, TokenUse(*use)) for digest, created, *use in rows]

    @one_transaction
    def set_token_uses(self, uses: Mapping[bytes, TokenUse]) -> None:
        update_rows(
            self._db,
            "UPDATE token SET seen = value ->> 1, client = value ->> 2, address = value ->> 3"
            " FROM json_each(?) WHERE digest = unhex(value ->> 0)",
            [(digest.hex(), use.at, use.client, use.address) for digest, use in uses.items()],
        )

    @raises_store_errors
    def revoke_token(self, digest: bytes) -> None:
        self._db.execute("DELETE FROM token WHERE digest = ?", (digest,))

    @raises_store_errors
    def revoke_tokens(self, account: int) -> int:
        self._db.execute("DELETE FROM token WHERE account = ?", (account,))
        return self._db.changes()

    @raises_store_errors
    def revoke_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        return _delete_other_tokens(self._db, account, keep)

    @one_transaction
    def change_password(
        self, account: int, password: str, current: bytes, new: bytes
    ) -> list[bytes]:
        if self._db.execute("SELECT 1 FROM token WHERE digest = ?", (new,)).get:
            raise TakenError
        renew = "UPDATE token SET digest = ? WHERE digest = ? AND account = ?"
        self._db.execute(renew, (new, current, account))
        if not self._db.changes():
            raise GoneError
        self._db.execute("UPDATE account SET password = ? WHERE id = ?", (password, account))
        self._db.execute(
            "DELETE FROM ssh_key WHERE account = ?"
            " AND digest <> (SELECT ssh_key FROM token WHERE digest = ?)",
            (account, new),
        )
        return [current, *_delete_other_tokens(self._db, account, new)]


def insert_token(
    db: apsw.Connection, digest: bytes, account: int, at: int, keep: int, key: bytes = b""
) -> list[bytes]:
    """Insert a token, given for `key` if there is one; delete and return those beyond `keep`.

    Tokens of keys are counted apart from the others, so that a script that logs in every minute
    logs out no device.
    """
    # Later than the others, even with the clock set back: else it would go first.
    after = "SELECT coalesce(max(created) + 1, 0) FROM token WHERE account = ?"
    created = max(at, db.execute(after, (account,)).get)
    added = "INSERT INTO token (digest, account, created, seen, ssh_key) VALUES (?, ?, ?, ?, ?)"
    db.execute(added, (digest, account, created, at, key))
    revoked = db.execute(
        "DELETE FROM token WHERE digest IN (SELECT digest FROM token"
        " WHERE account = ? AND (ssh_key = x'') = (? = x'')"
        " ORDER BY created DESC LIMIT -1 OFFSET ?) RETURNING digest",
        (account, key, keep),
    )
    return [old for (old,) in revoked]


def _delete_other_tokens(db: apsw.Connection, account: int, keep: bytes) -> list[bytes]:
    deleted = "DELETE FROM token WHERE account = ? AND digest <> ? RETURNING digest"
    return [digest for (digest,) in db.execute(deleted, (account, keep))]
