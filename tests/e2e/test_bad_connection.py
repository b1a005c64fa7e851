"""Every message arrives exactly once and in order, however bad the connection is.

A real chat-server, a real client, and between them a proxy that cuts at every
byte of a post and of its answer, stalls, and trickles. Also a client that is
killed with unsent messages.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.app import ChatApp
from chat_tui.model.address import Address, Invitation
from chat_tui.model.outbox import Outbox, Status
from chat_tui.model.resuming import NOTHING, Known
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    ConnectionLost,
    LoggedIn,
    LogInFailed,
    Received,
)
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.proxy import Proxy, Way, proxy
from support.tui_pilot import until, until_seen
from support.tui_real_server import RealServer, real_server
from support.tui_talker import PASSWORD, Talker, talkers

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(180)]

# Reconnects at once after a cut, and sends no ping among the counted bytes.
FAST = Timeouts(first_pause=0.001, longest_pause=0.002, first_ping=60, post_again=0.01)
# Gives up a stalled connection quickly.
FAST_TO_GIVE_UP = Timeouts(
    first_pause=0.001, longest_pause=0.002, first_ping=0.01, ping_every=0.01, pong_within=0.2
)
_TIMEOUT = 60  # seconds: a busy machine


@dataclass
class Writer:
    """A user on a bad connection, and everything their client received."""

    outbox: Outbox = field(default_factory=Outbox)
    seen: dict[str, Known] = field(default_factory=lambda: {"general": NOTHING})
    events: list[ClientEvent] = field(default_factory=list)
    posted: list[m.Posted] = field(default_factory=list)

    def receive(self, message: ClientEvent) -> None:
        self.events.append(message)
        items = message.items if isinstance(message, Received) else ()
        for item in items:
            if isinstance(item, m.Posted):
                self.posted.append(item)
                self.seen["general"] = Known(item.seq, item.at)

    def count(self, kind: type[object]) -> int:
        return sum(isinstance(message, kind) for message in self.events)

    def texts(self) -> list[str]:
        return [event.text for event in self.posted]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(_TIMEOUT):
            while not condition():  # noqa: ASYNC110 - nothing sets an event
                await asyncio.sleep(0.001)


@asynccontextmanager
async def writing(
    address: Address, timeouts: Timeouts, fingerprint: str
) -> AsyncGenerator[tuple[Writer, Client]]:
    """Register ada at `address` and keep her connected."""
    writer = Writer()
    client = Client(writer.receive, writer.outbox, lambda: writer.seen, timeouts)
    register = m.Register(id=1, name="ada", password=PASSWORD)
    task = asyncio.create_task(client.run(address, register, fingerprint))
    await writer.until(lambda: writer.count(LoggedIn) or writer.count(LogInFailed))
    try:
        yield writer, client
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def bad_connection(
    data: Path, timeouts: Timeouts, scheme: str = "tcp"
) -> AsyncGenerator[tuple[Proxy, Writer, Client, Talker]]:
    """A server, linus on a good connection, and ada on a bad one."""
    async with (
        real_server(data, scheme=scheme) as server,
        talkers(server.address, "linus", fingerprint=server.fingerprint) as (linus,),
        proxy(server.address) as between,
        writing(between.address, timeouts, server.fingerprint) as (writer, client),
    ):
        yield between, writer, client, linus


def texts_seen_by(linus: Talker) -> list[str]:
    return [event.text for event in linus.received]


async def send(writer: Writer, client: Client, text: str) -> None:
    """Send `text`, then wait until it is accepted and received on the same connection."""
    unsent = writer.outbox.add("general", text)
    client.flush()
    await writer.until(lambda: unsent.status is Status.ACCEPTED and text in writer.texts())


@pytest.mark.parametrize(("scheme", "step"), [("tcp", 1), ("tls", 7)])
@pytest.mark.parametrize("way", [Way.UP, Way.DOWN])
async def test_a_cut_at_any_byte_loses_and_duplicates_nothing(
    tmp_path: Path, way: Way, scheme: str, step: int
) -> None:
    """Every byte without TLS; every seventh with TLS, where a record arrives whole or not."""
    async with bad_connection(tmp_path, FAST, scheme) as (between, writer, client, linus):
        expected: list[str] = []
        at = 0
        while between.cuts == len(expected):
            await writer.until(lambda: client.online and writer.count(LoggedIn) > between.cuts)
            between.cut_after(way, at)
            expected.append(f"cut at {at}")
            await send(writer, client, expected[-1])
            at += step
        between.spare()
        await linus.until(lambda: len(linus.received) >= len(expected))

        # A post and its answer take at least this many bytes; fewer would test nothing.
        assert between.cuts * step > 100
        assert texts_seen_by(linus) == expected
        assert writer.texts() == expected
        assert [event.seq for event in linus.received] == [*range(1, len(expected) + 1)]


@pytest.mark.parametrize("way", [Way.UP, Way.DOWN])
async def test_many_messages_over_a_connection_that_is_cut_repeatedly(
    tmp_path: Path, way: Way
) -> None:
    async with bad_connection(tmp_path, FAST) as (between, writer, client, linus):
        expected = [f"message {n}" for n in range(60)]
        for text in expected:
            writer.outbox.add("general", text)
        client.flush()

        def done() -> bool:
            return writer.texts() == expected

        for at in range(0, 4_000, 250):
            cuts = between.cuts
            between.cut_after(way, at)
            await writer.until(partial(lambda n: between.cuts > n or done(), cuts))
        between.spare()
        await linus.until(lambda: len(linus.received) >= len(expected))
        await writer.until(lambda: not writer.outbox.count(Status.QUEUED, Status.SENDING))

        assert between.cuts > 3
        assert texts_seen_by(linus) == expected
        assert writer.texts() == expected


@pytest.mark.parametrize("way", [Way.UP, Way.DOWN])
async def test_a_stalled_connection_is_given_up_and_the_message_sent_once(
    tmp_path: Path, way: Way
) -> None:
    async with bad_connection(tmp_path, FAST_TO_GIVE_UP) as (between, writer, client, linus):
        between.stall(way)
        unsent = writer.outbox.add("general", "is anybody there?")
        client.flush()
        await writer.until(lambda: writer.count(ConnectionLost))
        between.flow(way)
        await writer.until(lambda: unsent.status is Status.ACCEPTED)
        await linus.until(lambda: linus.received)
        await send(writer, client, "there you are")
        await linus.until(lambda: len(linus.received) > 1)

        assert texts_seen_by(linus) == ["is anybody there?", "there you are"]
        assert writer.texts() == texts_seen_by(linus)


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
async def test_a_connection_that_delivers_byte_by_byte_works(tmp_path: Path, scheme: str) -> None:
    async with bad_connection(tmp_path, FAST, scheme) as (between, writer, client, linus):
        between.trickles = True
        expected = [f"drop {n} 🍲" for n in range(10)]
        for text in expected:
            await send(writer, client, text)
        await linus.until(lambda: len(linus.received) >= len(expected))

        assert texts_seen_by(linus) == expected
        assert writer.count(ConnectionLost) == 0


# --- the client is killed

_CLIENT = """
import asyncio, sys
from pathlib import Path
from chat_shared import messages as m
from chat_tui.model.address import Address
from chat_tui.net.client import Client
from chat_tui.net.events import LoggedIn
from chat_tui.model.outbox import Outbox
from chat_tui.storage.paths import Paths

async def main(port, key, folder, password):
    online, outbox = asyncio.Event(), Outbox()
    def receive(message):
        if isinstance(message, LoggedIn):
            online.set()
    client = Client(receive, outbox, dict)
    register = m.Register(id=1, name="ada", password=password)
    task = asyncio.create_task(client.run(Address("127.0.0.1", int(port), plain=True), register))
    await online.wait()
    file = Paths(Path(folder)).outbox(key, "ada")
    outbox.keep_in(file, file.take_over())
    print("online", flush=True)
    sys.stdin.readline()
    for n in range(5):
        outbox.add("general", f"before the crash {n}")
    client.flush()
    print("typed", flush=True)
    await task

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def killed_client(
    between: Proxy, server: RealServer, folder: Path
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A client that sends five messages on request and is killed at the end."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CLIENT,
        str(between.address.port), server.address.key, str(folder), PASSWORD,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert client.stdout is not None
    try:
        assert await client.stdout.readline() == b"online\n"
        yield client
    finally:
        os.kill(client.pid, signal.SIGKILL)
        await client.communicate()


@pytest.mark.parametrize("way", [Way.UP, Way.DOWN])
async def test_unsent_messages_of_a_killed_client_are_sent_once_at_the_next_log_in(
    tmp_path: Path, way: Way
) -> None:
    """Up: the server has no message. Down: it has the first, and the client does not know."""
    folder = tmp_path / "state"
    async with (
        real_server(tmp_path / "data") as server,
        talkers(server.address, "linus") as (linus,),
        proxy(server.address) as between,
    ):
        async with killed_client(between, server, folder) as client:
            between.stall(way)
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write(b"now\n")
            assert await client.stdout.readline() == b"typed\n"
            if way is Way.DOWN:
                await linus.until(lambda: linus.received)
        app = ChatApp(
            Settings(str(server.address), "ada"),
            invitation=Invitation(server.address),
            folder=Paths(folder),
        )
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await until_seen(pilot, "Password")
            await pilot.press(*"correct", "space", *"horse", "enter")
            await until_seen(pilot, "before the crash 4")
            await pilot.press(*"after", "enter")
            await until(pilot, lambda: texts_seen_by(linus)[-1:] == ["after"])

        assert texts_seen_by(linus) == [*(f"before the crash {n}" for n in range(5)), "after"]
        assert not [path for path in folder.rglob("*") if path.is_file()]


async def test_a_request_cut_halfway_is_answered_with_nothing_once(tmp_path: Path) -> None:
    """The client answers the request with None, once, after the cut."""
    async with bad_connection(tmp_path, FAST) as (between, writer, client, _):
        between.cut_after(Way.UP, 3)
        request = m.Members(id=1, room="general")
        assert client.send(request)
        await writer.until(lambda: writer.count(LoggedIn) == 2)

        answers = [
            item
            for message in writer.events
            if isinstance(message, Received)
            for item in message.items
            if isinstance(item, Answer) and item.request is request
        ]
        assert [answer.reply for answer in answers] == [None]
