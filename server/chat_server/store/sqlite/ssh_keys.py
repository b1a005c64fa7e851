"""SSH keys of accounts, in SQLite."""

from chat_server.store.api import FullError, GoneError, SshKeyRecord, TakenError
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.sessions import insert_token


class SqliteSshKeys(Subject):
    @one_transaction
    def add_ssh_key(self, account: int, key: SshKeyRecord, most: int) -> None:
        held = {held.digest for held in self._keys(account)}
        if key.digest in held:
            raise TakenError
        if len(held) >= most:
            raise FullError
        self._db.execute(
            "INSERT INTO ssh_key (account, digest, kind, comment, added) VALUES (?, ?, ?, ?, ?)",
            (account, key.digest, key.kind, key.comment, key.added),
        )

    @raises_store_errors
    def ssh_keys(self, account: int) -> list[SshKeyRecord]:
        return self._keys(account)

    def _keys(self, account: int) -> list[SshKeyRecord]:
        rows = self._db.execute(
            "SELECT digest, kind, comment, added, used FROM ssh_key"
            " WHERE account = ? ORDER BY added, digest",
            (account,),
        )
        return [SshKeyRecord(*row) for row in rows]

    @raises_store_errors
    def has_ssh_key(self, key: str, digest: bytes) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM account JOIN ssh_key ON ssh_key.account = account.id"
            " WHERE key = ? AND digest = ? AND locked IS NULL",
            (key, digest),
        )
        return found.get is not None

    @one_transaction
    def remove_ssh_key(self, account: int, digest: bytes) -> list[bytes] | None:
        key = (account, digest)
        self._db.execute("DELETE FROM ssh_key WHERE account = ? AND digest = ?", key)
        if not self._db.changes():
            return None
        deleted = "DELETE FROM token WHERE account = ? AND ssh_key = ? RETURNING digest"
        return [token for (token,) in self._db.execute(deleted, key)]

    @one_transaction
    def add_token_by_ssh_key(
        self, token: bytes, account: int, digest: bytes, at: int, keep: int
    ) -> list[bytes]:
        self._db.execute(
            "UPDATE ssh_key SET used = ? WHERE account = ? AND digest = ?"
            " AND (SELECT locked FROM account WHERE id = ssh_key.account) IS NULL",
            (at, account, digest),
        )
        if not self._db.changes():
            raise GoneError
        return insert_token(self._db, token, account, at, keep, key=digest)

    @raises_store_errors
    def ssh_key_of_token(self, token: bytes) -> bytes:
        found: bytes | None = self._db.execute(
            "SELECT ssh_key FROM token WHERE digest = ?", (token,)
        ).get
        return found or b""
