"""When the real client connects again, and when it does not."""

import asyncio
import ssl
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.links import fingerprint_of
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Connecting,
    ConnectionLost,
    LoggedIn,
    SessionEnded,
    TrustNeeded,
)
from chat_tui.net.local_server import CannotStart
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.known_servers import KnownServers
from support.client_reports import Reports, fake_and_client, running, until
from support.fake_server import FakeServer
from support.tls import own_credentials
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


async def test_a_server_of_your_own_is_woken_before_each_attempt_and_asked_for_why_not() -> None:
    fake, reports = FakeServer(), Reports()
    fake.account("ada")
    woken: list[Address] = []

    def wake(address: Address) -> None:
        woken.append(address)
        if len(woken) == 2:
            raise CannotStart("The disk is full.")

    async with tiny_server(fake) as server:
        client = Client(
            reports.reported.append, Outbox(), dict, Timeouts(first_pause=0.01), wake=wake
        )
        async with running(client, server.address):
            await reports.wait_for(LoggedIn)
            server.cut()
            await reports.wait_for(LoggedIn, 2)

    assert woken == [server.address] * 3
    assert [lost.reason for lost in reports.of(ConnectionLost)][1:] == ["The disk is full."]


async def test_a_line_without_pongs_is_dead() -> None:
    timeouts = Timeouts(
        first_ping=0.02, ping_every=0.01, pong_within=0.05, first_pause=60, longest_pause=60
    )
    async with fake_and_client(timeouts) as (server, client, reports, _):
        server.fake.silent = True

        lost = await reports.wait_for(ConnectionLost)

        assert lost.reason == "The server stopped responding."
        assert not client.online


async def test_the_goodbye_of_a_server_is_the_reason() -> None:
    async with fake_and_client(Timeouts(first_pause=60)) as (server, _, reports, _):
        server.fake.broadcast("general", m.Bye("The server is shutting down."))

        assert (await reports.wait_for(ConnectionLost)).reason == "The server is shutting down."


async def test_pauses_grow_while_nobody_answers_and_begin_anew_after_a_success() -> None:
    timeouts = Timeouts(first_pause=0.01, longest_pause=0.05)
    async with fake_and_client(timeouts) as (server, _, reports, _):
        server.accepting = False
        server.cut()
        await reports.wait_for(ConnectionLost, 4)
        server.accepting = True
        await reports.wait_for(LoggedIn, 2)
        server.cut()
        last = await reports.wait_for(ConnectionLost, len(reports.of(ConnectionLost)) + 1)

        assert [lost.attempt for lost in reports.of(ConnectionLost)][:4] == [1, 2, 3, 4]
        assert last.attempt == 1


async def test_a_server_that_drops_everyone_behind_the_welcome_is_left_alone_longer_each_time() -> (
    None
):
    timeouts = Timeouts(first_pause=0.002, longest_pause=60)
    async with fake_and_client(timeouts) as (server, _, reports, _):
        for n in range(1, 7):
            await reports.wait_for(LoggedIn, n)
            server.cut()
            await reports.wait_for(ConnectionLost, n)

        lost = reports.of(ConnectionLost)
        assert lost[0].wait <= 0.002
        assert 0.002 * 2**5 / 2 <= lost[-1].wait <= 0.002 * 2**5
        assert {each.attempt for each in lost} == {1}  # each is news


async def test_after_a_settled_session_pauses_begin_anew() -> None:
    timeouts = Timeouts(first_pause=0.002, longest_pause=60, settled_after=0)
    async with fake_and_client(timeouts) as (server, _, reports, _):
        for n in range(1, 7):
            await reports.wait_for(LoggedIn, n)
            server.cut()
            await reports.wait_for(ConnectionLost, n)

        assert reports.of(ConnectionLost)[-1].wait <= 0.002


async def test_the_pause_can_be_ended_by_hand() -> None:
    async with fake_and_client(Timeouts(first_pause=60, longest_pause=60)) as (
        server,
        client,
        reports,
        _,
    ):
        server.cut()
        await reports.wait_for(ConnectionLost)

        client.retry_now()

        assert (await reports.wait_for(LoggedIn, 2)).again


async def test_a_run_that_takes_the_place_of_another_waits_for_its_end() -> None:
    fake, reports = FakeServer(), Reports()
    fake.account("ada")
    async with tiny_server(fake) as server:
        client = Client(reports.reported.append, Outbox(), dict)
        async with running(client, server.address) as first:
            await reports.wait_for(LoggedIn)
            async with running(client, server.address):
                client.send(m.Members(id=1, room="general"))
                await until(lambda: any(isinstance(r, m.MemberPage) for r in reports.replies()))
                assert len(fake.sessions) == 1
                first.cancel()
                await reports.wait_for(LoggedIn, 2)
                await asyncio.wait([first])

                assert client.online
                assert client.send(m.Members(id=1, room="general"))


async def test_a_wish_to_reconnect_now_is_not_kept_for_a_later_pause() -> None:
    timeouts = Timeouts(first_pause=60, longest_pause=60)
    async with fake_and_client(timeouts) as (server, client, reports, _):
        client.retry_now()
        server.cut()
        await reports.wait_for(ConnectionLost)
        for _ in range(10):
            await asyncio.sleep(0)

        assert not reports.of(Connecting)


async def test_a_server_that_says_when_to_log_in_again_is_left_alone_until_then() -> None:
    async with fake_and_client(Timeouts(first_pause=0.01)) as (server, _, reports, _):
        server.fake.log_in_refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=60))
        server.cut()

        lost = await reports.wait_for(ConnectionLost, 2)

        assert (lost.reason, lost.wait) == ("Slow down.", 60)


async def test_the_end_of_an_earlier_wait_does_not_end_the_present_one() -> None:
    async with fake_and_client(Timeouts(first_pause=0.001)) as (server, client, reports, outbox):
        for wait in (0.1, 60):
            server.fake.refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=wait))
        outbox.add("general", "patience")
        client.flush()
        await until(lambda: outbox.count(Status.QUEUED) and server.fake.posts())
        server.cut()
        await reports.wait_for(LoggedIn, 2)
        await until(lambda: len(server.fake.posts()) == 2)

        await asyncio.sleep(0.1)  # the earlier wait began before

        assert len(server.fake.posts()) == 2


async def test_a_server_that_is_another_one_by_now_is_told_nothing(tmp_path: Path) -> None:
    fake, reports, known = FakeServer(), Reports(), KnownServers()
    fake.account("ada")
    context = own_credentials(tmp_path / "first").context
    pem = (tmp_path / "first" / "tls.crt").read_text()
    fingerprint = fingerprint_of(ssl.PEM_cert_to_DER_cert(pem))
    own_credentials(tmp_path / "second")
    async with tiny_server(fake, context=context) as server:
        known.remember(server.address, fingerprint)
        client = Client(
            reports.reported.append, Outbox(), dict, Timeouts(first_pause=0.01), known=known
        )
        async with running(client, server.address) as run:
            await reports.wait_for(LoggedIn)
            requests = list(fake.requests)
            second = tmp_path / "second"
            context.load_cert_chain(second / "tls.crt", second / "tls.key")
            server.cut()
            await asyncio.wait([run])

        (changed,) = reports.of(TrustNeeded)
        assert fingerprint == changed.mismatch.known != changed.mismatch.shown
        assert changed.address == server.address
        assert not reports.of(SessionEnded)[0].token_revoked
        assert fake.requests == requests


async def test_a_server_that_is_not_known_is_asked_about_and_then_connected_to(
    tmp_path: Path,
) -> None:
    fake, reports, known = FakeServer(), Reports(), KnownServers()
    fake.account("ada")
    async with tiny_server(fake, context=own_credentials(tmp_path).context) as server:
        client = Client(reports.reported.append, Outbox(), dict, known=known)
        async with running(client, server.address):
            await reports.wait_for(TrustNeeded)
        assert fake.requests == []

        known.remember(server.address, reports.of(TrustNeeded)[0].mismatch.shown)
        async with running(client, server.address):
            await reports.wait_for(LoggedIn)

    assert len(reports.of(TrustNeeded)) == 1
