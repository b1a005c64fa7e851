"""Files come down whole, whatever happens; nothing is overwritten and nothing is left half."""

import asyncio
import os
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK, MAX_SEQ
from chat_tui.controller.controller import Attempt
from chat_tui.controller.downloads import MAX_AT_ONCE, NotDownloaded
from chat_tui.model.transfer import Cancelled
from chat_tui.storage.saved_file import CannotSave
from support.client_reports import until
from support.controller_bench import HOME, LOGIN, Bench, bench
from support.full_disk import fill_up, small_disk

pytestmark = pytest.mark.asyncio

DATA = os.urandom(2 * MAX_CHUNK + 7)


def names_in(folder: Path) -> list[str]:
    return os.listdir(folder)


def download(at: Bench, file: m.File, folder: Path) -> "asyncio.Task[Path]":
    return asyncio.create_task(at.controller.transfers.downloads.save(file, folder))


@pytest.mark.parametrize("size", [0, 1, MAX_CHUNK, MAX_CHUNK + 1, len(DATA)])
async def test_a_file_is_saved_under_its_name(size: int, tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        file = at.fake.files.add("report.pdf", DATA[:size])

        path = await download(at, file, tmp_path)

        assert path == tmp_path / "report.pdf"
        assert path.read_bytes() == DATA[:size]
        assert names_in(tmp_path) == ["report.pdf"]
        assert at.controller.transfers.under_way() == []


@pytest.mark.parametrize("cut_at", [0, MAX_CHUNK, 2 * MAX_CHUNK])
async def test_a_download_goes_on_after_a_cut_at_any_chunk(
    cut_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.controller.downloads.pause_after", lambda _: 0)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        file = at.fake.files.add("report.pdf", DATA)
        at.fake.files.loses = cut_at
        saving = download(at, file, tmp_path)
        await until(lambda: at.fake.silent)

        at.client.cut()
        await until(lambda: at.controller.transfers.under_way()[0].is_waiting)
        at.fake.silent = False
        at.client.reconnect()

        assert (await saving).read_bytes() == DATA


async def test_a_server_may_send_less_than_it_is_asked_for(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        file = at.fake.files.add("report.pdf", DATA)
        at.fake.files.chunk_replies = [m.FileChunk(re=1, file=file.file, at=0, data=DATA[:10])]

        assert (await download(at, file, tmp_path)).read_bytes() == DATA


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"at": 1}, "makes no sense"),
        ({"file": 99}, "makes no sense"),
        ({"data": DATA}, "makes no sense"),
        (
            m.Error(Code.NO_SUCH_FILE, "This file was deleted."),
            r"report.pdf can't be downloaded: This file was deleted.",
        ),
    ],
)
async def test_nonsense_or_a_refusal_is_the_end_and_leaves_nothing(
    change: "dict[str, object] | m.Error", sentence: str, tmp_path: Path
) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        file = at.fake.files.add("report.pdf", DATA)
        right = {"re": 1, "file": file.file, "at": 0, "data": DATA[:MAX_CHUNK]}
        wrong = change if isinstance(change, m.Error) else m.FileChunk(**right | change)  # type: ignore[arg-type]
        at.fake.files.chunk_replies = [wrong]

        with pytest.raises(NotDownloaded, match=sentence):
            await download(at, file, tmp_path)

        assert names_in(tmp_path) == []
        assert at.controller.transfers.under_way() == []


async def test_a_size_that_does_not_fit_the_disk_is_not_begun(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        file = at.fake.files.add("report.pdf", DATA, size=MAX_SEQ)

        with pytest.raises(CannotSave, match="too little space"):
            await download(at, file, tmp_path)

        assert names_in(tmp_path) == []
        assert not any(isinstance(request, m.Download) for request in at.fake.requests)


async def test_a_disk_that_fills_up_meanwhile_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=60m") as disk:
        async with bench() as at:
            await at.log_in(Attempt(HOME, LOGIN))
            file = at.fake.files.add("report.pdf", DATA)
            at.fake.files.loses = MAX_CHUNK
            saving = download(at, file, disk)
            await until(lambda: at.fake.silent)
            fill_up(disk / "filler")
            at.client.cut()
            at.fake.silent = False
            at.client.reconnect()

            with pytest.raises(CannotSave, match=r"Can't save in .*: No space left on device\."):
                await saving
            assert names_in(disk) == ["filler"]
            assert at.controller.transfers.under_way() == []


async def test_only_so_many_come_at_once_and_the_others_wait(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.is_slow = True
        files = [at.fake.files.add(f"{n}.pdf", DATA[:9]) for n in range(MAX_AT_ONCE + 2)]
        saving = [download(at, file, tmp_path) for file in files]
        await until(lambda: len(at.controller.transfers.under_way()) == len(files))
        await until(lambda: sum(isinstance(r, m.Download) for r in at.fake.requests))

        for _ in range(len(files)):  # each turn of the loop lets those go on that may
            await asyncio.sleep(0)
        assert sum(isinstance(r, m.Download) for r in at.fake.requests) == MAX_AT_ONCE

        at.fake.is_slow = False
        at.fake.answer_all()
        assert len({await task for task in saving}) == len(files)


async def test_cancelled_downloads_end_at_once_and_leave_nothing(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK
        saving = download(at, at.fake.files.add("report.pdf", DATA), tmp_path)
        await until(lambda: at.fake.silent)

        assert at.controller.transfers.cancel() == Cancelled(downloads=1)

        with pytest.raises(NotDownloaded, match=r"The download of report.pdf was cancelled."):
            await saving
        assert names_in(tmp_path) == []
