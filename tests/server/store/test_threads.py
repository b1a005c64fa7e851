"""Transactions run on the store's threads; the storage without threads behaves the same."""

import os
import stat
import threading
from collections.abc import AsyncGenerator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import apsw
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.errors import UnusableStoreError
from chat_server.store.api import Store, StoreError, TakenError
from chat_server.store.errors import DiskFullError
from chat_server.store.postgresql.storage import open_storage as open_postgresql
from chat_server.store.sqlite import database
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from support.full_disk import files_of_at_most
from support.inline_storage import inline_storage
from support.postgresql import empty_database

NOBODY = 999


@pytest.fixture(params=["threads", "postgresql", "inline"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Storage]:
    """Every kind of storage, for what all promise."""
    if request.param == "inline":
        with inline_storage() as storage:
            yield storage
    elif request.param == "postgresql":
        with empty_database() as url:
            async with open_postgresql(url) as storage:
                yield storage
    else:
        async with open_storage(tmp_path / "chat.db", "process") as storage:
            yield storage


def _add(name: str) -> "_AddAccount":
    return _AddAccount(name)


class _AddAccount:
    """A transaction that adds an account."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, store: Store) -> int:
        return store.add_account(self._name, self._name, "", 0).id


# --- what every kind promises


async def test_a_write_returns_what_the_transaction_does(either: Storage) -> None:
    assert await either.write(_add("ada")) == 1
    assert await either.write(_add("ben")) == 2


async def test_a_read_sees_every_write_that_has_returned(either: Storage) -> None:
    for number in range(20):
        await either.write(_add(f"name{number}"))
        assert len(await either.read(lambda store: store.members(1, "", 100))) == number + 1


async def test_what_a_transaction_raises_is_raised_to_its_caller(either: Storage) -> None:
    await either.write(_add("ada"))
    with pytest.raises(TakenError):
        await either.write(_add("ada"))
    with pytest.raises(ZeroDivisionError):
        await either.read(lambda _: 1 // 0)

    assert await either.write(_add("ben"))


async def test_what_a_transaction_raises_undoes_all_that_it_did(either: Storage) -> None:
    def act(store: Store) -> None:
        ada = store.add_account("ada", "Ada", "", 0)
        store.add_room("kitchen", "Kitchen", ada.id, "", 0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await either.write(act)

    assert await either.read(lambda store: store.account("ada")) is None
    assert len(await either.read(lambda store: store.rooms())) == 1


async def test_an_error_of_the_database_undoes_what_came_before_it(either: Storage) -> None:
    def act(store: Store) -> None:
        store.add_account("ada", "Ada", "", 0)
        store.add_token(b"digest", NOBODY, 0, 1)

    with pytest.raises(StoreError):
        await either.write(act)

    assert await either.read(lambda store: store.account("ada")) is None


async def test_a_transaction_can_go_on_after_a_refusal(either: Storage) -> None:
    def act(store: Store) -> None:
        store.add_account("ada", "Ada", "", 0)
        with pytest.raises(TakenError):
            store.add_account("ada", "Ada", "", 0)
        store.add_account("ben", "Ben", "", 0)

    await either.write(act)

    members = await either.read(lambda store: store.members(1, "", 9))
    assert [member.name for member in members] == ["Ada", "Ben"]


async def test_writes_happen_in_the_order_of_their_calls(either: Storage) -> None:
    accounts: dict[int, int] = {}

    async def write(number: int) -> None:
        accounts[number] = await either.write(_add(f"name{number}"))

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(write, number)
            await wait_all_tasks_blocked()

    assert accounts == {number: number + 1 for number in range(20)}


async def test_a_cancelled_caller_still_learns_whether_its_write_happened(
    either: Storage,
) -> None:
    results = []
    with trio.CancelScope() as scope:
        scope.cancel()
        results.append(await either.write(_add("ada")))

    assert results == [1]
    assert await either.read(lambda store: store.account("ada"))


async def test_a_read_can_be_cancelled(either: Storage) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await either.read(lambda store: store.rooms())

    assert scope.cancelled_caught
    assert await either.read(lambda store: store.rooms())


# --- each kind in its own way


async def test_other_tasks_run_during_a_transaction(disk_storage: Storage) -> None:
    ran = threading.Event()

    async def run() -> None:
        ran.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        assert await disk_storage.write(lambda _: ran.wait(10))


async def test_other_tasks_run_before_a_transaction_without_threads_returns() -> None:
    ran = []

    async def run() -> None:
        ran.append(True)

    with inline_storage() as storage:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)
            await storage.write(_add("ada"))
            assert ran


# --- the threads


async def test_all_that_a_query_reads_is_of_one_moment(disk_storage: Storage) -> None:
    begun, go_on = trio.Event(), threading.Event()
    token = trio.lowlevel.current_trio_token()

    def read(store: Store) -> tuple[bool, bool]:
        before = store.account("ada") is None
        token.run_sync_soon(begun.set)
        go_on.wait(10)
        return before, store.account("ada") is None

    async def write() -> None:
        await begun.wait()
        await disk_storage.write(_add("ada"))
        go_on.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        assert await disk_storage.read(read) == (True, True)
    assert await disk_storage.read(lambda store: store.account("ada")) is not None


@pytest.mark.parametrize("held_side", ["read", "write"])
async def test_a_query_never_blocks_a_commit_nor_a_commit_a_query(
    disk_storage: Storage, held_side: str
) -> None:
    go_on = threading.Event()
    started = trio.Event()
    token = trio.lowlevel.current_trio_token()

    def hold(store: Store) -> None:
        store.rooms()
        token.run_sync_soon(started.set)
        go_on.wait()

    sides = [disk_storage.read, disk_storage.write]
    held, free = sides if held_side == "read" else reversed(sides)
    with ExitStack() as stack:
        stack.callback(go_on.set)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(held, hold)
            await started.wait()

            assert await free(lambda store: len(store.rooms())) == 1
            assert not go_on.is_set()
            go_on.set()


async def test_written_data_is_there_after_reopening(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        async with open_storage(tmp_path / "chat.db") as storage:
            assert await storage.write(_add(f"name{expected}")) == expected


async def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "chat.db") as storage:
        await storage.write(_add("ada"))

        for name in ("chat.db", "chat.db-shm", "chat.db-wal"):
            assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600


async def test_closing_leaves_no_thread_even_after_an_error(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with suppress(ZeroDivisionError):
        async with open_storage(tmp_path / "chat.db") as storage:
            await storage.write(_add("ada"))
            raise ZeroDivisionError

    assert set(threading.enumerate()) <= before


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    path.write_text("Dear diary, " * 1_000)
    with pytest.raises(UnusableStoreError, match=r"is not a chat database\. Choose another"):
        async with open_storage(path):
            pass


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("PRAGMA user_version = -1", "is not a chat database. Choose"),
        ("PRAGMA user_version = 0", "is not a chat database. Choose"),
        ("PRAGMA user_version = 3; DROP TABLE message", "is not a chat database. Choose"),
        ("PRAGMA user_version = 1000", "was written by a newer chat-server"),
        ("PRAGMA user_version = 1", "cannot be used: "),  # it has later tables
    ],
)
async def test_a_database_of_an_odd_version_is_refused_and_left_alone(
    tmp_path: Path, spoil: str, sentence: str
) -> None:
    path = tmp_path / "chat.db"
    async with open_storage(path) as storage:
        await storage.write(_add("ada"))
    with closing(apsw.Connection(str(path))) as db:
        db.execute(spoil).fetchall()
    before = path.read_bytes()

    assert sentence in await _refusal(path)
    assert path.read_bytes() == before


async def test_a_database_that_is_cut_off_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    async with open_storage(path) as storage:
        await storage.write(_add("ada"))
    path.write_bytes(path.read_bytes()[:20_000])

    assert "is damaged" in await _refusal(path)
    assert path.stat().st_size == 20_000


async def test_a_database_that_another_program_has_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 10)
    path = tmp_path / "chat.db"
    async with open_storage(path) as storage:
        await storage.write(_add("ada"))
    with closing(apsw.Connection(str(path))) as other:
        other.execute("BEGIN IMMEDIATE")

        assert "is locked by another program" in await _refusal(path)


async def test_an_upgrade_on_a_full_disk_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chat.db"
    async with open_storage(path) as storage:
        await storage.write(_add("ada"))
    with closing(apsw.Connection(str(path))) as db:
        db.execute("CREATE TABLE page (content)")
        db.execute("INSERT INTO page VALUES (zeroblob(200000))")
    monkeypatch.setattr(database, "VERSION", VERSION + 1)
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, "CREATE TABLE new (a)"])
    before = path.read_bytes()

    with files_of_at_most(100_000):
        assert "the disk cannot be read or written" in await _refusal(path)

    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["chat.db"]


async def _refusal(path: Path) -> str:
    """Return why the database cannot be opened."""
    with pytest.raises(UnusableStoreError) as caught:
        async with open_storage(path):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_folder_that_does_not_exist_is_refused_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "chat.db"
    with pytest.raises(UnusableStoreError) as caught:
        async with open_storage(path):
            pass

    assert str(caught.value) == (
        f"Cannot open {path}. Check that this user can read and write its folder."
    )


async def test_a_database_error_is_a_store_error(disk_storage: Storage) -> None:
    with pytest.raises(StoreError):
        await disk_storage.write(lambda store: store.add_token(b"digest", NOBODY, 0, 1))


async def test_a_query_that_writes_is_an_error(disk_storage: Storage) -> None:
    with pytest.raises(StoreError):
        await disk_storage.read(lambda store: store.add_account("ada", "Ada", "", 0))


async def test_a_full_disk_undoes_all_of_a_transaction_and_it_is_tried_again_with_the_reserve(
    tmp_path: Path,
) -> None:
    runs: list[list[str]] = []

    def act(store: Store) -> None:
        runs.append([member.name for member in store.members(1, "", 9)])
        store.add_account(f"name{len(runs)}", "", "", 0)
        if len(runs) == 1:
            raise DiskFullError

    async with open_storage(tmp_path / "chat.db", reserve=tmp_path / "disk" / "space") as storage:
        await storage.write(act)
        with pytest.raises(DiskFullError):
            await storage.write_bulk(_raise_full)
        assert await storage.read(lambda store: store.account("name2")) is not None

    assert runs == [[], []]
    assert (tmp_path / "disk" / "space").exists()


def _raise_full(_: Store) -> None:
    raise DiskFullError


async def test_cancelling_leaves_no_thread_that_keeps_the_process_alive(
    tmp_path: Path,
) -> None:
    before = set(threading.enumerate())
    with trio.CancelScope() as scope:
        async with open_storage(tmp_path / "chat.db", "process"):
            assert len(set(threading.enumerate()) - before) == 2
            scope.cancel()
            await trio.sleep_forever()

    assert set(threading.enumerate()) <= before
