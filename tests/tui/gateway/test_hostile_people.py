"""What one person does, or what fails for them, is not felt by others in the same process."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from textual.app import App
from textual.events import Paste

from chat_tui.gateway.driver import KEYS_AT_ONCE
from chat_tui.gateway.frames import Exit, Kind, frame, read_frame
from chat_tui.gateway.screen_seat import ScreenSeat
from chat_tui.gateway.turns import Turns
from chat_tui.terminal.key_parser import MAX_PASTE, KeyParser
from chat_tui.ui.widgets.field import Field
from support.gateway import OPENING, read_until, workers_in

pytestmark = pytest.mark.asyncio

CTRL_Q = b"\x11"


@pytest.mark.parametrize(
    "flood",
    [
        b"x" * 100_000,
        b"\x1b[200~" + b"without an end" * 70_000,
        b"\x1b[<35;1;1M\x1b[<35;90;20M" * 40_000,  # the mouse, to and fro
    ],
)
async def test_during_a_flood_of_input_others_go_on(tmp_path: Path, flood: bytes) -> None:
    async with workers_in(tmp_path) as (workers, _):
        eve, ada = await workers.open(OPENING), await workers.open(OPENING)
        await read_until(eve.reader, "Password")
        await read_until(ada.reader, "Password")

        for start in range(0, len(flood), 60_000):
            eve.send(Kind.INPUT, flood[start : start + 60_000])
        await asyncio.sleep(0.2)  # while hers is being handled
        ada.send(Kind.INPUT, CTRL_Q)

        while (received := await read_frame(ada.reader)) and received.kind is not Kind.EXIT:
            pass
        assert received is not None
        workers.close(eve, is_left=False)


async def test_of_many_keys_a_few_are_handled_at_a_time(tmp_path: Path) -> None:
    eve = await _Connected.open(tmp_path, Turns())
    field = eve.seat._app.screen.query_one("#name", Field).input
    at_once, length = 0, 0

    eve.writer.write(frame(Kind.INPUT, b"x" * 1_000))
    while length < 1_000:
        await asyncio.sleep(0)  # a turn of the others
        at_once, length = max(at_once, len(field.value) - length), len(field.value)

    assert at_once <= KEYS_AT_ONCE
    eve.writer.write(frame(Kind.INPUT, CTRL_Q))
    await eve.ended()
    await eve.running


def _fail() -> None:
    raise RuntimeError("a bug")


async def _fail_later() -> None:
    _fail()


def _in_drawing(app: App[None]) -> None:
    app.screen.render_line = lambda y: _fail()  # type: ignore[method-assign, assignment, return-value]
    app.screen.refresh()


@pytest.mark.parametrize(
    "fail",
    [
        lambda app: app.call_later(_fail),
        lambda app: app.call_after_refresh(_fail),
        lambda app: app.set_timer(0.001, _fail),
        lambda app: app.run_worker(_fail_later()),
        lambda app: app.screen.call_later(_fail),
        lambda app: app.focused.call_later(_fail),
        lambda app: app.push_screen("no such screen"),
        _in_drawing,
    ],
)
async def test_a_fault_in_one_client_ends_that_one(
    tmp_path: Path, fail: Callable[[App[None]], object], capfd: pytest.CaptureFixture[str]
) -> None:
    turns = Turns()
    eve, ada = [await _Connected.open(tmp_path, turns) for _ in range(2)]

    eve.seat._app.call_later(fail, eve.seat._app)

    assert (await eve.ended()).code == 1
    await asyncio.wait([eve.running])
    assert eve.running.exception() is not None  # which its worker reports, without the message
    assert capfd.readouterr().err == ""
    ada.writer.write(frame(Kind.INPUT, CTRL_Q))
    assert (await ada.ended()).code == 0
    await ada.running


@pytest.mark.parametrize("turns", range(3))
async def test_a_person_may_leave_before_the_form_is_there(
    tmp_path: Path, turns: int, capfd: pytest.CaptureFixture[str]
) -> None:
    seat = ScreenSeat(OPENING, tmp_path / "proxy.sock", Turns())
    running = asyncio.create_task(seat.run())
    while not seat._app.screen_stack:  # noqa: ASYNC110 - Textual has no event for this
        await asyncio.sleep(0)
    for _ in range(turns):
        await asyncio.sleep(0)

    seat.end()

    await running
    assert "Traceback" not in capfd.readouterr().err


class _Connected:
    """A client and the front's end of its connection."""

    def __init__(self, seat: ScreenSeat) -> None:
        self.seat = seat
        self.running = asyncio.create_task(seat.run())
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, folder: Path, turns: Turns) -> "_Connected":
        own = cls(ScreenSeat(OPENING, folder / "proxy.sock", turns))
        theirs, ours = socket.socketpair()
        streams = await asyncio.open_unix_connection(sock=ours)
        asyncio.create_task(own.seat.terminal.run(*streams))  # noqa: RUF006 - ends with the client
        own.reader, own.writer = await asyncio.open_unix_connection(sock=theirs)
        await read_until(own.reader, "Password")
        return own

    async def ended(self) -> Exit:
        """Return how the client ended."""
        while received := await read_frame(self.reader):
            if received.kind is Kind.EXIT:
                self.writer.close()
                return msgspec.json.decode(received.data, type=Exit)
        raise AssertionError("it ended without a reason")


async def test_a_paste_has_a_bound() -> None:
    parser = KeyParser()
    messages = list(parser.feed("\x1b[200~" + "x" * (MAX_PASTE + 10) + "\x1b[201~"))
    messages += parser.feed("\x1b[200~short\x1b[201~")

    pasted = [message.text for message in messages if isinstance(message, Paste)]
    assert [len(text) for text in pasted] == [MAX_PASTE, len("short")]
