"""Messages are found by the names of their files, of the database itself and of a copy."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from unicodedata import normalize

import apsw
import pytest
import trio

from chat_server.store.api import GENERAL_ROOM, FileRecord, Store
from chat_server.store.search_index.copying import open_copy
from chat_server.store.search_index.indexing import FLAGS, index_next, prepare
from chat_server.store.search_index.query import HitRecord, Query, find
from chat_server.store.threads import Storage
from support.indexed import IndexedStore
from support.posts import change
from support.stored_files import post_files, whole


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[IndexedStore]:
    with ExitStack() as cleanup:
        yield IndexedStore(tmp_path, cleanup)


def post(indexed: IndexedStore, text: str, *names: str) -> list[int]:
    """Post and index a message with files of these names; return their ids."""
    ids = [whole(indexed.store, indexed.ada, name, name=name) for name in names]
    post_files(indexed.store, indexed.ada, *ids, text=text)
    indexed.index_all()
    return ids


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("report", True),
        ("REPORT", True),
        ("report-final", True),
        ("2.pdf", True),
        ("report.pdf", False),
        ("pdf", True),
        ("rep*", True),
        ("quarter report", True),
        ("quarter soup", True),
        ('"report final"', True),
        ('"here report"', False),
        ("rep", False),
        ("report bread", False),
    ],
)
def test_the_words_of_a_search_are_in_the_text_or_in_the_names(
    indexed: IndexedStore, words: str, *, found: bool
) -> None:
    post(indexed, "The quarter, here", "report-final_2.pdf", "soup.png")
    indexed.post("nothing of it", "bread")
    indexed.index_all()

    assert indexed.texts(words) == (["The quarter, here"] if found else [])


def test_a_hit_has_its_files_in_order_and_marks_of_its_text_only(indexed: IndexedStore) -> None:
    ids = post(indexed, "soup for all", "soup.png", "a.txt")

    (hit,) = indexed.find("soup")
    assert hit.files == [FileRecord(ids[0], "soup.png", 5_000), FileRecord(ids[1], "a.txt", 5_000)]
    assert hit.marks == [(0, 4)]
    (by_name,) = indexed.find("txt")
    assert (by_name.text, by_name.marks) == ("soup for all", [])


def test_a_message_without_a_text_is_found_by_its_files(indexed: IndexedStore) -> None:
    post(indexed, "", "résumé.pdf")

    for words in "resume", normalize("NFD", "Résumé"):
        (hit,) = indexed.find(words)
        assert (hit.text, hit.marks, len(hit.files)) == ("", [], 1)


def test_names_are_no_words_of_a_room_or_an_author(indexed: IndexedStore) -> None:
    kitchen = indexed.room("kitchen")
    post(indexed, "", f"r{kitchen} a{indexed.ben}")

    assert indexed.find("", (kitchen,)) == []
    assert indexed.find("", author="ben") == []


def test_an_edit_keeps_the_files_and_a_deletion_erases_their_names(
    indexed: IndexedStore,
) -> None:
    post(indexed, "first", "quince.txt")
    indexed.change("edit", 1, "second")
    indexed.index_all()
    assert indexed.texts("quince second") == ["second"]

    indexed.change("delete", 1)
    assert indexed.texts("quince") == []
    indexed.index_all()
    assert indexed.texts("quince") == []
    assert b"quince" not in indexed.path.read_bytes()


def test_a_message_with_the_id_of_a_removed_one_is_not_found_by_its_names(
    indexed: IndexedStore,
) -> None:
    post(indexed, "", "quince.txt")
    indexed.store.remove_old_messages(GENERAL_ROOM, 99, 9)
    other = whole(indexed.store, indexed.ada, "other", name="rhubarb.txt")
    post_files(indexed.store, indexed.ada, other)

    assert indexed.find("quince") == []
    indexed.index_all()
    assert indexed.find("quince") == []
    assert len(indexed.find("rhubarb")) == 1


# --- a copy of the messages


async def found_in_copy(folder: Path, storage: Storage, words: str) -> list[HitRecord]:
    """Copy the messages, index the copy, and search it."""
    path = folder / "search-copy.db"
    async with open_copy(path, storage.read) as copy:
        await copy.refresh()
        await copy.prune()
        with closing(apsw.Connection(str(folder / "search.db"), flags=FLAGS)) as index:
            prepare(index, path)
            while (position := index_next(index, 100)).last < position.newest:
                pass
            hits = find(index, Query(words, [GENERAL_ROOM], 9)).hits
        return await copy.confirmed(hits)


def copied_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("search-copy.db*"))


def fill(store: Store) -> None:
    ada = store.add_account("ada", "Ada", "", 1)
    for number in range(3):
        id = whole(store, ada.id, f"{number}", name=f"quince {number}.txt")
        post_files(store, ada.id, id, text=f"{number}")


async def test_a_copy_has_the_names_of_files_until_their_messages_go(
    tmp_path: Path, disk_storage: Storage
) -> None:
    await disk_storage.write(fill)
    hits = await found_in_copy(tmp_path, disk_storage, "quince")
    assert [[file.name for file in hit.files] for hit in hits] == [
        ["quince 2.txt"],
        ["quince 1.txt"],
        ["quince 0.txt"],
    ]

    def remove(store: Store) -> None:
        store.remove_old_messages(GENERAL_ROOM, 6, 1)
        ada = store.account("ada")
        assert ada
        change(store, ada, "delete", 2)

    await disk_storage.write(remove)
    hits = await found_in_copy(tmp_path, disk_storage, "quince")
    assert [(hit.text, len(hit.files)) for hit in hits] == [("2", 1)]
    stored = await trio.to_thread.run_sync(copied_bytes, tmp_path)
    assert b"quince 2" in stored
    assert b"quince 0" not in stored
    assert b"quince 1" not in stored
