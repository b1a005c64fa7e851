"""The one writer: takes all that waits, commits once, then broadcasts and acknowledges.

While the disk works the next round gathers, so rounds grow with the load and
a lone message waits for nobody. Nobody sees a message, nor hears that theirs
was taken, before it is on disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Final

import structlog
import trio
from msgspec import Struct

from chat_server.blocks import Audience, Block
from chat_server.clock import rfc3339
from chat_server.news import News, told
from chat_server.session import Session
from chat_server.store import Draft, Receipt, StoreError
from chat_server.store.threads import Storage
from chat_shared.errors import Code
from chat_shared.messages import Accepted, Error, Posted

log = structlog.get_logger()

# Posts that may wait for a round. When it is full, whoever posts waits, and so
# does the reading of their connection: TCP then tells the sender.
WAITING: Final = 2_048

# A round is bounded so that no room waits long for another's flood, and so
# that its block stays far below what an outbox takes.
ROUND_POSTS: Final = 1_024
ROUND_CHARACTERS: Final = 256 * 1024

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
        self._send, self._receive = trio.open_memory_channel[Post](WAITING)
        self._committed = trio.Event()

    async def post(self, post: Post) -> None:
        """Take `post` for the next round. Waits only while too many wait already."""
        try:
            self._send.send_nowait(post)
        except trio.WouldBlock:
            await self._send.send(post)

    async def wait_committed(self) -> None:
        """Wait until a round was stored since this was called last. For one task only."""
        await self._committed.wait()
        self._committed = trio.Event()

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is done."""
        self._send.close()

    async def run(self) -> None:
        """Do round after round until closed."""
        patience = 0
        async for first in self._receive:
            posts = await self._gather(first, patience)
            await self._do_round(posts)
            patience = _IDLE_TURNS if len(posts) > 1 else 0

    async def _gather(self, first: Post, patience: int) -> list[Post]:
        """Return a round: all that waits, once none has come for `patience` turns of the loop.

        Whoever was answered by the last round posts again within a moment of
        the others. So after a round of several the loop is let go round while
        that brings posts: one write and one broadcast for all of them, and not
        two for a part each. Where people post one by one, nobody is waited for.
        """
        posts = [first]
        room = ROUND_CHARACTERS - len(first.draft.text)
        room -= self._take(posts, room)
        idle = 0
        while idle < patience and len(posts) < ROUND_POSTS and room > 0:
            await trio.lowlevel.checkpoint()
            before = len(posts)
            room -= self._take(posts, room)
            idle = 0 if len(posts) > before else idle + 1
        return posts

    def _take(self, posts: list[Post], room: int) -> int:
        """Move what waits into `posts`, as far as the round has room; return the characters."""
        characters = 0
        while len(posts) < ROUND_POSTS and characters < room:
            try:
                post = self._receive.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
            posts.append(post)
            characters += len(post.draft.text)
        return characters

    async def _do_round(self, posts: list[Post]) -> None:
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
        news: dict[Audience, list[News]] = {}
        for post, receipt in zip(posts, receipts, strict=True):
            at = rfc3339(receipt.at)
            # One that came before may have been said in another room.
            room = post.room if receipt.fresh else self._find_room(receipt.room)
            answer = Accepted(re=post.re, room=room.name, seq=receipt.seq, at=at)
            answers.setdefault(post.session, []).append(answer)
            if receipt.fresh:
                event = _change(post, receipt) if post.draft.change else _posted(post, receipt, at)
                news.setdefault(room, []).append(event)
        for session, accepted in answers.items():
            session.hold(accepted)
        for room, events in news.items():
            room.publish(Block(events), events[-1].seq)
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


def _change(post: Post, receipt: Receipt) -> News:
    return told(post.room.name, post.author, post.draft, receipt)
