"""Bytes to frames, in bounded memory. Knows newlines; does not know JSON."""

from collections import deque

from chat_shared.errors import BadFrame
from chat_shared.limits import MAX_FRAME


class FrameBuffer:
    """Turns received bytes into frames, however they were split.

    Looks at each byte once and copies it at most twice, however small the
    pieces are. Never holds more than MAX_FRAME bytes of an incomplete frame,
    beyond the last chunk received.
    """

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()  # complete, without their newlines
        self._pieces: list[bytes] = []  # of the incomplete frame
        self._size = 0  # bytes in them

    def receive(self, data: bytes) -> None:
        """Add received bytes; `next_frame` returns them as frames."""
        first, *others = data.split(b"\n")
        if others and self._pieces:
            first = self._complete(first)
        if others:
            self._frames.append(first)
            first = others.pop()
            self._frames.extend(others)
        if first:
            self._pieces.append(first)
            self._size += len(first)

    def next_frame(self) -> bytes | None:
        """Return the next frame without its newline, or None if it needs more bytes.

        Raises BadFrame as soon as a frame is known to exceed MAX_FRAME with
        its newline; the buffer must not be used after that.
        """
        if self._frames:
            frame = self._frames.popleft()
            if len(frame) < MAX_FRAME:
                return frame
        elif self._size < MAX_FRAME:
            return None
        raise BadFrame(f"A frame has at most {MAX_FRAME:,} bytes.")

    def __len__(self) -> int:
        """Bytes of the frame that is not complete yet."""
        return self._size

    def _complete(self, end: bytes) -> bytes:
        frame = b"".join([*self._pieces, end])
        self._pieces.clear()
        self._size = 0
        return frame
