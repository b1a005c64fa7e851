"""A session that has ended is freed at once: nothing of it waits for Python's garbage collector.

That looks at all objects, and everybody waits meanwhile, so it is to run seldom. And it does not
count the memory of OpenSSL, which is most of what an encrypted session takes.
"""

import gc
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeAlias, cast

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.net.outbox import TOO_SLOW
from chat_server.net.tls import TlsStream
from chat_server.net.transport import Transport
from chat_server.requests.handlers import HANDLERS
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.limits import GENERAL
from support.peer import PASSWORD, Peer, greeted
from support.running_server import RunningServer
from support.streams import SocketPair
from support.tls import encrypted, own_credentials

Ending: TypeAlias = Callable[[RunningServer, Peer, trio.SocketStream], Awaitable[None]]


@pytest.fixture(autouse=True)
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _kept() -> list[str]:
    """Return what is left of sessions, by type."""
    left = [item for item in gc.get_objects() if isinstance(item, Session | Transport)]
    tls = [item for item in gc.get_objects() if type(item) is ssl.SSLObject and item.server_side]
    return [type(item).__name__ for item in [*left, *tls]]


async def hang_up(_: RunningServer, peer: Peer, __: trio.SocketStream) -> None:
    await peer.aclose()


async def cut(_: RunningServer, __: Peer, below: trio.SocketStream) -> None:
    await below.aclose()


async def disconnect(server: RunningServer, _: Peer, below: trio.SocketStream) -> None:
    server.services.registry.disconnect_all("bye")


async def fall_behind(server: RunningServer, _: Peer, below: trio.SocketStream) -> None:
    (session,) = server.services.registry
    session.outbox.put(bytes(1_000_000))
    session.disconnect(TOO_SLOW)
    del session
    await wait_all_tasks_blocked()
    await below.aclose()


async def break_the_protocol(_: RunningServer, peer: Peer, __: trio.SocketStream) -> None:
    await peer.send_bytes(b"\xff\n")


async def hit_a_bug(_: RunningServer, peer: Peer, __: trio.SocketStream) -> None:
    await peer.send(m.Ping(id=99))


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "ending", [hang_up, cut, disconnect, fall_behind, break_the_protocol, hit_a_bug]
)
async def test_however_it_ends(
    server: RunningServer,
    sockets: SocketPair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: Ending,
    tls: bool,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(HANDLERS, cast("type[m.Request]", m.Ping), fail)
    theirs, ours = sockets
    stream = TlsStream(ours, own_credentials(tmp_path / "tls").context) if tls else ours
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.protocol, stream)
        del stream
        peer = await greeted(await encrypted(theirs) if tls else theirs)
        await peer.resume(await server.token("Ada"))
        assert len(_kept()) == (3 if tls else 2)

        await ending(server, peer, theirs)
        while len(server.services.registry):
            await wait_all_tasks_blocked()
        await theirs.aclose()  # or the server waits for it to receive the rest
    await wait_all_tasks_blocked()

    assert _kept() == []


async def test_strangers_who_do_no_handshake(
    server: RunningServer, sockets: SocketPair, tmp_path: Path
) -> None:
    theirs, ours = sockets
    context = own_credentials(tmp_path / "tls").context
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.protocol, TlsStream(ours, context))
        await theirs.send_all(b"GET / HTTP/1.1\r\n\r\n")
        while await theirs.receive_some():
            pass

    assert _kept() == []


@pytest.mark.parametrize(
    "request_",
    [
        m.Post("nowhere", "hello", "n", id=1),
        m.Post(GENERAL, "hello", "n", files=(99,), id=1),
        m.Post(GENERAL, "hello", "n", reply=99, id=1),
        m.Edit(GENERAL, 99, "hello", "n", id=1),
        m.Create(GENERAL, id=1),
        m.Join("nowhere", "k7qm-2vxh-9rtd", id=1),
    ],
    ids=repr,
)
async def test_what_was_refused(server: RunningServer, request_: m.Request) -> None:
    """The reason refers to where it was raised: it must not be referred to from there."""
    ada = await server.log_in("Ada")

    await ada.refusal(request_)

    assert [item for item in gc.get_objects() if isinstance(item, Refused)] == []


async def test_what_a_stranger_was_refused(server: RunningServer) -> None:
    await server.log_in("Ada")
    stranger = await server.connect()

    await stranger.refusal(m.Register("Ada", PASSWORD, id=1))

    assert [item for item in gc.get_objects() if isinstance(item, Refused)] == []
