"""How servers are known since their first connection.

One line each, in a file that only its owner can read: `HOST:PORT SHA256:…`, or
`HOST:PORT authority` where certificate authorities vouch for the name. A line
`tcp://HOST:PORT unencrypted` allows a connection that is less than what is known. The
file is read each time, because other clients of the same user write it too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_tui.model.address import Address, BadAddress, read_address
from chat_tui.storage import shared_file

_HEAD: Final = "# How servers are known: HOST:PORT, and SHA256:FINGERPRINT or authority.\n"
_PLAIN: Final = "tcp://"


class UnusableFile(Exception):
    """The file cannot be read or written; the message names it and says why.

    Taking every server for a new one then would make the file useless just when
    someone has tampered with it, so the client connects to none.
    """


class KnownServers:
    """The known servers. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self.path: Final = path
        # What this run has seen holds even if the file cannot be written, or is deleted.
        self._seen: dict[str, str] = {}

    def find(self, address: Address) -> str:
        """Return how this server is known, or "". Raises UnusableFile.

        For an unencrypted address, that is whether it was allowed in spite of what is known.
        """
        name = _name(address)
        if found := dict(self._read()).get(name) or self._seen.get(name, ""):
            self._seen[name] = found
        return found

    def remember(self, address: Address, trust: str) -> None:
        """Note how this server is known, in place of what was known. Raises UnusableFile."""
        name = _name(address)
        self._seen[name] = trust
        if self.path is None or dict(self._read()).get(name) == trust:
            return
        try:
            shared_file.update(self.path, lambda data: self._with(data, name, trust))
        except OSError as exc:
            raise UnusableFile(f"Can't write {self.path}: {exc.strerror}.") from None

    def _read(self) -> Iterator[tuple[str, str]]:
        if self.path is None:
            return iter(())
        try:
            data = shared_file.read(self.path)
        except OSError as exc:
            raise UnusableFile(f"Can't read {self.path}: {exc.strerror}.") from None
        return self._pins(self._lines(data))

    def _with(self, data: bytes | None, name: str, trust: str) -> bytes:
        """Return the file with this line, and all others as they are."""
        lines = [_HEAD] if data is None else self._lines(data)
        kept = [line for line in lines if not any(name == key for key, _ in self._pins([line]))]
        return "\n".join([*(line.rstrip("\n") for line in kept), f"{name} {trust}\n"]).encode()

    def _lines(self, data: bytes | None) -> list[str]:
        try:
            return (data or b"").decode().splitlines()
        except UnicodeDecodeError:
            raise UnusableFile(f"{self.path} isn't a UTF-8 text file.") from None

    def _pins(self, lines: list[str]) -> Iterator[tuple[str, str]]:
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                server, trust = words
                yield _name(read_address(server)), trust
            except (BadAddress, ValueError):
                raise UnusableFile(
                    f'{self.path}, line {number} isn\'t "HOST:PORT SHA256:…". Correct or delete it.'
                ) from None


def _name(address: Address) -> str:
    """Return the name of a server in the file, whatever spelling of it was typed there."""
    return f"{_PLAIN}{address.key}" if address.plain else address.key
