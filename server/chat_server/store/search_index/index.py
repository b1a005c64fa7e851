"""The search index on its three threads: one fills it, two search it.

A slow search has another thread than the quick ones, which are most, and that comes after all
other threads. All are separate from the store's, so that neither indexing nor a search ever delays
a commit or a page of history.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import apsw
import apsw.aio
import trio

from chat_server.store.api import StoreError
from chat_server.store.search_index.indexing import (
    FLAGS,
    DamagedIndexError,
    Position,
    attach,
    close_index,
    erase_deleted,
    index_next,
    indexed_rooms,
    prepare,
    purge,
)
from chat_server.store.search_index.query import Findings, Query, find
from chat_server.tasks.niceness import NICEST, make_nicer


class Index:
    """Runs the functions of `indexing` and `query` on threads. Any method may raise StoreError."""

    def __init__(
        self,
        writer: "apsw.AsyncConnection",
        reader: "apsw.AsyncConnection",
        quick_reader: "apsw.AsyncConnection",
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._quick_reader = quick_reader

    async def index_next(self, limit: int) -> Position:
        position: Position = await self._writer.async_run(index_next, self._writer, limit)
        return position

    async def indexed_rooms(self) -> list[int]:
        rooms: list[int] = await self._writer.async_run(indexed_rooms, self._writer)
        return rooms

    async def purge(self, room: int, limit: int) -> int:
        removed: int = await self._writer.async_run(purge, self._writer, room, limit)
        return removed

    async def erase_deleted(self) -> bool:
        erased: bool = await self._writer.async_run(erase_deleted, self._writer)
        return erased

    async def find(self, query: Query) -> Findings:
        """As `query.find`; quick searches wait for each other, and others do."""
        reader = self._quick_reader if query.quick else self._reader
        found: Findings = await reader.async_run(find, reader, query)
        return found


@asynccontextmanager
async def open_index(path: Path, messages: Path) -> AsyncGenerator[Index]:
    """Open the index at `path` of the database `messages`; rebuild it if it is unusable.

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
    """The file cannot be used as an index."""


@asynccontextmanager
async def _connections(path: Path, messages: Path) -> AsyncGenerator[Index]:
    apsw.async_controller.set(apsw.aio.Trio)  # type: ignore[arg-type]  # a class is a factory too
    async with (
        _connection(path) as writer,
        _connection(path) as reader,
        _connection(path) as quick_reader,
    ):
        try:
            await writer.async_run(prepare, writer, messages)
        except DamagedIndexError as exc:
            raise _UnusableError from exc
        for connection in reader, quick_reader:
            await connection.async_run(attach, connection, messages)
        await quick_reader.async_run(make_nicer)
        await reader.async_run(make_nicer, NICEST)
        try:
            yield Index(writer, reader, quick_reader)
        finally:
            with trio.CancelScope(shield=True), suppress(StoreError):
                await writer.async_run(close_index, writer)


@asynccontextmanager
async def _connection(path: Path) -> AsyncGenerator["apsw.AsyncConnection"]:
    try:
        path.touch(mode=0o600)  # noqa: ASYNC240 - it is instant
        # Absolute, since a relative one could look like a URI.
        name = os.path.abspath(path)  # noqa: ASYNC240 - it is instant
        # Shielded: cancelled half-way, it would leave a thread and the process would never end.
        with trio.CancelScope(shield=True):
            connection = await apsw.Connection.as_async(name, flags=FLAGS)
    except (OSError, apsw.CantOpenError) as exc:
        raise StoreError(f"{path} cannot be opened: {exc}") from exc
    try:
        yield connection
    finally:
        with trio.CancelScope(shield=True):
            await connection.aclose()
