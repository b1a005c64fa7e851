"""Searches messages, and keeps the search index up to date.

The index follows the messages at a distance, in steps with pauses between, so
that posting is not slowed down. It can be deleted at any time, and is rebuilt
from the messages.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Final, Protocol

import structlog
import trio

from chat_server.clock import parse_rfc3339
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.store.api import StoreError
from chat_server.store.search_index.copying import MessageCopy, open_copy
from chat_server.store.search_index.index import Index, open_index, remove_index
from chat_server.store.search_index.indexing import DamagedIndexError, Position
from chat_server.store.search_index.query import QUICK, Findings, Query, SlowSearchError
from chat_server.store.threads import Read
from chat_server.tasks.fair_queue import FairQueue
from chat_server.tasks.parts import PartFailedError
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.lengths import too_long
from chat_shared.limits import MAX_SEQ, MAX_WORDS
from chat_shared.names import fold

log = structlog.get_logger()

STEP: Final = 2_000  # messages indexed at a time: some 50 ms of a thread of their own
_SWEEP_STEP: Final = 500  # messages removed at a time

# Seconds from a message to the index: long enough for a busy server to index many
# at once, and short enough to search for what you have just read.
_DELAY: Final = 0.3
# Indexing costs as much as everything else that is done for a message. So it waits
# while more are posted than people type (in _DELAY seconds), but not without end:
# a step in ten seconds is less than a hundredth of one core.
_MANY: Final = 100  # messages
_LONGEST_WAIT: Final = 10.0  # seconds
_ERASE_ATTEMPTS: Final = 20  # to erase what was removed; the next sweep tries again
_SWEEP_PERIOD: Final = 600.0  # seconds, as often as retention looks
_PATIENCE: Final = 60.0  # seconds from one damage to rebuilding the index after the next

SEARCH_QUEUE: Final = 100  # searches that may wait, of all accounts together

# Seconds of searching that an account can use at once, and per second in the long run. A
# usual search takes a few milliseconds; all share one thread.
SEARCH_BURST: Final = 2.0
SEARCH_SHARE: Final = 0.1
_UNIT: Final = 0.01  # seconds: what must be left for another search
# Seconds of searching beyond which an account has the thread of slow searches: four that were
# tried as quick ones and were not, or more than one person searches.
_QUICKLY: Final = 4 * QUICK

_LOGGED_FROM: Final = 10_000  # messages behind: takes a second, and is worth logging
_LOG_EVERY: Final = 5.0  # seconds between two log lines

_NOT_READY: Final = partial(
    Refused,
    Code.INTERNAL,
    "Search isn't available right now. Try again in a moment.",
    retry_after=5.0,
)
_TOO_MUCH: Final = "Your last searches took too long. Wait a moment, or try more specific words."
_TOO_SLOW: Final = partial(
    Refused, Code.FORBIDDEN, "This search takes too long. Try fewer or different words."
)


class Posting(Protocol):
    """Tells when messages are stored, as the journal does."""

    @property
    def posts(self) -> int:
        """How many have been, since the start."""

    async def wait_committed(self) -> None: ...


class Search:
    """Full-text search over all messages. `run` is its only task."""

    def __init__(self, journal: Posting) -> None:
        self._journal = journal
        self._index: Index | None = None
        self._copy: MessageCopy | None = None  # of messages whose store is elsewhere
        self._following = trio.CancelScope()
        # A search is tried as a quick one first, unless those before it took long. So slow ones
        # keep each other waiting, and no others.
        self._quick_turns = FairQueue(slots=1, most=SEARCH_QUEUE)
        self._turns = FairQueue(slots=1, most=SEARCH_QUEUE)
        self._times = TokenBuckets(SEARCH_BURST / _UNIT, SEARCH_SHARE / _UNIT)  # by account

    async def find(self, request: m.Search, rooms: Iterable[int], by: int) -> Findings:
        """Return the hits in `rooms`, newest first, on a request by account `by`.

        Accounts take turns, and the time of each is limited. Raises QueueFullError, and
        Refused (too_fast, too_long, bad_request, internal, or forbidden if it takes too long).
        """
        query = _query(request, rooms)
        if self._is_quick(by):
            with suppress(SlowSearchError):
                return await self._find_in_turn(replace(query, quick=True), by)
        try:
            return await self._find_in_turn(query, by)
        except SlowSearchError:
            raise _TOO_SLOW() from None

    def _is_quick(self, by: int) -> bool:
        """Return whether a search by this account is tried as a quick one."""
        left = self._times.left(by, trio.current_time())
        return left >= (SEARCH_BURST - _QUICKLY) / _UNIT

    async def _find_in_turn(self, query: Query, by: int) -> Findings:
        async with (self._quick_turns if query.quick else self._turns).turn(by):
            if query.quick and not self._is_quick(by):  # after its other searches meanwhile
                raise SlowSearchError
            start = trio.current_time()
            self._times.take_or_refuse(by, start, _TOO_MUCH)
            try:
                return await self._find(query)
            finally:
                end = trio.current_time()
                self._times.charge(by, (end - start) / _UNIT - 1, end)

    async def _find(self, query: Query) -> Findings:
        if self._index is None:
            raise _NOT_READY()
        try:
            found = await self._index.find(query)
            if self._copy is not None:
                return replace(found, hits=await self._copy.confirmed(found.hits))
            return found
        except DamagedIndexError as exc:
            log.error("search failed", reason=str(exc))
            self._following.cancel()
            raise _NOT_READY() from None

    async def run(self, path: Path, messages: Path, read: Read | None = None) -> None:
        """Maintain an index at `path` of the database `messages`; rebuild it if it is damaged.

        With `read`, which queries a store, `messages` is a copy of that, and is maintained too.
        Raises PartFailedError if it cannot be written.
        """
        damaged = -inf
        while True:
            try:
                async with self.open_index(path, messages, read):
                    with trio.CancelScope() as self._following:
                        await self._follow_journal()
                raise DamagedIndexError("a search found it damaged")
            except DamagedIndexError as exc:
                log.error("search index damaged, rebuilding it", reason=str(exc))
                await trio.sleep_until(damaged + _PATIENCE)  # not again and again
                damaged = trio.current_time()
                remove_index(path)
                if read is not None:
                    remove_index(messages)
            except StoreError as exc:
                log.error("search index not written", reason=str(exc))
                raise PartFailedError from exc

    @asynccontextmanager
    async def open_index(
        self, path: Path, messages: Path, read: Read | None = None
    ) -> AsyncGenerator[None]:
        """Search the index at `path` during the block; see `run`. Raises StoreError."""
        async with AsyncExitStack() as files:
            if read is not None:
                self._copy = await files.enter_async_context(open_copy(messages, read))
            async with open_index(path, messages) as self._index:
                try:
                    yield
                finally:
                    self._index = self._copy = None

    async def catch_up(self) -> None:
        """Index all messages up to now. Raises StoreError."""
        assert self._index is not None
        if self._copy is not None:
            await self._copy.refresh()
        progress = _Progress()
        position = Position(0, 1)
        while position.last < position.newest:
            position = await self._index.index_next(STEP)
            progress.log(position)
            if position.last < position.newest:
                await self.wait_for_quiet()

    async def sweep(self) -> None:
        """Remove from the index, and erase, what the store no longer has. Raises StoreError."""
        assert self._index is not None
        if self._copy is not None:
            await self._copy.prune()
        for room in await self._index.indexed_rooms():
            removed = True
            while removed:
                removed = bool(await self._index.purge(room, _SWEEP_STEP))
                await trio.sleep(_DELAY if removed else 0)
        for _ in range(_ERASE_ATTEMPTS):
            if await self._index.erase_deleted():
                return
            await trio.sleep(_DELAY)  # a search reads it at this moment

    async def _follow_journal(self) -> None:
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
        """Wait a moment; longer while more is posted than people type."""
        with trio.move_on_after(_LONGEST_WAIT):
            posted = _MANY + 1
            while posted > _MANY:
                before = self._journal.posts
                await trio.sleep(_DELAY)
                posted = self._journal.posts - before


class _Progress:
    """Logs the progress of indexing that takes long."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._logged_at = trio.current_time()

    def log(self, position: Position) -> None:
        if self._first is None:
            self._first = position.last
        if position.newest - self._first < _LOGGED_FROM:
            return
        now = trio.current_time()
        if position.last == position.newest or now - self._logged_at >= _LOG_EVERY:
            self._logged_at = now
            done = f"{position.last / position.newest:.0%}"
            log.info("indexing messages", done=done, messages=position.newest)


def _query(request: m.Search, rooms: Iterable[int]) -> Query:
    if sentence := too_long("The search", request.words, MAX_WORDS):
        raise Refused(Code.TOO_LONG, sentence)
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
        raise Refused(
            Code.BAD_REQUEST, "`until` must be a time such as 2026-11-22T09:30:00Z."
        ) from None
