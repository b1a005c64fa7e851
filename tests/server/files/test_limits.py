"""What is too much is refused with a sentence, and talk goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.requests import files
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK
from support.file_transfers import (
    begin,
    chunk_of,
    post,
    send,
    server_with_files,
    upload,
    upload_of,
)
from support.peer import Peer
from support.streams import lockstep_pair

_KB = bytes(5_000)


@pytest.mark.parametrize(
    ("limits", "code", "sentence"),
    [
        ({"max_file": 0}, Code.FORBIDDEN, "This server takes no files."),
        (
            {"max_file": 4_999},
            Code.TOO_LONG,
            "A file can have at most 5 kB on this server.",
        ),
        (
            {"file_bytes_per_account": 4_999},
            Code.FORBIDDEN,
            (
                "With this file, yours would take more than 5 kB, the limit. "
                "Delete messages with files first."
            ),
        ),
        (
            {"file_bytes": 4_000},
            Code.FORBIDDEN,
            "With this file, those on the server would take more than 4 kB, its limit.",
        ),
        (
            {"free_disk": 10**18},
            Code.INTERNAL,
            "The server has no space left for files. Ask its operator.",
        ),
    ],
)
async def test_a_file_too_many_is_refused_before_its_first_chunk(
    disk_storage: Storage,
    tmp_path: Path,
    limits: dict[str, int],
    code: Code,
    sentence: str,
) -> None:
    async with server_with_files(disk_storage, tmp_path, **limits) as server:
        ada = await server.log_in("Ada")
        refused = await ada.refusal(upload_of(ada, _KB))

        assert (refused.code, refused.message) == (code, sentence)
        assert not (tmp_path / "files").exists()
        await ada.post("talk goes on")


async def test_uploads_that_are_not_sent_are_few(disk_storage: Storage, tmp_path: Path) -> None:
    async with server_with_files(disk_storage, tmp_path, uploads=2) as server:
        ada = await server.log_in("Ada")
        first = await upload(ada, b"1")
        await begin(ada, b"2")
        refused = await ada.refusal(upload_of(ada, b"3"))
        await post(ada, first)
        await begin(ada, b"3")

    assert (refused.code, refused.message) == (
        Code.FORBIDDEN,
        "2 of your uploads aren't sent yet, which is the limit. Send or cancel one first.",
    )


async def test_deleting_messages_makes_place(disk_storage: Storage, tmp_path: Path) -> None:
    async with server_with_files(disk_storage, tmp_path, file_bytes_per_account=9_000) as server:
        ada = await server.log_in("Ada")
        accepted = await post(ada, await upload(ada, _KB))
        assert await ada.code(upload_of(ada, _KB[1:])) == Code.FORBIDDEN

        await ada.delete(accepted.seq)
        await post(ada, await upload(ada, _KB[1:]))


async def test_the_disk_may_fill_up_during_an_upload(disk_storage: Storage, tmp_path: Path) -> None:
    async with server_with_files(disk_storage, tmp_path) as server:
        ada = await server.log_in("Ada")
        state = await begin(ada, _KB)
        await send(ada, state.upload, 0, _KB[:1_000])
        spool = server.services.uploads.spool
        spool.keep_free, enough = 10**18, spool.keep_free
        refused = await ada.refusal(chunk_of(ada, state.upload, 1_000, _KB[1_000:]))
        await ada.post("talk goes on")
        spool.keep_free = enough
        await post(ada, await upload(ada, _KB))

    assert refused.code == Code.INTERNAL


async def test_one_account_does_not_take_the_line_of_all(
    disk_storage: Storage, tmp_path: Path
) -> None:
    """Chunks beyond the rate are refused with the time to wait; all else is answered at once."""
    burst, rate = 22 * MAX_CHUNK, 1_000
    limits = {"transfer_burst": burst, "transfer_bytes_per_second": rate}
    async with server_with_files(disk_storage, tmp_path, **limits) as server:
        ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
        began = trio.current_time()
        refused, at = await _upload_until_refused(ada, bytes(2 * burst))
        took = trio.current_time() - began
        assert refused.retry_after is not None
        with trio.fail_after(refused.retry_after):
            await ada.post("talk goes on")
            await post(ben, await upload(ben, b"soup"))

    assert refused.code == Code.TOO_FAST
    assert refused.retry_after == pytest.approx(MAX_CHUNK / rate + 1, abs=took)
    assert at == burst


async def _upload_until_refused(peer: Peer, content: bytes) -> tuple[m.Error, int]:
    """Return the refusal of a chunk, and where it begins."""
    state = await begin(peer, content)
    at = state.at
    while True:
        chunk = chunk_of(peer, state.upload, at, content[at : at + MAX_CHUNK])
        reply = await peer.ask(chunk)
        if isinstance(reply, m.Error):
            return reply, at
        assert isinstance(reply, m.UploadState)
        at = reply.at


async def test_who_goes_on_although_refused_is_made_to_wait(
    disk_storage: Storage, tmp_path: Path
) -> None:
    limits = {
        "transfer_burst": 1_000_000,
        "transfer_bytes_per_second": 1_000,
        "requests": 10,
        "requests_per_second": 1,
    }
    async with server_with_files(disk_storage, tmp_path, **limits) as server:
        ada = await server.log_in("Ada")
        state = await begin(ada, bytes(2_000_000))
        data = bytes(MAX_CHUNK)
        session = next(iter(server.services.registry))
        for _ in range(130):
            await ada.ask(chunk_of(ada, state.upload, 0, data))
            if session.ignored:
                break

        assert session.ignored


async def test_so_many_files_are_transferred_at_a_time(
    disk_storage: Storage, tmp_path: Path
) -> None:
    async with server_with_files(disk_storage, tmp_path, transfers_per_account=2) as server:
        ada = await server.log_in("Ada")
        states = [await begin(ada, bytes([n]) * 10) for n in range(3)]
        for state, number in zip(states[:2], range(2), strict=True):
            await send(ada, state.upload, 0, bytes([number]))
        refused = await ada.refusal(chunk_of(ada, states[2].upload, 0, b"\x02"))
        await send(ada, states[0].upload, 1, bytes(9))
        await send(ada, states[2].upload, 0, b"\x02")

    assert (refused.code, refused.message, refused.retry_after) == (
        Code.TOO_FAST,
        "You can transfer 2 files at a time. Try again in a moment.",
        2,
    )


async def test_a_lost_connection_takes_no_place_of_a_transfer(
    disk_storage: Storage, tmp_path: Path
) -> None:
    async with server_with_files(disk_storage, tmp_path, transfers_per_account=1) as server:
        ada = await server.log_in("Ada")
        state = await begin(ada, b"soup")
        await send(ada, state.upload, 0, b"so")
        await ada.aclose()
        await wait_all_tasks_blocked(0.05)
        assert len(server.services.transfers) == 0

        back = await server.log_in("Ada")
        await post(back, await upload(back, b"soup"))


async def test_a_chunk_waits_until_what_was_sent_before_has_left(
    disk_storage: Storage, tmp_path: Path
) -> None:
    """Who does not read gets no chunk, however many they ask for."""
    content = bytes(10 * MAX_CHUNK)
    async with server_with_files(disk_storage, tmp_path) as server:
        ada = await server.log_in("Ada")
        id = await upload(ada, content)
        await post(ada, id)
        ben = await server.log_in("Ben", pair=lockstep_pair)
        requests = [m.Download(id, at, id=ben.number()) for at in range(0, len(content), MAX_CHUNK)]
        await ben.send(*requests)
        figures = server.services.transfers.figures
        await _until(lambda: figures.sent)
        await wait_all_tasks_blocked(0.1)
        sent = figures.sent
        chunks = [await ben.reply_to(request.id) for request in requests]

    assert sent == MAX_CHUNK
    assert [type(chunk) for chunk in chunks] == [m.FileChunk] * 10


async def test_a_chunk_is_refused_if_what_was_sent_before_does_not_leave(
    disk_storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "DRAIN_DEADLINE", 0.05)
    content = bytes(2 * MAX_CHUNK)
    async with server_with_files(disk_storage, tmp_path) as server:
        ada = await server.log_in("Ada")
        id = await upload(ada, content)
        await post(ada, id)
        ben = await server.log_in("Ben", pair=lockstep_pair)
        requests = [m.Download(id, at, id=ben.number()) for at in (0, MAX_CHUNK)]
        await ben.send(*requests)
        transfers = server.services.transfers
        await _until(lambda: transfers.figures.sent)
        await _until(lambda: len(transfers) == 0)  # the second chunk is refused
        first, second = [await ben.reply_to(request.id) for request in requests]

    assert isinstance(first, m.FileChunk)
    assert isinstance(second, m.Error)
    assert (second.code, second.retry_after) == (Code.TOO_FAST, 0.05)


async def _until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - nothing sets an event
        await trio.sleep(0.001)
