"""Bad input at the door: that session is told and ended, and nobody else notices anything."""

from collections.abc import AsyncGenerator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME
from support.peer import Left, Peer, connected
from support.running_server import RunningServer

Lines = list[MutableMapping[str, Any]]

_FOLDER = Path(__file__).parents[2] / "shared" / "hostile"
_BAD = sorted((_FOLDER / "bad_frame").iterdir())
_REFUSED = sorted((_FOLDER / "refused").iterdir())

_ENDED = {"event": "session ended", "log_level": "info", "account": "Ada"}


@dataclass
class Scene:
    """Ada, who will misbehave, and Ben, who is not to notice."""

    server: RunningServer
    ada: Peer
    ben: Peer

    async def see_ada_go(self) -> None:
        while len(self.server.services.registry) > 1:
            await trio.lowlevel.checkpoint()
        await wait_all_tasks_blocked()


@pytest.fixture(params=["memory", "socket"])
async def scene(server: RunningServer, request: pytest.FixtureRequest) -> AsyncGenerator[Scene]:
    if request.param == "memory":
        ada = await server.connect()
    else:
        ada = await connected(await server.listen())
    await ada.resume(await server.token("Ada"))
    yield Scene(server, ada, await server.log_in("Ben"))
    await ada.aclose()


def _read(file: Path) -> bytes:
    return file.read_bytes()


def test_the_files_are_there() -> None:
    assert len(_BAD) > 30
    assert len(_REFUSED) > 20


@pytest.mark.parametrize("file", _BAD, ids=lambda file: file.name)
async def test_what_is_no_frame_ends_the_session_that_sent_it(
    scene: Scene, logged: Lines, file: Path
) -> None:
    data = _read(file)
    with suppress(Left):
        await scene.ada.send_bytes(data)
    heard = await scene.ada.receive_all()
    await scene.see_ada_go()

    # A system that closes with bytes unread may take back what it was about to deliver.
    if heard or len(data) <= MAX_FRAME:
        error, bye = heard
        assert isinstance(error, m.Error)
        assert (error.code, error.re) == (Code.BAD_REQUEST, None)
        assert isinstance(bye, m.Bye)
    assert logged == [{**_ENDED, "reason": "that was not the chat protocol"}]
    await scene.ben.expect_nothing_more()


@pytest.mark.parametrize("file", _REFUSED, ids=lambda file: file.name)
async def test_what_is_no_request_is_refused_and_the_session_goes_on(
    scene: Scene, logged: Lines, file: Path
) -> None:
    await scene.ada.send_bytes(_read(file))
    error = await scene.ada.receive()

    assert isinstance(error, m.Error)
    assert error.code == Code.BAD_REQUEST
    assert logged == []
    await scene.ada.expect_nothing_more()
    await scene.ben.expect_nothing_more()


@pytest.mark.parametrize("file", [*_BAD, *_REFUSED], ids=lambda file: file.name)
async def test_before_logging_in_it_is_the_same(
    server: RunningServer, logged: Lines, file: Path
) -> None:
    stranger = await server.connect()
    await stranger.send_bytes(_read(file))
    error = await stranger.receive()

    assert isinstance(error, m.Error)
    assert error.code == Code.BAD_REQUEST
    if file in _REFUSED:
        await stranger.expect_nothing_more()
        assert logged == []
    else:
        assert isinstance((await stranger.receive_all())[-1], m.Bye)
        await wait_all_tasks_blocked()
        assert [line["account"] for line in logged] == [None]


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"type":"post","id":1,"room":"gen', b"x" * 60_000, b"\xff\xfe"]
)
async def test_half_a_line_and_then_the_end_is_somebody_leaving(
    scene: Scene, logged: Lines, data: bytes
) -> None:
    await scene.ada.send_bytes(data)
    stream = scene.ada.stream
    assert isinstance(stream, trio.abc.HalfCloseableStream)
    await stream.send_eof()
    await scene.see_ada_go()

    assert logged == [{**_ENDED, "reason": "the client left"}]
    await scene.ben.expect_nothing_more()


async def test_requests_in_front_of_garbage_are_granted(scene: Scene) -> None:
    await scene.ada.send_bytes(m.encode(scene.ada.draft("first")) + b"garbage\n" * 1_000)
    await scene.see_ada_go()

    assert [event.text for event in await scene.ben.expect_posted(1)] == ["first"]


async def test_requests_behind_garbage_are_not_heard(scene: Scene) -> None:
    await scene.ada.send_bytes(b"garbage\n" + m.encode(scene.ada.draft("too late")))
    await scene.see_ada_go()

    await scene.ben.expect_nothing_more()


async def test_a_flood_of_refused_requests_leaves_room_for_others(scene: Scene) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scene.ada.send_bytes, b"{}\n" * 20_000)
        for number in range(5):
            await scene.ben.post(str(number))
            await scene.ben.expect_posted(1)
        nursery.cancel_scope.cancel()


async def test_a_stranger_that_vanishes_before_hello_is_one_line_and_nobody(
    server: RunningServer, logged: Lines
) -> None:
    stream = server.open_stream()
    await stream.aclose()
    await wait_all_tasks_blocked()

    assert [line["event"] for line in logged] == ["session ended"]
    assert len(server.services.registry) == 0
