"""Bad input ends or is refused in the session that sent it, and affects no other."""

from collections import Counter
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.config import Config
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME
from support.inline_storage import InlineStorage
from support.peer import Left, Peer, connected
from support.running_server import RunningServer, running_server
from support.streams import lockstep_pair
from support.turns import other_turns

Lines = list[MutableMapping[str, Any]]

_FOLDER = Path(__file__).parents[2] / "shared" / "hostile"
_BAD = sorted((_FOLDER / "bad_frame").iterdir())
_REFUSED = sorted((_FOLDER / "refused").iterdir())

_ENDED = {"event": "session closed", "log_level": "info", "account": "Ada"}


@dataclass
class Scene:
    """Ada, who sends bad input, and Ben, who must not be affected."""

    server: RunningServer
    ada: Peer
    ben: Peer

    async def wait_ada_gone(self) -> None:
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
async def test_an_invalid_frame_ends_the_session_that_sent_it(
    scene: Scene, logged: Lines, file: Path
) -> None:
    data = _read(file)
    with suppress(Left):
        await scene.ada.send_bytes(data)
    received = await scene.ada.receive_all()
    await scene.wait_ada_gone()

    # A system that closes with unread bytes may discard what it was about to deliver.
    if received or len(data) <= MAX_FRAME:
        error, bye = received
        assert isinstance(error, m.Error)
        assert (error.code, error.re) == (Code.BAD_REQUEST, None)
        assert isinstance(bye, m.Bye)
    assert logged == [{**_ENDED, "reason": "protocol error"}]
    await scene.ben.expect_nothing_more()


@pytest.mark.parametrize("file", _REFUSED, ids=lambda file: file.name)
async def test_an_invalid_request_is_refused_and_the_session_continues(
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
async def test_bad_input_before_log_in_is_handled_the_same(
    server: RunningServer, logged: Lines, file: Path
) -> None:
    client = await server.connect()
    await client.send_bytes(_read(file))
    error = await client.receive()

    assert isinstance(error, m.Error)
    assert error.code == Code.BAD_REQUEST
    if file in _REFUSED:
        await client.expect_nothing_more()
        assert logged == []
    else:
        assert isinstance((await client.receive_all())[-1], m.Bye)
        await wait_all_tasks_blocked()
        assert [line["account"] for line in logged] == [None]


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"type":"post","id":1,"room":"gen', b"x" * 60_000, b"\xff\xfe"]
)
async def test_a_close_in_the_middle_of_a_frame_is_a_disconnect(
    scene: Scene, logged: Lines, data: bytes
) -> None:
    await scene.ada.send_bytes(data)
    stream = scene.ada.stream
    assert isinstance(stream, trio.abc.HalfCloseableStream)
    await stream.send_eof()
    await scene.wait_ada_gone()

    assert logged == [{**_ENDED, "reason": "client disconnected"}]
    await scene.ben.expect_nothing_more()


async def test_requests_before_garbage_are_answered(scene: Scene) -> None:
    await scene.ada.send_bytes(m.encode(scene.ada.draft("first")) + b"garbage\n" * 1_000)
    await scene.wait_ada_gone()

    assert [event.text for event in await scene.ben.expect_posted(1)] == ["first"]


async def test_requests_after_garbage_are_ignored(scene: Scene) -> None:
    await scene.ada.send_bytes(b"garbage\n" + m.encode(scene.ada.draft("ignored")))
    await scene.wait_ada_gone()

    await scene.ben.expect_nothing_more()


async def test_a_flood_of_refused_requests_does_not_starve_other_sessions(scene: Scene) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scene.ada.send_bytes, b"{}\n" * 20_000)
        for number in range(5):
            await scene.ben.post(str(number))
            await scene.ben.expect_posted(1)
        nursery.cancel_scope.cancel()


async def test_a_connection_lost_before_hello_leaves_one_log_line_and_no_session(
    server: RunningServer, logged: Lines
) -> None:
    stream = server.open_stream()
    await stream.aclose()
    await wait_all_tasks_blocked()

    assert [line["event"] for line in logged] == ["session closed"]
    assert len(server.services.registry) == 0


# --- in quantity


@pytest.fixture
async def strict_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A server with its default limits."""
    async with running_server(storage, Config()) as server:
        yield server


_CHEAP = [b"{}\n", b'{"type":"post","id":1}\n', b'{"type":"members","id":1,"room":"general"}\n']


@pytest.mark.parametrize("frame", _CHEAP)
async def test_refused_frames_are_charged_and_endless_ones_end_the_session(
    strict_server: RunningServer, logged: Lines, autojump_clock: MockClock, frame: bytes
) -> None:
    client = await strict_server.connect()
    start = trio.current_time()
    await client.send_bytes(frame * 10_000)
    *errors, bye = await client.receive_all()

    assert bye == m.Bye("you kept sending too fast")
    assert 100 + 101 <= len(errors) < 600
    seconds = trio.current_time() - start
    assert seconds > 5
    assert len(errors) < 100 + 101 + 20 * seconds
    assert [line["reason"] for line in logged] == ["you kept sending too fast"]


async def test_too_fast_a_session_is_not_read_until_it_may_send(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    client = await strict_server.connect(lockstep_pair)
    for _ in range(100):
        await client.ping()
    assert await client.code(m.Ping(id=1)) is Code.TOO_FAST
    start = trio.current_time()
    await client.ping()  # what a lockstep stream sends waits for the reader

    assert 0.04 < trio.current_time() - start < 0.06


async def test_twenty_sessions_of_an_account_are_refused_no_more_often_than_they_may_send(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    answers: Counter[type[m.Message]] = Counter()

    async def flood(peer: Peer) -> None:
        await peer.send(*(m.Ping(id=number) for number in range(1, 31)))
        answers.update([type(await peer.reply_to(number)) for number in range(1, 31)])

    peers = [await strict_server.log_in("Ada") for _ in range(20)]
    start = trio.current_time()
    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(flood, peer)

    allowed = 20 * (trio.current_time() - start)
    assert answers[m.Pong] == pytest.approx(80 + allowed, abs=1)  # 20 of 100 were the log-ins
    assert answers[m.Error] == pytest.approx(allowed, abs=1)


async def test_a_session_that_waits_is_served_before_those_that_come_later(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, *others = [await strict_server.log_in("Ada") for _ in range(19)]
    for _ in range(81):
        await ada.ping()
    start = trio.current_time()
    refusals = [await peer.refusal(m.Ping(id=1)) for peer in [*others, ada]]
    waits = [refusal.retry_after for refusal in refusals]
    assert waits == pytest.approx([number / 20 for number in range(1, 20)], abs=0.002)

    await ada.send(m.Ping(id=2))
    phone = await strict_server.log_in("Ada")

    assert await phone.code(m.Ping(id=1)) is Code.TOO_FAST
    assert isinstance(await ada.reply_to(2), m.Pong)
    assert trio.current_time() - start == pytest.approx(19 / 20, abs=0.01)


async def test_others_have_their_turns_while_many_frames_of_one_are_answered(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    async with other_turns() as turns:
        await ada.send(*(m.Ping(id=1) for _ in range(399)), m.Ping(id=2))
        await ada.reply_to(2)
        assert turns() >= 400 / 16
