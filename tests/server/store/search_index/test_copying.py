"""The copy of the messages follows the store, forgets what that forgets, and can be lost."""

import os
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import GENERAL_ROOM, Draft, Store
from chat_server.store.search_index import copying
from chat_server.store.search_index.copying import open_copy
from chat_server.store.search_index.indexing import DamagedIndexError
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from support.posts import post


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search-copy.db"


def _fill(*texts: str, at: int = 0) -> Callable[[Store], None]:
    def fill(store: Store) -> None:
        ada = store.account("ada") or store.add_account("ada", "Ada", "", 1)
        for time, text in enumerate(texts, at):
            post(store, ada, text, at=time)

    return fill


async def _copied(path: Path, storage: Storage) -> list[str]:
    """Return the texts of a copy that has been brought up to date."""
    async with open_copy(path, storage.read) as copy:
        await copy.refresh()
        await copy.prune()
    with closing(apsw.Connection(str(path))) as db:
        found = db.execute("SELECT text FROM message WHERE change = '' ORDER BY id")
        return [text for (text,) in found]


async def test_it_follows_by_pages_and_goes_on_where_it_ended(
    path: Path, disk_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", 2)
    await disk_storage.write(_fill("one", "two", "three"))
    assert await _copied(path, disk_storage) == ["one", "two", "three"]

    await disk_storage.write(_fill("four"))
    assert await _copied(path, disk_storage) == ["one", "two", "three", "four"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


async def test_edited_and_deleted_texts_are_nowhere_in_its_file(
    path: Path, disk_storage: Storage
) -> None:
    await disk_storage.write(_fill("spinach", "quince", "rhubarb"))
    await _copied(path, disk_storage)
    ada = await disk_storage.read(lambda store: store.account("ada"))
    assert ada is not None
    drafts = [
        Draft(GENERAL_ROOM, ada.id, "new", "edit", change="edit", of=1),
        Draft(GENERAL_ROOM, ada.id, "", "deletion", change="delete", of=2),
    ]
    await disk_storage.write(lambda store: store.append(drafts, 9))

    assert await _copied(path, disk_storage) == ["new", "", "rhubarb"]
    stored = b"".join(file.read_bytes() for file in path.parent.glob("search-copy.db*"))
    assert b"rhubarb" in stored
    assert b"spinach" not in stored
    assert b"quince" not in stored


async def test_what_is_no_longer_kept_is_removed(path: Path, disk_storage: Storage) -> None:
    await disk_storage.write(_fill("one", "two", "three"))
    await _copied(path, disk_storage)

    await disk_storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2, 500))
    assert await _copied(path, disk_storage) == ["three"]

    await disk_storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 9, 500))
    assert await _copied(path, disk_storage) == []


async def test_that_of_another_store_is_made_anew(
    path: Path, disk_storage: Storage, tmp_path: Path
) -> None:
    await disk_storage.write(_fill("one", "two", "three"))
    await _copied(path, disk_storage)

    for number, texts in enumerate((["other"], ["another", "and", "one", "more"])):
        async with open_storage(tmp_path / f"{number}.db", "process") as other:
            await other.write(_fill("before", at=1))
            await other.write(_fill(*texts, at=100 * number))
            assert await _copied(path, other) == ["before", *texts]


async def test_a_file_that_is_none_is_damaged(path: Path, disk_storage: Storage) -> None:
    with open(path, "wb") as file:  # noqa: ASYNC230 - it is instant
        file.write(b"garbage" * 1_000)

    with pytest.raises(DamagedIndexError):
        await _copied(path, disk_storage)
