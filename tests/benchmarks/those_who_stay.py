"""Members who stay in a busy room and post in turn, in a process of their own.

So what they wait for is the server, and not the load that is made meanwhile.
"""

import multiprocessing
import select
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection as Pipe
from typing import Any, Final

import msgspec

from benchmarks.connections import WOULD_BLOCK, Connection
from benchmarks.crowd import Address, Crowd
from benchmarks.machine import NotMeasured

#: So many, the first of all accounts, and the seconds from one post to the next.
STAY: Final = 20
_POST_EVERY: Final = 0.05

#: Seconds for an answer of their process, which waits until all posts have returned.
_STUCK: Final = 60.0

_READ_SIZE: Final = 1 << 16
_TEXT: Final = b"something that is written here once, and is of the usual length"


class Frame(msgspec.Struct):
    """What is looked at of a frame: of `posted` its message, of `gap` its ends."""

    type: str
    seq: int = 0
    author: str = ""
    at: str = ""
    after: int = 0
    before: int = 0


class Post(msgspec.Struct):
    """When a post was sent, and how long it took until its author received it, in seconds."""

    sent: float
    wait: float = 0.0


decode: Final = msgspec.json.Decoder(Frame).decode


@dataclass(frozen=True)
class Staying:
    """Those who stay, as the process sees them that measures."""

    _pipe: Pipe

    def newest(self, missed: int) -> Frame:
        """Return the message after which `missed` others have been posted."""
        found: Frame = self._ask(missed)
        return found

    def posts(self) -> list[Post]:
        """Return all posts up to now, once they have returned."""
        posts: list[Post] = self._ask(None)
        return posts

    def _ask(self, what: int | None) -> Any:
        self._pipe.send(what)
        if not self._pipe.poll(_STUCK):
            raise NotMeasured("posts do not return")
        return self._pipe.recv()


@contextmanager
def staying(address: Address, room: str, backlog: int) -> Generator[Staying]:
    """Let `STAY` members post `backlog` messages at once, and then again and again."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_stay, args=(theirs, address, room, backlog), daemon=True)
    process.start()
    try:
        yield Staying(ours)
    finally:
        process.terminate()
        process.join()


def _stay(pipe: Pipe, address: Address, room: str, backlog: int) -> None:
    crowd = Crowd(address)
    crowd.open(STAY)
    _Talk(pipe, address, room, [_Member(member) for member in crowd.connections]).run(backlog)


@dataclass(eq=False)
class _Member:
    connection: Connection
    unreturned: deque[Post] = field(default_factory=deque)

    def frames(self, buffer: memoryview) -> list[Frame]:
        """Return the messages that have arrived."""
        with suppress(*WOULD_BLOCK):
            size = self.connection.stream.recv_into(buffer)
            lines = (self.connection.tail + bytes(buffer[:size])).split(b"\n")
            self.connection.tail = lines.pop()
            return [frame for frame in map(decode, lines) if frame.type == "posted"]
        return []


@dataclass
class _Talk:
    """The loop of their process."""

    pipe: Pipe
    address: Address
    room: str
    members: list[_Member]
    received: list[Frame] = field(default_factory=list)  # by the first of them
    posts: list[Post] = field(default_factory=list)

    def run(self, backlog: int) -> None:
        """Post, read and answer until the process is ended."""
        epoll = select.epoll()
        for member in self.members:
            member.connection.tail = b""
            epoll.register(member.connection.stream.fileno(), select.EPOLLIN)
        by_fd = {member.connection.stream.fileno(): member for member in self.members}
        for _, member in zip(range(backlog), cycle(self.members), strict=False):
            self._post(member)
        due = time.perf_counter() + 1
        for member in cycle(self.members):
            while (left := due - time.perf_counter()) > 0:
                for fd, _ in epoll.poll(left):
                    self._read(by_fd[fd])
                self._answer()
            self._post(member)
            due += _POST_EVERY

    def _post(self, member: _Member) -> None:
        post = Post(time.perf_counter())
        self.posts.append(post)
        member.unreturned.append(post)
        member.connection.send(self.address.dialect.posts(self.room, _TEXT, 1))

    def _read(self, member: _Member) -> None:
        frames = member.frames(memoryview(bytearray(_READ_SIZE)))
        now = time.perf_counter()
        for frame in frames:
            if frame.author == f"m{member.connection.number:05d}":
                post = member.unreturned.popleft()
                post.wait = now - post.sent
        if member is self.members[0]:
            self.received += frames

    def _answer(self) -> None:
        """Answer a question, if there is one that can be answered by now."""
        if any(member.unreturned for member in self.members) or not self.pipe.poll():
            return
        missed = self.pipe.recv()
        self.pipe.send(self.posts if missed is None else self.received[-missed - 1])
