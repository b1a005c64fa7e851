"""Which sockets can be read: one wait for all of them, and no task to wake for most.

trio waits for each socket by itself: it arms it in epoll, wakes a task, and the task reads. With
short messages that is an eighth of what a server does. Here each socket is registered once, with an
epoll of our own that trio waits for as for a socket, and a function of its connection takes what
has arrived. The task of the connection goes on only where something has to wait.

The contract:

* `take` MUST NOT wait and MUST NOT raise. It returns whether it has done all there is to do.
* It is called only while the task of its connection is in `Watch.wait`: never both at once.

Edge-triggered, as epoll(7) describes it: epoll tells of a socket again once it has been read to its
end and more arrives. `Transport.may_read` is true until it has been.
"""

import select
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import trio

from chat_server.net.files import NO_FD
from chat_server.net.transport import Transport

# Sockets that are read in one turn of the loop: then other tasks have theirs.
_TURN: Final = 256

# Connections that end in one turn: thousands may at once, when a network fails, and each costs
# what ten messages do. All others come first.
_ENDINGS: Final = 64

_HAS_EPOLL: Final = hasattr(select, "epoll")  # Linux. Elsewhere each task waits for its socket.
_ENDING: Final = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR if _HAS_EPOLL else 0


class Watch:
    """One connection, and what takes what arrives there."""

    __slots__ = ("_is_registered", "_take", "_task", "_transport")

    def __init__(
        self, transport: Transport, take: Callable[[], bool], *, is_registered: bool
    ) -> None:
        self._transport = transport
        self._take = take
        self._is_registered = is_registered  # or the task has to wait for it
        self._task: trio.lowlevel.Task | None = None  # while it waits

    async def wait(self) -> None:
        """Let `take` have what arrives, until it leaves something to do."""
        while self._transport.may_read or not self._is_registered:
            if self._transport.may_read:
                await trio.lowlevel.checkpoint()
            else:
                await self._transport.wait_readable()
            if not self._take():
                return
        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._abort)

    def became_readable(self, events: int) -> None:
        """Take what has arrived, unless the task is busy, or wake it to do so."""
        self._transport.became_readable(ending=bool(events & _ENDING))
        if self._task is not None and not self._take():
            task, self._task = self._task, None
            trio.lowlevel.reschedule(task)

    def _abort(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED


class Readiness:
    """All connections that are watched."""

    def __init__(self) -> None:
        self._watches: dict[int, Watch] = {}  # by descriptor
        self._ended: deque[tuple[Watch, int]] = deque()  # and what happened: their turn comes
        self._epoll = select.epoll() if _HAS_EPOLL else None

    @contextmanager
    def watching(self, transport: Transport, take: Callable[[], bool]) -> Generator[Watch]:
        """Watch a connection for the task that runs the block."""
        fd = transport.fd
        if self._epoll is None or fd == NO_FD:
            yield Watch(transport, take, is_registered=False)
            return
        watch = self._watches[fd] = Watch(transport, take, is_registered=True)
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        try:
            yield watch
        finally:
            self._epoll.unregister(fd)
            del self._watches[fd]

    async def run(self) -> None:
        """Hear of all readiness, for ever."""
        if self._epoll is None:
            await trio.sleep_forever()
        else:
            await self._poll(self._epoll)

    def _look_again(self) -> None:
        """Look at all sockets: a run that failed may have been told of some."""
        for watch in list(self._watches.values()):
            watch.became_readable(0)

    async def _poll(self, epoll: "select.epoll") -> None:
        self._look_again()
        while True:
            if self._ended:
                await trio.lowlevel.checkpoint()
            else:
                await trio.lowlevel.wait_readable(epoll.fileno())
            self._take(epoll)
            self._end_some()

    def _take(self, epoll: "select.epoll") -> None:
        """Let what has arrived be taken, but for connections that end: those are noted."""
        left = _TURN
        while left and (ready := epoll.poll(0, left)):
            for fd, events in ready:
                if events & _ENDING:
                    self._ended.append((self._watches[fd], events))
                else:
                    self._watches[fd].became_readable(events)
                    left -= 1

    def _end_some(self) -> None:
        """Let what has arrived last of connections be taken: of as many as have their turn."""
        for _ in range(min(_ENDINGS, len(self._ended))):
            watch, events = self._ended.popleft()
            watch.became_readable(events)
