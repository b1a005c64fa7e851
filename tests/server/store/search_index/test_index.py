"""The index has its own threads and file, and is rebuilt whatever happens to the file."""

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from chat_server.store.api import GENERAL_ROOM, Draft, StoreError
from chat_server.store.search_index.index import open_index, remove_index
from chat_server.store.search_index.indexing import Position
from chat_server.store.search_index.query import Query
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from chat_server.tasks.niceness import NICENESS, NICEST


@pytest.fixture
async def messages(disk_storage: Storage, tmp_path: Path) -> Path:
    """A database with one message: Ada's "soup"."""
    ada = await disk_storage.write(lambda store: store.add_account("ada", "Ada", "", 1).id)
    draft = Draft(GENERAL_ROOM, ada, "soup", "n")
    await disk_storage.write(lambda store: store.append([draft], 5))
    return tmp_path / "chat.db"


async def _find_soup(path: Path, messages: Path) -> int:
    async with open_index(path, messages) as index:
        assert await index.index_next(10) == Position(1, 1)
        return len((await index.find(Query("soup", [GENERAL_ROOM], 10))).hits)


_DAMAGES: list[Callable[[Path], object]] = [
    lambda path: None,
    lambda path: path.unlink(),
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"garbage" * 1_000),
    lambda path: path.write_bytes(path.read_bytes()[:5_000]),
]


@pytest.mark.parametrize(
    "damage", _DAMAGES, ids=["whole", "missing", "empty", "garbage", "cut off"]
)
async def test_an_index_is_rebuilt_whatever_happened_to_its_file(
    tmp_path: Path, messages: Path, damage: Callable[[Path], object]
) -> None:
    path = tmp_path / "search.db"
    assert await _find_soup(path, messages) == 1
    damage(path)

    assert await _find_soup(path, messages) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_folder_that_does_not_exist_is_a_store_error(
    tmp_path: Path, messages: Path
) -> None:
    with pytest.raises(StoreError):
        async with open_index(tmp_path / "nowhere" / "search.db", messages):
            pass


async def test_commits_go_on_while_the_index_is_busy(
    disk_storage: Storage, tmp_path: Path, messages: Path
) -> None:
    async with open_index(tmp_path / "search.db", messages) as index:
        begun, go_on = trio.Event(), threading.Event()
        token = trio.lowlevel.current_trio_token()

        def hold(*_: object) -> None:
            token.run_sync_soon(begun.set)
            go_on.wait(5)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(index._writer.async_run, hold)
            nursery.start_soon(index._reader.async_run, hold)
            await begun.wait()
            draft = Draft(GENERAL_ROOM, 1, "more soup", "m")
            await disk_storage.write(lambda store: store.append([draft], 6))
            assert not go_on.is_set()
            go_on.set()
        assert (await index.index_next(10)).last == 2


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has priorities of threads")
async def test_searches_leave_the_cores_to_everything_else_and_slow_ones_first(
    tmp_path: Path, messages: Path
) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    async with open_index(tmp_path / "search.db", messages) as index:
        usual = niceness()
        assert await index._reader.async_run(niceness) == min(usual + NICEST, 19)
        assert await index._quick_reader.async_run(niceness) == min(usual + NICENESS, 19)
        assert await index._writer.async_run(niceness) == usual


async def test_no_thread_is_left_when_it_is_closed(tmp_path: Path, messages: Path) -> None:
    before = set(threading.enumerate())
    await _find_soup(tmp_path / "search.db", messages)

    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


async def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "file:a?mode=memory#%41 ü"
    folder.mkdir()
    async with open_storage(folder / "chat.db", "process") as storage:
        await storage.write(lambda store: store.add_account("ada", "Ada", "", 1))
        draft = Draft(GENERAL_ROOM, 1, "soup", "n")
        await storage.write(lambda store: store.append([draft], 5))
        assert await _find_soup(folder / "search.db", folder / "chat.db") == 1

    assert {path.name for path in folder.iterdir()} >= {"chat.db", "search.db"}


def test_an_index_is_removed_with_its_side_files(tmp_path: Path) -> None:
    for name in "search.db", "search.db-wal":
        (tmp_path / name).touch()

    remove_index(tmp_path / "search.db")
    remove_index(tmp_path / "search.db")
    assert list(tmp_path.iterdir()) == []


async def test_cancelling_while_it_opens_leaves_no_thread(tmp_path: Path, messages: Path) -> None:
    before = set(threading.enumerate())
    with trio.CancelScope() as scope:
        scope.cancel()
        async with open_index(tmp_path / "search.db", messages):
            await trio.sleep_forever()

    assert scope.cancelled_caught
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
