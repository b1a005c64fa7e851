"""One person's connection and their client, to the end of either."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from chat_tui.gateway import relay as relaying
from chat_tui.gateway.frames import Kind, Size
from chat_tui.gateway.places import MAX_PER_ADDRESS, Places
from chat_tui.gateway.relay import Relay
from chat_tui.gateway.screen_seat import ScreenSeat
from chat_tui.gateway.seat import Seat
from chat_tui.gateway.worker import Worker
from chat_tui.gateway.workers import Line, Workers
from support.gateway import OPENING, InProcess, Screen, seat_in, workers_in

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> AsyncGenerator[tuple[Workers, InProcess]]:
    async with workers_in(tmp_path) as own:
        yield own


async def test_the_form_is_shown_and_ctrl_q_ends_it(own: tuple[Workers, InProcess]) -> None:
    screen = Screen()
    relay = Relay(own[0], Places(), OPENING, screen)
    running = asyncio.create_task(relay.run())
    await screen.wait_for("Password")

    relay.typed(b"\x11")  # Ctrl+Q

    await running
    assert screen.ended == (0, "")
    assert b"\x1b[?1049l" in screen.shown  # the terminal is as it was


async def test_what_is_typed_before_there_is_a_client_reaches_it(
    own: tuple[Workers, InProcess],
) -> None:
    screen = Screen()
    relay = Relay(own[0], Places(), OPENING, screen)
    relay.typed(b"\x11")  # Ctrl+Q

    await relay.run()

    assert screen.ended == (0, "")


async def test_another_size_is_drawn(own: tuple[Workers, InProcess]) -> None:
    screen = Screen()
    relay = Relay(own[0], Places(), OPENING, screen)
    running = asyncio.create_task(relay.run())
    await screen.wait_for("Password")
    screen.shown.clear()

    relay.resized(Size(100, 50))

    await screen.wait_for("\x1b[50;")  # something in the last row
    running.cancel()


async def test_of_many_sizes_at_once_the_first_and_the_last_are_drawn(
    own: tuple[Workers, InProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, sent = Screen(), list[Kind]()
    relay = Relay(own[0], Places(), OPENING, screen)
    running = asyncio.create_task(relay.run())
    await screen.wait_for("Password")
    send = Line.send

    def record(line: Line, kind: Kind, data: bytes = b"") -> None:
        sent.append(kind)
        send(line, kind, data)

    monkeypatch.setattr(Line, "send", record)
    for number in range(5_000):
        relay.resized(Size(50 + number % 50, 30))
    screen.shown.clear()
    await screen.wait_for("\x1b[30;")
    relay.resized(Size(60, 50))
    await screen.wait_for("\x1b[50;")

    assert 2 <= sent.count(Kind.RESIZE) <= 3
    running.cancel()


async def test_what_is_typed_while_a_kept_client_is_shown_again_is_typed_there(
    own: tuple[Workers, InProcess],
) -> None:
    workers, spawner = own
    new, screen, relay, running = await come_back(workers, spawner)
    screen.shown.clear()

    await log_in(new, screen)
    relay.typed(b"linus")
    relay.resized(Size(100, 50))

    await screen.wait_for("linus")
    await screen.wait_for("\x1b[50;")  # something in the last row
    relay.typed(b"\x11")  # Ctrl+Q
    await running
    assert screen.ended == (0, "")


async def test_who_is_shown_no_kept_client_has_the_new_one(
    own: tuple[Workers, InProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    workers, spawner = own
    new, screen, relay, running = await come_back(workers, spawner)
    monkeypatch.setattr(Worker, "_seat", do_nothing)
    monkeypatch.setattr(relaying, "START_WITHIN", 0.0)

    await log_in(new, screen)
    relay.typed(b"linus")

    await screen.wait_for("linus")
    relay.typed(b"\x11")  # Ctrl+Q
    await running
    assert screen.ended == (0, "")


async def do_nothing(_: Worker, reader: asyncio.StreamReader) -> None:
    await reader.read()


async def come_back(
    workers: Workers, spawner: InProcess
) -> tuple[Seat, Screen, Relay, asyncio.Task[None]]:
    """Be cut off from a client, which is kept, and connect again; return the new one, and so on."""
    screen = Screen()
    running = asyncio.create_task(Relay(workers, Places(), OPENING, screen).run())
    await screen.wait_for("Password")
    kept = seat_in(spawner)
    await log_in(kept, screen)
    running.cancel()
    await asyncio.wait([running])

    screen = Screen()
    relay = Relay(workers, Places(), OPENING, screen)
    running = asyncio.create_task(relay.run())
    await screen.wait_for("Password")
    (new,) = spawner.running[0]._seats - {kept}
    return new, screen, relay, running


async def log_in(seat: Seat, screen: Screen) -> None:
    """Log in, until the relay of `screen` knows, and looks for a client that was kept."""
    assert isinstance(seat, ScreenSeat)
    seat._entered("ada")
    while not screen.is_kept:
        screen.changed.clear()
        await screen.changed.wait()


async def test_without_a_place_there_is_a_sentence(own: tuple[Workers, InProcess]) -> None:
    places, screen = Places(), Screen()
    taken = [places.terminal(OPENING.address) for _ in range(MAX_PER_ADDRESS)]
    for place in taken:
        place.__enter__()

    await Relay(own[0], places, OPENING, screen).run()

    assert screen.ended is not None
    assert "from your address" in screen.ended[1]


async def test_someone_who_reads_nothing_is_cut_off(
    own: tuple[Workers, InProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "UNREAD_FOR", 0.05)
    screen = Screen()
    screen.readable.clear()
    running = asyncio.create_task(Relay(own[0], Places(), OPENING, screen).run())

    while not screen.is_cut:
        screen.changed.clear()
        await screen.changed.wait()
    running.cancel()


async def test_a_client_that_draws_nothing_is_given_up(
    own: tuple[Workers, InProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "START_WITHIN", 0.0)
    places, screen = Places(), Screen()

    await Relay(own[0], places, OPENING, screen).run()

    assert screen.ended is not None
    assert "Connect again" in screen.ended[1]
    async with places.starting():
        pass  # its turn is over


async def test_who_is_gone_before_their_client_has_started_takes_no_place(
    own: tuple[Workers, InProcess],
) -> None:
    places = Places()
    for _ in range(MAX_PER_ADDRESS + 1):
        running = asyncio.create_task(Relay(own[0], places, OPENING, Screen()).run())
        for _ in range(3):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])

    with places.terminal(OPENING.address):
        pass


async def test_someone_who_presses_no_key_for_half_a_day_is_disconnected(
    own: tuple[Workers, InProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "IDLE_FOR", 0.05)
    screen = Screen()
    running = asyncio.create_task(Relay(own[0], Places(), OPENING, screen).run())

    while screen.ended is None:
        screen.changed.clear()
        await screen.changed.wait()

    assert "no key" in screen.ended[1]
    running.cancel()
