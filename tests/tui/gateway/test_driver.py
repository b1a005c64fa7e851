"""What a client draws is sent as few frames, in order."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import App

from chat_tui.gateway.driver import TerminalDriver
from chat_tui.gateway.frames import Frame, Kind, Size, read_frame
from chat_tui.gateway.terminal import PREPARE, RESTORE, Terminal

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def connected() -> AsyncGenerator[tuple[TerminalDriver, asyncio.StreamReader]]:
    """Yield a driver, and where the front reads what it draws."""
    theirs, ours = socket.socketpair()
    terminal = Terminal(Size(80, 24))
    running = asyncio.create_task(terminal.run(*await asyncio.open_unix_connection(sock=ours)))
    reader, writer = await asyncio.open_unix_connection(sock=theirs)
    await asyncio.sleep(0)  # the terminal is connected
    yield TerminalDriver(terminal, lambda: None, lambda: None, App[None]()), reader
    writer.close()
    await running


async def test_what_is_written_at_one_time_is_one_frame() -> None:
    async with connected() as (driver, reader):
        for piece in "begin", "draw", "end":
            driver.write(piece)
        assert await read_frame(reader) == Frame(Kind.OUTPUT, b"begindrawend")

        driver.write("later")
        assert await read_frame(reader) == Frame(Kind.OUTPUT, b"later")


async def test_what_was_written_is_sent_before_the_end() -> None:
    async with connected() as (driver, reader):
        driver.start_application_mode()
        driver.write("last")
        driver.stop_application_mode()
        driver._terminal.end(0)

        drawn = Frame(Kind.OUTPUT, f"{PREPARE}last{RESTORE}".encode())
        assert await read_frame(reader) == drawn
        ended = await read_frame(reader)
        assert ended is not None
        assert ended.kind is Kind.EXIT


async def test_a_size_that_is_typed_is_none_of_the_screen() -> None:
    async with connected() as (driver, _):
        driver.typed(b"\x1b[48;30000;30000;300;300tx")

        assert [type(message) for message in driver._typed] == [events.Key]
        driver.disable_input()


async def test_a_character_whose_bytes_come_one_by_one_is_typed() -> None:
    async with connected() as (driver, _):
        for byte in "é🙂x".encode():
            driver.typed(bytes([byte]))

        assert [getattr(message, "character", "") for message in driver._typed] == ["é", "🙂", "x"]
        driver.disable_input()
