"""Files that were downloaded to be looked at, in a private folder, while the client runs."""

import shutil
import tempfile
from pathlib import Path

from chat_tui.storage.saved_file import CannotSave


class OpenedFiles:
    """By the number of the file; none is downloaded twice while it is kept."""

    def __init__(self, most: int | None = None) -> None:
        """Keep the latest ones with `most` bytes together, and always the last; None: all."""
        self._most = most
        self._folder: Path | None = None
        self._paths: dict[int, Path] = {}

    def find(self, file: int) -> Path | None:
        path = self._paths.get(file)
        return path if path is not None and path.exists() else None

    def add(self, file: int, path: Path) -> None:
        self._paths[file] = path
        while self._most is not None and len(self._paths) > 1 and self._bytes() > self._most:
            self.forget(next(iter(self._paths)))

    def forget(self, file: int) -> None:
        """Delete a file, if it is here."""
        if (path := self._paths.pop(file, None)) is not None:
            path.unlink(missing_ok=True)

    def folder(self) -> Path:
        """Return the folder, which only its owner may look into. Raises CannotSave."""
        if self._folder is None:
            try:
                self._folder = Path(tempfile.mkdtemp(prefix="trialogue-"))
            except OSError as exc:
                raise CannotSave(f"No temporary folder can be made: {exc.strerror}.") from None
        return self._folder

    def _bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths.values() if path.exists())

    def close(self) -> None:
        """Delete all of them."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
