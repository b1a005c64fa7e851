"""One conversation with the server, from its hello to the end of the line.

Logs in, numbers what is asked and finds what was answered, pings, and notices
a dead line. Does not know how one gets to a server, nor what follows an end.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import Code, LocalProtocolError, RemoteProtocolError
from chat_shared.limits import MAX_ID, PROTOCOL
from chat_tui.net.connect import Transport
from chat_tui.net.disconnect import Disconnect
from chat_tui.net.events import Answer, LogIn
from chat_tui.net.timeouts import Timeouts

_READ_SIZE: Final = 65_536  # bytes: one longest frame at a time
_TOO_LONG: Final = m.Error(Code.TOO_LONG, "")  # what the server would say, had it been sent


class SessionListener(Protocol):
    """Who holds the conversation. None of these may wait."""

    def heard(self, items: tuple[Answer | m.Event, ...]) -> None:
        """Take in what arrived at once; the answers to posts come before, by themselves."""

    def greeted(self, hello: m.Hello) -> None: ...

    def welcomed(self, token: str) -> None:
        """Note that the server let us in; the welcome itself has just been heard."""

    def post_answered(self, post: m.Post, reply: m.Reply) -> None: ...
    def pong_came(self, seconds: float) -> None: ...


class Session:
    """Says `opening` and listens. All methods but `run` return at once."""

    def __init__(
        self, transport: Transport, opening: LogIn, hearer: SessionListener, timeouts: Timeouts
    ) -> None:
        self._transport = transport
        self._opening = opening
        self._hearer = hearer
        self._timeouts = timeouts
        self._connection = Connection(Role.CLIENT)
        self._number = 0
        self._asked: dict[int, m.Request] = {}
        self._ending: Disconnect | None = None  # said by the server
        self._aborted: Disconnect | None = None  # decided here, seen by the reader when it wakes up
        self._logged_in = asyncio.Event()
        self._pong = asyncio.Event()
        self._token = ""

    @property
    def goes_on(self) -> bool:
        """Whether there is a session, and a line to it."""
        return self._ending is None and self._connection.state is State.LOGGED_IN

    async def run(self) -> Disconnect:
        """Talk as long as that goes. Never raises for what a network does."""
        watch = asyncio.create_task(self._watch())
        try:
            return await self._listen()
        finally:
            watch.cancel()
            await self._hang_up()

    def ask(self, request: m.Request) -> bool:
        """Number a request and write it. Says no to one that is too long for a frame.

        Nothing waits for the writer to drain: one message and a few requests
        are all that is ever under way.
        """
        self._number = self._number % MAX_ID + 1
        numbered: m.Request = msgspec.structs.replace(request, id=self._number)
        try:
            frame = self._connection.send(numbered)
        except LocalProtocolError:
            return False
        self._asked[self._number] = request
        self._transport.writer.write(frame)
        return True

    def unanswered(self) -> tuple[Answer, ...]:
        """Return, once, what was asked and never will be answered on this line."""
        asked, self._asked = self._asked, {}
        return tuple(Answer(request, None) for request in asked.values())

    async def _listen(self) -> Disconnect:
        """Take in what the server says until there is nothing more to come."""
        while self._ending is None:
            try:
                data = await self._transport.reader.read(_READ_SIZE)
            except OSError:
                data = b""
            if not data:
                self._ending = self._aborted or Disconnect("The server closed the connection.")
                break
            self._connection.receive(data)
            was_inside = self._logged_in.is_set()
            self._hearer.heard(tuple(self._take_in()))
            if self._logged_in.is_set() and not was_inside:
                self._hearer.welcomed(self._token)
        return self._ending

    async def _watch(self) -> None:
        """Log in within a time, then ping, and cut the line where no answer comes."""
        try:
            async with asyncio.timeout(self._timeouts.log_in_within):
                await self._logged_in.wait()
            await asyncio.sleep(self._timeouts.first_ping)
            while True:
                await self._ping()
                await asyncio.sleep(self._timeouts.ping_every)
        except TimeoutError:
            self._aborted = Disconnect("The server does not answer.")
            self._transport.writer.transport.abort()

    async def _ping(self) -> None:
        clock = asyncio.get_running_loop().time
        sent = clock()
        self._pong.clear()
        self.ask(m.Ping(id=m.UNNUMBERED))
        async with asyncio.timeout(self._timeouts.pong_within):
            await self._pong.wait()
        self._hearer.pong_came(clock() - sent)

    async def _hang_up(self) -> None:
        self._transport.writer.close()
        with suppress(OSError):
            await self._transport.writer.wait_closed()

    # --- messages in

    def _take_in(self) -> Iterator[Answer | m.Event]:
        """Yield what the received bytes said, and do what concerns the conversation itself."""
        while self._ending is None:
            try:
                message = self._connection.next_message()
            except RemoteProtocolError as exc:
                self._ending = Disconnect(str(exc))
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
                self._ending = Disconnect(message.reason)
                return message
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
                f"This server speaks version {hello.protocol} of the protocol."
            )
        else:
            self._hearer.greeted(hello)
            if not self.ask(self._opening):
                self._ending = Disconnect("That is longer than any name and password.", _TOO_LONG)

    def _answered(self, reply: m.Reply) -> Answer | None:
        request = self._asked.pop(reply.re, None) if reply.re is not None else None
        if request is None:
            return None
        match request:
            case m.Ping():
                self._pong.set()
                return None
            case m.Post():
                self._hearer.post_answered(request, reply)
            case m.Login() | m.Register() | m.Resume():
                self._log_in_answered(reply)
            case m.Logout() if isinstance(reply, m.Ok):
                self._ending = Disconnect("You are logged out on this device.", is_over=True)
            case m.DeleteAccount() if isinstance(reply, m.Ok):
                self._ending = Disconnect("The account is deleted.", is_over=True)
        return Answer(request, reply)

    def _log_in_answered(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Welcome):
            self._token = reply.token
            self._logged_in.set()
        elif isinstance(reply, m.Error):
            self._ending = Disconnect(reply.message, reply)
