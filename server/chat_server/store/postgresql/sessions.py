"""Tokens of accounts, in PostgreSQL."""

from collections.abc import Mapping
from typing import Final

from chat_server.store.api import AccountRecord, GoneError, TakenError, TokenRecord, TokenUse
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import (
    Database,
    change,
    columns,
    first,
    rows,
    value,
    values_of,
)

_SET_USES: Final = (
    "UPDATE token SET seen = used.seen, client = used.client, address = used.address"
    " FROM unnest(%s::bytea[], %s::bigint[], %s::text[], %s::text[])"
    " AS used (digest, seen, client, address) WHERE token.digest = used.digest"
)


class PostgresqlSessions(Subject):
    @one_transaction
    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        return insert_token(self._db, digest, account, at, keep)

    @raises_store_errors
    def account_of_token(self, digest: bytes) -> AccountRecord | None:
        row = first(
            self._db,
            "SELECT account.id, name, password, false, false, coalesce(guest_until, 0) FROM token"
            " JOIN account ON account.id = token.account WHERE digest = %s AND locked IS NULL",
            (digest,),
        )
        return AccountRecord(*row) if row else None

    @raises_store_errors
    def tokens(self, account: int) -> list[TokenRecord]:
        found = rows(
            self._db,
            "SELECT digest, created, seen, client, address FROM token"
            " WHERE account = %s ORDER BY created DESC",
            (account,),
        )
        return [TokenRecord(digest, created, TokenUse(*use)) for digest, created, *use in found]

    @raises_store_errors
    def set_token_uses(self, uses: Mapping[bytes, TokenUse]) -> None:
        table = [(digest, use.at, use.client, use.address) for digest, use in uses.items()]
        change(self._db, _SET_USES, columns(table, 4))

    @raises_store_errors
    def revoke_token(self, digest: bytes) -> None:
        change(self._db, "DELETE FROM token WHERE digest = %s", (digest,))

    @raises_store_errors
    def revoke_tokens(self, account: int) -> int:
        return change(self._db, "DELETE FROM token WHERE account = %s", (account,))

    @raises_store_errors
    def revoke_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        return _delete_other_tokens(self._db, account, keep)

    @one_transaction
    def change_password(
        self, account: int, password: str, current: bytes, new: bytes
    ) -> list[bytes]:
        if value(self._db, "SELECT 1 FROM token WHERE digest = %s", (new,)):
            raise TakenError
        renew = "UPDATE token SET digest = %s WHERE digest = %s AND account = %s"
        if not change(self._db, renew, (new, current, account)):
            raise GoneError
        change(self._db, "UPDATE account SET password = %s WHERE id = %s", (password, account))
        change(
            self._db,
            "DELETE FROM ssh_key WHERE account = %s"
            " AND digest <> (SELECT ssh_key FROM token WHERE digest = %s)",
            (account, new),
        )
        return [current, *_delete_other_tokens(self._db, account, new)]


def insert_token(
    db: Database, digest: bytes, account: int, at: int, keep: int, key: bytes = b""
) -> list[bytes]:
    """Insert a token, given for `key` if there is one; delete and return those beyond `keep`.

    Tokens of keys are counted apart from the others, so that a script that logs in every minute
    logs out no device.
    """
    change(
        db,
        # Later than the others, even with the clock set back: else it would go first.
        "INSERT INTO token (digest, account, created, seen, ssh_key) SELECT %(digest)s,"
        " %(account)s, greatest(%(at)s, coalesce(max(created) + 1, 0)), %(at)s, %(key)s"
        " FROM token WHERE account = %(account)s",
        {"digest": digest, "account": account, "at": at, "key": key},
    )
    return values_of(
        db,
        "DELETE FROM token WHERE digest = ANY(ARRAY(SELECT digest FROM token"
        " WHERE account = %s AND (ssh_key = '') = %s"
        " ORDER BY created DESC OFFSET %s)) RETURNING digest",
        (account, not key, keep),
    )


def _delete_other_tokens(db: Database, account: int, keep: bytes) -> list[bytes]:
    deleted = "DELETE FROM token WHERE account = %s AND digest <> %s RETURNING digest"
    return values_of(db, deleted, (account, keep))
