"""Behind a proxy, limits count the people and not the proxy; a stranger gains nothing by it."""

from pathlib import Path

import trio

from chat_server.config import Config, Limits
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.proxy_header import Origin, write_header
from support.inline_storage import InlineStorage
from support.peer import Peer, greeted
from support.running_server import WIDE, running_server

TRUSTING = Config(limits=WIDE, trust_proxy=("127.0.0.1",))
LIMITED = Config(limits=Limits(connections_per_address=1), trust_proxy=("127.0.0.1",))


async def _forwarded(address: str, origin: Origin) -> Peer:
    """Return a peer whom a proxy on this machine forwards."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    stream = await trio.open_tcp_stream(host, int(port))
    await stream.send_all(write_header(origin))
    return await greeted(stream)


async def test_a_hundred_wrong_passwords_slow_their_address_and_nobody_else(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, TRUSTING) as server:
        address = await server.listen()
        eve = await _forwarded(address, Origin("203.0.113.9", "ssh"))
        ben = await _forwarded(address, Origin("203.0.113.10", "ssh"))
        await ben.register("Ada", "the right password")
        again = await _forwarded(address, Origin("203.0.113.10", "ssh"))

        codes = [
            await eve.code(m.Login("Ada", f"wrong {number} wrong", id=eve.number()))
            for number in range(100)
        ]

        assert codes == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST] * 95
        assert (await again.log_in("Ada", "the right password")).account == "Ada"
        for peer in (eve, ben, again):
            await peer.aclose()


async def test_connections_are_counted_by_the_address_that_the_proxy_names(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, LIMITED) as server:
        address = await server.listen()
        first = await _forwarded(address, Origin("203.0.113.9", "web"))
        other = await _forwarded(address, Origin("203.0.113.10", "web"))
        second = await _forwarded(address, Origin("203.0.113.9", "web"))

        assert (await second.expect(m.Error)).code == Code.SERVER_FULL
        for peer in (first, other, second):
            await peer.aclose()


async def test_a_stranger_who_sends_the_header_breaks_the_protocol(
    storage: InlineStorage,
) -> None:
    async with running_server(storage) as server:
        stranger = await _forwarded(await server.listen(), Origin("203.0.113.9"))

        refusal, bye = await stranger.receive_all()
        assert isinstance(refusal, m.Error)
        assert refusal.code == Code.BAD_REQUEST
        assert bye == m.Bye("protocol error")
        await stranger.aclose()
        assert server.services.registry.disconnects["protocol error"] == 1


async def test_the_socket_for_proxies_is_there_only_where_one_is_trusted(tmp_path: Path) -> None:
    assert Config(data=tmp_path).proxy_socket is None
    assert Config(data=tmp_path, trust_proxy=("::1",)).proxy_socket == tmp_path / "proxy.sock"
