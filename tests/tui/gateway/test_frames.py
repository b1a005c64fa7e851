"""What passes between the gateway's processes is read as it was written, or refused."""

import asyncio

import pytest
from hypothesis import given, settings, strategies as st

from chat_tui.gateway.frames import MAX_DATA, BadFrameError, Frame, Kind, frame, read_frame
from support.loops import run_apart


def read_all(data: bytes) -> list[Frame]:
    async def read() -> list[Frame]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        found = []
        while received := await read_frame(reader):
            found.append(received)
        return found

    return run_apart(read())


@settings(max_examples=30)
@given(st.lists(st.builds(Frame, st.sampled_from(Kind), st.binary(max_size=200))))
def test_frames_are_read_as_they_were_written(frames: list[Frame]) -> None:
    assert read_all(b"".join(frame(kind, data) for kind, data in frames)) == frames


def test_a_frame_that_is_cut_off_is_the_end() -> None:
    assert read_all(frame(Kind.INPUT, b"hello")[:-1]) == []


@pytest.mark.parametrize(
    "data", [b"\x63\0\0\0\0", bytes([Kind.OUTPUT]) + (MAX_DATA + 1).to_bytes(4, "big")]
)
def test_another_kind_and_a_length_beyond_the_limit_are_refused(data: bytes) -> None:
    with pytest.raises(BadFrameError):
        read_all(data)
