"""Bytes to frames, in bounded memory. Knows newlines; does not know JSON."""

from chat_shared.errors import BadFrame
from chat_shared.limits import MAX_FRAME


class FrameBuffer:
    """Turns received bytes into frames, whatever way they were cut up.

    Never holds more than MAX_FRAME bytes beyond the last chunk received, and
    never looks at a byte twice: `_scanned` bytes are known to hold no newline.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0

    def receive(self, data: bytes) -> None:
        """Take in what arrived; `next_frame` gives it back in frames."""
        self._buffer += data

    def next_frame(self) -> bytes | None:
        """Return the next frame without its newline, or None if it needs more bytes.

        Raises BadFrame as soon as a frame is known to exceed MAX_FRAME; the
        buffer is of no use after that.
        """
        end = self._buffer.find(b"\n", self._scanned) + 1
        if (end or len(self._buffer)) > MAX_FRAME:
            raise BadFrame(f"A frame has at most {MAX_FRAME:,} bytes.")
        if not end:
            self._scanned = len(self._buffer)
            return None
        frame = bytes(self._buffer[: end - 1])
        del self._buffer[:end]
        self._scanned = 0
        return frame

    def __len__(self) -> int:
        """Bytes held back because their frame is not complete."""
        return len(self._buffer)
