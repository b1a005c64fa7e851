"""The one writer: takes all that waits, commits once, then broadcasts and acknowledges.

While the disk works the next round gathers, so rounds grow with the load and
a lone message waits for nobody. Nobody sees a message, nor hears that theirs
was taken, before it is on disk.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from time import perf_counter_ns
from typing import Final

import structlog
import trio
from msgspec import Struct

from chat_server.clock import rfc3339
from chat_server.messages.events import MessageEvent, message_event
from chat_server.rooms.audit import audit_event
from chat_server.sessions.blocks import Audience, Block
from chat_server.sessions.session import Session
from chat_server.store.api import Draft, Receipt, StoreError
from chat_server.store.threads import Storage
from chat_shared.errors import Code
from chat_shared.messages import Accepted, Audited, Error, Posted

log = structlog.get_logger()

# A round is bounded so that its block stays far below what an outbox takes. And
# no more may wait than fill one: whoever comes then stands in line, and so does
# the reading of their connection, so TCP tells them. Thus a flood has one round
# ahead of everybody else's messages and, for each who floods, one post.
BATCH_POSTS: Final = 1_024
BATCH_CHARACTERS: Final = 256 * 1024

# Turns of the event loop without a post after which a round begins. Two, since
# in the first the tasks that were about to post may come after the journal.
_IDLE_TURNS: Final = 2


class Post(Struct, frozen=True, gc=False):
    """A message on its way, and whom to answer. A Struct, as one is made for every message."""

    session: Session
    re: int  # the number of the request
    author: str
    room: Audience
    draft: Draft


@dataclass(slots=True)
class JournalFigures:
    """What the journal has done since it was made; only ever grows."""

    rounds: int = 0
    posts: int = 0
    refused: int = 0  # posts that could not be stored
    stored_ns: int = 0  # nanoseconds that the rounds waited for the store, in all


class Journal:
    """The write path of every message. `run` is its only task."""

    def __init__(
        self, storage: Storage, find_room: Callable[[int], Audience], now: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._find_room = find_room
        self._now = now  # milliseconds since 1970, UTC
        self.figures: Final = JournalFigures()
        self._waiting: list[Post] = []  # for the next round
        self._storing: list[Post] = []  # the round that the disk works at
        self._characters = 0  # of theirs
        self._line: dict[trio.Event, Post] = {}  # who posts next, when there is room again
        self._wakeup = trio.Event()  # by a post, or by the end
        self._closed = False
        self._committed = trio.Event()
        self._over: Final = trio.lowlevel.ParkingLot()  # those who wait for the end of a round

    async def post(self, post: Post) -> None:
        """Take `post` for the next round. Waits only while a whole round waits already.

        Whoever is cancelled meanwhile has not posted.
        """
        if not self._is_full:
            self._put(post)
            return
        turn = trio.Event()
        self._line[turn] = post
        try:
            await turn.wait()
        except trio.Cancelled:
            del self._line[turn]
            raise

    async def find(self, author: int, nonce: str) -> Receipt | None:
        """Return where the draft with this nonce of `author` stands, if it was stored.

        Waits for one that is on its way. For who is refused: it looks at all that waits.
        """
        while self._has(author, nonce):
            await self._over.park()
        return await self._storage.read(lambda store: store.receipt(author, nonce))

    async def settle(self, room: Audience) -> None:
        """Wait until nothing is on its way into `room`. For who lets nothing more be posted there.

        What was stored has been told there then.
        """
        while any(post.room is room for post in self._under_way()):
            await self._over.park()

    def _under_way(self) -> Iterator[Post]:
        return chain(self._storing, self._waiting, self._line.values())

    def _has(self, author: int, nonce: str) -> bool:
        """Say whether a draft with this nonce of `author` is on its way."""
        return any(
            post.draft.nonce == nonce and post.draft.author == author for post in self._under_way()
        )

    async def wait_committed(self) -> None:
        """Wait until a round was stored since this was called last. For one task only."""
        await self._committed.wait()
        self._committed = trio.Event()

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is done."""
        self._closed = True
        self._wakeup.set()

    async def run(self) -> None:
        """Do round after round until closed."""
        patience = 0
        while await self._wait_for_posts():
            posts = self._storing = await self._gather(patience)
            await self._run_batch(posts)
            self._storing = []
            if self._over:
                self._over.unpark_all()
            patience = _IDLE_TURNS if len(posts) > 1 else 0

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= BATCH_POSTS or self._characters >= BATCH_CHARACTERS

    def _put(self, post: Post) -> None:
        self._waiting.append(post)
        self._characters += len(post.draft.text)
        self._wakeup.set()

    async def _wait_for_posts(self) -> bool:
        """Wait until there is something to do; say whether there ever will be."""
        if not self._waiting and not self._closed:
            self._wakeup = trio.Event()
            await self._wakeup.wait()
        return bool(self._waiting)

    async def _gather(self, patience: int) -> list[Post]:
        """Return a round: all that waits, once none has come for `patience` turns of the loop.

        Whoever was answered by the last round posts again within a moment of
        the others. So after a round of several the loop is let go round while
        that brings posts: one write and one broadcast for all of them, and not
        two for a part each. Where people post one by one, nobody is waited for.
        """
        idle = 0
        while idle < patience and not self._is_full:
            before = len(self._waiting)
            await trio.lowlevel.checkpoint()
            idle = 0 if len(self._waiting) > before else idle + 1
        return self._take()

    def _take(self) -> list[Post]:
        """Return all that waits, and let those who stand in line post, as far as there is room."""
        posts, self._waiting, self._characters = self._waiting, [], 0
        while self._line and not self._is_full:
            turn = next(iter(self._line))
            self._put(self._line.pop(turn))
            turn.set()
        return posts

    async def _run_batch(self, posts: list[Post]) -> None:
        drafts = [post.draft for post in posts]
        now = self._now()
        began = perf_counter_ns()
        try:
            receipts = await self._storage.write(lambda store: store.append(drafts, now))
        except StoreError as exc:
            log.error("messages not stored", count=len(posts), reason=str(exc))
            self.figures.refused += len(posts)
            self._refuse(posts)
        else:
            self.figures.stored_ns += perf_counter_ns() - began
            self.figures.rounds += 1
            self.figures.posts += len(posts)
            self._tell(posts, receipts)
            self._committed.set()

    def _tell(self, posts: Sequence[Post], receipts: Sequence[Receipt]) -> None:
        """Answer the authors, and tell each room in one block what is new in it.

        An answer leaves in the same write as what its author's room is told.
        """
        answers: dict[Session, list[Accepted]] = {}
        news: dict[Audience, list[MessageEvent]] = {}
        deeds: list[tuple[Audience, Audited]] = []
        for post, receipt in zip(posts, receipts, strict=True):
            at = rfc3339(receipt.at)
            # One that came before may have been said in another room.
            room = post.room if receipt.fresh else self._find_room(receipt.room)
            answer = Accepted(re=post.re, room=room.name, seq=receipt.seq, at=at)
            answers.setdefault(post.session, []).append(answer)
            if receipt.fresh:
                event = (
                    _change(post, receipt, deeds)
                    if post.draft.change
                    else _posted(post, receipt, at)
                )
                news.setdefault(room, []).append(event)
        for session, accepted in answers.items():
            session.hold(accepted)
        for room, events in news.items():
            room.publish(Block(events), events[-1].seq)
        for room, deed in deeds:
            room.broadcast(Block([deed]))
        for session in answers:
            session.outbox.flush()

    def _refuse(self, posts: Sequence[Post]) -> None:
        for post in posts:
            post.session.send(
                Error(
                    re=post.re,
                    code=Code.INTERNAL,
                    message="The server could not store this message. Try again later.",
                )
            )


def _posted(post: Post, receipt: Receipt, at: str) -> Posted:
    draft = post.draft
    return Posted(
        post.room.name, receipt.seq, post.author, draft.text, at, draft.nonce, draft.reply
    )


def _change(post: Post, receipt: Receipt, deeds: list[tuple[Audience, Audited]]) -> MessageEvent:
    """Return what the room is told of a change; add to `deeds` what was noted of it."""
    if receipt.audit is not None:
        deeds.append((post.room, audit_event(post.room.name, receipt.audit)))
    return message_event(post.room.name, post.author, post.draft, receipt)
