"""Old messages are removed in small steps, and no post waits for more than one of them."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import apsw
import pytest
import trio

from chat_server.messages.retention import STEP, Retention
from chat_server.store.api import GENERAL_ROOM, AuditDraft, Draft, Store
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.database import configure, migrate
from chat_server.tasks.parts import Parts
from support.inline_storage import InlineStorage
from support.store_faults import FaultyStorage

T = TypeVar("T")

DAY = 86_400_000
NOW = 1_000 * DAY


async def post_messages(storage: InlineStorage, room: int, number: int, at: int) -> None:
    def fill(store: Store) -> None:
        ada = store.account("ada") or store.add_account("ada", "Ada", "hash", 1)
        store.append([Draft(room, ada.id, "text", f"{room}-{at}-{n}") for n in range(number)], at)

    await storage.write(fill)


async def stored_seqs(storage: InlineStorage, room: int) -> list[int]:
    messages = await storage.read(lambda store: store.messages_after(room, 0, 10_000))
    return [message.seq for message in messages]


def retention(storage: InlineStorage | FaultyStorage, keep: int) -> Retention:
    return Retention(storage, keep, lambda: NOW)


async def test_everything_is_kept_by_default(
    storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    await post_messages(storage, GENERAL_ROOM, 3, at=0)

    await retention(storage, 0).remove_expired()

    assert await stored_seqs(storage, GENERAL_ROOM) == [1, 2, 3]


async def test_messages_older_than_the_servers_limit_are_removed(
    storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    await post_messages(storage, GENERAL_ROOM, 1, at=NOW - 90 * DAY - 1)
    await post_messages(storage, GENERAL_ROOM, 1, at=NOW - 90 * DAY)

    await retention(storage, 90 * DAY).remove_expired()

    assert await stored_seqs(storage, GENERAL_ROOM) == [2]


@pytest.mark.parametrize(
    ("keep", "left"),
    [(0, [1, 2, 3]), (30 * DAY, [2, 3]), (5 * DAY, [3]), (None, [2, 3])],
    ids=["forever", "longer", "shorter", "default"],
)
async def test_a_room_can_have_its_own_limit(
    keep: int | None, left: list[int], storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    for days in 40, 10, 1:
        await post_messages(storage, GENERAL_ROOM, 1, at=NOW - days * DAY)
    await storage.write(lambda store: store.set_keep(GENERAL_ROOM, keep))

    await retention(storage, 20 * DAY).remove_expired()

    assert await stored_seqs(storage, GENERAL_ROOM) == left


class _Counting(InlineStorage):
    """Records how many messages each transaction removed, and when."""

    def __init__(self, storage: InlineStorage) -> None:
        super().__init__(storage._connection)
        self.steps: list[tuple[float, object]] = []

    async def write(self, act: Callable[[Store], T]) -> T:
        result = await super().write(act)
        self.steps.append((trio.current_time(), result))
        return result


async def test_a_step_is_small_and_leaves_room_for_other_writes(
    storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    await post_messages(storage, GENERAL_ROOM, 2 * STEP + 1, at=0)
    counting = _Counting(storage)

    await retention(counting, DAY).remove_expired()

    steps = counting.steps[1:]  # the first one records how far expiry has come
    assert [removed for _, removed in steps] == [STEP, STEP, 1, 0, 0, 0, 0]
    times = [time for time, _ in steps[:4]]
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses == [pytest.approx(0.1)] * 3


async def test_audit_entries_expire_like_messages(
    storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    def make(store: Store) -> int:
        ada = store.add_account("ada", "Ada", "hash", 1)
        room = store.add_room("kitchen", "Kitchen", ada.id, "", 1).id
        for days in 40, 10:
            store.set_topic(AuditDraft(room, ada.id, "topic", NOW - days * DAY), f"{days} days")
        return room

    room = await storage.write(make)

    await retention(storage, 20 * DAY).remove_expired()

    acts = await storage.read(lambda store: store.audit_entries(room, 100, 100))
    assert [act.at for act in acts] == [NOW - 10 * DAY]


async def test_a_deleted_room_is_purged_an_hour_later(
    storage: InlineStorage, autojump_clock: trio.abc.Clock
) -> None:
    def make(store: Store) -> None:
        ada = store.add_account("ada", "Ada", "hash", 1)
        for name, removed in ("young", NOW - 3_600_000), ("old", NOW - 3_600_001):
            store.remove_room(store.add_room(name, name, ada.id, "", 1).id, removed)

    await storage.write(make)

    await retention(storage, 0).remove_expired()

    rooms = await storage.read(lambda store: store.rooms())
    assert [room.name for room in rooms] == ["general", "young"]


async def test_a_full_disk_is_logged_and_retried(
    storage: InlineStorage,
    autojump_clock: trio.abc.Clock,
    nursery: trio.Nursery,
    logged: list[MutableMapping[str, Any]],
) -> None:
    await post_messages(storage, GENERAL_ROOM, 1, at=0)
    faulty = FaultyStorage(storage)

    with faulty.full_disk():
        nursery.start_soon(Parts().run, "retention", retention(faulty, DAY).run)
        await trio.sleep(2)
    before = await stored_seqs(storage, GENERAL_ROOM)
    await trio.sleep(600)

    assert before == [1]
    assert await stored_seqs(storage, GENERAL_ROOM) == []
    assert [line["event"] for line in logged] == [
        "old messages not removed",
        "old messages not removed",
        "old messages removed",
    ]


@pytest.fixture
def file_storage(tmp_path: Path) -> Iterator[InlineStorage]:
    """A storage without threads, in a file that others can read."""
    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        configure(db, "process")
        migrate(db)
        yield InlineStorage(SqliteConnection(db))


@pytest.mark.parametrize("seconds", [30, 3_600])
async def test_what_is_deleted_is_erased_soon_after_the_last_reader_and_a_long_one_is_logged_once(
    file_storage: InlineStorage,
    tmp_path: Path,
    autojump_clock: trio.abc.Clock,
    nursery: trio.Nursery,
    logged: list[MutableMapping[str, Any]],
    seconds: float,
) -> None:
    await post_messages(file_storage, GENERAL_ROOM, 1, at=0)
    log = tmp_path / "chat.db-wal"
    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as reader:
        reader.execute("BEGIN; SELECT * FROM message").fetchall()
        nursery.start_soon(retention(file_storage, DAY).run)
        await trio.sleep(seconds)
        held = log.stat().st_size
        reader.execute("COMMIT")
        await trio.sleep(10 if seconds < 600 else 600)

    assert held > 0
    assert log.stat().st_size == 0
    warnings = [line for line in logged if line["log_level"] == "warning"]
    assert len(warnings) == (seconds > 600)
