"""Finding what was said: keeps the index of words up to date, and asks it.

The index follows the messages at a distance, in steps with pauses between, so
that whoever posts notices nothing of it. It may be thrown away at any time, and
is made again from the messages.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from math import inf
from pathlib import Path
from typing import Final

import structlog
import trio

from chat_server.clock import parse_rfc3339
from chat_server.messages.journal import Journal
from chat_server.store.api import StoreError
from chat_server.store.search_index.index import Index, open_index, remove_index
from chat_server.store.search_index.indexing import DamagedIndexError, Position
from chat_server.store.search_index.query import Findings, Query, SlowSearchError
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_SEQ, MAX_WORDS
from chat_shared.names import fold

log = structlog.get_logger()

STEP: Final = 2_000  # messages taken in at a time: some 50 ms of a thread of their own
_SWEEP_STEP: Final = 500  # messages taken out at a time

# Seconds from a message to the index: long enough that a busy server takes many
# in at once, and short for somebody who looks for what they have just read.
_DELAY: Final = 0.3
# Taking words in costs as much as everything else that is done for a message. So it
# waits while more are said than people say (in _DELAY seconds), but not for ever:
# a step in ten seconds is less than a hundredth of one core.
_MANY: Final = 100  # messages
_LONGEST_WAIT: Final = 10.0  # seconds
_SWEEP_PERIOD: Final = 600.0  # seconds, as often as retention looks
_PATIENCE: Final = 60.0  # seconds from what cannot be written to the next try

_TOLD_FROM: Final = 10_000  # messages: to be so far behind takes a second, and is worth a line
_TELL_EVERY: Final = 5.0  # seconds between two lines about it

_NOT_READY: Final = partial(
    Refused,
    Code.INTERNAL,
    "Searching is not possible at this moment. Try again soon.",
    retry_after=5.0,
)
_TOO_SLOW: Final = partial(
    Refused, Code.FORBIDDEN, "That takes too long to look for. Try fewer words, or other ones."
)


class Search:
    """What was said, by its words. `run` is its only task."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._index: Index | None = None
        self._following = trio.CancelScope()

    async def find(self, request: m.Search, rooms: Iterable[int]) -> Findings:
        """Return what is found in `rooms`, newest first. Raises Refused."""
        query = _query(request, rooms)
        if self._index is None:
            raise _NOT_READY()
        try:
            return await self._index.find(query)
        except SlowSearchError:
            raise _TOO_SLOW() from None
        except DamagedIndexError as exc:
            log.error("search failed", reason=str(exc))
            self._following.cancel()
            raise _NOT_READY() from None

    async def run(self, path: Path, messages: Path) -> None:
        """Keep an index at `path` of the database `messages`, whatever happens to it."""
        damaged = -inf
        while True:
            try:
                async with self.opened(path, messages):
                    with trio.CancelScope() as self._following:
                        await self._keep_up()
                raise DamagedIndexError("somebody who searched has met it")
            except DamagedIndexError as exc:
                log.error("search index damaged, and made anew", reason=str(exc))
                await trio.sleep_until(damaged + _PATIENCE)  # not again and again
                damaged = trio.current_time()
                remove_index(path)
            except StoreError as exc:
                log.error("search index not written", reason=str(exc))
                await trio.sleep(_PATIENCE)

    @asynccontextmanager
    async def opened(self, path: Path, messages: Path) -> AsyncGenerator[None]:
        """Let people find what is in the index at `path`. Raises StoreError."""
        async with open_index(path, messages) as self._index:
            try:
                yield
            finally:
                self._index = None

    async def catch_up(self) -> None:
        """Take in all that was said until now. Raises StoreError."""
        assert self._index is not None
        progress = _Progress()
        position = Position(0, 1)
        while position.last < position.newest:
            position = await self._index.index_next(STEP)
            progress.tell(position)
            if position.last < position.newest:
                await self.wait_for_quiet()

    async def sweep(self) -> None:
        """Take out all that is not kept any more, and erase it. Raises StoreError."""
        assert self._index is not None
        for room in await self._index.indexed_rooms():
            removed = True
            while removed:
                removed = bool(await self._index.purge(room, _SWEEP_STEP))
                await trio.sleep(_DELAY if removed else 0)
        await self._index.erase_deleted()

    async def _keep_up(self) -> None:
        due = trio.current_time()
        while True:
            await self.catch_up()
            if trio.current_time() >= due:
                await self.sweep()
                due = trio.current_time() + _SWEEP_PERIOD
            with trio.move_on_at(due):
                await self._journal.wait_committed()
            await self.wait_for_quiet()

    async def wait_for_quiet(self) -> None:
        """Wait a moment; longer while more is said than people say."""
        with trio.move_on_after(_LONGEST_WAIT):
            said = _MANY + 1
            while said > _MANY:
                before = self._journal.figures.posts
                await trio.sleep(_DELAY)
                said = self._journal.figures.posts - before


class _Progress:
    """Tells the log how far a long catching up has come, if it is long."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._told = trio.current_time()

    def tell(self, position: Position) -> None:
        if self._first is None:
            self._first = position.last
        if position.newest - self._first < _TOLD_FROM:
            return
        now = trio.current_time()
        if position.last == position.newest or now - self._told >= _TELL_EVERY:
            self._told = now
            done = f"{position.last / position.newest:.0%}"
            log.info("search index", done=done, messages=position.newest)


def _query(request: m.Search, rooms: Iterable[int]) -> Query:
    if len(request.words) > MAX_WORDS:
        raise Refused(Code.TOO_LONG, f"A search has at most {MAX_WORDS} characters.")
    return Query(
        words=request.words,
        rooms=sorted(rooms),
        limit=request.limit,
        author=fold(request.author) if request.author else "",
        until=_until(request.until),
        before=request.before or MAX_SEQ + 1,
    )


def _until(text: str) -> int:
    if not text:
        return MAX_SEQ
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise Refused(Code.BAD_REQUEST, "`until` is no time, as 2026-11-22T09:30:00Z is.") from None
