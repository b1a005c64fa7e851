"""To which networks a server may send its clients."""

import asyncio
import socket

import pytest

from chat_tui.model.address import Address
from chat_tui.net.reach import reachable

pytestmark = pytest.mark.asyncio

_INTERNET = ("203.0.114.5", "2001:4860::5")
_NETWORK = ("10.0.0.5", "169.254.169.254", "192.168.1.1", "100.64.0.5", "fd00::5", "fe80::5")
_COMPUTER = ("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::ffff:127.0.0.1")


async def _reachable(other: Address, server: Address) -> list[str]:
    return [where[0] for where in await reachable(other, server)]


@pytest.mark.parametrize(
    ("server", "allowed"),
    [
        *((host, _INTERNET) for host in _INTERNET),
        *((host, _INTERNET + _NETWORK) for host in _NETWORK),
        *((host, _INTERNET + _NETWORK + _COMPUTER) for host in ("127.0.0.1", "::1")),
    ],
)
async def test_a_server_sends_to_no_network_more_private_than_its_own(
    server: str, allowed: tuple[str, ...]
) -> None:
    for host in _INTERNET + _NETWORK + _COMPUTER:
        found = await _reachable(Address(host, 22), Address(server))
        assert bool(found) == (host in allowed), (host, server)


def _resolving(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> None:
    async def resolve(host: str, port: int, **_: object) -> object:
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in names[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)


async def test_what_a_name_leads_to_counts_and_not_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {"chat.example": ["203.0.114.5"], "chat2.example": ["10.0.0.5", "203.0.114.6"]}
    _resolving(monkeypatch, names)

    found = await _reachable(Address("chat2.example"), Address("chat.example"))

    assert found == ["203.0.114.6"]


async def test_one_private_address_among_its_own_opens_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {"chat.example": ["203.0.114.5", "10.0.0.5"], "chat2.example": ["10.0.0.6"]}
    _resolving(monkeypatch, names)

    assert await _reachable(Address("chat2.example"), Address("chat.example")) == []


@pytest.mark.parametrize(
    ("server", "found"),
    [("desk.local", ["10.0.0.6"]), ("desk", ["10.0.0.6"]), ("chat.example.org", [])],
)
async def test_a_name_that_is_gone_with_its_machine_is_as_private_as_such_names_are(
    monkeypatch: pytest.MonkeyPatch, server: str, found: list[str]
) -> None:
    _resolving(monkeypatch, {"other": ["10.0.0.6", "127.0.0.1"]})

    assert await _reachable(Address("other"), Address(server)) == found


async def test_of_one_name_four_addresses_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"203.0.114.{n}" for n in range(1, 200)]
    _resolving(monkeypatch, {"chat.example": many[:1], "many.example": many})

    found = await _reachable(Address("many.example"), Address("chat.example"))

    assert found == many[:4]
