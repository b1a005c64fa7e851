"""What only the real client can show: sockets, and servers that misbehave."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_FRAME
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox
from chat_tui.net.client import Client
from chat_tui.net.events import (
    ClientEvent,
    ConnectionLost,
    LoggedIn,
    LogInFailed,
    Received,
)
from chat_tui.net.local_server import CannotStart
from chat_tui.net.timeouts import Timeouts
from support.client_reports import LOGIN, Reports, fake_and_client, running, until
from support.fake_server import FakeServer
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


async def test_a_server_that_is_not_there_is_shown_in_a_sentence() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    reports = Reports()

    await Client(reports.reported.append, Outbox(), dict).run(address, LOGIN)

    (failed,) = reports.of(LogInFailed)
    assert failed.code == ""
    assert failed.sentence == f"127.0.0.1 refuses connections on port {address.port}."


async def test_at_the_log_in_a_server_that_does_not_wake_is_shown() -> None:
    def wake(address: Address) -> None:
        raise CannotStart("The disk is full.")

    reports = Reports()

    await Client(reports.reported.append, Outbox(), dict, wake=wake).run(
        Address("test.example"), LOGIN
    )

    assert [failed.sentence for failed in reports.of(LogInFailed)] == ["The disk is full."]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, ".", "\ud800"])
async def test_a_name_that_is_nobodys_is_shown_in_a_sentence(host: str) -> None:
    reports = Reports()

    await Client(reports.reported.append, Outbox(), dict).run(Address(host), LOGIN)

    assert re.search(
        r"doesn't exist|isn't a valid|be looked up", reports.of(LogInFailed)[0].sentence
    )


async def stranger(
    say: bytes, *, then: Callable[[asyncio.StreamReader], Awaitable[object]] | None = None
) -> list[ClientEvent]:
    """Return what a link tells about a server that says this and hangs up."""

    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(say)
        if then is not None:
            await then(reader)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reports = Reports()
    timeouts = Timeouts(log_in_within=0.05)
    async with server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1], plain=True)
        await Client(reports.reported.append, Outbox(), dict, timeouts).run(address, LOGIN)
        await served.wait()
    return reports.reported


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


async def test_a_server_that_does_not_answer_in_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came, gone = asyncio.Event(), asyncio.Event()

    async def read_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        with suppress(OSError):
            await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(read_only, "127.0.0.1", 0)
    reports = Reports()
    async with server:  # it never answers the handshake
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        client = Client(reports.reported.append, Outbox(), dict, Timeouts(connect_within=10))
        logging_in = asyncio.create_task(client.run(address, LOGIN))
        await came.wait()
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: monotonic() + 10)
        await logging_in
        await gone.wait()

    assert reports.of(LogInFailed) == [LogInFailed("", f"{address} did not answer within 10 s.")]


async def test_a_server_that_says_nothing_is_given_up() -> None:
    reported = await stranger(b"", then=lambda reader: reader.read())

    assert isinstance(reported[-1], LogInFailed)
    assert reported[-1].sentence == "The server stopped responding."


async def test_types_of_a_later_version_are_skipped() -> None:
    async with fake_and_client(Timeouts()) as (server, client, reports, _):
        server.send_raw(b'{"type":"typing","room":"general","name":"linus"}\n')
        server.fake.post("general", "linus", "hi")
        await until(reports.posted)

        assert client.online


async def test_what_arrives_at_once_is_told_at_once() -> None:
    async with fake_and_client(Timeouts()) as (server, _, reports, _):
        reports.reported.clear()
        for n in range(50):
            server.fake.post("general", "linus", str(n))
        await until(lambda: len(reports.posted()) == 50)
        assert len(reports.of(Received)) < 5
        assert [event.seq for event in reports.posted()] == [*range(1, 51)]


@pytest.mark.parametrize("number", ["-1", "9007199254740992", "1" * 40, "1e300", "1.5"])
async def test_a_number_that_counts_nothing_ends_the_connection_and_not_the_client(
    number: str,
) -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, reports, _):
        server.send_raw(b'{"type":"read","room":"general","seq":%s}\n' % number.encode())

        assert (await reports.wait_for(ConnectionLost)).reason.endswith(".")


async def test_garbage_in_the_middle_loses_the_line_and_nothing_before_it() -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, reports, _):
        server.fake.post("general", "linus", "before")
        server.send_raw(b"garbage\n")
        await reports.wait_for(ConnectionLost)

        assert [event.text for event in reports.posted()] == ["before"]


async def test_an_error_that_answers_no_request_is_the_reason() -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, reports, _):
        server.send_raw(b'{"type":"error","code":"bad_request","message":"Not JSON."}\n')

        assert (await reports.wait_for(ConnectionLost)).reason == "Not JSON."


async def test_a_reply_to_what_nobody_asked_is_skipped() -> None:
    async with fake_and_client(Timeouts()) as (server, client, reports, _):
        replies = len(reports.replies())
        server.send_raw(b'{"type":"ok","re":999}\n')
        server.fake.post("general", "linus", "hi")
        await until(reports.posted)

        assert len(reports.replies()) == replies
        assert client.online


@pytest.mark.parametrize("name", ["x" * MAX_FRAME, "\ud83d"], ids=["long", "half"])
async def test_a_log_in_that_is_no_frame_is_refused_before_it_is_sent(name: str) -> None:
    fake, reports = FakeServer(), Reports()
    async with tiny_server(fake) as server:
        client = Client(reports.reported.append, Outbox(), dict)
        await client.run(server.address, m.Login(id=1, name=name, password="correct horse"))

    (failed,) = reports.of(LogInFailed)
    assert failed == LogInFailed("too_long", "The name or the password is too long, or isn't text.")
    assert not fake.requests


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (None, r"chat-tui \d+\.\d+\.\d+ on \w+"),
        ("Ada's laptop", "Ada's laptop"),
        ("", ""),
        ("x" * 99, "x" * 80),
    ],
)
async def test_it_says_what_it_is_as_the_user_chose(device: str | None, expected: str) -> None:
    fake, reports = FakeServer(), Reports()
    fake.account("ada")
    async with tiny_server(fake) as server:
        client = Client(reports.reported.append, Outbox(), dict, device=device)
        async with running(client, server.address):
            await reports.wait_for(LoggedIn)

    (login,) = [request for request in fake.requests if isinstance(request, m.Login)]
    assert re.fullmatch(expected, login.client)


@pytest.mark.parametrize("logs_out", [True, False])
async def test_a_client_whose_token_is_kept_nowhere_logs_out_at_its_end(*, logs_out: bool) -> None:
    fake, reports = FakeServer(), Reports()
    fake.account("ada")
    client = Client(reports.reported.append, Outbox(), dict, logs_out=logs_out)
    async with tiny_server(fake) as server:
        async with running(client, server.address):
            await reports.wait_for(LoggedIn)
            assert fake.tokens

        await until(lambda: not fake.sessions)
        assert bool(fake.tokens) is not logs_out
