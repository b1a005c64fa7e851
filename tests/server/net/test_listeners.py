"""All addresses are listened on, or none, and a listener knows its actual address."""

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import trio

from chat_server.addresses import Scheme, TcpAddress, UnixAddress
from chat_server.errors import StartError
from chat_server.net.listeners import name_of, open_listeners, remove_sockets

_ANY_PORT = TcpAddress("127.0.0.1", 0)


async def _close(listeners: Iterable[trio.abc.Listener[Any]]) -> None:
    for listener in listeners:
        await listener.aclose()


async def test_port_0_picks_a_free_port_which_the_name_shows() -> None:
    listeners = await open_listeners([_ANY_PORT, _ANY_PORT])
    names = [name_of(listener) for listener in listeners]

    assert len(set(names)) == 2
    for name in names:
        port = int(name.removeprefix("tcp://127.0.0.1:"))
        await (await trio.open_tcp_stream("127.0.0.1", port)).aclose()
    await _close(listeners)


async def test_an_ipv6_address_is_named_in_brackets() -> None:
    try:
        listeners = await open_listeners([TcpAddress("::1", 0)])
    except StartError:
        pytest.skip("no IPv6 here")

    assert name_of(listeners[0]).startswith("tcp://[::1]:")
    await _close(listeners)


async def test_a_unix_socket_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.sock"
    listeners = await open_listeners([UnixAddress(path)])

    assert name_of(listeners[0]) == f"unix://{path}"
    await (await trio.open_unix_socket(str(path))).aclose()
    await _close(listeners)


async def test_the_stale_socket_of_a_killed_server_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "chat.sock"
    await _close(await open_listeners([UnixAddress(path)]))
    assert path.is_socket()

    listeners = await open_listeners([UnixAddress(path)])

    await (await trio.open_unix_socket(str(path))).aclose()
    await _close(listeners)


async def test_a_socket_in_use_is_not_removed(tmp_path: Path) -> None:
    address = UnixAddress(tmp_path / "chat.sock")
    listeners = await open_listeners([address])
    with pytest.raises(StartError, match=f"Cannot listen on {address}: Address already in use."):
        await open_listeners([address])

    await (await trio.open_unix_socket(str(address.path))).aclose()
    await _close(listeners)


async def test_a_file_that_is_not_a_socket_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("dear")
    with pytest.raises(StartError, match="Address already in use"):
        await open_listeners([UnixAddress(path)])

    assert path.read_text() == "dear"


async def test_a_socket_path_too_long_for_the_system_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"Cannot listen on unix://.*: AF_UNIX path too long\."):
        await open_listeners([UnixAddress(tmp_path / ("x" * 200))])


@pytest.mark.parametrize("scheme", ["tcp", "tls", "ssh"])
async def test_one_bad_address_leaves_none_open(scheme: Scheme, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        good = UnixAddress(tmp_path / "chat.sock")
        with pytest.raises(StartError) as caught:
            await open_listeners([good, TcpAddress("127.0.0.1", port, scheme)])

    assert str(caught.value) == (
        f"Cannot listen on {scheme}://127.0.0.1:{port}: Address already in use. "
        "Stop the other program, or choose another address with --listen."
        + (scheme == "ssh")
        * " If it is the gateway of a server that was stopped, it ends within "
        "ten minutes, or when you kill it."
    )
    with pytest.raises(ConnectionRefusedError):
        await trio.open_unix_socket(str(good.path))


async def test_an_unknown_host_is_reported() -> None:
    with pytest.raises(StartError, match=r"Cannot listen on tcp://nobody\.invalid:1: "):
        await open_listeners([TcpAddress("nobody.invalid", 1)])


async def test_no_unix_socket_is_left_behind(tmp_path: Path) -> None:
    address = UnixAddress(tmp_path / "chat.sock")
    [listener] = await open_listeners([address])
    await listener.aclose()

    remove_sockets([address, _ANY_PORT])
    remove_sockets([address])

    assert not address.path.exists()


class Hosts(trio.abc.HostnameResolver):
    """Gives every name the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def getaddrinfo(self, host: Any, port: Any, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in self._addresses]

    async def getnameinfo(self, sockaddr: Any, flags: int) -> Any:
        raise NotImplementedError


_ABSENT = "192.0.2.1"  # for documentation (RFC 5737): no machine has it


async def test_of_a_host_the_addresses_that_this_machine_has_are_listened_on() -> None:
    trio.socket.set_custom_hostname_resolver(Hosts(_ABSENT, "127.0.0.1"))
    listeners = await open_listeners([TcpAddress("two.example", 0)])

    assert [name.rpartition(":")[0] for name in map(name_of, listeners)] == ["tcp://127.0.0.1"]
    await _close(listeners)


async def test_a_host_of_which_this_machine_has_no_address_is_refused() -> None:
    trio.socket.set_custom_hostname_resolver(Hosts(_ABSENT))
    with pytest.raises(StartError) as caught:
        await open_listeners([TcpAddress("two.example", 7667)])

    assert str(caught.value) == (
        "Cannot listen on tcp://two.example:7667: Cannot assign requested address."
    )


async def test_port_0_is_one_port_on_all_addresses_of_a_host() -> None:
    trio.socket.set_custom_hostname_resolver(Hosts("127.0.0.1", "127.0.0.2"))
    for _ in range(50):
        listeners = await open_listeners([TcpAddress("two.example", 0)])
        names = [name_of(listener).rpartition(":") for listener in listeners]

        assert [host for host, _, _ in names] == ["tcp://127.0.0.1", "tcp://127.0.0.2"]
        assert len({port for _, _, port in names}) == 1
        await _close(listeners)


async def test_a_port_in_use_on_one_address_of_a_host_is_refused_and_leaves_none_open() -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        address = TcpAddress("two.example", taken.getsockname()[1])
        trio.socket.set_custom_hostname_resolver(Hosts("127.0.0.1", "127.0.0.2"))
        with pytest.raises(StartError, match="Address already in use"):
            await open_listeners([address])
        await _close(await open_listeners([TcpAddress("127.0.0.1", address.port)]))
