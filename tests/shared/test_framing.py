"""Frames are read as they were written, however the bytes were split, in bounded memory."""

from collections.abc import Iterable

import pytest
from hypothesis import example, given, strategies as st

from chat_shared.errors import BadFrame
from chat_shared.framing import FrameBuffer
from chat_shared.limits import MAX_FRAME

from .strategies import cut

_FULL = b"x" * (MAX_FRAME - 1)  # the longest frame, without its newline

_frames = st.lists(st.binary(max_size=40).filter(lambda frame: b"\n" not in frame), max_size=8)


def _read(chunks: Iterable[bytes]) -> list[bytes]:
    """Return the frames of `chunks`, each read as soon as it is complete."""
    buffer, frames = FrameBuffer(), []
    for chunk in chunks:
        buffer.receive(chunk)
        while (frame := buffer.next_frame()) is not None:
            frames.append(frame)
    return frames


def _fails_after(chunks: Iterable[bytes]) -> int:
    """Return after how many bytes the frame was refused."""
    buffer, arrived = FrameBuffer(), 0
    for chunk in chunks:
        buffer.receive(chunk)
        arrived += len(chunk)
        try:
            assert buffer.next_frame() is None
        except BadFrame:
            return arrived
    raise AssertionError("all of it passed for frames")


@given(frames=_frames, data=st.data())
def test_frames_come_out_as_they_went_in_wherever_they_were_cut(
    frames: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(frame + b"\n" for frame in frames)

    assert _read(data.draw(cut(stream))) == frames


@given(frames=_frames)
def test_frames_come_out_byte_by_byte_and_all_at_once(frames: list[bytes]) -> None:
    stream = b"".join(frame + b"\n" for frame in frames)

    assert _read(stream[at : at + 1] for at in range(len(stream))) == frames
    assert _read([stream]) == frames


@given(half=st.binary(max_size=40).filter(lambda half: b"\n" not in half))
def test_half_a_frame_waits_for_its_other_half(half: bytes) -> None:
    buffer = FrameBuffer()
    buffer.receive(b"whole\n" + half)

    assert buffer.next_frame() == b"whole"
    assert buffer.next_frame() is None
    assert len(buffer) == len(half)

    buffer.receive(b"!\n")

    assert buffer.next_frame() == half + b"!"
    assert len(buffer) == 0


def test_an_empty_line_is_an_empty_frame() -> None:
    assert _read([b"\n\na\n"]) == [b"", b"", b"a"]


def test_only_a_newline_ends_a_frame() -> None:
    assert _read(["a\rb\x0bc\x85d\u2028e\0\n".encode()]) == ["a\rb\x0bc\x85d\u2028e\0".encode()]


def test_the_longest_frame_passes_and_the_next_one_too() -> None:
    assert _read([_FULL + b"\n" + _FULL, b"\n"]) == [_FULL, _FULL]


def test_one_byte_more_is_refused() -> None:
    with pytest.raises(BadFrame, match="65,536 bytes"):
        _read([_FULL + b"x\n"])


@given(data=st.data())
@example(data=None)
def test_bytes_that_cannot_become_a_frame_are_refused_before_their_end(
    data: st.DataObject | None,
) -> None:
    stream = b"x" * 70_000
    chunks = data.draw(cut(stream)) if data else [stream[at : at + 1] for at in range(70_000)]
    longest = max(map(len, chunks))

    assert MAX_FRAME <= _fails_after(chunks) < MAX_FRAME + longest


def test_complete_frames_are_returned_before_one_that_is_too_long() -> None:
    buffer = FrameBuffer()
    buffer.receive(b"first\nsecond\n" + _FULL + b"xx")

    assert [buffer.next_frame(), buffer.next_frame()] == [b"first", b"second"]
    with pytest.raises(BadFrame):
        buffer.next_frame()


def test_no_more_than_a_frame_is_buffered() -> None:
    buffer = FrameBuffer()
    for _ in range(10):
        buffer.receive(b"x" * 1_000 + b"\n" + b"y" * (MAX_FRAME - 2_000) + b"\nz")
        while buffer.next_frame() is not None:
            assert len(buffer) <= MAX_FRAME
        assert len(buffer) == 1
        buffer.receive(b"\n")
        assert buffer.next_frame() == b"z"
