"""What only the real link can show: sockets, time, and servers that misbehave."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_FRAME
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    ConnectionLost,
    LatencyMeasured,
    LoggedIn,
    LogInFailed,
    Received,
)
from chat_tui.net.local_server import CannotStart
from chat_tui.net.timeouts import Timeouts
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

pytestmark = pytest.mark.asyncio

T = TypeVar("T")
LOGIN = m.Login(id=1, name="ada", password="correct horse")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - of things that know no event
            await asyncio.sleep(0.001)


class Ear:
    """Keeps what a link tells, and waits for it."""

    def __init__(self) -> None:
        self.reported: list[ClientEvent] = []

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.reported if isinstance(message, kind)]

    def posted(self) -> list[m.Posted]:
        items = (item for batch in self.of(Received) for item in batch.items)
        return [item for item in items if isinstance(item, m.Posted)]

    def replies(self) -> list[m.Reply | None]:
        items = (item for batch in self.of(Received) for item in batch.items)
        return [item.reply for item in items if isinstance(item, Answer)]

    async def wait_for(self, kind: type[T], count: int = 1) -> T:
        await until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]


@asynccontextmanager
async def running(client: Client, address: Address) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(client.run(address, LOGIN))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def fake_and_client(
    timeouts: Timeouts,
) -> AsyncGenerator[tuple[TinyServer, Client, Ear, Outbox]]:
    fake, ear, outbox = FakeServer(), Ear(), Outbox()
    fake.account("ada")
    async with tiny_server(fake) as server:
        client = Client(ear.reported.append, outbox, dict, timeouts)
        async with running(client, server.address):
            await ear.wait_for(LoggedIn)
            yield server, client, ear, outbox


async def test_a_server_that_is_not_there_is_shown_in_a_sentence() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    ear = Ear()

    await Client(ear.reported.append, Outbox(), dict).run(address, LOGIN)

    (failed,) = ear.of(LogInFailed)
    assert failed.code == ""
    assert failed.sentence == f"127.0.0.1 refuses connections on port {address.port}."


async def test_a_server_of_your_own_is_woken_before_each_attempt_and_asked_for_why_not() -> None:
    fake, ear = FakeServer(), Ear()
    fake.account("ada")
    woken: list[Address] = []

    def wake(address: Address) -> None:
        woken.append(address)
        if len(woken) == 2:
            raise CannotStart("The disk is full.")

    async with tiny_server(fake) as server:
        client = Client(ear.reported.append, Outbox(), dict, Timeouts(first_pause=0.01), wake=wake)
        async with running(client, server.address):
            await ear.wait_for(LoggedIn)
            server.cut()
            await ear.wait_for(LoggedIn, 2)

    assert woken == [server.address] * 3
    assert [lost.reason for lost in ear.of(ConnectionLost)][1:] == ["The disk is full."]


async def test_at_the_log_in_a_server_that_does_not_wake_is_shown() -> None:
    def wake(address: Address) -> None:
        raise CannotStart("The disk is full.")

    ear = Ear()

    await Client(ear.reported.append, Outbox(), dict, wake=wake).run(Address("test.example"), LOGIN)

    assert [failed.sentence for failed in ear.of(LogInFailed)] == ["The disk is full."]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, ".", "\ud800"])
async def test_a_name_that_is_nobodys_is_shown_in_a_sentence(host: str) -> None:
    ear = Ear()

    await Client(ear.reported.append, Outbox(), dict).run(Address(host), LOGIN)

    assert re.search(r"doesn't exist|isn't a valid|be looked up", ear.of(LogInFailed)[0].sentence)


async def stranger(
    say: bytes, *, then: Callable[[asyncio.StreamReader], Awaitable[object]] | None = None
) -> list[ClientEvent]:
    """Return what a link tells about a server that says this and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(say)
        if then is not None:
            await then(reader)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    ear = Ear()
    timeouts = Timeouts(log_in_within=0.05)
    async with server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1], plain=True)
        await Client(ear.reported.append, Outbox(), dict, timeouts).run(address, LOGIN)
    return ear.reported


@pytest.mark.parametrize(
    "posted",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"x" * (MAX_FRAME + 1),
        b"\xff\xfe\n",
        b"[" * 10_000 + b"\n",
        b"null\n",
        b'{"type":"welcome","re":1,"account":"ada","token":"t","rooms":[]}\n',
        b'{"type":"hello","protocol":1}\n',
    ],
)
async def test_whatever_else_listens_there_ends_in_a_sentence(posted: bytes) -> None:
    reported = await stranger(posted)

    failed = reported[-1]
    assert isinstance(failed, LogInFailed)
    assert failed.sentence.endswith(".")


async def test_another_version_of_the_protocol_is_refused() -> None:
    hello = b'{"type":"hello","protocol":2,"server":"s","version":"v","registration":"open"}\n'

    reported = await stranger(hello)

    assert isinstance(reported[-1], LogInFailed)
    assert reported[-1].sentence == (
        "This server uses protocol version 2, this client 1. Update the older of the two."
    )


async def test_a_server_that_says_nothing_is_given_up() -> None:
    reported = await stranger(b"", then=lambda reader: reader.read())

    assert isinstance(reported[-1], LogInFailed)
    assert reported[-1].sentence == "The server stopped responding."


async def test_types_of_a_later_version_are_skipped() -> None:
    async with fake_and_client(Timeouts()) as (server, client, ear, _):
        server.send_raw(b'{"type":"typing","room":"general","name":"linus"}\n')
        server.fake.post("general", "linus", "hi")
        await until(ear.posted)

        assert client.online


async def test_what_arrives_at_once_is_told_at_once() -> None:
    async with fake_and_client(Timeouts()) as (server, _, ear, _):
        ear.reported.clear()
        for n in range(50):
            server.fake.post("general", "linus", str(n))
        await until(lambda: len(ear.posted()) == 50)
        assert len(ear.of(Received)) < 5
        assert [event.seq for event in ear.posted()] == [*range(1, 51)]


async def test_pings_measure_the_latency() -> None:
    async with fake_and_client(Timeouts(first_ping=0, ping_every=0.01)) as (_, _, ear, _):
        measured = await ear.wait_for(LatencyMeasured, 3)

        assert 0 < measured.seconds < 5
        assert not any(
            isinstance(item, Answer) and isinstance(item.request, m.Ping)
            for batch in ear.of(Received)
            for item in batch.items
        )


async def test_a_line_without_pongs_is_dead() -> None:
    timeouts = Timeouts(
        first_ping=0.02, ping_every=0.01, pong_within=0.05, first_pause=60, longest_pause=60
    )
    async with fake_and_client(timeouts) as (server, client, ear, _):
        server.fake.silent = True

        lost = await ear.wait_for(ConnectionLost)

        assert lost.reason == "The server stopped responding."
        assert not client.online


async def test_the_goodbye_of_a_server_is_the_reason() -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, ear, _):
        server.fake.broadcast("general", m.Bye("The server is shutting down."))

        assert (await ear.wait_for(ConnectionLost)).reason == "The server is shutting down."


@pytest.mark.parametrize("number", ["-1", "9007199254740992", "1" * 40, "1e300", "1.5"])
async def test_a_number_that_counts_nothing_ends_the_connection_and_not_the_client(
    number: str,
) -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, ear, _):
        server.send_raw(b'{"type":"read","room":"general","seq":%s}\n' % number.encode())

        assert (await ear.wait_for(ConnectionLost)).reason.endswith(".")


async def test_garbage_in_the_middle_loses_the_line_and_nothing_before_it() -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, ear, _):
        server.fake.post("general", "linus", "before")
        server.send_raw(b"garbage\n")
        await ear.wait_for(ConnectionLost)

        assert [event.text for event in ear.posted()] == ["before"]


async def test_pauses_grow_while_nobody_answers_and_begin_anew_after_a_success() -> None:
    timeouts = Timeouts(first_pause=0.01, longest_pause=0.05)
    async with fake_and_client(timeouts) as (server, _, ear, _):
        server.accepting = False
        server.cut()
        await ear.wait_for(ConnectionLost, 4)
        server.accepting = True
        await ear.wait_for(LoggedIn, 2)
        server.cut()
        last = await ear.wait_for(ConnectionLost, len(ear.of(ConnectionLost)) + 1)

        assert [lost.attempt for lost in ear.of(ConnectionLost)][:4] == [1, 2, 3, 4]
        assert last.attempt == 1


async def test_a_server_that_drops_everyone_behind_the_welcome_is_left_alone_longer_each_time() -> (
    None
):
    timeouts = Timeouts(first_pause=0.002, longest_pause=60)
    async with fake_and_client(timeouts) as (server, _, ear, _):
        for n in range(1, 7):
            await ear.wait_for(LoggedIn, n)
            server.cut()
            await ear.wait_for(ConnectionLost, n)

        lost = ear.of(ConnectionLost)
        assert lost[-1].wait >= 0.002 * 2**5 / 2
        assert {each.attempt for each in lost} == {1}  # each is news


async def test_after_a_settled_session_pauses_begin_anew() -> None:
    timeouts = Timeouts(first_pause=0.002, longest_pause=60, settled_after=0)
    async with fake_and_client(timeouts) as (server, _, ear, _):
        for n in range(1, 7):
            await ear.wait_for(LoggedIn, n)
            server.cut()
            await ear.wait_for(ConnectionLost, n)

        assert ear.of(ConnectionLost)[-1].wait <= 0.002


async def test_the_pause_can_be_ended_by_hand() -> None:
    async with fake_and_client(Timeouts(first_pause=60, longest_pause=60)) as (
        server,
        client,
        ear,
        _,
    ):
        server.cut()
        await ear.wait_for(ConnectionLost)

        client.retry_now()

        assert (await ear.wait_for(LoggedIn, 2)).again


async def test_a_message_too_long_for_a_frame_is_refused_and_the_next_one_sent() -> None:
    async with fake_and_client(Timeouts()) as (server, client, _, outbox):
        outbox.add("general", "\n" * MAX_FRAME)
        outbox.add("general", "short")
        client.flush()
        await until(lambda: outbox.count(Status.ACCEPTED))

        taken = outbox.take_back("general")
        assert taken is not None
        assert taken.reason == "This message is too long to send."
        assert [line.text for line in server.fake.rooms["general"].lines] == ["short"]


async def test_a_server_that_says_how_long_to_wait_is_left_alone_that_long() -> None:
    async with fake_and_client(Timeouts()) as (server, client, ear, outbox):
        server.fake.refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=60))
        outbox.add("general", "patience")
        client.flush()
        await until(lambda: not server.fake.refusals)
        client.flush()
        # The answer to a later question has been heard, so a second post would have been.
        client.send(m.Members(id=1, room="general"))
        await until(lambda: any(isinstance(reply, m.MemberPage) for reply in ear.replies()))

        assert len(server.fake.posts()) == 1
        assert outbox.count(Status.QUEUED) == 1


async def test_a_run_that_takes_the_place_of_another_waits_for_its_end() -> None:
    fake, ear = FakeServer(), Ear()
    fake.account("ada")
    async with tiny_server(fake) as server:
        client = Client(ear.reported.append, Outbox(), dict)
        async with running(client, server.address) as first:
            await ear.wait_for(LoggedIn)
            async with running(client, server.address):
                client.send(m.Members(id=1, room="general"))
                await until(lambda: any(isinstance(r, m.MemberPage) for r in ear.replies()))
                assert len(fake.sessions) == 1
                first.cancel()
                await ear.wait_for(LoggedIn, 2)
                await asyncio.wait([first])

                assert client.online
                assert client.send(m.Members(id=1, room="general"))
