"""Files of requests to hooks, kept until they are uploaded.

Those that are not small are on the disk, without a name there: however this process ends, nothing
is left of them. All together they have a bound, and a part of the disk stays free.
"""

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Final

from chat_shared.file_names import clean_file_name
from chat_tui.controller.chunks import to_the_end
from chat_tui.gateway.web.hook_refusal import HookRefusal, busy

MAX_SPOOLED: Final = 500_000_000  # bytes of all files: those of two of the largest messages
MAX_SPOOLED_BY_CODE: Final = 250_000_000  # of these, with one code: the others have their turn
KEPT_FREE: Final = 250_000_000  # bytes of the disk, for everything else that needs some

_PIECE: Final = 256 * 1024  # bytes of a file in memory: it has no more, or they are written


class Spool:
    """The files of all requests."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()  # by code

    @contextmanager
    def share(self, code: str) -> Generator["Share"]:
        """Yield a place for the files of one request with this code; then they are gone."""
        with ExitStack() as stack:
            share = Share(self, code, stack)
            try:
                yield share
            finally:
                self._bytes[code] -= share.size
                self._bytes += Counter()  # without those that have none

    def take(self, code: str, size: int) -> None:
        """Count `size` more bytes. Raises HookRefusal."""
        if self._bytes[code] + size > MAX_SPOOLED_BY_CODE:
            raise busy()
        if self._bytes.total() + size > MAX_SPOOLED:
            raise busy()
        if shutil.disk_usage(tempfile.gettempdir()).free - size < KEPT_FREE:
            raise _no_space()
        self._bytes[code] += size


class Share:
    """The files of one request."""

    def __init__(self, spool: Spool, code: str, stack: ExitStack) -> None:
        self._spool = spool
        self._code = code
        self._stack = stack
        self.size = 0  # bytes

    def new_file(self, name: str, most: int) -> "SpooledFile":
        """Return an empty file, which may have at most `most` bytes."""
        return SpooledFile(self, name, most, self._stack)

    def take(self, size: int) -> None:
        """Count `size` more bytes of this request. Raises HookRefusal."""
        if self.size + size > MAX_SPOOLED_BY_CODE:
            most = MAX_SPOOLED_BY_CODE / 1e6
            raise HookRefusal(413, f"Files can have at most {most:g} MB together here.")
        self._spool.take(self._code, size)
        self.size += size


class SpooledFile:
    """A file that has been sent, or that is being sent."""

    def __init__(self, share: Share, name: str, most: int, stack: ExitStack) -> None:
        self.name = clean_file_name(name)  # the server reads no longer ones
        self.size = 0  # bytes
        self._share = share
        self._most = most
        self._digest = hashlib.sha256()
        self._piece = bytearray()  # what is not written yet
        self._content = stack.enter_context(tempfile.SpooledTemporaryFile(_PIECE))  # noqa: SIM115

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def write(self, data: bytes) -> None:
        """Add `data` at the end. Raises HookRefusal."""
        self.size += len(data)
        if self.size > self._most:
            raise _too_large(self._most)
        self._digest.update(data)
        self._piece += data
        if len(self._piece) >= _PIECE:
            await self.flush()

    async def flush(self) -> None:
        """Write what is not written yet. Raises HookRefusal."""
        self._share.take(len(self._piece))
        try:
            await to_the_end(self._content.write, bytes(self._piece))
        except OSError:
            raise _no_space() from None
        self._piece.clear()

    def read(self, at: int, size: int) -> bytes:
        """Return `size` bytes from `at` on, or those up to the end."""
        self._content.seek(at)
        return self._content.read(size)


def _too_large(most: int) -> HookRefusal:
    if not most:
        return HookRefusal(413, "This server takes no files.")
    return HookRefusal(413, f"A file can have at most {most / 1e6:g} MB here.")


def _no_space() -> HookRefusal:
    return HookRefusal(507, "The server has too little space for files. Ask its operator.")
