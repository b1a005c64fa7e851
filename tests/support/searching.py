"""A server on disk with a search index, and people who search there."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import trio

from chat_shared import messages as m
from support.peer import Peer
from support.running_server import RunningServer

_PATIENCE: Final = 30.0  # seconds, on a busy machine
_AGAIN: Final = 0.1  # seconds


@asynccontextmanager
async def indexed(
    server: RunningServer, folder: Path, *, copied: bool = False
) -> AsyncGenerator[RunningServer]:
    """Yield `server`, of the database in `folder`, with an index updated when a test says so.

    That is made of the database itself, or of a copy as one elsewhere needs it.
    """
    messages = folder / ("search-copy.db" if copied else "chat.db")
    read = server.storage.read if copied else None
    async with server.services.search.open_index(folder / "search.db", messages, read):
        yield server


async def find_messages(peer: Peer, words: str, **filters: Any) -> m.Found:
    """Return the first page of what `peer` finds."""
    return await peer.grant(m.Search(words, id=peer.number(), **filters), m.Found)


async def found_texts(peer: Peer, words: str, **filters: Any) -> list[str]:
    """Return the messages on that page."""
    return [hit.text for hit in (await find_messages(peer, words, **filters)).hits]


async def wait_found(peer: Peer, words: str) -> list[str]:
    """Return what `peer` finds, once that is anything: the index follows at a distance."""
    with trio.fail_after(_PATIENCE):
        while True:
            reply = await peer.ask(m.Search(words, id=peer.number()))
            if isinstance(reply, m.Found) and reply.hits:
                return [hit.text for hit in reply.hits]
            await trio.sleep(_AGAIN)
