"""SSH keys of accounts, in PostgreSQL."""

from chat_server.store.api import FullError, GoneError, SshKeyRecord, TakenError
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import change, rows, value, values_of
from chat_server.store.postgresql.sessions import insert_token


class PostgresqlSshKeys(Subject):
    @one_transaction
    def add_ssh_key(self, account: int, key: SshKeyRecord, most: int) -> None:
        held = {held.digest for held in self._keys(account)}
        if key.digest in held:
            raise TakenError
        if len(held) >= most:
            raise FullError
        change(
            self._db,
            "INSERT INTO ssh_key (account, digest, kind, comment, added)"
            " VALUES (%s, %s, %s, %s, %s)",
            (account, key.digest, key.kind, key.comment, key.added),
        )

    @raises_store_errors
    def ssh_keys(self, account: int) -> list[SshKeyRecord]:
        return self._keys(account)

    def _keys(self, account: int) -> list[SshKeyRecord]:
        found = rows(
            self._db,
            "SELECT digest, kind, comment, added, used FROM ssh_key"
            " WHERE account = %s ORDER BY added, digest",
            (account,),
        )
        return [SshKeyRecord(*row) for row in found]

    @raises_store_errors
    def has_ssh_key(self, key: str, digest: bytes) -> bool:
        found = (
            "SELECT 1 FROM account JOIN ssh_key ON ssh_key.account = account.id"
            " WHERE key = %s AND digest = %s AND locked IS NULL"
        )
        return value(self._db, found, (key, digest)) is not None

    @one_transaction
    def remove_ssh_key(self, account: int, digest: bytes) -> list[bytes] | None:
        key = (account, digest)
        if not change(self._db, "DELETE FROM ssh_key WHERE account = %s AND digest = %s", key):
            return None
        deleted = "DELETE FROM token WHERE account = %s AND ssh_key = %s RETURNING digest"
        return values_of(self._db, deleted, key)

    @one_transaction
    def add_token_by_ssh_key(
        self, token: bytes, account: int, digest: bytes, at: int, keep: int
    ) -> list[bytes]:
        used = change(
            self._db,
            "UPDATE ssh_key SET used = %s WHERE account = %s AND digest = %s"
            " AND (SELECT locked FROM account WHERE id = ssh_key.account) IS NULL",
            (at, account, digest),
        )
        if not used:
            raise GoneError
        return insert_token(self._db, token, account, at, keep, key=digest)

    @raises_store_errors
    def ssh_key_of_token(self, token: bytes) -> bytes:
        return value(self._db, "SELECT ssh_key FROM token WHERE digest = %s", (token,)) or b""
