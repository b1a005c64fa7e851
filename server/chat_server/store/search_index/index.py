"""The index of words on its two threads: one takes messages in, one looks for them.

They are apart from the store's, so that neither indexing nor a search ever
delays a commit, nor a page.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import apsw
import apsw.aio
import trio

from chat_server.store.api import StoreError
from chat_server.store.search_index.indexing import (
    DamagedIndexError,
    Position,
    attach,
    close_for,
    erase,
    follow,
    prepare,
    rooms,
    sweep,
)
from chat_server.store.search_index.query import Findings, Query, find


class Index:
    """Carries what is asked of the index to its threads. Any method may raise StoreError."""

    def __init__(self, writer: "apsw.AsyncConnection", reader: "apsw.AsyncConnection") -> None:
        self._writer = writer
        self._reader = reader

    async def follow(self, most: int) -> Position:
        position: Position = await self._writer.async_run(follow, self._writer, most)
        return position

    async def rooms(self) -> list[int]:
        numbers: list[int] = await self._writer.async_run(rooms, self._writer)
        return numbers

    async def sweep(self, room: int, most: int) -> int:
        removed: int = await self._writer.async_run(sweep, self._writer, room, most)
        return removed

    async def erase(self) -> None:
        await self._writer.async_run(erase, self._writer)

    async def find(self, query: Query) -> Findings:
        """As `search.find`; searches wait for each other."""
        found: Findings = await self._reader.async_run(find, self._reader, query)
        return found


@asynccontextmanager
async def open_index(path: Path, messages: Path) -> AsyncGenerator[Index]:
    """Open the index at `path` of the database `messages`; one that is of no use is made anew.

    Raises StoreError.
    """
    try:
        async with _connections(path, messages) as index:
            yield index
            return
    except _UnusableError:
        remove_index(path)
    async with _connections(path, messages) as index:
        yield index


def remove_index(path: Path) -> None:
    """Remove the index at `path`, with its side files."""
    for suffix in "", "-wal", "-shm":
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()


class _UnusableError(Exception):
    """There is a file, and it cannot be opened as an index."""


@asynccontextmanager
async def _connections(path: Path, messages: Path) -> AsyncGenerator[Index]:
    apsw.async_controller.set(apsw.aio.Trio)  # type: ignore[arg-type]  # a class that makes one
    async with _connection(path) as writer, _connection(path) as reader:
        try:
            await writer.async_run(prepare, writer, messages)
        except DamagedIndexError as exc:
            raise _UnusableError from exc
        await reader.async_run(attach, reader, messages)
        try:
            yield Index(writer, reader)
        finally:
            with trio.CancelScope(shield=True), suppress(StoreError):
                await writer.async_run(close_for, writer)


@asynccontextmanager
async def _connection(path: Path) -> AsyncGenerator["apsw.AsyncConnection"]:
    try:
        path.touch(mode=0o600)  # noqa: ASYNC240 - of no length
        # Shielded: one that is given up half-way leaves a thread, and the process never ends.
        with trio.CancelScope(shield=True):
            connection = await apsw.Connection.as_async(str(path))
    except (OSError, apsw.CantOpenError) as exc:
        raise StoreError(f"{path} cannot be opened: {exc}") from exc
    try:
        yield connection
    finally:
        with trio.CancelScope(shield=True):
            await connection.aclose()
