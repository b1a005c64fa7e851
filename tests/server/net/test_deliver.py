"""What is delivered to many arrives whole and in order at each, however slowly they read.

Over real sockets with small buffers, so that the kernel takes blocks in pieces or not at all; with
TLS and without.
"""

import socket
import ssl
from dataclasses import dataclass
from typing import Final, TypeAlias

import pytest
import trio
from hypothesis import given, strategies as st

from chat_server.net.outbox import CONNECTION_LOST, Outbox, deliver
from chat_server.net.tls import TlsStream
from chat_server.net.transport import Transport
from support.tls import client_context, own_credentials, shook_hands

Context: TypeAlias = ssl.SSLContext | None  # the server's; None without TLS

_BUFFER: Final = 4_096  # bytes; the kernel doubles it
_READERS: Final = 3


@pytest.fixture(scope="module", params=["plain", "tls"])
def context(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Context:
    if request.param == "plain":
        return None
    return own_credentials(tmp_path_factory.mktemp("deliver")).context


@dataclass(frozen=True)
class Deliver:
    """A block for everyone, `size` bytes long."""

    size: int


@dataclass(frozen=True)
class Answer:
    """A block for one reader, held until the next one or flushed."""

    reader: int
    flushed: bool


@dataclass(frozen=True)
class Read:
    """One reader takes at most `size` bytes."""

    reader: int
    size: int


class Pause:
    """The writers do one step."""


class Member:
    """A reader: the server's end of its connection, and what should have arrived."""

    def __init__(self, nursery: trio.Nursery, context: Context) -> None:
        ours, self.socket = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self.socket.setblocking(False)
        self.failures: list[str] = []
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        self.transport = Transport(TlsStream(stream, context) if context else stream)
        self.outbox = Outbox(self.transport, nursery, self.failures.append)
        self.expected = bytearray()
        self.received = bytearray()

    async def open(self) -> None:
        """Do the handshake of both ends, if there is one."""
        if self.transport.is_open:
            return
        client = self.socket = client_context().wrap_socket(
            self.socket, do_handshake_on_connect=False
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.transport.open)
            while not shook_hands(client):
                await trio.lowlevel.wait_readable(client)

    def read(self, size: int) -> bool:
        """Take at most `size` bytes; return whether there were any."""
        try:
            data = self.socket.recv(size)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        self.received += data
        return True

    async def read_all(self) -> None:
        while len(self.received) < len(self.expected) and not self.failures:
            if not self.read(_BUFFER):
                await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.socket.close()
        await self.transport.aclose()


async def _members(nursery: trio.Nursery, context: Context, number: int) -> list[Member]:
    members = [Member(nursery, context) for _ in range(number)]
    for member in members:
        await member.open()
    return members


_sizes = st.sampled_from([1, 100, 2_000, 20_000])
_readers = st.integers(0, _READERS - 1)
_steps = st.lists(
    st.one_of(
        st.builds(Deliver, _sizes),
        st.builds(Answer, _readers, st.booleans()),
        st.builds(Read, _readers, st.sampled_from([1, 3_000, 50_000])),
        st.builds(Pause),
    ),
    max_size=60,
)


@given(steps=_steps)
def test_everything_delivered_arrives_whole_and_in_order(
    steps: list[object], context: Context
) -> None:
    trio.run(_follow, steps, context)


async def _follow(steps: list[object], context: Context) -> None:
    async with trio.open_nursery() as nursery:
        members = await _members(nursery, context, _READERS)
        for number, step in enumerate(steps):
            await _do(step, b"%04d" % number, members)
        for member in members:
            member.outbox.flush()
        for member in members:
            await member.read_all()
            await member.outbox.wait_drained()
            assert member.received == member.expected
            assert member.failures == []
            if member.expected:  # after a handshake, the first block finds the way
                assert member.outbox.direct == member.transport.direct is not None
            await member.aclose()


async def _do(step: object, mark: bytes, members: list[Member]) -> None:
    match step:
        case Deliver(size):
            block = mark * (size // 4 + 1)
            deliver(block, [member.outbox for member in members])
            for member in members:
                member.expected += block
        case Answer(reader, flushed):
            members[reader].outbox.buffer(mark)
            members[reader].expected += mark
            if flushed:
                members[reader].outbox.flush()
        case Read(reader, size):
            members[reader].read(size)
        case Pause():
            await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_a_member_who_is_gone_costs_only_their_own_session(
    nursery: trio.Nursery, context: Context, gone: int
) -> None:
    members = await _members(nursery, context, _READERS)
    members[gone].socket.close()

    for block in (b"one", b"two"):
        deliver(block, [member.outbox for member in members])

    for number, member in enumerate(members):
        if number == gone:
            assert member.failures == [CONNECTION_LOST]
            assert member.outbox.direct is None
        else:
            while member.read(100):
                pass
            assert member.received == b"onetwo"
            assert member.failures == []
        await member.aclose()


async def test_after_its_end_nothing_is_written_to_the_descriptor(
    nursery: trio.Nursery, context: Context
) -> None:
    # The number of a closed descriptor may belong to another file by then.
    [member] = await _members(nursery, context, 1)
    member.outbox.close()

    deliver(b"too late", [member.outbox])

    assert not member.read(100)
    await member.aclose()


async def test_a_full_socket_delays_nobody_else(nursery: trio.Nursery, context: Context) -> None:
    members = await _members(nursery, context, 2)
    stalled, reading = members
    for number in range(50):
        deliver(b"%04d" % number * 1_000, [member.outbox for member in members])
        while reading.read(8_000):
            pass

    assert reading.received == b"".join(b"%04d" % number * 1_000 for number in range(50))
    assert stalled.outbox.direct is None
    stalled.expected = reading.received
    await stalled.read_all()
    assert stalled.received == reading.received
    for member in members:
        await member.aclose()
