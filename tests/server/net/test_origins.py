"""A connection comes from its peer, or from whom a trusted proxy forwards."""

import os
import socket
import tempfile
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from chat_server.net.listeners import open_private
from chat_server.net.origins import HEADER_DEADLINE, Origins, UnknownOriginError
from chat_server.net.transport import Transport
from chat_shared.proxy_header import Origin, write_header

ADA = Origin("203.0.113.9", "ssh", b"a public key")
LOOPBACK = Origins([ip_network("127.0.0.0/8")])


@asynccontextmanager
async def connection(
    path: Path | None = None, host: str = "127.0.0.1"
) -> AsyncGenerator[tuple[trio.SocketStream, Transport]]:
    """Yield both ends of a connection to the socket `path`, or over TCP."""
    if path is not None:
        listener = open_private(path)
        theirs = await trio.open_unix_socket(str(path))
    else:
        listener = (await trio.open_tcp_listeners(0, host=host))[0]
        theirs = await trio.open_tcp_stream(*listener.socket.getsockname()[:2])
    ours = await listener.accept()
    async with listener, theirs, Transport(ours) as transport:
        yield theirs, transport


async def test_a_stranger_is_where_its_connection_comes_from_whatever_it_says() -> None:
    async with connection() as (stranger, transport):
        await stranger.send_all(write_header(ADA))

        assert await Origins().find(transport) == Origin("127.0.0.1")
        assert transport.read_nowait() == write_header(ADA)  # for the protocol to refuse


async def test_a_trusted_proxy_says_whom_it_forwards() -> None:
    async with connection() as (proxy, transport):
        await proxy.send_all(write_header(ADA) + b"hello")

        assert await LOOPBACK.find(transport) == ADA
        assert transport.read_nowait() == b"hello"


async def test_a_header_may_arrive_byte_by_byte() -> None:
    async with connection() as (proxy, transport), trio.open_nursery() as nursery:

        async def trickle() -> None:
            for byte in write_header(ADA):
                await proxy.send_all(bytes([byte]))
                await trio.lowlevel.checkpoint()

        nursery.start_soon(trickle)
        assert await LOOPBACK.find(transport) == ADA


async def test_a_subscriber_has_one_address_in_ipv6() -> None:
    async with connection() as (proxy, transport):
        await proxy.send_all(write_header(Origin("2001:db8:1:2:3:4:5:6")))

        assert (await LOOPBACK.find(transport)).address == "2001:db8:1:2::/64"


async def test_a_proxy_is_recognized_on_a_socket_of_both_kinds() -> None:
    async with connection(host="::1") as (proxy, transport):
        await proxy.send_all(write_header(ADA))

        assert await LOOPBACK.find(transport) == Origin("::1")
        assert await Origins([ip_network("::1/128")]).find(transport) == ADA


async def test_the_socket_for_proxies_trusts_our_own_user(tmp_path: Path) -> None:
    path = tmp_path / "proxy.sock"
    async with connection(path) as (proxy, transport):
        await proxy.send_all(write_header(ADA))

        assert await Origins(gateway=path).find(transport) == ADA


async def test_another_socket_trusts_nobody(tmp_path: Path) -> None:
    async with connection(tmp_path / "chat.sock") as (client, transport):
        await client.send_all(write_header(ADA))

        assert await Origins(gateway=tmp_path / "proxy.sock").find(transport) == Origin()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_the_socket_for_proxies_trusts_no_other_user() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as stranger:
        path = Path(folder, "proxy.sock")
        listener = open_private(path)
        for opened, mode in (folder, 0o755), (path, 0o666):  # as a careless operator would
            os.chmod(opened, mode)
        os.seteuid(65_534)
        try:
            stranger.connect(str(path))
        finally:
            os.seteuid(0)
        async with listener, Transport(await listener.accept()) as transport:
            assert await Origins(gateway=path).find(transport) == Origin()


@pytest.mark.parametrize("sent", [b"", b'{"type":"hello"}', write_header(ADA)[:-1]])
async def test_a_proxy_that_says_nothing_right_is_disconnected(
    sent: bytes, logged: list[MutableMapping[str, Any]]
) -> None:
    async with connection() as (proxy, transport):
        await proxy.send_all(sent)
        await proxy.send_eof()

        with pytest.raises(UnknownOriginError):
            await LOOPBACK.find(transport)
    assert [line["event"] for line in logged] == ["proxy sent no valid header"]


async def test_a_silent_proxy_is_given_up(autojump_clock: MockClock) -> None:
    async with connection() as (_, transport):
        with pytest.raises(UnknownOriginError):
            await LOOPBACK.find(transport)

    assert trio.current_time() == pytest.approx(HEADER_DEADLINE)
