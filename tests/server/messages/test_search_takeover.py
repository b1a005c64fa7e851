"""A server that stood by finds at once what was posted before it leads."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from chat_server.messages.search import Search
from chat_server.store.api import GENERAL_ROOM, Store
from chat_server.store.search_index import copying
from chat_server.store.threads import Storage
from chat_shared import messages as m
from support.posts import post

T = TypeVar("T")

_OLD = 60  # messages
_PAGE = 20  # messages copied at a time


class _Reads:
    """Queries of a store elsewhere, counted."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.count = 0

    async def __call__(self, query: Callable[[Store], T]) -> T:
        self.count += 1
        return await self._storage.read(query)


class _Posting:
    """Messages that are posted elsewhere."""

    posts = 0

    async def wait_committed(self) -> None:
        raise AssertionError("this test does not wait")


@asynccontextmanager
async def _following(folder: Path, reads: _Reads) -> AsyncGenerator[Search]:
    """Yield a search that has caught up, as that of a server that stands by or leads."""
    search = Search(_Posting())
    async with search.open_index(folder / "search.db", folder / "search-copy.db", reads):
        await search.catch_up()
        yield search


async def _post(storage: Storage, *texts: str) -> None:
    def act(store: Store) -> None:
        ada = store.account("ada") or store.add_account("ada", "Ada", "", 1)
        for text in texts:
            post(store, ada, text)

    await storage.write(act)


async def _found(search: Search, words: str) -> list[str]:
    findings = await search.find(m.Search(words, id=1), [GENERAL_ROOM], 1)
    return [hit.text for hit in findings.hits]


async def test_a_new_leader_copies_only_what_it_has_not_seen_while_it_stood_by(
    disk_storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", _PAGE)
    reads = _Reads(disk_storage)
    await _post(disk_storage, *(f"old {number}" for number in range(_OLD)))
    async with _following(tmp_path, reads):
        assert reads.count > _OLD / _PAGE
    await _post(disk_storage, "the newest")

    reads.count = 0
    async with _following(tmp_path, reads) as search:
        assert await _found(search, "newest") == ["the newest"]
        # Is it the same store, what is new there, and is the hit as it was?
        assert reads.count == 3
        assert await _found(search, "old 7") == ["old 7"]
