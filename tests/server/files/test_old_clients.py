"""A client that knows nothing of files goes on working: it skips what it does not know.

Its messages are written down here as they were before there were files.
"""

from pathlib import Path
from typing import TypeAlias, Union

import msgspec
import trio
from msgspec import Struct
from trio.testing import memory_stream_pair

from chat_shared import messages as m
from support.file_transfers import post, upload
from support.peer import Peer
from support.running_server import RunningServer
from support.searching import indexed


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


class Edited(_Old):
    room: str
    seq: int
    author: str
    at: str
    of: int
    text: str
    nonce: str = ""


class Deleted(_Old):
    room: str
    seq: int
    author: str
    at: str
    of: int
    nonce: str = ""


class Hit(Struct):
    id: int
    room: str
    seq: int
    author: str
    text: str
    at: str
    marks: list[tuple[int, int]] = []


class Found(_Old):
    re: int
    hits: list[Hit]
    more: bool


_Message: TypeAlias = Union[  # noqa: UP007 - as msgspec needs it
    Hello, Welcome, Posted, Accepted, Page, Edited, Deleted, Found
]
_decode = msgspec.json.Decoder(_Message).decode


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


async def _resumed(server: RunningServer, seq: int) -> _OldClient:
    """Return Ben's old client, who has read general up to `seq`."""
    client = _OldClient(server.open_stream(memory_stream_pair))
    assert isinstance(await client.receive(), Hello)
    token = await server.token("Ben")
    await client.send(type="resume", id=1, token=token, seen={"general": seq})
    assert isinstance(await client.receive(), Welcome)
    return client


async def test_it_reads_messages_with_files_and_posts_its_own(
    server: RunningServer, ada: Peer
) -> None:
    files = [await upload(ada, bytes([number]), name=f"{number}.png") for number in range(2)]
    await post(ada, files[0], text="A picture")
    client = await _resumed(server, 0)

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


async def test_it_sees_edits_and_deletions_of_messages_with_files_live_and_later(
    server: RunningServer, ada: Peer
) -> None:
    captions = [await post(ada, await upload(ada, bytes([n])), text="A cat") for n in range(2)]
    client = await _resumed(server, 2)

    await ada.edit(captions[0].seq, "A dog")
    edited = await client.receive()
    assert isinstance(edited, Edited)
    assert (edited.of, edited.text) == (1, "A dog")
    await ada.delete(captions[1].seq)
    deleted = await client.receive()
    assert isinstance(deleted, Deleted)
    assert deleted.of == 2

    later = await _resumed(server, 2)
    assert [type(await later.receive()) for _ in range(2)] == [Edited, Deleted]
    await later.send(type="history", id=3, room="general")
    page = await later.receive()
    assert isinstance(page, Page)
    assert [line.text for line in page.messages[:2]] == ["A dog", ""]  # the rest are the changes


async def test_it_finds_messages_by_their_words_and_by_the_names_of_files_that_it_does_not_know(
    server: RunningServer, ada: Peer, tmp_path: Path
) -> None:
    file = await upload(ada, b"x", name="recipe.txt")
    async with indexed(server, tmp_path):
        await post(ada, file, text="Tomato soup")
        await server.services.search.catch_up()
        client = await _resumed(server, 1)
        for id, words in enumerate(("soup", "recipe"), start=2):
            await client.send(type="search", id=id, words=words)
            found = await client.receive()
            assert isinstance(found, Found)
            assert [hit.text for hit in found.hits] == ["Tomato soup"]
        await client.send(type="search", id=4, words="bread")
        assert await client.receive() == Found(re=4, hits=[], more=False)
