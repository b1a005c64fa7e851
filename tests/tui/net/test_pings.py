"""When the client pings, and when it takes a silent connection for dead."""

import asyncio
from time import monotonic

import pytest

from chat_shared import messages as m
from chat_tui.model.outbox import Outbox
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ConnectionLost, LatencyMeasured, LoggedIn, Received
from chat_tui.net.timeouts import Timeouts
from support.client_reports import Reports, fake_and_client, running, until
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

pytestmark = pytest.mark.asyncio


def pings(server: TinyServer) -> int:
    return sum(isinstance(request, m.Ping) for request in server.fake.requests)


async def exchange(client: Client, reports: Reports) -> None:
    """Ask something and await the reply: what was sent before has arrived by then."""
    before = len(reports.replies())
    client.send(m.Members(id=1, room="general"))
    await until(lambda: len(reports.replies()) > before)


async def test_pings_measure_the_latency() -> None:
    async with fake_and_client(Timeouts(first_ping=0, ping_every=0.01)) as (_, _, reports, _):
        measured = await reports.wait_for(LatencyMeasured, 3)

        assert 0 < measured.seconds < 5
        assert not any(
            isinstance(item, Answer) and isinstance(item.request, m.Ping)
            for batch in reports.of(Received)
            for item in batch.items
        )


async def test_the_first_ping_waits_until_the_chat_is_drawn() -> None:
    async with fake_and_client(Timeouts(first_ping=60)) as (server, client, reports, _):
        await exchange(client, reports)

        assert pings(server) == 0


async def test_pings_keep_their_distance() -> None:
    timeouts = Timeouts(first_ping=0, ping_every=60)
    async with fake_and_client(timeouts) as (server, client, reports, _):
        await reports.wait_for(LatencyMeasured)
        await exchange(client, reports)

        assert pings(server) == 1


async def test_a_server_that_falls_silent_later_is_noticed_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timeouts = Timeouts(first_ping=0, ping_every=0.01, pong_within=60, first_pause=60)
    async with fake_and_client(timeouts) as (server, _, reports, _):
        await reports.wait_for(LatencyMeasured, 2)
        server.fake.silent = True
        answered = pings(server)
        await until(lambda: pings(server) > answered)
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: monotonic() + 60)

        assert (await reports.wait_for(ConnectionLost)).reason == "The server stopped responding."


async def test_a_log_in_may_take_longer_than_a_pong() -> None:
    fake, reports = FakeServer(), Reports()
    fake.account("ada")
    fake.is_slow = True
    async with tiny_server(fake) as server:
        timeouts = Timeouts(first_ping=0, pong_within=0.02)
        client = Client(reports.reported.append, Outbox(), dict, timeouts)
        async with running(client, server.address):
            await until(lambda: fake.requests)
            await asyncio.sleep(0.03)  # a pong would have been missed by now
            fake.is_slow = False
            fake.answer_all()

            await reports.wait_for(LoggedIn)


async def test_nothing_pings_once_the_connection_is_over() -> None:
    tasks = len(asyncio.all_tasks())
    async with fake_and_client(Timeouts()) as (_, client, _, _):
        client.send(m.Logout(id=1))
        await until(lambda: not client.online)

    await until(lambda: len(asyncio.all_tasks()) == tasks)
