"""A server that is not where it was named is found elsewhere, if it is the same server."""

import asyncio
import socket
from pathlib import Path

import pytest

from chat_tui.model.address import AUTHORITY, Address, Place
from chat_tui.net.connect import NotConnected, UnverifiedServer, connect
from chat_tui.storage.known_servers import KnownServers
from support.dark import dark_address
from support.listener import greeting, listening

pytestmark = pytest.mark.asyncio

WRONG = f"SHA256:{'0' * 64}"


def _closed(host: str = "127.0.0.1") -> Address:
    """Return an address that refuses connections."""
    with socket.socket() as free:
        free.bind((host, 0))
        return Address(host, free.getsockname()[1])


def _known(address: Address, trust: str, *others: Address) -> KnownServers:
    known = KnownServers()
    known.remember(address, trust)
    known.learn(address, others)
    return known


async def _seconds(at: Address, known: KnownServers, *, least: float, most: float) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    await greeting(await connect(at, known))
    assert least <= clock() - began < most


async def test_where_it_was_named_nobody_listens_and_it_is_found_at_once(tmp_path: Path) -> None:
    async with listening(tmp_path / "tls", at="127.0.0.2") as there:
        here = _closed()
        known = _known(here, there.fingerprint, _closed("127.0.0.3"), there.address)
        transport = await connect(here, known, within=0.9)  # sooner than a dark host is given up

        place = Place(here, encrypted=True, fingerprint=there.fingerprint, at=there.address)
        assert transport.place == place
        assert place.key == here.key
        assert await greeting(transport) == b"hello\n"


async def test_a_host_without_power_costs_a_second(tmp_path: Path) -> None:
    with dark_address() as here:
        async with listening(tmp_path / "tls", at="127.0.0.2") as there:
            known = _known(here, there.fingerprint, there.address)
            await _seconds(here, known, least=1, most=3)


async def test_where_it_was_named_comes_first(tmp_path: Path) -> None:
    async with listening(tmp_path / "a") as here, listening(tmp_path / "b") as there:
        transport = await connect(
            here.address, _known(here.address, here.fingerprint, there.address)
        )

        assert transport.place == Place(here.address, encrypted=True, fingerprint=here.fingerprint)
        await greeting(transport)
        assert not there.done.is_set()


async def test_another_certificate_elsewhere_gets_nothing_and_is_named(tmp_path: Path) -> None:
    async with listening(tmp_path / "tls", at="127.0.0.2") as fake:
        here = _closed()
        with pytest.raises(NotConnected) as failure:
            await connect(here, _known(here, WRONG, fake.address))

        assert not isinstance(failure.value, UnverifiedServer)  # nobody is asked to accept it
        assert str(failure.value) == (
            f"127.0.0.1 refuses connections on port {here.port}. {fake.address} was not used: its "
            f"fingerprint is {fake.fingerprint} and not {WRONG}."
        )
        await fake.done.wait()
        assert fake.received == b""


async def test_a_fake_does_not_hide_the_server_behind_it(tmp_path: Path) -> None:
    async with (
        listening(tmp_path / "fake", at="127.0.0.2") as fake,
        listening(tmp_path / "tls", at="127.0.0.3") as there,
    ):
        here = _closed()
        known = _known(here, there.fingerprint, fake.address, there.address)
        transport = await connect(here, known)

        assert transport.place.at == there.address
        await greeting(transport)
        assert fake.received == b""


async def test_another_certificate_where_it_was_named_is_asked_about_first(tmp_path: Path) -> None:
    async with (
        listening(tmp_path / "new") as here,
        listening(tmp_path / "tls", at="127.0.0.2") as there,
    ):
        with pytest.raises(UnverifiedServer, match="has changed"):
            await connect(here.address, _known(here.address, there.fingerprint, there.address))
        assert there.received == here.received == b""


@pytest.fixture
def vouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a certificate that an authority vouches for."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
    return tmp_path / "tls"


async def test_an_authority_has_to_vouch_for_the_name_that_the_user_knows(vouched: Path) -> None:
    here = _closed()
    async with listening(vouched, host="127.0.0.1", at="127.0.0.2") as there:
        transport = await connect(here, _known(here, AUTHORITY, there.address))

        assert transport.place == Place(here, encrypted=True, at=there.address)
        await greeting(transport)


async def test_its_own_name_is_not_enough_elsewhere(vouched: Path) -> None:
    here = _closed()
    async with listening(vouched, host="127.0.0.2", at="127.0.0.2") as other:
        await greeting(await connect(other.address, KnownServers()))  # it is a valid certificate
        other.received = b""
        with pytest.raises(NotConnected, match=r"no authority vouches for it as 127\.0\.0\.1\."):
            await connect(here, _known(here, AUTHORITY, other.address))
        assert other.received == b""


async def test_a_link_to_a_server_that_is_elsewhere_is_the_first_knowledge(tmp_path: Path) -> None:
    known, here = KnownServers(tmp_path / "known-servers"), _closed()
    async with listening(tmp_path / "tls", at="127.0.0.2") as there:
        transport = await connect(here, known, there.fingerprint, alts=[there.address])

        assert transport.place.at == there.address
        assert known.find(here) == there.fingerprint
        assert known.find(there.address) == ""
        await greeting(transport)


async def test_at_the_first_connection_nobody_is_asked_about_another_address(
    tmp_path: Path,
) -> None:
    here = _closed()
    async with listening(tmp_path / "tls", at="127.0.0.2") as there:
        with pytest.raises(NotConnected, match="no authority vouches for it") as failure:
            await connect(here, KnownServers(), alts=[there.address])

        assert not isinstance(failure.value, UnverifiedServer)
        assert there.received == b""


async def test_a_link_with_another_fingerprint_leads_closed_else_either(tmp_path: Path) -> None:
    here = _closed()
    async with listening(tmp_path / "tls", at="127.0.0.2") as there:
        with pytest.raises(NotConnected, match=f"and not {WRONG}"):
            await connect(here, KnownServers(), WRONG, alts=[there.address])
        assert there.received == b""


async def test_elsewhere_nothing_is_sent_without_tls() -> None:
    here = _closed()
    async with listening(at="127.0.0.2") as there:
        for known in (KnownServers(), _known(here, WRONG, there.address)):
            with pytest.raises(NotConnected, match="1 other address does not answer either"):
                await connect(here, known, alts=[there.address])
        assert there.received[:1] in (b"", b"\x16")  # at most handshakes


async def test_an_unencrypted_server_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    here = _closed()
    async with listening(tmp_path / "tls", at="127.0.0.2") as there:
        known = _known(here, there.fingerprint, there.address)
        plain = Address(here.host, here.port, plain=True)
        known.remember(plain, "unencrypted")

        with pytest.raises(NotConnected, match=r"^127\.0\.0\.1 refuses [a-z ]+ \d+\.$"):
            await connect(plain, known, alts=[there.address])


async def test_a_server_on_the_internet_leads_to_nothing_on_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def look_up(host: str, port: int, **options: int) -> object:
        return await resolve("203.0.114.5" if host == "chat.example" else host, port, **options)

    async def refuse(sock: socket.socket, to: tuple[str, int]) -> None:
        assert to[0] == "203.0.114.5"
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    monkeypatch.setattr(loop, "sock_connect", refuse)
    here = Address("chat.example")
    with pytest.raises(NotConnected) as failure:
        await connect(here, _known(here, WRONG, Address("127.0.0.1", 22)))

    assert "127.0.0.1:22 was not used: it is in a more private network than chat.example." in str(
        failure.value
    )


async def test_of_all_that_is_told_five_addresses_are_tried() -> None:
    tried = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tried
        tried += 1
        writer.transport.abort()

    servers = [await asyncio.start_server(count, "127.0.0.2", 0) for _ in range(8)]
    alts = [Address("127.0.0.2", server.sockets[0].getsockname()[1]) for server in servers]
    here = _closed()
    with pytest.raises(NotConnected, match="5 other addresses do not answer either"):
        await connect(here, _known(here, WRONG, *alts[:4]), alts=alts[4:])
    for server in servers:
        server.close()
        await server.wait_closed()

    assert tried == 5


async def test_each_address_that_drops_packets_has_its_time_and_no_more() -> None:
    with dark_address() as here, dark_address("127.0.0.2") as there:
        clock = asyncio.get_running_loop().time
        began = clock()
        with pytest.raises(NotConnected) as failure:
            await connect(here, _known(here, WRONG, there), within=0.5)

        assert str(failure.value) == (
            f"{here} did not answer within 0.5 s. 1 other address does not answer either."
        )
        assert clock() - began < 2
