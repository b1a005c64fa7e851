"""The connection to the server, over asyncio: bytes in, Textual messages out.

One link lives as long as the app. `run` logs in once and then stays in touch:
it pings, notices a dead line, comes back with growing pauses, and resumes. It
sends what is in the outbox, one message at a time. Knows no widget; whoever
runs it hears what happened through `tell`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

import msgspec
from textual.message import Message

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import Code, LocalProtocolError, RemoteProtocolError
from chat_shared.limits import MAX_ID, PROTOCOL
from chat_tui.address import Address
from chat_tui.ending import Ending
from chat_tui.messages import (
    Answer,
    Connecting,
    LatencyMeasured,
    LineLost,
    LoggedIn,
    LogInFailed,
    Received,
    SentAway,
)
from chat_tui.outbox import Outbox
from chat_tui.rhythm import Rhythm
from chat_tui.slash import UNNUMBERED

_READ_SIZE: Final = 65_536  # bytes: one longest frame at a time

# A post that is refused for one of these is not wrong; only its time is.
_LATER: Final = {Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN}


class Link:
    """The way to one server. All methods but `run` return at once."""

    def __init__(
        self,
        tell: Callable[[Message], object],
        outbox: Outbox,
        seen: Callable[[], Mapping[str, int]],
        rhythm: Rhythm | None = None,
    ) -> None:
        self._tell = tell
        self._outbox = outbox
        self._seen = seen
        self._rhythm = rhythm or Rhythm()
        self._one_at_a_time = asyncio.Lock()
        self._now = asyncio.Event()
        self._token = ""
        self._opening: m.Login | m.Register | m.Resume | None = None
        self._number = 0
        self._asked: dict[int, m.Request] = {}
        self._connection = Connection(Role.CLIENT)
        self._writer: asyncio.StreamWriter | None = None
        self._ending: Ending | None = None  # said by the server
        self._aborted: Ending | None = None  # decided here, seen by the reader when it wakes up
        self._logged_in = asyncio.Event()
        self._pong = asyncio.Event()
        self._flush_later: asyncio.TimerHandle | None = None

    @property
    def online(self) -> bool:
        """Whether there is a session and a line to it."""
        return self._writer is not None and self._connection.state is State.LOGGED_IN

    # --- for the app

    async def run(self, address: Address, log_in: m.Login | m.Register) -> None:
        """Log in at `address` and stay in touch until sent away or cancelled.

        A run that was cancelled to make way for this one first lets go of its line.
        """
        async with self._one_at_a_time:
            await self._run(address, log_in)

    async def _run(self, address: Address, log_in: m.Login | m.Register) -> None:
        self._token = ""
        ending = await self._converse(address, log_in)
        if not self._token:
            self._tell(LogInFailed(ending.code, ending.reason))
            return
        attempt = 0
        while not ending.is_final:
            attempt = 1 if self._logged_in.is_set() else attempt + 1
            await self._pause(ending, attempt)
            self._tell(Connecting(attempt))
            seen = dict(self._seen())
            ending = await self._converse(
                address, m.Resume(id=UNNUMBERED, token=self._token, seen=seen)
            )
        self._tell(SentAway(ending.reason))

    def ask(self, request: m.Request) -> bool:
        """Send `request`, and say whether it could be sent; its reply comes by `tell`."""
        if not self.online:
            return False
        return self._send(request)

    def flush(self) -> None:
        """Send what is waiting in the outbox, as far as it may go now."""
        if not self.online or self._flush_later is not None:
            return
        while unsent := self._outbox.next_to_send():
            post = m.Post(id=UNNUMBERED, room=unsent.room, text=unsent.text, nonce=unsent.nonce)
            if self._send(post):
                self._outbox.sending(unsent.nonce)
            else:
                self._outbox.refused(unsent.nonce, "This message is too long to be sent.")

    def retry_now(self) -> None:
        """End the pause between two attempts."""
        self._now.set()

    # --- one conversation, from connecting to the end

    async def _converse(self, address: Address, opening: m.Login | m.Register | m.Resume) -> Ending:
        """Talk to the server as long as that goes. Never raises for what a network does."""
        self._opening, self._ending, self._aborted = opening, None, None
        self._connection = Connection(Role.CLIENT)
        self._logged_in.clear()
        try:
            async with asyncio.timeout(self._rhythm.connect_within):
                reader, writer = await asyncio.open_connection(address.host, address.port)
        except (OSError, TimeoutError, UnicodeError):
            return Ending(f"Nobody answers at {address}.")
        self._writer = writer
        watch = asyncio.create_task(self._watch(address))
        try:
            return await self._listen(reader)
        finally:
            watch.cancel()
            self._hang_up()

    async def _listen(self, reader: asyncio.StreamReader) -> Ending:
        """Take in what the server says until there is nothing more to come."""
        while self._ending is None:
            try:
                data = await reader.read(_READ_SIZE)
            except OSError:
                data = b""
            if not data:
                self._ending = self._aborted or Ending("The server closed the connection.")
                break
            self._connection.receive(data)
            if items := tuple(self._take_in()):
                self._tell(Received(items))
            self.flush()
        return self._ending

    async def _watch(self, address: Address) -> None:
        """Log in within a time, then ping, and cut the line where no answer comes."""
        try:
            async with asyncio.timeout(self._rhythm.log_in_within):
                await self._logged_in.wait()
            self._tell(LoggedIn(address, again=isinstance(self._opening, m.Resume)))
            await asyncio.sleep(self._rhythm.first_ping)
            while True:
                await self._ping()
                await asyncio.sleep(self._rhythm.ping_every)
        except TimeoutError:
            self._end(Ending("The server does not answer."))

    async def _ping(self) -> None:
        clock = asyncio.get_running_loop().time
        sent = clock()
        self._pong.clear()
        self._send(m.Ping(id=UNNUMBERED))
        async with asyncio.timeout(self._rhythm.pong_within):
            await self._pong.wait()
        self._tell(LatencyMeasured(clock() - sent))

    def _hang_up(self) -> None:
        """Let go of the line; what was asked on it and not answered never will be."""
        if self._writer is not None:
            self._writer.close()
        if self._flush_later is not None:
            self._flush_later.cancel()
        self._writer = self._flush_later = None
        self._outbox.line_lost()
        unanswered = tuple(Answer(request, None) for request in self._asked.values())
        self._asked.clear()
        if unanswered:
            self._tell(Received(unanswered))

    def _end(self, ending: Ending) -> None:
        """End the conversation from our side; the reader wakes up and sees it."""
        self._aborted = ending
        if self._writer is not None:
            self._writer.transport.abort()

    async def _pause(self, ending: Ending, attempt: int) -> None:
        """Wait before coming back: longer each time, and not all clients at once."""
        wait = max(self._rhythm.pause(attempt), ending.retry_after)
        self._now.clear()
        self._tell(LineLost(ending.reason, wait, attempt))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._now.wait()

    # --- messages in

    def _take_in(self) -> Iterator[Answer | m.Event]:
        """Yield what the received bytes said, and do what concerns the link itself."""
        while self._ending is None:
            try:
                message = self._connection.next_message()
            except RemoteProtocolError as exc:
                self._ending = Ending(str(exc))
                return
            if message is None:
                return
            if (item := self._understand(message)) is not None:
                yield item

    def _understand(self, message: m.Message) -> Answer | m.Event | None:
        match message:
            case m.Hello():
                self._greeted(message)
            case m.Bye():
                self._ending = Ending(message.reason)
                return message
            case m.Error(re=None):
                self._ending = Ending(message.message)
            case m.Posted() | m.Entered() | m.Left() | m.Gap() | m.Notice():
                return message
            case m.Error() | m.Welcome() | m.Pong():
                return self._answered(message)
            case m.Accepted() | m.Created() | m.Joined() | m.Ok() | m.Page() | m.MemberPage():
                return self._answered(message)
        return None

    def _greeted(self, hello: m.Hello) -> None:
        if hello.protocol != PROTOCOL:
            self._ending = Ending(f"This server speaks version {hello.protocol} of the protocol.")
        elif self._opening is not None:
            self._send(self._opening)

    def _answered(self, reply: m.Reply) -> Answer | None:
        request = self._asked.pop(reply.re, None) if reply.re is not None else None
        if request is None:
            return None
        match request:
            case m.Ping():
                self._pong.set()
                return None
            case m.Post():
                self._post_answered(request, reply)
            case m.Login() | m.Register() | m.Resume():
                self._log_in_answered(reply)
        return Answer(request, reply)

    def _log_in_answered(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Welcome):
            self._token = reply.token or self._token
            self._logged_in.set()
        elif isinstance(reply, m.Error):
            self._ending = Ending(reply.message, reply)

    def _post_answered(self, post: m.Post, reply: m.Reply) -> None:
        match reply:
            case m.Accepted():
                self._outbox.accepted(post.nonce, reply.seq)
            case m.Error() if reply.code in _LATER:
                self._outbox.queued(post.nonce)
                self._flush_in(reply.retry_after or self._rhythm.post_again)
            case m.Error():
                self._outbox.refused(post.nonce, reply.message)

    def _flush_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._flush_later = loop.call_later(seconds, self._flush_now)

    def _flush_now(self) -> None:
        self._flush_later = None
        self.flush()

    # --- messages out

    def _send(self, request: m.Request) -> bool:
        """Number a request and write it. Says no to one that is too long for a frame.

        Nothing waits for the writer to drain: one message and a few requests
        are all that is ever under way.
        """
        if self._writer is None:
            return False
        self._number = self._number % MAX_ID + 1
        numbered: m.Request = msgspec.structs.replace(request, id=self._number)
        try:
            frame = self._connection.send(numbered)
        except LocalProtocolError:
            return False
        self._asked[self._number] = request
        self._writer.write(frame)
        return True
