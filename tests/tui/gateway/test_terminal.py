"""A terminal that is somewhere else: what is shown and typed, and who stops reading."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from chat_tui.gateway.frames import MAX_DATA, Exit, Frame, Kind, Size, frame, read_frame
from chat_tui.gateway.terminal import MAX_PICTURE, MAX_UNREAD, Terminal

pytestmark = pytest.mark.asyncio


class Shown:
    """A display that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def typed(self, data: bytes) -> None:
        self.events.append(data)

    async def wait_handled(self) -> None:
        pass

    def input_ended(self) -> None:
        self.events.append("input ended")

    def resized(self, size: Size) -> None:
        self.events.append(size)

    def quit(self) -> None:
        self.events.append("quit")

    def attached(self) -> None:
        self.events.append("attached")


@asynccontextmanager
async def connected(
    terminal: Terminal,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield the front's end of a connection of `terminal`."""
    theirs, ours = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    running = asyncio.create_task(terminal.run(reader, writer))
    front = await asyncio.open_unix_connection(sock=theirs)
    try:
        yield front
    finally:
        front[1].close()
        await running


async def test_what_is_typed_arrives_in_order() -> None:
    terminal, shown = Terminal(Size(80, 24)), Shown()
    terminal.display = shown
    async with connected(terminal) as (_, writer):
        writer.write(frame(Kind.INPUT, b"he") + frame(Kind.INPUT, b"llo"))
        writer.write(frame(Kind.RESIZE, msgspec.json.encode(Size(90, 30))))
        writer.write(frame(Kind.INPUT_ENDED) + frame(Kind.QUIT))

    assert shown.events == ["attached", b"he", b"llo", Size(90, 30), "input ended", "quit"]
    assert terminal.size == Size(90, 30)


async def test_what_is_shown_arrives_in_pieces_of_a_frame() -> None:
    terminal = Terminal(Size(80, 24))
    async with connected(terminal) as (reader, _):
        await asyncio.sleep(0)
        terminal.write("é" * MAX_DATA)
        terminal.end(3)

        first, second = await read_frame(reader), await read_frame(reader)
        assert first is not None
        assert second is not None
        assert (first.data + second.data).decode() == "é" * MAX_DATA
        assert await read_frame(reader) == Frame(Kind.EXIT, msgspec.json.encode(Exit(3, "")))
        assert await read_frame(reader) is None


async def test_without_a_connection_output_goes_nowhere() -> None:
    terminal = Terminal(Size(80, 24))

    terminal.write("hello")
    terminal.end(0)

    assert not terminal.is_connected


async def test_a_reader_who_has_stopped_is_disconnected_within_the_limit() -> None:
    terminal = Terminal(Size(80, 24))
    async with connected(terminal):
        await asyncio.sleep(0)
        written = 0
        while terminal.is_connected:
            terminal.write("x" * 1_000)
            written += 1_000

        assert MAX_UNREAD < written < 4 * MAX_UNREAD  # some of it is in the system's buffers


async def test_a_picture_waits_until_what_was_written_before_is_read() -> None:
    terminal = Terminal(Size(80, 24))
    await terminal.wait_read()  # nobody is there
    async with connected(terminal) as (reader, _):
        await asyncio.sleep(0)
        assert terminal._writer is not None
        written = 0
        while terminal._writer.transport.get_write_buffer_size() < MAX_PICTURE:
            terminal.write("x" * 1_000)
            written += 1_000
        waiting = asyncio.create_task(terminal.wait_read())
        await asyncio.sleep(0)
        assert not waiting.done()

        while written:
            written -= len((await read_frame(reader) or Frame(Kind.OUTPUT, b"")).data)
        await waiting


async def test_nobody_waits_for_a_reader_who_is_gone() -> None:
    terminal = Terminal(Size(80, 24))
    async with connected(terminal):
        await asyncio.sleep(0)
        terminal.write("x" * MAX_UNREAD)
        waiting = asyncio.create_task(terminal.wait_read())
        await asyncio.sleep(0)

        terminal.disconnect()
        await waiting


async def test_another_connection_takes_the_place_of_the_first() -> None:
    terminal, shown = Terminal(Size(80, 24)), Shown()
    terminal.display = shown
    async with connected(terminal) as (first, _):
        await asyncio.sleep(0)
        async with connected(terminal) as (second, writer):
            assert await read_frame(first) is None
            terminal.write("hello")
            assert await read_frame(second) == Frame(Kind.OUTPUT, b"hello")
            writer.write(frame(Kind.INPUT, b"x"))

    assert shown.events == ["attached", "attached", b"x"]
