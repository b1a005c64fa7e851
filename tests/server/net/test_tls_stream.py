"""Encryption is a function: sealed bytes may be sent later, in the same order."""

import ssl
from pathlib import Path

import pytest
import trio
from trio.testing import memory_stream_pair

from chat_server.net.tls import TlsStream
from support.streams import SocketPair
from support.tls import Encrypted, client_context, encrypted, own_credentials


async def _pair(folder: Path) -> tuple[Encrypted, TlsStream]:
    """Return both ends of a TLS connection after its handshake."""
    below, ours = memory_stream_pair()
    server = TlsStream(ours, own_credentials(folder).context)
    async with trio.open_nursery() as handshakes:
        handshakes.start_soon(server.do_handshake)
        client = await encrypted(below)
    return client, server


async def test_sealed_bytes_sent_later_in_order_are_readable(tmp_path: Path) -> None:
    client, server = await _pair(tmp_path)
    sealed = [server.seal(b"%d," % number) for number in range(100)]

    await server.below.send_all(b"".join(sealed))

    expected = b"".join(b"%d," % number for number in range(100))
    received = b""
    while len(received) < len(expected):
        received += await client.receive_some(1000)
    assert received == expected


async def test_a_block_larger_than_a_record_is_sealed_whole(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    client, server = await _pair(tmp_path)

    nursery.start_soon(server.send_all, b"x" * 100_000)

    received = 0
    while received < 100_000:
        received += len(await client.receive_some(65_536))
    assert received == 100_000


async def test_sealed_bytes_do_not_contain_the_plain_text(tmp_path: Path) -> None:
    _client, server = await _pair(tmp_path)

    assert b"attack at dawn" not in server.seal(b"attack at dawn")


async def test_a_cut_connection_is_distinguished_from_a_clean_close(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    closing, server = await _pair(tmp_path)
    nursery.start_soon(closing.aclose)
    assert await server.receive_some(1) == b""

    cutting, cut = await _pair(tmp_path)
    await cutting.transport_stream.aclose()
    with pytest.raises(trio.BrokenResourceError):
        await cut.receive_some(1)
    with pytest.raises(trio.BrokenResourceError):  # not an error of OpenSSL's
        cut.seal(b"Are you there?")


async def test_garbage_after_the_handshake_breaks_the_stream(tmp_path: Path) -> None:
    client, server = await _pair(tmp_path)

    await client.transport_stream.send_all(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with pytest.raises(trio.BrokenResourceError):
        await server.receive_some(1)


async def test_others_have_their_turn_between_two_of_many_handshakes(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    context, turns, turn = own_credentials(tmp_path).context, trio.Lock(), 0
    answered_in = []

    async def connect() -> None:
        nonlocal turn
        ours, theirs = memory_stream_pair()
        await theirs.send_all(_client_hello())
        nursery.start_soon(TlsStream(ours, context, turns).do_handshake)
        await theirs.receive_some()
        answered_in.append(turn)

    async with trio.open_nursery() as clients:
        for _ in range(10):
            clients.start_soon(connect)
        while len(answered_in) < 10:
            await trio.lowlevel.checkpoint()
            turn += 1
    nursery.cancel_scope.cancel()

    assert max(answered_in) - min(answered_in) >= 8  # tasks of one turn run in any order


def _client_hello() -> bytes:
    sent = ssl.MemoryBIO()
    client = client_context().wrap_bio(ssl.MemoryBIO(), sent)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


async def test_a_client_that_cannot_agree_is_told_why(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    below, ours = memory_stream_pair()
    server = TlsStream(ours, own_credentials(tmp_path).context)
    failures: list[BaseException | None] = []

    async def serve() -> None:
        with pytest.raises(trio.BrokenResourceError) as caught:
            await server.do_handshake()
        failures.append(caught.value.__cause__)

    nursery.start_soon(serve)
    with pytest.raises(trio.BrokenResourceError) as refused:
        await encrypted(below, client_context(ssl.TLSVersion.TLSv1_2))

    alert, failure = refused.value.__cause__, failures[0]
    assert isinstance(alert, ssl.SSLError)
    assert alert.reason == "TLSV1_ALERT_PROTOCOL_VERSION"
    assert isinstance(failure, ssl.SSLError)
    assert failure.reason == "UNSUPPORTED_PROTOCOL"


async def test_a_connection_that_is_cut_during_the_handshake_is_not_an_error_of_tls(
    tmp_path: Path,
) -> None:
    below, ours = memory_stream_pair()
    server = TlsStream(ours, own_credentials(tmp_path).context)
    await below.send_all(b"\x16\x03\x01")  # the beginning of a record
    await below.aclose()

    with pytest.raises(trio.BrokenResourceError) as caught:
        await server.do_handshake()
    assert caught.value.__cause__ is None


async def test_closing_says_so_to_the_peer(tmp_path: Path, sockets: SocketPair) -> None:
    theirs, ours = sockets
    server = TlsStream(ours, own_credentials(tmp_path).context)
    async with trio.open_nursery() as handshakes:
        handshakes.start_soon(server.do_handshake)
        client = await encrypted(theirs)
    await server.send_all(b"goodbye")
    await server.aclose()

    assert await client.receive_some(100) == b"goodbye"
    assert await client.receive_some(100) == b""  # else this would be a cut connection
    assert await theirs.receive_some(100) == b""


async def test_no_more_is_returned_than_asked_for_and_the_rest_later(tmp_path: Path) -> None:
    client, server = await _pair(tmp_path)
    await client.send_all(b"attack at dawn")

    assert [await server.receive_some(size) for size in (6, 1, None)] == [
        b"attack",
        b" ",
        b"at dawn",
    ]
