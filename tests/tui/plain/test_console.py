"""Lines come from whatever a program was given, and each is there as soon as it has ended."""

import asyncio
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from io import BytesIO, StringIO, TextIOWrapper
from typing import IO

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from chat_tui.plain.console import (
    OutputFailed,
    Pipe,
    Source,
    Teletype,
    Terminal,
    prepare_streams,
    read_all as read_chunks,
    say,
)
from support.plain_console import PATIENCE

pytestmark = pytest.mark.asyncio


@pytest.fixture
def ends() -> Iterator[tuple[Pipe, IO[bytes]]]:
    """A pipe to read lines from, and the end that writes them."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=0) as end:
        yield Pipe(Source(reading)), end


async def test_a_line_is_read_before_the_next_is_written(ends: tuple[Pipe, IO[bytes]]) -> None:
    pipe, end = ends
    end.write(b"one\r\ntw")
    assert await pipe.read("") == "one"

    end.write(b"o\n\nthree")
    end.close()
    assert [await pipe.read("") for _ in range(4)] == ["two", "", "three", None]


async def test_what_is_no_utf_8_is_read_as_far_as_it_goes(ends: tuple[Pipe, IO[bytes]]) -> None:
    pipe, end = ends
    end.write(b"soup\xff\xc3\n")

    assert await pipe.read("") == "soup\ufffd\ufffd"


async def test_a_line_that_is_far_too_long_takes_no_memory_and_no_other_line_with_it() -> None:
    with _opened("/dev/zero") as zeros:
        assert len(await read_chunks(Source(zeros), 1_000_000)) < 1_100_000

    pipe = Pipe(_Chunks([b"a" * 60_000] * 50 + [b"end\nnext\n"]))
    line = await pipe.read("")
    assert line is not None
    assert 60_000 < len(line) < 200_000
    assert await pipe.read("") == "next"


class _Chunks(Source):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    async def read(self) -> bytes:
        return self._chunks.pop(0) if self._chunks else b""


async def test_devices_and_what_cannot_be_read_have_no_lines() -> None:
    with _opened(os.devnull) as nothing:
        assert await Pipe(Source(nothing)).read("") is None
    with _opened(os.sep) as folder:
        assert await Pipe(Source(folder)).read("") is None


@contextmanager
def _opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


async def read_all(stream: IO[bytes], size: int) -> bytes:
    """Return the next `size` bytes: a terminal hands over what was written in pieces."""

    def read() -> bytes:
        posted = b""
        while len(posted) < size:
            posted += stream.read(size - len(posted)) or b""
        return posted

    return await asyncio.wait_for(asyncio.to_thread(read), PATIENCE)


async def test_a_dumb_terminal_shows_each_line_once_and_no_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as person, os.fdopen(theirs, "w") as screen:
        teletype = Teletype(theirs, screen)
        asked = asyncio.create_task(teletype.read("Password: ", secret=True))
        await asyncio.sleep(0)
        person.write(b"correct horse\n")
        assert await asked == "correct horse"

        asked = asyncio.create_task(teletype.read("general> "))
        await asyncio.sleep(0)
        teletype.write("ben: soup")
        teletype.write("ben: is there any?")
        await asyncio.sleep(0)
        person.write(b"yes\n")
        assert await asked == "yes"
        screen.flush()

        shown = b"Password: \r\ngeneral> \r\ngeneral> yes\r\n"
        assert await read_all(person, len(shown)) == shown
    assert capsys.readouterr().out == "ben: soup\nben: is there any?\n"


async def test_what_is_typed_stands_among_what_is_written_at_a_terminal_for_both() -> None:
    assert not Pipe(_Chunks([])).shows_typed
    assert Teletype(0, sys.stdout).shows_typed
    assert not Teletype(0, sys.stderr).shows_typed
    with create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        assert Terminal().shows_typed
        assert not Terminal(sys.stderr).shows_typed


async def test_what_cannot_be_written_is_shown_and_not_passed_over() -> None:
    shown = StringIO()
    say("soup", shown)
    say("\x1b[2J\u202eof the day\nand bread", shown)
    assert shown.getvalue() == "soup\n␛[2J\ufffdof the day\nand bread\n"

    with pytest.raises(OutputFailed, match="No space left"):
        say("soup", _Full())


class _Full(StringIO):
    def write(self, text: str) -> int:
        raise OSError(ENOSPC, "No space left on device")


async def test_in_an_ascii_locale_what_is_typed_is_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = TextIOWrapper(BytesIO("gr\u00fc\u00dfe".encode()), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", typed)

    prepare_streams()

    assert sys.stdin.encoding == "utf-8"
    assert sys.stdin.read() == "gr\u00fc\u00dfe"
