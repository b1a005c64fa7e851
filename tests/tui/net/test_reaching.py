"""How a server is reached, and the sentence for one that is not."""

import asyncio
import errno
import gc
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.model.address import Address, Place
from chat_tui.net.connect import NotConnected, connect
from chat_tui.net.way import Way
from chat_tui.storage.known_servers import KnownServers
from support.listener import Listener, greeting, listening
from support.tls import client_context

pytestmark = pytest.mark.asyncio


def _resolving(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let every name be that of these hosts."""

    async def resolve(_: str, port: int, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)


async def test_without_tls_this_computer_is_spoken_to_as_it_is() -> None:
    async with listening() as there:
        transport = await connect(there.address, KnownServers())

        assert transport.place == Place(there.address)
        assert await greeting(transport) == b"hello\n"


async def test_who_asks_for_it_speaks_without_tls() -> None:
    async with listening() as there:
        transport = await connect(replace(there.address, plain=True), KnownServers())

        assert not transport.place.encrypted
        await greeting(transport)


async def test_an_address_that_does_not_answer_delays_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def connect_to(sock: socket.socket, to: tuple[str, int]) -> None:
        if to[0] == "192.0.2.1":
            await asyncio.Event().wait()
        await connect_socket(sock, to)

    loop = asyncio.get_running_loop()
    connect_socket = loop.sock_connect
    _resolving(monkeypatch, "192.0.2.1", "127.0.0.1")  # the first is nobody's: RFC 5737
    monkeypatch.setattr(loop, "sock_connect", connect_to)
    async with listening() as there, asyncio.timeout(2):
        address = Address("two.example", there.address.port, plain=True)
        assert await greeting(await connect(address, KnownServers())) == b"hello\n"


async def test_of_several_reasons_that_it_is_closed_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def connect_to(sock: socket.socket, to: tuple[str, int]) -> None:
        if to[0] == "192.0.2.1":
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        await connect_socket(sock, to)

    loop = asyncio.get_running_loop()
    connect_socket = loop.sock_connect
    _resolving(monkeypatch, "192.0.2.1", "127.0.0.1")
    monkeypatch.setattr(loop, "sock_connect", connect_to)
    async with listening() as there:
        pass

    with pytest.raises(NotConnected, match=r"^two\.example refuses connections on port \d+\.$"):
        await connect(Address("two.example", there.address.port), KnownServers())
    _resolving(monkeypatch, "192.0.2.1")
    with pytest.raises(NotConnected, match=r"^192\.0\.2\.1 can't be reached: Network is unreach"):
        await connect(Address("192.0.2.1", there.address.port), KnownServers())


@pytest.mark.parametrize("tls", [False, True])
async def test_whenever_it_is_given_up_the_connection_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    """`listening` waits for the server's end of each; an unclosed socket fails a test as well."""
    _resolving(monkeypatch, "127.0.0.1")
    context = client_context() if tls else None
    opened = 0
    async with listening(tmp_path if tls else None) as there:
        way = Way(there.address, there.address)
        for turns in range(60):
            task = asyncio.create_task(way.open(context))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                _, writer = await task
                writer.transport.abort()
                opened += 1
            gc.collect()
    assert opened > 0  # so all moments before that were tried


async def test_a_unix_socket_is_a_way_in(tmp_path: Path) -> None:
    listener, path = Listener(), tmp_path / "chat.sock"
    async with await asyncio.start_unix_server(listener.serve, path):
        address = Address(path=str(path))
        transport = await connect(address, KnownServers())

        assert transport.place == Place(address)
        assert await greeting(transport) == b"hello\n"


@pytest.mark.parametrize("plain", [True, False])
async def test_where_nobody_is_that_is_shown(plain: bool) -> None:
    async with listening() as there:
        pass
    with pytest.raises(NotConnected, match=r"^127\.0\.0\.1 refuses connections on port \d+\.$"):
        await connect(replace(there.address, plain=plain), KnownServers())
    with pytest.raises(NotConnected, match=r"^The server isn't running at the moment\.$"):
        await connect(Address(path="/no/such", is_private=True), KnownServers())
    with pytest.raises(NotConnected, match=r"^No server listens at unix:///no/such\.$"):
        await connect(Address(path="/no/such"), KnownServers())


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (socket.EAI_AGAIN, "chat.example can't be looked up (DNS): are you online?"),
        (socket.EAI_NONAME, "chat.example doesn't exist (DNS)."),
    ],
)
async def test_a_name_that_is_not_found_is_told_from_a_network_that_is_down(
    monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    async def fail(*_: object, **__: object) -> object:
        raise socket.gaierror(code, "as the system says it")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
    with pytest.raises(NotConnected) as failure:
        await connect(Address("chat.example", plain=True), KnownServers())

    assert str(failure.value) == sentence


async def test_a_name_that_cannot_be_one_is_not_looked_up() -> None:
    host = "a" * 300

    with pytest.raises(NotConnected, match=f"^{host} isn't a valid host name.$"):
        await connect(Address(host), KnownServers())


async def test_all_addresses_of_a_host_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving(monkeypatch, "127.0.0.1", "127.0.0.2")
    async with listening() as there:
        pass

    with pytest.raises(NotConnected, match=r"^two\.example refuses connections on port \d+\.$"):
        await connect(Address("two.example", there.address.port, plain=True), KnownServers())


async def test_another_failure_has_the_words_of_the_system() -> None:
    multicast = Address("224.0.0.1", plain=True)  # nothing listens there: TCP has no multicast

    with pytest.raises(NotConnected, match=r"^224\.0\.0\.1 can't be reached: [A-Z][a-z ]+\.$"):
        await connect(multicast, KnownServers())
