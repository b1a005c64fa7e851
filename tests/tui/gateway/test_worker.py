"""The clients in a worker, whose people come and go."""

import asyncio
import socket
from functools import partial
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace
from textual._context import active_app

from chat_shared import messages as m
from chat_tui.gateway import screen_seat, worker as module
from chat_tui.gateway.frames import Chosen, ChosenFile, Kind, Size, read_frame
from chat_tui.gateway.screen_seat import ScreenSeat
from chat_tui.gateway.turns import Turns
from chat_tui.model.connection_keys import NO_KEYS
from support.gateway import OPENING, read_until, seat_in, workers_in
from support.ssh_keys import KEY

pytestmark = pytest.mark.asyncio


async def seated(folder: Path) -> tuple[ScreenSeat, asyncio.Task[None]]:
    """Return a client that runs, of someone who has logged in and lost the connection."""
    seat = ScreenSeat(OPENING, folder / "proxy.sock", Turns())
    running = asyncio.create_task(seat.run())
    theirs, ours = socket.socketpair()
    connection = asyncio.create_task(seat.terminal.run(*await _streams(ours)))
    reader, writer = await _streams(theirs)
    await read_until(reader, "Password")
    writer.close()
    await connection
    seat.account = "ada"
    return seat, running


async def _streams(sock: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(sock=sock)


async def test_a_client_that_was_left_ends_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_seat, "KEPT_FOR", 0.01)
    seat, running = await seated(tmp_path)

    seat.leave()

    await running


async def test_a_client_whose_person_returns_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_seat, "KEPT_FOR", 0.01)
    seat, running = await seated(tmp_path)

    seat.leave()
    seat.come_back(replace(OPENING, size=Size(90, 30)))
    await asyncio.sleep(0.05)

    assert not running.done()
    assert seat.terminal.size == Size(90, 30)
    seat.end()
    await running


async def test_what_a_connection_lets_a_client_do_is_done_in_the_context_of_its_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat, running = await seated(tmp_path)
    done = asyncio.Queue[tuple[str, object]]()

    def note(name: str, *_: object) -> None:
        done.put_nowait((name, active_app.get()))  # which a timer that is made now belongs to

    for name in ("open_room", "draw_anew", "offer_files"):
        monkeypatch.setattr(seat._app, name, partial(note, name))

    seat.come_back(replace(OPENING, room="kitchen"))
    assert seat.terminal.display is not None
    seat.terminal.display.attached()
    seat.page.chose(json.encode(Chosen((ChosenFile("1", "a.txt", 1),))))

    for name in ("open_room", "draw_anew", "offer_files"):
        assert await done.get() == (name, seat._app)
    seat.end()
    await running


async def test_the_keys_of_a_connection_are_kept_no_longer_than_that(tmp_path: Path) -> None:
    seat, running = await seated(tmp_path)

    seat.come_back(replace(OPENING, offered=(KEY,)))
    assert seat.connection_keys.offered == (KEY,)
    seat.leave()
    assert seat.connection_keys == NO_KEYS

    seat.end()
    await running


async def test_a_client_without_a_log_in_ends_with_its_connection(tmp_path: Path) -> None:
    seat, running = await seated(tmp_path)
    seat.account = ""

    seat.leave()

    await running


async def test_few_clients_are_kept_and_the_first_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LEFT", 1)
    worker = module.Worker(tmp_path / "proxy.sock")
    (first, first_running), (second, second_running) = [await seated(tmp_path) for _ in range(2)]
    first.account, second.account = "ada", "ben"

    worker.keep(first)
    worker.keep(second)

    await first_running
    assert not second_running.done()
    second.end()
    await second_running


@pytest.mark.parametrize(("ticket", "waits"), [("", False), ("secret", True)])
async def test_a_guest_is_waited_for_only_where_the_page_can_tell_who_it_is(
    tmp_path: Path, ticket: str, waits: bool
) -> None:
    seat, running = await seated(tmp_path)
    seat.ticket = ticket
    welcome = m.Welcome("guest-mia", "token", [], guest_until="2026-11-30T09:30:00.000Z", re=1)
    seat._app.state.answer(m.RegisterGuest(id=1, name="mia", invite="code"), welcome)

    seat.leave()

    assert bool(seat.account) == waits == (not seat.is_ending)
    seat.end()
    await running


async def test_a_client_whose_connection_ends_by_a_bug_is_not_kept_for_ever(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, spawner):
        line = await workers.open(OPENING)
        await read_until(line.reader, "Password")
        seat = seat_in(spawner)

        line.send(Kind.RESIZE, b"no size")

        while await read_frame(line.reader) is not None:
            pass
        assert seat.is_ending
        workers.close(line, is_left=False)
