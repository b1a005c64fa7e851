"""A page that shows a client in a browser, with the files that were chosen there."""

import hashlib
from pathlib import Path

from chat_tui.model.outbox import PageFile


class ChoosingPage:
    """Saves at once, and answers at once."""

    def __init__(self) -> None:
        self.saved: list[tuple[str, bytes]] = []
        self.captions: list[str] = []  # with which it was to let files be chosen
        self._files: dict[str, bytes] = {}  # by id

    def chosen(self, name: str, content: bytes) -> PageFile:
        """Return a file that somebody has chosen."""
        file = PageFile(f"0.{len(self._files)}", name, len(content))
        self._files[file.id] = content
        return file

    def load_again(self) -> None:
        """Forget the files, as a page does that is loaded again."""
        self._files.clear()

    def change(self, file: PageFile, content: bytes) -> None:
        self._files[file.id] = content

    def save(self, path: Path, name: str) -> None:
        self.saved.append((name, path.read_bytes()))
        path.unlink()

    def choose(self, caption: str) -> None:
        self.captions.append(caption)

    async def sha256(self, file: PageFile) -> bytes:
        content = self._files.get(file.id)
        return b"" if content is None else hashlib.sha256(content).digest()

    async def read(self, file: PageFile, at: int, limit: int) -> bytes:
        return self._files.get(file.id, b"")[at : at + limit]
