"""One session on one connection, from the server's hello to the disconnect.

Logs in, numbers requests and matches replies to them, pings, and notices a dead
connection. Does not know how to connect, nor what happens after a disconnect.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Protocol

import msgspec

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import Code, LocalProtocolError, RemoteProtocolError
from chat_shared.limits import MAX_ID, PROTOCOL
from chat_tui.commands.durations import lasting
from chat_tui.net.connect import Transport
from chat_tui.net.disconnect import Disconnect
from chat_tui.net.events import Answer, LogIn
from chat_tui.net.timeouts import Timeouts

_READ_SIZE: Final = 65_536  # bytes: one longest frame at a time
# Messages handed on at once; after them, typed keys have their turn. So many are
# drawn within a twentieth of a second, and to draw the screen once for each would take longer.
MAX_AT_ONCE: Final = 200
# Requests without a reply. A client that has missed hours sends two for each of its rooms.
MAX_UNANSWERED: Final = 1_000
_TOO_LONG: Final = m.Error(Code.TOO_LONG, "")  # what the server would say, had it been sent


class SessionListener(Protocol):
    """What a session reports to. None of these may wait."""

    def received(self, items: tuple[Answer | m.Event, ...]) -> None:
        """Handle what arrived at once; replies to posts have gone to `post_answered` before."""

    def greeted(self, hello: m.Hello) -> None: ...

    def logged_in(self, token: str) -> None:
        """The log-in was accepted; `received` has had the welcome itself."""

    def post_answered(self, post: m.Post, reply: m.Reply) -> None: ...
    def latency_measured(self, seconds: float) -> None: ...


class Session:
    """Sends `opening`, the log-in, and receives. All methods but `run` return at once."""

    def __init__(
        self,
        transport: Transport,
        opening: LogIn,
        listener: SessionListener,
        timeouts: Timeouts,
        *,
        logs_out: bool = False,
    ) -> None:
        """A session that `logs_out` does so when `run` is cancelled."""
        self._transport = transport
        self._opening = opening
        self._listener = listener
        self._timeouts = timeouts
        self._logs_out = logs_out
        self._connection = Connection(Role.CLIENT)
        self._number = 0
        self._pending: dict[int, m.Request] = {}
        self._ending: Disconnect | None = None  # as the server said
        self._aborted: Disconnect | None = None  # decided here; the reader sees it when it wakes up
        self._logged_in = asyncio.Event()
        self._pong = asyncio.Event()
        self._token = ""

    @property
    def is_open(self) -> bool:
        """Whether the session is logged in and connected."""
        return self._ending is None and self._connection.state is State.LOGGED_IN

    @property
    def is_stuck(self) -> bool:
        """Whether so many replies are missing that another request would be one too many."""
        return len(self._pending) >= MAX_UNANSWERED

    async def run(self) -> Disconnect:
        """Run until the disconnect. Never raises for network errors."""
        watch = asyncio.create_task(self._watch())
        try:
            return await self._listen()
        finally:
            watch.cancel()
            if self._logs_out and self.is_open:
                self.send(m.Logout(id=m.UNNUMBERED))
            await self._close()

    def send(self, request: m.Request) -> bool:
        """Number a request and write it. Returns False for one that is no frame: too long, no text.

        Does not wait for the writer to drain: one message and a few requests
        are all that is ever in flight.
        """
        self._number = self._number % MAX_ID + 1
        numbered: m.Request = msgspec.structs.replace(request, id=self._number)
        try:
            frame = self._connection.send(numbered)
        except (LocalProtocolError, UnicodeEncodeError):
            return False
        self._pending[self._number] = request
        self._transport.writer.write(frame)
        return True

    def unanswered(self) -> tuple[Answer, ...]:
        """Return, once, the requests that this connection will never answer."""
        pending, self._pending = self._pending, {}
        return tuple(Answer(request, None) for request in pending.values())

    async def _listen(self) -> Disconnect:
        """Receive until the connection ends."""
        while self._ending is None:
            try:
                data = await self._transport.reader.read(_READ_SIZE)
            except OSError:
                data = b""
            if not data:
                self._ending = self._aborted or Disconnect("The server closed the connection.")
                break
            self._connection.receive(data)
            await self._hand_on()
        return self._ending

    async def _hand_on(self) -> None:
        """Hand on what was received, however much it is, without keeping the keys waiting.

        Each part is followed by a pause as long as the part took: half of the time
        belongs to what is typed.
        """
        clock = asyncio.get_running_loop().time
        messages = self._parse()
        is_more = True
        while is_more:
            began, was_logged_in = clock(), self._logged_in.is_set()
            items = tuple(islice(messages, MAX_AT_ONCE))
            self._listener.received(items)
            if self._logged_in.is_set() and not was_logged_in:
                self._listener.logged_in(self._token)
            is_more = len(items) == MAX_AT_ONCE
            await asyncio.sleep(clock() - began)

    async def _watch(self) -> None:
        """Give the log-in its time, then ping; abort the connection if no answer comes."""
        try:
            async with asyncio.timeout(self._timeouts.log_in_within):
                await self._logged_in.wait()
            await asyncio.sleep(self._timeouts.first_ping)
            while True:
                await self._ping()
                await asyncio.sleep(self._timeouts.ping_every)
        except TimeoutError:
            self._aborted = Disconnect("The server stopped responding.")
            self._transport.writer.transport.abort()

    async def _ping(self) -> None:
        clock = asyncio.get_running_loop().time
        sent = clock()
        self._pong.clear()
        self.send(m.Ping(id=m.UNNUMBERED))
        async with asyncio.timeout(self._timeouts.pong_within):
            await self._pong.wait()
        self._listener.latency_measured(clock() - sent)

    async def _close(self) -> None:
        self._transport.writer.close()
        with suppress(OSError):
            await self._transport.writer.wait_closed()

    # --- messages in

    def _parse(self) -> Iterator[Answer | m.Event]:
        """Yield the received items for the listener; handle what concerns the session itself."""
        while self._ending is None:
            try:
                message = self._connection.next_message()
            except RemoteProtocolError as exc:
                self._ending = Disconnect(str(exc))
                return
            if message is None:
                return
            if (item := self._handle(message)) is not None:
                yield item

    def _handle(self, message: m.Message) -> Answer | m.Event | None:
        match message:
            case m.Hello():
                self._greeted(message)
            case m.Bye():
                self._ending = Disconnect(message.reason)
            case m.Error(re=None):
                self._ending = Disconnect(message.message)
            case _ if isinstance(message, m.Reply):
                return self._answered(message)
            case _ if isinstance(message, m.Event):
                return message
        return None

    def _greeted(self, hello: m.Hello) -> None:
        if hello.protocol != PROTOCOL:
            self._ending = Disconnect(
                f"This server uses protocol version {hello.protocol}, this client {PROTOCOL}. "
                "Update the older of the two."
            )
        else:
            self._listener.greeted(hello)
            if not self.send(self._opening):
                self._ending = Disconnect(
                    "The name or the password is too long, or isn't text.", _TOO_LONG
                )

    def _answered(self, reply: m.Reply) -> Answer | None:
        request = self._pending.pop(reply.re, None) if reply.re is not None else None
        if request is None:
            return None
        if not isinstance(reply, (m.Error, request.granted)):
            asked, got = (m.type_of(message) for message in (request, reply))
            self._ending = Disconnect(f"The server replied to {asked} with {got}.")
            return Answer(request, None)
        if isinstance(reply, m.Error):
            reply = lasting(reply, datetime.now(UTC))
        match request:
            case m.Ping():
                self._pong.set()
                return None
            case m.Post():
                self._listener.post_answered(request, reply)
            case m.Login() | m.LoginByKey() | m.Register() | m.RegisterGuest() | m.Resume():
                self._log_in_answered(reply)
            case m.Logout() if isinstance(reply, m.Ok):
                self._ending = Disconnect("You logged out on this device.", logged_out=True)
            case m.DeleteAccount() if isinstance(reply, m.Ok):
                self._ending = Disconnect("Your account was deleted.", logged_out=True)
        return Answer(request, reply)

    def _log_in_answered(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Welcome):
            self._token = reply.token
            self._logged_in.set()
        elif isinstance(reply, m.Error):
            self._ending = Disconnect(reply.message, reply)
