"""A client that knows nothing of files goes on working: it skips what it does not know.

Its messages are written down here as they were before there were files.
"""

from typing import Union

import msgspec
import trio
from msgspec import Struct
from trio.testing import memory_stream_pair

from chat_shared import messages as m
from support.file_transfers import post, upload
from support.peer import Peer
from support.running_server import RunningServer


class _Old(Struct, tag_field="type", tag=str.lower, kw_only=True):
    pass


class Hello(_Old):
    protocol: int
    server: str
    version: str
    registration: str
    nodes: tuple[str, ...] = ()


class Welcome(_Old):
    re: int
    account: str
    token: str
    rooms: list[object]


class Posted(_Old):
    room: str
    seq: int
    author: str
    text: str
    at: str
    nonce: str = ""
    reply: int = 0
    mentions: list[str] | None = None
    guest: bool = False


class Accepted(_Old):
    re: int
    room: str
    seq: int
    at: str


class Line(Struct):
    seq: int
    author: str
    text: str
    at: str


class Page(_Old):
    re: int
    room: str
    messages: list[Line]
    more: bool


_decode = msgspec.json.Decoder(Union[Hello, Welcome, Posted, Accepted, Page]).decode  # noqa: UP007


class _OldClient:
    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._data = b""

    async def send(self, **fields: object) -> None:
        await self._stream.send_all(msgspec.json.encode(fields) + b"\n")

    async def receive(self) -> object:
        while b"\n" not in self._data:
            self._data += bytes(await self._stream.receive_some())
        line, _, self._data = self._data.partition(b"\n")
        return _decode(line)


async def test_it_reads_messages_with_files_and_posts_its_own(
    server: RunningServer, ada: Peer
) -> None:
    files = [await upload(ada, bytes([number]), name=f"{number}.png") for number in range(2)]
    await post(ada, files[0], text="A picture")
    client = _OldClient(server.open_stream(memory_stream_pair))
    assert isinstance(await client.receive(), Hello)
    await client.send(type="resume", id=1, token=await server.token("Ben"), seen={"general": 0})
    assert isinstance(await client.receive(), Welcome)

    missed = await client.receive()
    assert isinstance(missed, Posted)
    assert missed.text == "A picture"
    await post(ada, files[1])
    live = await client.receive()
    assert isinstance(live, Posted)
    assert (live.seq, live.text) == (2, "")

    await client.send(type="post", id=2, room="general", text="I see no picture", nonce="n1")
    answers = [await client.receive(), await client.receive()]
    assert {type(answer) for answer in answers} == {Accepted, Posted}
    await client.send(type="history", id=3, room="general")
    page = await client.receive()
    assert isinstance(page, Page)
    assert [line.text for line in page.messages] == ["A picture", "", "I see no picture"]
    assert (await ada.grant(m.Ping(id=1), m.Pong)).re == 1
