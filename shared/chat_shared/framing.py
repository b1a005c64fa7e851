"""Bytes to frames, in bounded memory. Knows newlines; does not know JSON."""

from chat_shared.errors import BadFrame
from chat_shared.limits import MAX_FRAME


class FrameBuffer:
    """Turns received bytes into frames, however they were split.

    Looks at each byte once and copies it at most twice, however small the
    pieces are. Never holds more than MAX_FRAME bytes of an incomplete frame,
    beyond the last chunk received.
    """

    __slots__ = ("_frames", "_pieces", "_size")

    def __init__(self) -> None:
        # Complete, without their newlines, the next one last. An empty deque has room for 64.
        self._frames: list[bytes] = []
        self._pieces: list[bytes] = []  # of the incomplete frame
        self._size = 0  # bytes in them

    def receive(self, data: bytes) -> None:
        """Add received bytes; `next_frame` returns them as frames."""
        *frames, rest = data.split(b"\n")
        if frames:
            if self._pieces:
                frames[0] = self._complete(frames[0])
            frames.reverse()
            self._frames[:0] = frames
        if rest:
            self._pieces.append(rest)
            self._size += len(rest)

    def next_frame(self) -> bytes | None:
        """Return the next frame without its newline, or None if it needs more bytes.

        Raises BadFrame as soon as a frame is known to exceed MAX_FRAME with
        its newline; the buffer must not be used after that.
        """
        if self._frames:
            frame = self._frames.pop()
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
