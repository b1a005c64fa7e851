"""The other end of a session: a minimal client for tests of the protocol.

Everything it receives goes through `chat_shared.connection`, so a server that sends
something at the wrong time fails the test.
"""

from collections import deque
from collections.abc import Mapping
from itertools import count
from typing import Any, Final, TypeVar, cast

import trio

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.errors import Code
from chat_shared.limits import GENERAL

Received = TypeVar("Received", bound=m.Message)

PASSWORD: Final = "correct horse battery"

_READ: Final = 64 * 1024

# All of a process: two peers of one account must not use one nonce for two messages.
_peers: Final = count()


class Left(Exception):
    """The server closed the connection before it sent what the test waits for."""


class Peer:
    """A minimal client. Messages received while it waits for another one are in `unread`."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.unread: deque[m.Message] = deque()
        self.token = ""
        self._connection = Connection(Role.CLIENT)
        self._peer = next(_peers)
        self._numbers = count(1_000)  # lower ones are for tests that choose their own

    # --- sending

    def number(self) -> int:
        """Return an unused request number."""
        return next(self._numbers)

    async def send(self, *requests: m.Request) -> None:
        """Send `requests` in one write, legal now or not. Raises Left."""
        await self.send_bytes(m.encode_all(requests))

    async def send_bytes(self, data: bytes) -> None:
        """Send `data` unchanged. Raises Left."""
        try:
            await self.stream.send_all(data)
        except trio.BrokenResourceError:
            raise Left from None

    async def aclose(self) -> None:
        await self.stream.aclose()

    # --- receiving

    async def receive(self) -> m.Message:
        """Return the next message, those in `unread` first. Raises Left."""
        return self.unread.popleft() if self.unread else await self._receive()

    async def expect(self, kind: type[Received]) -> Received:
        """Return the next message of `kind`; the others stay in `unread`. Raises Left."""
        for at, message in enumerate(self.unread):
            if isinstance(message, kind):
                del self.unread[at]
                return message
        while not isinstance(message := await self._receive(), kind):
            self.unread.append(message)
        return message

    async def expect_posted(self, number: int) -> list[m.Posted]:
        """Return the next `number` messages of any room."""
        return [await self.expect(m.Posted) for _ in range(number)]

    async def receive_all(self) -> list[m.Message]:
        """Return everything up to the end of the connection."""
        received = []
        try:
            while True:
                received.append(await self.receive())
        except Left:
            return received

    async def expect_nothing_more(self) -> None:
        """Fail if anything arrives before the reply to a ping, or is in `unread`."""
        await self.grant(m.Ping(id=self.number()), m.Pong)
        assert not self.unread

    async def _receive(self) -> m.Message:
        while (message := self._connection.next_message()) is None:
            try:
                data = await self.stream.receive_some(_READ)
            except trio.BrokenResourceError:
                data = b""
            if not data:
                raise Left
            self._connection.receive(bytes(data))
        return message

    # --- requests

    async def ask(self, request: m.Request) -> m.Reply:
        """Send `request` and return its reply; what arrives before it stays in `unread`."""
        await self.send(request)
        return await self.reply_to(request.id)

    async def reply_to(self, number: int) -> m.Reply:
        """Return the reply to request `number`."""
        for at, message in enumerate(self.unread):
            if getattr(message, "re", None) == number:
                del self.unread[at]
                return cast("m.Reply", message)  # nothing else has `re`
        while getattr(message := await self._receive(), "re", None) != number:
            self.unread.append(message)
        return cast("m.Reply", message)

    async def grant(self, request: m.Request, kind: type[Received]) -> Received:
        """Send `request` and return its reply, which must be of `kind`."""
        reply = await self.ask(request)
        assert isinstance(reply, kind), reply
        return reply

    async def ok(self, request: m.Request) -> None:
        """Send `request`, which must be granted with an `ok`."""
        await self.grant(request, m.Ok)

    async def refusal(self, request: m.Request) -> m.Error:
        """Send `request` and return its reply, which must be an error."""
        return await self.grant(request, m.Error)

    async def code(self, request: m.Request) -> Code:
        """Send `request` and return the code of the error that it is answered with."""
        return Code((await self.refusal(request)).code)

    async def register(self, name: str, password: str = PASSWORD) -> m.Welcome:
        return self._welcomed(
            await self.grant(m.Register(name, password, id=self.number()), m.Welcome)
        )

    async def log_in(self, name: str, password: str = PASSWORD) -> m.Welcome:
        return self._welcomed(
            await self.grant(m.Login(name, password, id=self.number()), m.Welcome)
        )

    async def resume(
        self,
        token: str,
        seen: Mapping[str, int] | None = None,
        at: Mapping[str, str] | None = None,
    ) -> m.Welcome:
        request = m.Resume(token, dict(seen or {}), at=dict(at or {}), id=self.number())
        return self._welcomed(await self.grant(request, m.Welcome))

    def _welcomed(self, welcome: m.Welcome) -> m.Welcome:
        self.token = welcome.token
        return welcome

    def draft(self, text: str, room: str = GENERAL, nonce: str = "") -> m.Post:
        """Return a post, with a new nonce unless it is given one."""
        number = self.number()
        return m.Post(room, text, nonce or f"peer{self._peer}-{number}", id=number)

    async def post(self, text: str, room: str = GENERAL, nonce: str = "") -> m.Accepted:
        return await self.grant(self.draft(text, room, nonce), m.Accepted)

    async def edit(self, of: int, text: str, room: str = GENERAL, nonce: str = "") -> m.Accepted:
        number = self.number()
        return await self.grant(
            m.Edit(room, of, text, nonce or f"edit-{number}", id=number), m.Accepted
        )

    async def delete(self, of: int, room: str = GENERAL, nonce: str = "") -> m.Accepted:
        number = self.number()
        return await self.grant(
            m.Delete(room, of, nonce or f"delete-{number}", id=number), m.Accepted
        )

    async def react(
        self, of: int, emoji: str, room: str = GENERAL, *, off: bool = False
    ) -> m.Accepted:
        number = self.number()
        return await self.grant(
            m.React(room, of, emoji, f"react-{number}", off, id=number), m.Accepted
        )

    async def look_up(self, *seqs: int, room: str = GENERAL) -> list[m.Line]:
        reply = await self.grant(m.LookUp(room, list(seqs), id=self.number()), m.Lines)
        return reply.messages

    async def create(self, room: str) -> str:
        """Create `room` and return its password."""
        return (await self.grant(m.Create(room, id=self.number()), m.Created)).password

    async def join(self, room: str, password: str = "") -> m.Joined:
        return await self.grant(m.Join(room, password, id=self.number()), m.Joined)

    async def exit(self, room: str) -> m.Ok:
        return await self.grant(m.Exit(room, id=self.number()), m.Ok)

    async def history(self, room: str = GENERAL, **which: Any) -> m.Page:
        return await self.grant(m.History(room, id=self.number(), **which), m.Page)

    async def ping(self) -> None:
        await self.grant(m.Ping(id=self.number()), m.Pong)


async def greeted(stream: trio.abc.Stream) -> Peer:
    """Return a peer at the other end of `stream` that has received hello."""
    peer = Peer(stream)
    try:
        await peer.expect(m.Hello)
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return peer


async def connected(address: str) -> Peer:
    """Return a peer connected to `address`, written as the server's ready line writes it."""
    scheme, _, rest = address.partition("://")
    if scheme == "unix":
        return await greeted(await trio.open_unix_socket(rest))
    host, _, port = rest.rpartition(":")
    return await greeted(await trio.open_tcp_stream(host.strip("[]"), int(port)))
