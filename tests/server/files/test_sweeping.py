"""The sweeper removes what no message needs, and nothing else."""

from pathlib import Path

import pytest

from chat_server.files.sweeping import UPLOAD_KEPT, FileSweeper
from chat_shared.errors import Code
from support.file_transfers import begin, chunk_of, download, post, post_of, send, upload
from support.peer import Peer
from support.running_server import RunningServer

_CONTENT = bytes(range(256)) * 100


@pytest.fixture
def sweeper(server: RunningServer) -> FileSweeper:
    return _sweeper_at(server, later=0)


def _sweeper_at(server: RunningServer, later: int) -> FileSweeper:
    """Return a sweeper whose clock is `later` milliseconds ahead."""
    uploads = server.services.uploads
    return FileSweeper(server.storage, uploads, lambda: uploads.now() + later)


def _stored(data: Path) -> list[str]:
    """Return the names of all files of uploads and blobs."""
    return sorted(path.name for path in (data / "files").rglob("*") if path.is_file())


async def test_a_deleted_file_is_gone_from_the_disk(
    ada: Peer, sweeper: FileSweeper, tmp_path: Path
) -> None:
    accepted = await post(ada, await upload(ada, _CONTENT))
    await sweeper.sweep()
    assert len(_stored(tmp_path)) == 1

    await ada.delete(accepted.seq)
    await sweeper.sweep()
    assert _stored(tmp_path) == []
    assert await _unneeded(sweeper) == []


async def test_content_that_another_message_has_stays(
    ada: Peer, ben: Peer, sweeper: FileSweeper, tmp_path: Path
) -> None:
    first = await post(ada, await upload(ada, _CONTENT))
    id = await upload(ben, _CONTENT)
    await post(ben, id)
    await ada.delete(first.seq)
    await sweeper.sweep()

    assert len(_stored(tmp_path)) == 1
    assert await download(ada, id, len(_CONTENT)) == _CONTENT


async def test_an_upload_waits_a_day_for_its_message(
    server: RunningServer, ada: Peer, tmp_path: Path
) -> None:
    whole, half = await upload(ada, _CONTENT), await begin(ada, _CONTENT[1:])
    await send(ada, half.upload, 0, _CONTENT[1:1_000])
    await _sweeper_at(server, UPLOAD_KEPT - 60_000).sweep()
    assert len(_stored(tmp_path)) == 2

    await _sweeper_at(server, UPLOAD_KEPT + 60_000).sweep()
    assert _stored(tmp_path) == []
    assert await ada.code(post_of(ada, whole)) == Code.NO_SUCH_FILE
    assert await ada.code(chunk_of(ada, half.upload, 999, b"x")) == Code.NO_SUCH_FILE


async def test_an_upload_that_a_post_in_flight_names_stays(
    server: RunningServer, ada: Peer
) -> None:
    id = await upload(ada, _CONTENT)
    claim = server.services.uploads.claims.take([id], (1, "in flight"))
    assert claim is not None
    await _sweeper_at(server, UPLOAD_KEPT * 2).sweep()
    claim.release()

    await post(ada, id)


async def test_bytes_without_a_row_are_removed(
    server: RunningServer, sweeper: FileSweeper, ada: Peer, tmp_path: Path
) -> None:
    """As after a crash between the removal of the row and that of the bytes."""
    state = await begin(ada, _CONTENT)
    await send(ada, state.upload, 0, _CONTENT[:1_000])
    await server.storage.write(lambda store: store.remove_upload(state.upload))
    assert _stored(tmp_path) == [str(state.upload)]

    await sweeper.sweep()
    assert _stored(tmp_path) == []


async def test_an_upload_that_becomes_a_blob_meanwhile_keeps_its_key(
    server: RunningServer, sweeper: FileSweeper, ada: Peer
) -> None:
    """Its row is gone, and its blob may come yet: then the key must still be known."""
    state = await begin(ada, _CONTENT)
    async with server.services.uploads.alone(state.upload):
        await server.storage.write(lambda store: store.remove_upload(state.upload))
        await sweeper.sweep()
        assert len(await _unneeded(sweeper)) == 1
    await sweeper.sweep()
    assert await _unneeded(sweeper) == []


async def test_an_upload_is_whole_although_the_server_ended_before_its_row_said_so(
    server: RunningServer, ada: Peer, ben: Peer
) -> None:
    state = await begin(ada, _CONTENT)
    uploads = server.services.uploads
    uploads.spool.append(state.upload, 0, _CONTENT)
    assert (await begin(ada, _CONTENT)).at == len(_CONTENT)  # all its bytes were there

    other = await begin(ada, _CONTENT[1:])
    uploads.spool.append(other.upload, 0, _CONTENT[1:])
    (record,) = await server.storage.read(lambda store: store.uploads([other.upload]))
    assert uploads._put(record) == ""  # it was a blob already
    assert (await begin(ada, _CONTENT[1:])).at == len(_CONTENT) - 1

    await post(ada, state.upload, other.upload)
    assert await download(ben, other.upload, len(_CONTENT) - 1) == _CONTENT[1:]


async def test_an_upload_whose_end_a_power_failure_has_changed_begins_again(
    server: RunningServer, ada: Peer
) -> None:
    state = await begin(ada, _CONTENT)
    server.services.uploads.spool.append(state.upload, 0, bytes(len(_CONTENT)))

    assert (await begin(ada, _CONTENT)).at == 0
    await post(ada, await upload(ada, _CONTENT))


async def test_bytes_that_are_no_part_of_an_upload_do_not_mix_with_it(
    server: RunningServer, ada: Peer
) -> None:
    """As after a restored database, which gives ids once more."""
    server.services.uploads.spool.append(1, 0, bytes(2 * len(_CONTENT)))

    state = await begin(ada, _CONTENT)
    assert (state.upload, state.at) == (1, 0)
    await post(ada, await upload(ada, _CONTENT))


async def _unneeded(sweeper: FileSweeper) -> list[str]:
    return await sweeper._storage.read(lambda store: store.unneeded_blobs(10))
