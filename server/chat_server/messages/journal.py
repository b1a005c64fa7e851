"""Stores every message: takes all pending posts, commits once, then publishes and replies.

While the disk works the next batch gathers, so batches grow with the load and a lone
message waits for nobody. No message is published or accepted before it is on disk.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from time import perf_counter_ns
from typing import Final

import structlog
import trio

from chat_server.clock import rfc3339
from chat_server.errors import ServerFailedError
from chat_server.messages.publishing import Post, interrupt, last_of_rooms, publish, refuse
from chat_server.sessions.blocks import Audience, Last
from chat_server.sessions.session import Session
from chat_server.store.api import Receipt, StoreError
from chat_server.store.threads import Storage

log = structlog.get_logger()

# A batch is bounded so that its block stays far below what an outbox takes. And no
# more may be pending than fills one: further posts wait, and so does the reading of
# their connections, so that TCP slows the senders down. A flood thus puts one batch
# ahead of everybody else's messages and, for each sender who floods, one post.
BATCH_POSTS: Final = 1_024
BATCH_CHARACTERS: Final = 256 * 1024

# Characters that a file counts for: its name, its numbers and its type.
_FILE: Final = 400

# Turns of the event loop without a post after which a batch begins. Two, since
# in the first the tasks that were about to post may come after the journal.
_IDLE_TURNS: Final = 2

_MINUTE: Final = 60_000  # milliseconds: less is an ordinary correction of the clock


@dataclass(slots=True)
class JournalFigures:
    """Totals since the start."""

    batches: int = 0
    posts: int = 0
    refused: int = 0  # posts that could not be stored
    stored_ns: int = 0  # nanoseconds that batches waited for the store


class Journal:
    """The only writer of messages. `run` is its only task."""

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self.figures: Final = JournalFigures()
        self._pending: list[Post] = []  # for the next batch
        self._storing: list[Post] = []  # the batch that is being committed
        self._characters = 0  # of `_pending`
        self._waiters: dict[trio.Event, Post] = {}  # posts that wait for room in `_pending`
        self._wakeup = trio.Event()  # set by a post, or by `close`
        self._closed = False
        self._clock_warned = False
        self._committed = trio.Event()
        self._batch_done: Final = trio.lowlevel.ParkingLot()

    @property
    def posts(self) -> int:
        """How many messages were stored since the start."""
        return self.figures.posts

    def take(self, post: Post) -> bool:
        """Take `post` for the next batch, unless a full one is pending; return whether it was."""
        if self._is_full:
            return False
        self._enqueue(post)
        return True

    async def post(self, post: Post) -> None:
        """Take `post` for the next batch. Waits only while a full batch is pending.

        If cancelled meanwhile, nothing is posted.
        """
        if self.take(post):
            return
        turn = trio.Event()
        self._waiters[turn] = post
        try:
            await turn.wait()
        except trio.Cancelled:
            del self._waiters[turn]
            raise

    async def find_receipt(self, author: int, nonce: str) -> Receipt | None:
        """Return the receipt of the draft with this nonce of `author`, if it was stored.

        Waits for one that is pending. For refused posts only: it looks at all that are
        pending.
        """
        while self._has(author, nonce):
            await self._batch_done.park()
        return await self._storage.read(lambda store: store.receipt(author, nonce))

    async def wait_published(self, room: Audience, author: int | None = None) -> None:
        """Wait until no post to `room` is pending, or none of `author`.

        For a caller that keeps new ones away.
        """
        while self.has_pending(room, author):
            await self._batch_done.park()

    def has_pending(self, room: Audience, author: int | None = None) -> bool:
        """Return whether a post to `room` is pending, or one of `author`."""
        return any(
            post.room is room and author in (None, post.draft.author)
            for post in self._all_pending()
        )

    async def wait_answered(self, session: Session) -> None:
        """Wait until no post of `session` is pending. For a caller that takes no new ones."""
        while any(post.session is session for post in self._all_pending()):
            await self._batch_done.park()

    def _all_pending(self) -> Iterator[Post]:
        return chain(self._storing, self._pending, self._waiters.values())

    def _has(self, author: int, nonce: str) -> bool:
        return any(
            post.draft.nonce == nonce and post.draft.author == author
            for post in self._all_pending()
        )

    async def wait_committed(self) -> None:
        """Wait for a commit since the last call. For one task only."""
        await self._committed.wait()
        self._committed = trio.Event()

    def close(self) -> None:
        """Make `run` end after what is pending."""
        self._closed = True
        self._wakeup.set()

    async def run(self) -> None:
        """Do batch after batch until closed.

        An unexpected error ends it with all its posts settled, to be run again.
        Raises ServerFailedError if they cannot be settled.
        """
        patience = 0
        while await self._wait_for_posts():
            posts = self._storing = await self._gather(patience)
            try:
                await self._run_batch(posts)
            finally:
                self._storing = []
                for post in posts:
                    if post.claim is not None:
                        post.claim.release()
                if self._batch_done:
                    self._batch_done.unpark_all()
            patience = _IDLE_TURNS if len(posts) > 1 else 0

    @property
    def _is_full(self) -> bool:
        return len(self._pending) >= BATCH_POSTS or self._characters >= BATCH_CHARACTERS

    def _enqueue(self, post: Post) -> None:
        self._pending.append(post)
        self._characters += len(post.draft.text) + _FILE * len(post.draft.files)
        self._wakeup.set()

    async def _wait_for_posts(self) -> bool:
        """Wait until a post is pending; return False if closed and none is."""
        if not self._pending and not self._closed:
            self._wakeup = trio.Event()
            await self._wakeup.wait()
        return bool(self._pending)

    async def _gather(self, patience: int) -> list[Post]:
        """Return a batch: all pending posts, once `patience` turns of the loop brought none.

        Those who were answered by the last batch post again within a moment of each
        other. So after a batch of several the loop turns for as long as that brings
        posts: one write and one broadcast for all of them, and not two for a part each.
        Where people post one by one, nobody waits.
        """
        idle = 0
        while idle < patience and not self._is_full:
            before = len(self._pending)
            await trio.lowlevel.checkpoint()
            idle = 0 if len(self._pending) > before else idle + 1
        return self._take()

    def _take(self) -> list[Post]:
        """Return all pending posts, and make those that wait pending, as far as there is room."""
        posts, self._pending, self._characters = self._pending, [], 0
        while self._waiters and not self._is_full:
            turn = next(iter(self._waiters))
            self._enqueue(self._waiters.pop(turn))
            turn.set()
        return posts

    async def _run_batch(self, posts: list[Post]) -> None:
        drafts = [post.draft for post in posts]
        now = self._now()
        began = perf_counter_ns()
        try:
            receipts = await self._storage.write_bulk(lambda store: store.append(drafts, now))
        except StoreError as exc:
            posts, receipts = await self._store_deletions(posts, now, exc)
        except Exception:
            await self._settle(posts)
            raise
        if receipts:
            self.figures.stored_ns += perf_counter_ns() - began
            self.figures.batches += 1
            self.figures.posts += len(posts)
            self._check_clock(now, receipts[-1])
            self._committed.set()
            try:
                publish(posts, receipts)
            except Exception:
                interrupt(posts, last_of_rooms(posts, receipts))
                raise

    async def _store_deletions(
        self, posts: Sequence[Post], now: int, error: StoreError
    ) -> tuple[list[Post], list[Receipt]]:
        """Refuse posts that a full disk has no space for; store and return the deletions.

        Those make space, and what must be deleted cannot wait for it.
        """
        deletions = [post for post in posts if post.draft.change == "delete"]
        receipts: list[Receipt] = []
        if deletions:
            drafts = [post.draft for post in deletions]
            try:
                receipts = await self._storage.write(lambda store: store.append(drafts, now))
            except StoreError:
                pass  # no space even for these
            except Exception:
                await self._settle(posts)
                raise
        refused = [post for post in posts if not receipts or post.draft.change != "delete"]
        if refused:
            log.error("messages not stored", count=len(refused), reason=str(error))
            self.figures.refused += len(refused)
            refuse(refused)
        return deletions, receipts

    async def _settle(self, posts: Sequence[Post]) -> None:
        """Refuse `posts` after an unexpected error, unless some of them were stored."""
        try:
            records = await self._storage.read(lambda store: store.rooms())
        except Exception as exc:
            raise ServerFailedError(
                "It is unknown which messages were stored. Start the server again."
            ) from exc
        stored = {record.id: Last(record.last_seq, rfc3339(record.last_at)) for record in records}
        rooms = {post.room: stored.get(post.draft.room, Last(0, "")) for post in posts}
        behind = {room: last for room, last in rooms.items() if last.seq > room.last_seq}
        if behind:
            interrupt(posts, behind)
        else:
            self.figures.refused += len(posts)
            refuse(posts)

    def _check_clock(self, now: int, receipt: Receipt) -> None:
        """Warn once if the clock is behind the newest message, whose time new ones then have."""
        if receipt.fresh and receipt.at > now + _MINUTE and not self._clock_warned:
            self._clock_warned = True
            log.warning(
                "clock is behind the newest message; new messages get that message's time. "
                "Set the clock.",
                clock=rfc3339(now),
                newest=rfc3339(receipt.at),
            )
