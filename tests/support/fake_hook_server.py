"""The server's side of hooks, as far as the gateway sees it: it grants, refuses, and remembers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK
from chat_shared.proxy_header import FIXED, length_of_rest, read_header

CODE: Final = "a-good-code"
OTHER_CODE: Final = "another-good-code"
_HELLO: Final = m.Hello(
    protocol=1, server="test", version="0", registration="open", max_file=100_000
)


@dataclass
class FakeHookServer:
    """Two hooks, with the codes CODE and OTHER_CODE."""

    posts: list[m.Post] = field(default_factory=list)
    uploads: list[m.Upload] = field(default_factory=list)
    received: dict[int, bytes] = field(default_factory=dict)
    unsent: set[int] = field(default_factory=set)  # uploads that no message has
    addresses: list[str] = field(default_factory=list)
    stalls: str = ""  # a code that is not answered about before `goes_on`
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: list[m.Error] = field(default_factory=list)  # of the next posts and chunks

    pings: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    _asked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_asked(self, times: int) -> None:
        """Wait until so many connections have been opened."""
        async with self._asked:
            await self._asked.wait_for(lambda: len(self.addresses) >= times)

    async def wait_pinged(self, times: int) -> None:
        """Wait until so many pings have arrived."""
        async with self._asked:
            await self._asked.wait_for(lambda: self.pings >= times)

    def disconnect_all(self) -> None:
        for writer in self.writers:
            writer.close()

    def answer(self, request: m.Request) -> m.Reply:
        if isinstance(request, m.Ping):
            self.pings += 1
            return m.Pong(re=request.id)
        return self._reply(request)

    def _reply(self, request: m.Request) -> m.Reply:
        match request:
            case m.OpenHook(code=code) if code in (CODE, OTHER_CODE):
                return m.HookOpened("Kitchen", "builds (hook)", re=request.id)
            case m.Upload():
                number = self._number_of(request)
                return m.UploadState(number, len(self.received[number]), re=request.id)
            case m.SendChunk() | m.Post() if self.refusals:
                return self._refused(request)
            case m.SendChunk(upload=upload, at=at, data=data):
                assert at == len(self.received[upload])
                assert len(data) <= MAX_CHUNK
                self.received[upload] += data
                return m.UploadState(upload, at + len(data), re=request.id)
            case m.CancelUpload(upload=upload) if upload in self.unsent:
                self.unsent.remove(upload)
                return m.Ok(re=request.id)
            case m.Post() if request.nonce in {post.nonce for post in self.posts}:
                return m.Accepted("Kitchen", 1, "", re=request.id)
            case m.Post():
                self.posts.append(request)
                for number in request.files:
                    assert number in self.unsent
                    self.unsent.remove(number)
                    upload_of = self.uploads[number - 1]
                    assert sha256(self.received[number]).hexdigest() == upload_of.sha256
                    assert len(self.received[number]) == upload_of.size
                return m.Accepted("Kitchen", 1, "", re=request.id)
            case _:
                return m.Error(Code.BAD_TOKEN, "There is no such hook.", request.id)

    def _number_of(self, upload: m.Upload) -> int:
        """Return the number of a new upload, or of the same one that no message has yet."""
        for number in self.unsent:
            if replace(self.uploads[number - 1], id=upload.id) == upload:
                return number
        self.uploads.append(upload)
        number = len(self.uploads)
        self.received[number] = b""
        self.unsent.add(number)
        return number

    def _refused(self, request: m.Request) -> m.Error:
        error = self.refusals.pop(0)
        return m.Error(error.code, error.message, request.id, error.retry_after)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol, fixed = Connection(Role.SERVER), await reader.readexactly(FIXED)
        rest = await reader.readexactly(length_of_rest(fixed))
        async with self._asked:
            self.addresses.append(read_header(fixed, rest).address)
            self._asked.notify_all()
        self.writers.add(writer)
        writer.write(protocol.send(_HELLO))
        while data := await reader.read(65_536):
            protocol.receive(data)
            while (request := protocol.next_message()) is not None:
                assert isinstance(request, m.Request)
                if isinstance(request, m.OpenHook) and request.code == self.stalls:
                    await self.goes_on.wait()
                writer.write(protocol.send(self.answer(request)))
                async with self._asked:
                    self._asked.notify_all()
        writer.close()


@asynccontextmanager
async def fake_hook_server(socket: Path) -> AsyncGenerator[FakeHookServer]:
    """Yield a server that listens at `socket`."""
    server = FakeHookServer()
    async with await asyncio.start_unix_server(server.serve, socket):
        yield server
