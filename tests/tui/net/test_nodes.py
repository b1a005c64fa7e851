"""What the client makes of the other addresses that a server tells."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from chat_shared import messages as m
from chat_shared.addresses import Node
from chat_shared.links import fingerprint_of
from chat_tui.model.address import AUTHORITY, Address, Place
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import ConnectionLost, LoggedIn, LogInFailed, TrustNotSaved
from chat_tui.net.nodes import Nodes
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.known_servers import KnownServers
from support.client_reports import Reports, running, until
from support.dark import dark_address
from support.fake_server import FakeServer
from support.tls import own_credentials
from support.tui_server import TinyServer, tiny_server

HERE = Address("chat.example.org")
QUICK = Timeouts(first_pause=0.01, longest_pause=0.02, post_again=0.01, first_ping=60)
_hosts = st.text() | st.from_regex(r"\A[a-z0-9.:\[\]-]{1,30}:[0-9]{1,6}\Z")


# --- what is learned


def _learned(sent: list[str], *, encrypted: bool = True, follows: bool = True) -> KnownServers:
    known = KnownServers()
    known.remember(HERE, AUTHORITY)
    known.learn(HERE, [Address("old.example.org")])
    Nodes(known, follows=follows).learn(Place(HERE, encrypted=encrypted), sent)
    return known


def test_what_a_server_tells_replaces_what_was_known() -> None:
    sent = ["chat2.example.org:7667", "chat.example.org:7667", "[2001:db8::6]:99"]

    others = (Address("chat2.example.org"), Address("2001:db8::6", 99))
    assert _learned(sent).others(HERE) == others
    assert _learned([]).others(HERE) == ()


def test_where_it_has_answered_it_may_answer_again() -> None:
    known, at = KnownServers(), Address("chat2.example.org")
    known.remember(HERE, AUTHORITY)

    Nodes(known, follows=True).learn(Place(HERE, encrypted=True, at=at), ["chat.example.org:7667"])

    assert known.others(HERE) == (at,)


@pytest.mark.parametrize("how", [{"encrypted": False}, {"follows": False}])
def test_without_encryption_and_at_a_kiosk_nothing_is_learned(how: dict[str, bool]) -> None:
    assert _learned(["evil.example:7667"], **how).others(HERE) == (Address("old.example.org"),)


def test_links_have_the_other_addresses_whether_the_client_follows_them_or_not() -> None:
    known = KnownServers()
    place = Place(Address("127.0.0.1", 1), encrypted=True, fingerprint="SHA256:aa")

    learned = Nodes(known, follows=False).learn(
        place, ["chat2.example.org:7667", "127.0.0.1:1", "?"]
    )

    assert learned.others == (Node("chat2.example.org", 7667), Node("127.0.0.1", 1))
    assert learned.link_to("r", "pw") == (
        "chat://127.0.0.1:1/r?fp=SHA256:aa&alt=chat2.example.org:7667#pw"
    )


@given(st.lists(_hosts, max_size=40))
def test_whatever_is_sent_five_addresses_at_most_are_kept_and_can_be_read_again(
    sent: list[str],
) -> None:
    known = _learned(sent)

    others = known.others(HERE)
    assert len(others) <= 5
    for other in others:
        assert not other.plain
        assert not other.path
        assert other.key != HERE.key


@settings(max_examples=25)
@given(st.lists(_hosts, max_size=5))
def test_the_file_can_be_read_whatever_is_told(
    tmp_path_factory: pytest.TempPathFactory, sent: list[str]
) -> None:
    path = tmp_path_factory.mktemp("state") / "known-servers"
    known = KnownServers(path)
    known.remember(HERE, "SHA256:aa")

    Nodes(known, follows=True).learn(Place(HERE, encrypted=True, fingerprint="SHA256:aa"), sent)

    assert KnownServers(path).others(HERE) == known.others(HERE)
    assert KnownServers(path).find(HERE) == "SHA256:aa"


# --- two machines with one certificate; one of them is up at a time


@dataclass
class Pair:
    """The addresses of both machines, the community that they serve, and what serves it."""

    fake: FakeServer
    first: Address
    second: Address
    fingerprint: str
    up: Callable[[Address], AbstractAsyncContextManager[TinyServer]]

    def known(self, path: Path | None = None) -> KnownServers:
        known = KnownServers(path)
        if not known.find(self.first):
            known.remember(self.first, self.fingerprint)
        return known


@asynccontextmanager
async def _up(fake: FakeServer, context: ssl.SSLContext, at: Address) -> AsyncGenerator[TinyServer]:
    others = {"127.0.0.1": "127.0.0.2", "127.0.0.2": "127.0.0.1"}
    fake.nodes = (f"{others[at.host]}:{at.port}",)
    async with tiny_server(fake, at.port, context, at.host) as server:
        yield server


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    fake = FakeServer()
    fake.account("ada")
    context = own_credentials(tmp_path / "tls").context
    certificate = ssl.PEM_cert_to_DER_cert((tmp_path / "tls" / "tls.crt").read_text())
    with socket.socket() as free, socket.socket() as same:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        same.bind(("127.0.0.2", port))
    first, second = Address("127.0.0.1", port), Address("127.0.0.2", port)
    return Pair(fake, first, second, fingerprint_of(certificate), partial(_up, fake, context))


@pytest.mark.asyncio
async def test_a_client_comes_back_at_the_other_address_and_nothing_is_lost(pair: Pair) -> None:
    reports, outbox = Reports(), Outbox()
    client = Client(reports.reported.append, outbox, dict, QUICK, pair.known())
    async with pair.up(pair.first) as first:
        task = running(client, pair.first)
        await task.__aenter__()
        await reports.wait_for(LoggedIn)
        pair.fake.swallowed_answers = 1
        outbox.add("general", "stored, but who knows")
        client.flush()
        await until(lambda: pair.fake.posts())
        first.accepting = False
        first.cut()
    await reports.wait_for(ConnectionLost)
    outbox.add("general", "typed meanwhile")
    async with pair.up(pair.second):
        back = await reports.wait_for(LoggedIn, 2)
        await until(lambda: outbox.count(Status.ACCEPTED) == 2)
        await task.__aexit__(None, None, None)

    assert (back.place.at, back.place.address, back.again) == (pair.second, pair.first, True)
    texts = [line.text for line in pair.fake.rooms["general"].lines]
    assert texts == ["stored, but who knows", "typed meanwhile"]
    [token] = {post.token for post in pair.fake.requests if isinstance(post, m.Resume)}
    assert token == client.token


@pytest.mark.asyncio
async def test_the_next_start_knows_the_other_address(pair: Pair, tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    for here, at in ((pair.first, None), (pair.second, pair.second)):
        reports = Reports()
        client = Client(reports.reported.append, Outbox(), dict, QUICK, pair.known(path))
        async with pair.up(here), running(client, pair.first):
            assert (await reports.wait_for(LoggedIn)).place.at == at

    assert path.read_text().splitlines()[1:] == [
        f"{pair.first.key} {pair.fingerprint} {pair.second.key}"
    ]


@pytest.mark.asyncio
async def test_named_by_the_other_address_it_is_the_same_server(pair: Pair) -> None:
    known = pair.known()
    known.remember(pair.second, pair.fingerprint)  # as a person confirmed
    places: list[Place] = []
    for named in (pair.first, pair.second):
        for here in (pair.first, pair.second):
            reports = Reports()
            client = Client(reports.reported.append, Outbox(), dict, QUICK, known)
            async with pair.up(here), running(client, named):
                places.append((await reports.wait_for(LoggedIn)).place)

    assert {place.key for place in places} == {pair.first.key}
    assert [place.address for place in places] == [pair.first] * 2 + [pair.second] * 2


@pytest.mark.asyncio
async def test_a_fake_at_the_other_address_gets_no_token_and_is_named(
    pair: Pair, tmp_path: Path
) -> None:
    fake, reports = FakeServer(), Reports()
    client = Client(reports.reported.append, Outbox(), dict, QUICK, pair.known())
    evil = own_credentials(tmp_path / "evil").context
    async with _up(fake, evil, pair.second):
        async with pair.up(pair.first) as first:
            task = running(client, pair.first)
            await task.__aenter__()
            await reports.wait_for(LoggedIn)
            first.cut()
        await reports.wait_for(ConnectionLost, 4)
        await task.__aexit__(None, None, None)

    assert fake.requests == []
    assert (
        f"{pair.second} was not used: its fingerprint is" in reports.of(ConnectionLost)[-1].reason
    )


@pytest.mark.asyncio
async def test_an_address_that_cannot_be_remembered_is_shown_with_the_reason(
    pair: Pair, tmp_path: Path
) -> None:
    (tmp_path / "none").symlink_to(tmp_path / "nowhere")
    known, reports = KnownServers(tmp_path / "none" / "known-servers"), Reports()
    client = Client(reports.reported.append, Outbox(), dict, QUICK, known)

    async with pair.up(pair.first):
        run = client.run(pair.first, m.Login(id=1, name="ada", password="correct horse"),
                         pair.fingerprint)  # fmt: skip
        task = asyncio.create_task(run)
        await reports.wait_for(LoggedIn)
        task.cancel()
        await asyncio.wait({task})

    assert {each.sentence for each in reports.of(TrustNotSaved)} == {
        f"Can't write {known.path}: File exists."
    }


@pytest.mark.asyncio
async def test_more_addresses_than_there_can_be_end_the_connection(pair: Pair) -> None:
    reports = Reports()
    client = Client(reports.reported.append, Outbox(), dict, QUICK, pair.known())
    async with pair.up(pair.first):
        pair.fake.nodes = tuple(f"10.0.{n // 250}.{n % 250}:22" for n in range(1_000))
        async with running(client, pair.first):
            failed = await reports.wait_for(LogInFailed)

    assert "Expected `array` of length <= 5" in failed.sentence
    assert pair.fake.requests == []


# --- one name with several addresses


@pytest.mark.asyncio
@pytest.mark.parametrize("position", [0, 1, 2])
async def test_of_a_name_with_a_dead_a_closed_and_a_good_address_the_good_one_is_found_soon(
    monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    """At the first connection and whenever the client reconnects, whichever is the good one."""
    loop, fake, reports = asyncio.get_running_loop(), FakeServer(), Reports()
    fake.account("ada")
    with dark_address("127.0.0.3") as dark:
        hosts = ["127.0.0.2", "127.0.0.3"]
        hosts.insert(position, "127.0.0.1")

        async def resolve(_: str, port: int, **__: object) -> object:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        client = Client(reports.reported.append, Outbox(), dict, QUICK)
        async with tiny_server(fake, dark.port) as server:
            named, began = Address("three.example", dark.port, plain=True), loop.time()
            async with running(client, named):
                for n in (1, 2, 3):
                    await reports.wait_for(LoggedIn, n)
                    assert loop.time() - began < 1.5
                    began = loop.time()
                    server.cut()
