"""A password hasher that is fast, not safe, and counts what it does."""

from pwdlib.hashers.argon2 import Argon2Hasher


class CountingHasher(Argon2Hasher):
    """Counts the passwords it hashes, and notes the hashes it compares passwords with."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.hashed = 0
        self.compared: list[str] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashed += 1
        return super().hash(password, salt=salt)

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        self.compared.append(str(hash))
        return super().verify(password, hash)

    def work(self) -> list[str]:
        """Return the kind and parameters of each hash that a password was compared with."""
        return [hash.rpartition("$")[0].rpartition("$")[0] for hash in self.compared]
