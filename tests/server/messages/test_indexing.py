"""The search index follows the messages, and is rebuilt when it is damaged."""

from collections.abc import AsyncGenerator, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from chat_server import clock
from chat_server.messages import search as searching
from chat_server.messages.journal import Journal
from chat_server.messages.retention import Retention
from chat_server.store.api import GENERAL_ROOM
from chat_server.store.threads import Storage
from chat_server.tasks.parts import FIRST_PAUSE
from chat_shared import messages as m
from chat_shared.errors import Code
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.searching import found_texts, indexed


@pytest.fixture
async def disk_server(disk_storage: Storage) -> AsyncGenerator[RunningServer]:
    async with running_server(disk_storage) as server:
        yield server


@pytest.fixture
async def server(disk_server: RunningServer, tmp_path: Path) -> AsyncGenerator[RunningServer]:
    """A server whose index is updated when a test says so."""
    async with indexed(disk_server, tmp_path):
        yield disk_server


@pytest.fixture
async def ada(server: RunningServer) -> Peer:
    return await server.log_in("Ada")


def _files_with(folder: Path, word: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


async def test_a_message_is_found_a_moment_later_by_itself(
    disk_server: RunningServer, tmp_path: Path
) -> None:
    ada = await disk_server.log_in("Ada")
    run = disk_server.services.search.run
    disk_server.nursery.start_soon(run, tmp_path / "search.db", tmp_path / "chat.db")
    for number in range(2):
        await ada.post(f"soup {number}")
        await _wait_found(ada, f"soup {number}")


async def _wait_found(peer: Peer, words: str) -> None:
    with trio.fail_after(10):
        while not getattr(await peer.ask(m.Search(words, id=peer.number())), "hits", ()):
            pass


async def test_an_index_damaged_in_use_is_rebuilt(
    disk_server: RunningServer, tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    path = tmp_path / "search.db"
    ada = await disk_server.log_in("Ada")
    disk_server.nursery.start_soon(disk_server.services.search.run, path, tmp_path / "chat.db")
    for words in "soup", "bread":  # two, so that it waits for the next when it is damaged
        await ada.post(words)
        await _wait_found(ada, words)
    index = disk_server.services.search._index
    assert index is not None
    await index._writer.async_run(
        lambda: index._writer.execute("DELETE FROM entry_data").fetchall()  # type: ignore[attr-defined]
    )
    assert await ada.code(m.Search("soup", id=1)) is Code.INTERNAL

    await _wait_found(ada, "soup")
    assert "search index damaged, rebuilding it" in [line["event"] for line in logged]


async def test_removed_messages_are_swept_from_the_index(server: RunningServer, ada: Peer) -> None:
    await ada.post("soup")
    await ada.post("bread")
    await server.services.search.catch_up()
    await server.storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 1))
    await server.services.search.sweep()

    assert await found_texts(ada, "") == ["bread"]


async def test_deleted_text_is_in_no_file_after_a_sweep(
    server: RunningServer, ada: Peer, tmp_path: Path
) -> None:
    deleted, edited = await ada.post("xyzzyplugh"), await ada.post("xyzzyplugh!")
    await server.services.search.catch_up()
    await ada.delete(deleted.seq)
    await ada.edit(edited.seq, "nothing")
    await server.services.search.catch_up()
    await server.services.search.sweep()
    await Retention(server.storage, 0, clock.now).remove_expired()

    assert _files_with(tmp_path, b"xyzzyplugh") == []


async def test_long_indexing_is_logged(
    server: RunningServer,
    ada: Peer,
    logged: list[MutableMapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada.post("soup")
    await server.services.search.catch_up()
    quiet = list(logged)
    monkeypatch.setattr(searching, "_LOGGED_FROM", 0)
    await server.services.search.catch_up()

    assert quiet == []
    assert [(line["event"], line["done"], line["messages"]) for line in logged] == [
        ("indexing messages", "100%", 1)
    ]


async def test_an_index_that_cannot_be_written_is_logged_and_retried(
    disk_server: RunningServer,
    tmp_path: Path,
    logged: list[MutableMapping[str, Any]],
    autojump_clock: MockClock,
) -> None:
    parts, search = disk_server.services.parts, disk_server.services.search
    path = tmp_path / "nowhere" / "search.db"
    with trio.move_on_after(FIRST_PAUSE + 1):
        await parts.run("search", partial(search.run, path, tmp_path / "chat.db"))

    assert [line["event"] for line in logged] == ["search index not written"] * 2
    (part,) = (part for part in parts if part.name == "search")
    assert (part.running, part.failures) == (False, 2)


async def _post_many(journal: Journal, a_second: int) -> None:
    while True:
        await trio.sleep(0.1)
        journal.figures.posts += a_second // 10


@pytest.mark.parametrize(("a_second", "waited"), [(0, 0.3), (200, 0.3), (50_000, 10.0)])
async def test_indexing_waits_for_a_flood_to_end_but_not_without_end(
    server: RunningServer,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    a_second: int,
    waited: float,
) -> None:
    nursery.start_soon(_post_many, server.services.journal, a_second)
    began = trio.current_time()
    await server.services.search.wait_for_quiet()

    assert trio.current_time() - began == pytest.approx(waited)
    nursery.cancel_scope.cancel()
