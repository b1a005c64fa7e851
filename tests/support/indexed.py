"""A store and its search index, without threads and without a server."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import apsw

from chat_server.store.api import GENERAL_ROOM, Draft
from chat_server.store.search_index.indexing import FLAGS, index_next, prepare
from chat_server.store.search_index.query import Findings, HitRecord, Query, find
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore


class IndexedStore:
    """A store with the accounts Ada and Ben, and its search index."""

    def __init__(self, folder: Path, cleanup: ExitStack) -> None:
        self.messages = folder / "chat.db"
        self.path = folder / "search.db"
        self.store: SqliteStore = cleanup.enter_context(open_store(self.messages))
        self.ada = self.store.add_account("ada", "Ada", "", 1).id
        self.ben = self.store.add_account("ben", "Ben", "", 1).id
        self.index = cleanup.enter_context(closing(apsw.Connection(str(self.path), flags=FLAGS)))
        prepare(self.index, self.messages)
        self._number = 0

    def room(self, name: str) -> int:
        return self.store.add_room(name, name, self.ada, "", 1).id

    def do(self, draft: Draft, at: int = 5) -> None:
        self.store.append([draft], at)

    def post(
        self, *texts: str, room: int = GENERAL_ROOM, author: int | None = None, at: int = 5
    ) -> None:
        drafts = [Draft(room, author or self.ada, text, self._nonce()) for text in texts]
        self.store.append(drafts, at)

    def change(self, kind: str, of: int, text: str = "") -> None:
        draft = Draft(GENERAL_ROOM, self.ada, text, self._nonce(), change=kind, of=of)
        self.store.append([draft], 6)

    def _nonce(self) -> str:
        self._number += 1
        return f"{self._number}"

    def index_all(self, limit: int = 1_000) -> None:
        while (position := index_next(self.index, limit)).last < position.newest:
            pass

    def find(
        self, words: str, where: tuple[int, ...] = (GENERAL_ROOM,), **narrowed: Any
    ) -> list[HitRecord]:
        return self.findings(words, where, **narrowed).hits

    def findings(
        self,
        words: str,
        where: tuple[int, ...] = (GENERAL_ROOM,),
        limit: int = 50,
        author: str = "",
        until: int = 2**53,
        before: int = 2**53,
    ) -> Findings:
        return find(self.index, Query(words, where, limit, author, until, before))

    def texts(self, words: str, *where: int) -> list[str]:
        return [hit.text for hit in self.find(words, where or (GENERAL_ROOM,))]

    def entries(self) -> list[str]:
        """Return every text in the index, whether it can be found or not."""
        return [text for (text,) in self.index.execute("SELECT text FROM entry ORDER BY rowid")]
