"""The fingerprints of known servers, pinned at the first connection.

One line each, `HOST:PORT SHA256:…`, in a file that only its owner can read. It is
read each time, because other clients of the same user write it too.
"""

from pathlib import Path
from typing import Final

from chat_tui.model.address import Address
from chat_tui.storage.atomic_write import write_private

_HEAD: Final = "# Fingerprints of servers, pinned at the first connection: HOST:PORT and SHA-256.\n"


class UnusableFile(Exception):
    """The file cannot be read or written; the message names it and says why.

    Taking every server for a new one then would make the file useless just when
    someone has tampered with it, so the client connects to none.
    """


class KnownServers:
    """The pins. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self.path: Final = path
        self._pinned: dict[str, str] = {}

    def find(self, address: Address) -> str:
        """Return the known fingerprint of this server, or "". Raises UnusableFile."""
        return self._read().get(address.key, "")

    def remember(self, address: Address, fingerprint: str) -> None:
        """Pin this server, in place of an earlier fingerprint. Raises UnusableFile."""
        self._pinned = {**self._read(), address.key: fingerprint}
        if self.path is None:
            return
        lines = [f"{server} {value}\n" for server, value in sorted(self._pinned.items())]
        try:
            write_private(self.path, "".join([_HEAD, *lines]).encode())
        except OSError as exc:
            raise UnusableFile(f"Can't write {self.path}: {exc.strerror}.") from None

    def _read(self) -> dict[str, str]:
        if self.path is None:
            return self._pinned
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return {}
        except OSError as exc:
            raise UnusableFile(f"Can't read {self.path}: {exc.strerror}.") from None
        except UnicodeDecodeError:
            raise UnusableFile(f"{self.path} isn't a UTF-8 text file.") from None
        return dict(self._pins(text))

    def _pins(self, text: str) -> list[tuple[str, str]]:
        pins = []
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 2:
                raise UnusableFile(
                    f'{self.path}, line {number} isn\'t "HOST:PORT SHA256:…". Correct or delete it.'
                )
            pins.append((words[0], words[1]))
        return pins
