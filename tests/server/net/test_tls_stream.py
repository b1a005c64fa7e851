"""OpenSSL on a socket that does not block: whole records, clean ends, and turns at handshakes."""

import os
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from operator import itemgetter
from pathlib import Path
from typing import Final

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.net.outbox import CONNECTION_LOST, Outbox, deliver
from chat_server.net.tls import TlsShare, TlsStream
from chat_server.net.transport import Transport
from support.streams import SocketPair, reset_connection, socket_pair
from support.tls import Encrypted, client_context, encrypted, own_credentials, shook_hands

_GARBAGE: Final = b"\x17\x03\x03\x00\x20" + b"x" * 32


@asynccontextmanager
async def _connected(
    folder: Path, share: TlsShare | None = None
) -> AsyncGenerator[tuple[Encrypted, Transport]]:
    """Yield both ends of a TLS connection after its handshake."""
    with socket_pair() as (theirs, ours):
        async with Transport(TlsStream(ours, own_credentials(folder).context, share)) as server:
            async with trio.open_nursery() as handshakes:
                handshakes.start_soon(server.open)
                client = await encrypted(theirs)
            yield client, server


async def _begin(stream: trio.SocketStream) -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
    """Do the client's part of a handshake; return its TLS, and what it has not sent yet."""
    incoming, unsent = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(incoming, unsent)
    while not shook_hands(client):
        await stream.send_all(unsent.read())
        incoming.write(await stream.receive_some())
    return client, unsent


async def _receive(stream: Encrypted, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += await stream.receive_some(size - len(received))
    return received


async def _read(transport: Transport) -> bytes:
    """Return what comes next: nothing at the end."""
    while (data := transport.read_nowait()) is None:
        await transport.wait_readable()
    return data


async def test_what_does_not_fit_is_encrypted_once_and_sent_by_the_next_write(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    async with _connected(tmp_path) as (client, server):
        sent = b""
        while server.write_nowait(piece := b"%06d," % len(sent)):
            sent += piece
        rest = piece + b"and what came meanwhile"

        nursery.start_soon(server.write, rest)

        assert await _receive(client, len(sent + rest)) == sent + rest


async def test_a_block_larger_than_a_record_is_sent_whole(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    async with _connected(tmp_path) as (client, server):
        nursery.start_soon(server.write, b"x" * 100_000)

        assert await _receive(client, 100_000) == b"x" * 100_000


async def test_several_records_are_read_together_and_the_end_after_them(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (client, server):
        for part in (b"attack", b" ", b"at dawn"):
            await client.send_all(part)
        assert (await _read(server), server.may_read) == (b"attack at dawn", False)

        await client.send_all(b"goodbye")
        async with trio.open_nursery() as closing:
            closing.start_soon(client.aclose)
            await wait_all_tasks_blocked()
            assert (await _read(server), server.may_read) == (b"goodbye", True)
            assert (await _read(server), server.may_read) == (b"", True)
            await server.aclose()


async def test_a_cut_connection_is_distinguished_from_a_clean_close(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (client, server):
        await client.send_all(b"wait")
        await client.transport_stream.aclose()
        assert await _read(server) == b"wait"
        with pytest.raises(trio.BrokenResourceError):
            await _read(server)
        with pytest.raises(trio.BrokenResourceError):  # not an error of OpenSSL's
            server.write_nowait(b"Are you there?")


async def test_garbage_after_the_handshake_breaks_the_stream(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (client, server):
        await client.transport_stream.send_all(_GARBAGE)

        with pytest.raises(trio.BrokenResourceError):
            await _read(server)
        await server.aclose()
        with pytest.raises(trio.BrokenResourceError) as alert:
            await client.receive_some(1)
    assert isinstance(alert.value.__cause__, ssl.SSLError)
    assert alert.value.__cause__.reason == "SSLV3_ALERT_BAD_RECORD_MAC"


async def test_what_comes_with_the_end_of_the_handshake_is_read(
    tmp_path: Path, sockets: SocketPair, nursery: trio.Nursery
) -> None:
    theirs, ours = sockets
    async with Transport(TlsStream(ours, own_credentials(tmp_path).context)) as server:
        nursery.start_soon(server.open)
        client, unsent = await _begin(theirs)
        client.write(b"hello")
        await theirs.send_all(unsent.read())
        await wait_all_tasks_blocked()

        assert await _read(server) == b"hello"


async def test_what_one_connection_leaves_behind_never_reaches_another(
    tmp_path: Path, sockets: SocketPair, nursery: trio.Nursery
) -> None:
    share = TlsShare()
    theirs, ours = sockets
    broken = Transport(TlsStream(ours, own_credentials(tmp_path).context, share))
    async with _connected(tmp_path, share) as (client, server), broken:
        nursery.start_soon(broken.open)
        other, unsent = await _begin(theirs)
        other.write(b"hello")
        await theirs.send_all(unsent.read() + _GARBAGE + b"more of it")
        await wait_all_tasks_blocked()
        assert await _read(broken) == b"hello"
        with pytest.raises(trio.BrokenResourceError):
            await _read(broken)

        await client.send_all(b"attack at dawn")
        assert await _read(server) == b"attack at dawn"
        assert server.write_nowait(b"yes") == 3
        assert await client.receive_some(100) == b"yes"


@pytest.mark.parametrize("times", [1, 2])
async def test_for_whom_there_is_no_memory_is_disconnected_and_nobody_else_notices(
    tmp_path: Path, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    share, failures = TlsShare(), [list[str](), list[str](), list[str]()]
    async with AsyncExitStack() as open_connections:
        ends = [
            await open_connections.enter_async_context(_connected(tmp_path, share))
            for _ in failures
        ]
        outboxes = [
            Outbox(server, nursery, reasons.append)
            for (_, server), reasons in zip(ends, failures, strict=True)
        ]
        lacking = ends[1][1]._tls
        assert lacking is not None
        seal = lacking._tls.write

        def write(data: bytes) -> int:
            nonlocal times
            times -= 1
            if times >= 0:
                seal(data)  # the record is counted, and will never be sent
                raise MemoryError
            return seal(data)

        monkeypatch.setattr(lacking._tls, "write", write)
        deliver(b"attack at dawn", outboxes)

        assert failures == [[], [CONNECTION_LOST], []]
        for client, _ in (ends[0], ends[2]):
            assert await client.receive_some(100) == b"attack at dawn"


async def test_halves_of_records_of_two_connections_never_mix(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    share, context = TlsShare(), own_credentials(tmp_path).context
    halves, opened = [], []
    async with AsyncExitStack() as open_connections:
        for text in (b"attack at dawn", b"retreat at dusk"):
            theirs, ours = open_connections.enter_context(socket_pair())
            server = Transport(TlsStream(ours, context, share))
            nursery.start_soon((await open_connections.enter_async_context(server)).open)
            client, unsent = await _begin(theirs)
            await theirs.send_all(unsent.read())
            client.write(text)
            record = unsent.read()
            halves += [(0, theirs, server, record[:10]), (1, theirs, server, record[10:])]
        await wait_all_tasks_blocked()

        for _, theirs, server, half in sorted(halves, key=itemgetter(0)):
            await theirs.send_all(half)
            await server.wait_readable()
            opened.append(server.read_nowait())

    assert opened == [None, None, b"attack at dawn", b"retreat at dusk"]


async def test_others_have_their_turn_between_two_of_many_handshakes(tmp_path: Path) -> None:
    context, share, turn = own_credentials(tmp_path).context, TlsShare(), 0
    answered_in = []

    async def connect() -> None:
        nonlocal turn
        with socket_pair() as (theirs, ours):
            stream = TlsStream(ours, context, share)
            await theirs.send_all(_client_hello())
            async with stream, trio.open_nursery() as handshake:
                handshake.start_soon(stream.do_handshake)
                await theirs.receive_some()
                answered_in.append(turn)
                handshake.cancel_scope.cancel()

    async with trio.open_nursery() as clients:
        for _ in range(10):
            clients.start_soon(connect)
        while len(answered_in) < 10:
            await trio.lowlevel.checkpoint()
            turn += 1

    assert max(answered_in) - min(answered_in) >= 8  # tasks of one turn run in any order


def _client_hello() -> bytes:
    sent = ssl.MemoryBIO()
    client = client_context().wrap_bio(ssl.MemoryBIO(), sent)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


async def test_a_client_that_cannot_agree_is_told_why(tmp_path: Path, sockets: SocketPair) -> None:
    theirs, ours = sockets
    server = TlsStream(ours, own_credentials(tmp_path).context)
    failures: list[BaseException | None] = []

    async def serve() -> None:
        with pytest.raises(trio.BrokenResourceError) as caught:
            await server.do_handshake()
        failures.append(caught.value.__cause__)
        await server.aclose()

    async with trio.open_nursery() as serving:
        serving.start_soon(serve)
        with pytest.raises(trio.BrokenResourceError) as refused:
            await encrypted(theirs, client_context(ssl.TLSVersion.TLSv1_2))

    alert, failure = refused.value.__cause__, failures[0]
    assert isinstance(alert, ssl.SSLError)
    assert alert.reason == "TLSV1_ALERT_PROTOCOL_VERSION"
    assert isinstance(failure, ssl.SSLError)
    assert failure.reason == "UNSUPPORTED_PROTOCOL"


async def test_a_connection_that_is_cut_during_the_handshake_is_not_an_error_of_tls(
    tmp_path: Path, sockets: SocketPair
) -> None:
    theirs, ours = sockets
    async with TlsStream(ours, own_credentials(tmp_path).context) as server:
        await theirs.send_all(b"\x16\x03\x01")  # the beginning of a record
        await theirs.aclose()

        with pytest.raises(trio.BrokenResourceError) as caught:
            await server.do_handshake()
    assert caught.value.__cause__ is None


async def test_a_connection_that_was_reset_before_the_handshake_is_lost(tmp_path: Path) -> None:
    async with TlsStream(await reset_connection(), own_credentials(tmp_path).context) as server:
        with pytest.raises(trio.BrokenResourceError) as caught:
            await server.do_handshake()
    assert not isinstance(caught.value.__cause__, ssl.SSLError)


async def test_closing_says_so_to_the_peer(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (client, server):
        await server.write(b"goodbye")
        await server.aclose()

        assert await client.receive_some(100) == b"goodbye"
        assert await client.receive_some(100) == b""  # else this would be a cut connection
        assert await client.transport_stream.receive_some(100) == b""


async def test_what_is_half_sent_is_completed_before_closing(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (client, server):
        sent = 0
        while server.write_nowait(b"x" * 1000):
            sent += 1000
        assert await _receive(client, sent) == b"x" * sent
        await server.aclose()

        assert await client.receive_some() == b"x" * 1000
        assert await client.receive_some() == b""


async def test_after_closing_nothing_is_written_to_a_reused_descriptor(tmp_path: Path) -> None:
    async with _connected(tmp_path) as (_, server):
        while server.write_nowait(b"x" * 1000):
            pass
        number = server.fd
        await server.aclose()
        with (tmp_path / "other").open("wb") as other:
            assert other.fileno() == number
            await server.aclose()  # as `accepting` does in any case
            assert os.fstat(number).st_size == 0
