"""What a client needs of the page that shows it in a browser. Knows no browser."""

from pathlib import Path
from typing import Protocol

from chat_tui.model.outbox import PageFile


class Page(Protocol):
    """The page in the browser of the person."""

    def save(self, path: Path, name: str) -> None:
        """Save the file at `path`, which is no longer ours, as `name` where the person is."""

    def choose(self, caption: str) -> None:
        """Let the person choose files, which then come with `caption`, if they do."""

    async def sha256(self, file: PageFile) -> bytes:
        """Return the digest of a file; nothing if the page can't read it any more."""
        ...

    async def read(self, file: PageFile, at: int, limit: int) -> bytes:
        """Return at most `limit` bytes from `at` on; nothing if the page can't read them."""
        ...
