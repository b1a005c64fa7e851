"""Where a host can be reached, and in which order that is tried."""

import asyncio
import socket

import pytest

from chat_tui.model.address import Address
from chat_tui.net.lookup import look_up

pytestmark = pytest.mark.asyncio


async def test_ipv6_and_ipv4_take_turns_and_each_address_is_there_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int, **_: object) -> object:
        assert (host, port) == ("chat.example", 4560)
        six = [(ip, port, 0, 0) for ip in ("2001:db8::1", "2001:db8::2", "2001:db8::1")]
        four = [(ip, port) for ip in ("192.0.2.1",)]
        return [
            *((socket.AF_INET6, socket.SOCK_STREAM, 6, "", where) for where in six),
            *((socket.AF_INET, socket.SOCK_STREAM, 6, "", where) for where in four),
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)

    found = await look_up(Address("chat.example", 4560))

    assert [where[0] for where in found] == ["2001:db8::1", "192.0.2.1", "2001:db8::2"]


@pytest.mark.parametrize("ip", ["192.0.2.1", "2001:db8::1"])
async def test_an_ip_address_is_where_it_says(ip: str) -> None:
    assert [where[:2] for where in await look_up(Address(ip, 4560))] == [(ip, 4560)]


async def test_an_ip_address_waits_for_nothing() -> None:
    looking_up = look_up(Address("192.0.2.1", 4560))

    with pytest.raises(StopIteration) as returned:
        looking_up.send(None)
    assert returned.value.value == [("192.0.2.1", 4560)]


async def test_the_zone_of_an_ipv6_address_is_kept() -> None:
    (name,) = [name for _, name in socket.if_nameindex() if name.startswith("lo")][:1]

    found = await look_up(Address(f"fe80::1%{name}", 4560))

    assert found == [("fe80::1", 4560, 0, socket.if_nametoindex(name))]
