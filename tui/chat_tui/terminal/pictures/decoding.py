"""Decodes pictures without trusting them: one at a time, in a process with limits."""

import asyncio
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_tui.terminal.pictures.agreed import HEADER, MAX_PIXELS, Fault, Wanted

# Seconds that a picture may take: on a busy machine the decoder's own limit comes later.
DECODE_WITHIN: Final = 20.0

MAX_REMEMBERED: Final = 1_000  # pictures that took too much

_REASONS: Final[dict[int, str]] = {
    Fault.DAMAGED: "This picture is damaged.",
    Fault.OTHER_FORMAT: "This file isn't a picture that can be shown: PNG, JPEG, GIF or WebP.",
    Fault.TOO_LARGE: (
        f"This picture is too large to be shown: it has more than {MAX_PIXELS // 10**6} million "
        "pixels, or takes too much memory or time."
    ),
}


class PictureError(Exception):
    """There is no picture to show; the message says why, to the user."""


class TooLarge(PictureError):
    """It has too many pixels, or takes too much memory or time."""

    def __init__(self) -> None:
        super().__init__(_REASONS[Fault.TOO_LARGE])


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of `width` x `height` dots, as it is shown."""

    width: int
    height: int
    data: bytes  # in the form that was asked for


class PictureDecoder:
    """Decodes pictures, one after the other."""

    def __init__(self) -> None:
        self._turns = asyncio.Lock()
        # Those that took too much, with the seconds that they might, the latest last: the next
        # client with one in view must not wait for it again.
        self._too_large: dict[tuple[bytes, int], None] = {}

    async def decode(self, path: Path, wanted: Wanted) -> Picture:
        """Return the picture in the file at `path` as it is wanted.

        Only its first frame, if it moves. Raises PictureError. Cancelled, the process is ended.
        """
        async with self._turns:
            known = await asyncio.to_thread(_digest, path), wanted.seconds
            if known in self._too_large:
                raise TooLarge
            try:
                return await _decode(path, wanted)
            except TooLarge:
                self._remember(known)
                raise

    def _remember(self, picture: tuple[bytes, int]) -> None:
        self._too_large[picture] = None
        if len(self._too_large) > MAX_REMEMBERED:
            del self._too_large[next(iter(self._too_large))]


def _digest(path: Path) -> bytes:
    """Return the digest of a picture. Raises PictureError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        raise PictureError(_REASONS[Fault.DAMAGED]) from None


async def _decode(path: Path, wanted: Wanted) -> Picture:
    try:
        process = await asyncio.create_subprocess_exec(
            # Without the current folder among those that modules come from: it may hold anything.
            *(sys.executable, "-P", "-m", "chat_tui.terminal.pictures.decoder"),
            *(str(path), *map(str, wanted)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as exc:
        raise PictureError(f"This picture can't be decoded here: {exc.strerror}.") from None
    try:
        async with asyncio.timeout(DECODE_WITHIN):
            output, _ = await process.communicate()
    except TimeoutError:  # the machine is busy, too
        raise PictureError(_REASONS[Fault.TOO_LARGE]) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise _failure(process.returncode)
    width, height = HEADER.unpack_from(output)
    return Picture(width, height, output[HEADER.size :])


def _failure(code: int) -> PictureError:
    if (
        code < 0 or code == Fault.TOO_LARGE
    ):  # ended by a signal: it used too much, one way or another
        return TooLarge()
    return PictureError(_REASONS.get(code, _REASONS[Fault.DAMAGED]))
