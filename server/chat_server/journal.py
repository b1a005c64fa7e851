"""The one writer: takes all that waits, commits once, then broadcasts and acknowledges.

While the disk works the next round gathers, so rounds grow with the load and
a lone message waits for nobody. Nobody sees a message, nor hears that theirs
was taken, before it is on disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
import trio

from chat_server.blocks import Audience, Block
from chat_server.clock import rfc3339
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


@dataclass(frozen=True, slots=True)
class Post:
    """A message on its way, and whom to answer."""

    session: Session
    re: int  # the number of the request
    author: str
    room: Audience
    draft: Draft


class Journal:
    """The write path of every message. `run` is its only task."""

    def __init__(
        self, storage: Storage, find_room: Callable[[int], Audience], now: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._find_room = find_room
        self._now = now  # milliseconds since 1970, UTC
        self._send, self._receive = trio.open_memory_channel[Post](WAITING)

    async def post(self, post: Post) -> None:
        """Take `post` for the next round. Waits only while too many wait already."""
        try:
            self._send.send_nowait(post)
        except trio.WouldBlock:
            await self._send.send(post)

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is done."""
        self._send.close()

    async def run(self) -> None:
        """Do round after round until closed."""
        async for first in self._receive:
            await self._do_round(self._gather(first))

    def _gather(self, first: Post) -> list[Post]:
        posts = [first]
        characters = len(first.draft.text)
        while len(posts) < ROUND_POSTS and characters < ROUND_CHARACTERS:
            try:
                post = self._receive.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
            posts.append(post)
            characters += len(post.draft.text)
        return posts

    async def _do_round(self, posts: list[Post]) -> None:
        drafts = [post.draft for post in posts]
        now = self._now()
        try:
            receipts = await self._storage.write(lambda store: store.append(drafts, now))
        except StoreError as exc:
            log.error("messages not stored", count=len(posts), reason=str(exc))
            self._refuse(posts)
        else:
            self._acknowledge(posts, receipts)
            self._publish(posts, receipts)

    def _acknowledge(self, posts: Sequence[Post], receipts: Sequence[Receipt]) -> None:
        """Answer the authors; the answers leave with what the room is told."""
        for post, receipt in zip(posts, receipts, strict=True):
            room = self._find_room(receipt.room)
            post.session.hold(
                Accepted(re=post.re, room=room.name, seq=receipt.seq, at=rfc3339(receipt.at))
            )

    def _publish(self, posts: Sequence[Post], receipts: Sequence[Receipt]) -> None:
        """Tell each room, in one block, what is new in it."""
        news: dict[Audience, list[Posted]] = {}
        for post, receipt in zip(posts, receipts, strict=True):
            if receipt.fresh:
                news.setdefault(post.room, []).append(_posted(post, receipt))
        for room, events in news.items():
            room.publish(Block(events), events[-1].seq)
        for post in posts:
            post.session.outbox.flush()

    def _refuse(self, posts: Sequence[Post]) -> None:
        for post in posts:
            post.session.send(
                Error(
                    re=post.re,
                    code=Code.INTERNAL,
                    message="The server could not store this message. Try again later.",
                )
            )


def _posted(post: Post, receipt: Receipt) -> Posted:
    return Posted(
        room=post.room.name,
        seq=receipt.seq,
        author=post.author,
        text=post.draft.text,
        at=rfc3339(receipt.at),
        nonce=post.draft.nonce,
    )
