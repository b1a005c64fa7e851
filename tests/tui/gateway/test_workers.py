"""The front's view of its workers: who is where, and which have ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from chat_shared.handover import WorkerFailed
from chat_tui.app import ChatApp
from chat_tui.gateway import workers as module
from chat_tui.gateway.frames import Exit, Frame, Kind, read_frame
from chat_tui.gateway.terminal import BROKEN
from chat_tui.gateway.workers import Line
from support.gateway import OPENING, read_until, workers_in

pytestmark = pytest.mark.asyncio


async def test_workers_are_filled_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PER_WORKER", 2)
    async with workers_in(tmp_path) as (workers, spawner):
        lines = [await workers.open(OPENING) for _ in range(3)]
        for line in lines:
            await read_until(line.reader, "Password")

        assert len(spawner.workers) == 2
        assert [line.worker is lines[0].worker for line in lines] == [True, True, False]
        workers.close(lines[0], is_left=False)
        again = await workers.open(OPENING)
        await read_until(again.reader, "Password")
        assert again.worker is lines[0].worker
        assert len(spawner.workers) == 2


async def test_a_worker_that_has_ended_gets_nobody_else(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, spawner):
        spawner.next_is_dead = True

        line = await workers.open(OPENING)

        await read_until(line.reader, "Password")
        assert len(spawner.workers) == 1


async def test_a_worker_that_failed_is_reported_with_those_it_disconnected(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, spawner):
        lines = [await workers.open(OPENING) for _ in range(3)]
        for line in lines:
            await read_until(line.reader, "Password")
        workers.close(lines[0], is_left=False)
        spawner.workers[0].cancel()
        while await read_frame(lines[1].reader):
            pass
        workers.close(lines[1], is_left=True)  # as its relay does, before or after the report
        spawner.controls[0].send(b"ValueError")
        spawner.controls[0].close()

        assert workers.note_ended(0, 1) == WorkerFailed(1, 2, "ValueError")
        assert workers.note_ended(0, 1) is None
        workers.close(lines[2], is_left=True)
        again = await workers.open(OPENING)
        await read_until(again.reader, "Password")
        assert again.worker is not lines[0].worker
        with suppress(asyncio.CancelledError):
            await spawner.workers.pop(0)


async def test_a_bug_in_a_client_is_reported_and_ends_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(app: ChatApp) -> None:
        raise ValueError("what somebody typed")

    monkeypatch.setattr(ChatApp, "action_help", fail)
    failures = asyncio.Queue[str]()
    async with workers_in(tmp_path) as (workers, _):
        workers.client_failed = failures.put_nowait
        first, second = [await workers.open(OPENING) for _ in range(2)]
        for line in first, second:
            await read_until(line.reader, "Password")
        first.send(Kind.INPUT, b"\x1bOP")  # F1

        error = await failures.get()
        assert error.startswith("ValueError\n")
        assert "typed" not in error
        frames = [frame async for frame in _frames_of(first)]
        ended = msgspec.json.decode(frames[-1].data, type=Exit)
        assert (ended.code, ended.sentence) == (1, BROKEN)
        second.send(Kind.INPUT, b"linus")
        await read_until(second.reader, "linus")
    assert capfd.readouterr().err == ""


async def test_a_bug_that_shows_at_the_end_of_a_client_disconnects_its_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(app: ChatApp) -> None:
        raise LookupError

    failures = asyncio.Queue[str]()
    async with workers_in(tmp_path) as (workers, _):
        workers.client_failed = failures.put_nowait
        line = await workers.open(OPENING)
        await read_until(line.reader, "Password")
        monkeypatch.setattr(ChatApp, "_close_all", fail)
        line.send(Kind.INPUT, b"\x11")  # Ctrl+Q

        frames = [frame async for frame in _frames_of(line)]
        ended = msgspec.json.decode(frames[-1].data, type=Exit)
        assert (ended.code, ended.sentence) == (1, BROKEN)
        assert (await failures.get()).startswith("LookupError")


async def _frames_of(line: Line) -> AsyncIterator[Frame]:
    while received := await read_frame(line.reader):
        yield received


async def test_nothing_is_left_by_who_was_never_there(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, _):
        assert await workers.open_left(OPENING, "ada") is None


async def test_a_client_that_ended_meanwhile_is_no_longer_found(tmp_path: Path) -> None:
    async with workers_in(tmp_path) as (workers, _):
        line = await workers.open(OPENING)
        await read_until(line.reader, "Password")
        line.account = "Ada"
        workers.close(line, is_left=True)  # its worker knows of no log-in, and ends it

        assert await workers.open_left(OPENING, "ada") is None
        assert await workers.open_left(OPENING, "ada") is None
