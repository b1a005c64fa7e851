"""SSH keys that log in to accounts: only what recognizes one is kept, not the key."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SshKeyRecord:
    digest: bytes  # SHA-256 of the public key
    kind: str
    comment: str
    added: int  # milliseconds since 1970, UTC
    used: int | None = None  # when it last logged in; None for never


class SshKeyStore(Protocol):
    """The part of `Store` that keeps SSH keys. A key may log in to several accounts."""

    def add_ssh_key(self, account: int, key: SshKeyRecord, most: int) -> None:
        """Let `key` log in to `account`.

        Raises TakenError if it does already, and FullError if `account` has `most` keys.
        """

    def ssh_keys(self, account: int) -> list[SshKeyRecord]:
        """Return the keys of `account`, in the order in which they were added."""

    def has_ssh_key(self, key: str, digest: bytes) -> bool:
        """Return whether `digest` logs in to the account with this folded name now."""

    def remove_ssh_key(self, account: int, digest: bytes) -> list[bytes] | None:
        """Remove a key and the tokens it was given, which are returned; None if there is none."""

    def add_token_by_ssh_key(
        self, token: bytes, account: int, digest: bytes, at: int, keep: int
    ) -> list[bytes]:
        """Let `token` log in to `account` for the key `digest`, which is used now.

        Revokes and returns the oldest tokens that keys were given beyond `keep`; those given for
        a password are counted apart. Raises GoneError if the key no longer logs in.
        """

    def ssh_key_of_token(self, token: bytes) -> bytes:
        """Return the digest of the key that `token` was given for; empty for a password."""
