"""Writing to a terminal that may be closed at any time (Textual's private API)."""

from contextlib import suppress
from typing import IO

from textual.drivers._writer_thread import WriterThread


class LastingWriter(WriterThread):
    """Textual's thread that writes to the terminal, but one that outlives the terminal.

    Textual's dies of the first write that fails. Once its queue is full, the main thread waits for
    it for ever, and no handler of a signal runs there.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(_Forgiving(file))  # type: ignore[arg-type]


class _Forgiving:
    """A file that discards what cannot be written."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()
