"""Blocks are sent whole and in order, or the outbox fails, whatever the kernel takes."""

from dataclasses import dataclass, field

import pytest
import trio
from hypothesis import given, strategies as st
from trio.testing import MockClock, lockstep_stream_pair, wait_all_tasks_blocked

from chat_server.net.outbox import (
    CONNECTION_LOST,
    MAX_BLOCKS,
    MAX_BYTES,
    TOO_SLOW,
    WRITE_DEADLINE,
    Outbox,
)
from chat_server.net.transport import Transport
from support.streams import Outcome, ScriptedTransport, SocketPair


@dataclass
class Failures:
    """Records why an outbox failed."""

    reasons: list[str] = field(default_factory=list)

    def __call__(self, reason: str) -> None:
        self.reasons.append(reason)


@pytest.fixture
def failures() -> Failures:
    return Failures()


def _stalled(nursery: trio.Nursery, failures: Failures) -> tuple[Outbox, trio.abc.Stream]:
    """Return an outbox to a peer without a buffer, and the end that the peer may read."""
    ours, theirs = lockstep_stream_pair()
    return Outbox(Transport(ours), nursery, failures), theirs


# --- written at once


async def test_a_block_that_fits_is_sent_at_once_without_a_task(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport()
    outbox = Outbox(transport, nursery, failures)

    outbox.put(b"one")
    outbox.put(b"two")

    assert transport.taken == b"onetwo"
    assert not nursery.child_tasks


async def test_waiting_for_an_empty_outbox_returns_at_once(
    nursery: trio.Nursery, failures: Failures
) -> None:
    await Outbox(ScriptedTransport(), nursery, failures).wait_drained()


async def test_buffered_blocks_are_sent_before_the_next_one_in_a_single_write(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport([100, trio.BrokenResourceError])
    outbox = Outbox(transport, nursery, failures)

    outbox.buffer(b"one")
    outbox.buffer(b"two")
    assert transport.taken == b""
    outbox.put(b"three")

    assert transport.taken == b"onetwothree"
    assert failures.reasons == []


async def test_flush_sends_buffered_blocks_once(nursery: trio.Nursery, failures: Failures) -> None:
    transport = ScriptedTransport()
    outbox = Outbox(transport, nursery, failures)

    outbox.buffer(b"one")
    outbox.flush()
    assert transport.pushed == 3
    outbox.flush()

    assert transport.taken == b"one"


async def test_a_flush_pushes_what_has_been_written_before(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport()
    outbox = Outbox(transport, nursery, failures)

    outbox.put(b"one")
    assert transport.pushed == 0
    outbox.flush()

    assert transport.pushed == 3


# --- through the backlog


async def test_a_short_write_is_finished_by_a_temporary_writer(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport([2])
    outbox = Outbox(transport, nursery, failures)

    outbox.put(b"hello ")
    outbox.put(b"there")
    outbox.buffer(b"!")
    outbox.flush()
    assert transport.taken == b"he"
    assert len(nursery.child_tasks) == 1
    await outbox.wait_drained()

    assert transport.taken == b"hello there!"
    assert transport.pushed == len(transport.taken)
    await wait_all_tasks_blocked()
    assert not nursery.child_tasks


async def test_a_drained_outbox_writes_at_once_again(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport([0])
    outbox = Outbox(transport, nursery, failures)
    outbox.put(b"later ")
    await outbox.wait_drained()

    outbox.put(b"now")

    assert transport.taken == b"later now"


async def test_several_tasks_may_wait_until_the_outbox_is_drained(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport([0])
    outbox = Outbox(transport, nursery, failures)
    outbox.put(b"x")
    async with trio.open_nursery() as waiting:
        for _ in range(3):
            waiting.start_soon(outbox.wait_drained)

    assert transport.taken == b"x"


# --- the bounds


async def test_one_block_too_many_fails_the_outbox_without_waiting(
    nursery: trio.Nursery, failures: Failures
) -> None:
    outbox, _ = _stalled(nursery, failures)
    outbox.put(b"x")
    await wait_all_tasks_blocked()  # the writer has taken that block and cannot send it

    for _ in range(MAX_BLOCKS):
        outbox.put(b"x")
    assert failures.reasons == []
    outbox.put(b"x")

    assert failures.reasons == [TOO_SLOW]
    assert outbox.closed


async def test_one_byte_too_many_fails_the_outbox(
    nursery: trio.Nursery, failures: Failures
) -> None:
    outbox, _ = _stalled(nursery, failures)

    outbox.put(b"x" * (MAX_BYTES - 1))
    outbox.put(b"x")
    assert failures.reasons == []
    outbox.put(b"x")

    assert failures.reasons == [TOO_SLOW]


async def test_sent_bytes_do_not_count(nursery: trio.Nursery, failures: Failures) -> None:
    outbox, theirs = _stalled(nursery, failures)
    for _ in range(3):
        outbox.put(b"x" * MAX_BYTES)
        received = 0
        while received < MAX_BYTES:
            received += len(await theirs.receive_some(MAX_BYTES))
        await outbox.wait_drained()

    assert failures.reasons == []


async def test_a_closed_outbox_ignores_further_blocks(
    nursery: trio.Nursery, failures: Failures
) -> None:
    transport = ScriptedTransport()
    outbox = Outbox(transport, nursery, failures)

    outbox.close()
    outbox.put(b"one")
    outbox.buffer(b"two")
    outbox.flush()

    assert transport.taken == b""


async def test_a_connection_that_takes_no_bytes_until_the_write_deadline_fails(
    failures: Failures, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    async with trio.open_nursery() as nursery:
        outbox, _ = _stalled(nursery, failures)
        outbox.put(b"x")

    assert trio.current_time() - start == WRITE_DEADLINE == 30.0
    assert failures.reasons == [TOO_SLOW]


async def test_a_connection_that_takes_bytes_in_time_stays_open(
    failures: Failures, autojump_clock: MockClock
) -> None:
    block = b"x" * 64 * 1024  # what the writer joins into one write
    async with trio.open_nursery() as nursery:
        outbox, theirs = _stalled(nursery, failures)
        for _ in range(5):
            outbox.put(block)
        for _ in range(5):
            await trio.sleep(WRITE_DEADLINE - 1)
            received = 0
            while received < len(block):
                received += len(await theirs.receive_some(len(block)))

    assert failures.reasons == []


async def test_waiting_for_a_dead_connection_ends(
    failures: Failures, autojump_clock: MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        outbox, _ = _stalled(nursery, failures)
        outbox.put(b"x")
        await outbox.wait_drained()

    assert outbox.closed


async def test_a_failure_is_reported_once(failures: Failures, autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        outbox, _ = _stalled(nursery, failures)
        outbox.put(b"x" * MAX_BYTES)
        outbox.put(b"x")  # too much: it fails here, before the writer's deadline

    assert failures.reasons == [TOO_SLOW]


async def test_waiting_for_a_second_backlog_waits_again(
    nursery: trio.Nursery, failures: Failures
) -> None:
    outbox, theirs = _stalled(nursery, failures)
    outbox.put(b"one")
    assert await theirs.receive_some(100) == b"one"
    await outbox.wait_drained()
    outbox.put(b"two")
    drained = trio.Event()

    async def wait() -> None:
        await outbox.wait_drained()
        drained.set()

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    assert not drained.is_set()
    assert await theirs.receive_some(100) == b"two"
    await drained.wait()


# --- a peer that disconnects


async def test_a_connection_that_breaks_at_once_is_lost(
    nursery: trio.Nursery, failures: Failures
) -> None:
    outbox = Outbox(ScriptedTransport([trio.BrokenResourceError]), nursery, failures)

    outbox.put(b"one")
    outbox.put(b"two")

    assert failures.reasons == [CONNECTION_LOST]


async def test_a_connection_that_breaks_in_the_writer_is_lost(
    nursery: trio.Nursery, failures: Failures
) -> None:
    outbox = Outbox(ScriptedTransport([0, trio.BrokenResourceError]), nursery, failures)

    outbox.put(b"one")
    await outbox.wait_drained()

    assert failures.reasons == [CONNECTION_LOST]


async def test_a_stream_that_is_closed_under_the_writer_is_lost(
    nursery: trio.Nursery, failures: Failures
) -> None:
    ours, _theirs = lockstep_stream_pair()
    outbox = Outbox(Transport(ours), nursery, failures)
    outbox.put(b"one")
    await wait_all_tasks_blocked()
    await ours.aclose()
    await outbox.wait_drained()

    assert failures.reasons == [CONNECTION_LOST]


async def test_a_cancelled_writer_wakes_tasks_that_wait_for_it(failures: Failures) -> None:
    async with trio.open_nursery() as writers:
        outbox, _ = _stalled(writers, failures)
        outbox.put(b"one")
        await wait_all_tasks_blocked()
        writers.cancel_scope.cancel()
    await outbox.wait_drained()

    assert failures.reasons == []


async def test_nothing_is_sent_after_a_cancelled_write(failures: Failures) -> None:
    transport = ScriptedTransport([2, 0])
    async with trio.open_nursery() as writers:
        outbox = Outbox(transport, writers, failures)
        outbox.put(b"one")
        writers.cancel_scope.cancel()
    outbox.put(b"two")

    assert transport.taken == b"on"


async def test_over_a_real_socket_everything_arrives_in_order(
    nursery: trio.Nursery, failures: Failures, sockets: SocketPair
) -> None:
    theirs, ours = sockets
    outbox = Outbox(Transport(ours), nursery, failures)
    blocks = [b"%06d," % number * 1_000 for number in range(300)]

    for block in blocks:
        outbox.put(block)
    expected = b"".join(blocks)
    received = bytearray()
    while len(received) < len(expected):
        received += await theirs.receive_some(64 * 1024)

    assert received == expected
    assert failures.reasons == []


# --- every interleaving


@dataclass(frozen=True)
class Put:
    block: bytes


@dataclass(frozen=True)
class Buffer:
    block: bytes


class Flush:
    """Send what is buffered."""


class Pause:
    """Let the writer do one step."""


class Drain:
    """Let the writer finish."""


_blocks = st.binary(min_size=1, max_size=12)
_steps = st.lists(
    st.one_of(
        st.builds(Put, _blocks), st.builds(Buffer, _blocks), *map(st.builds, (Flush, Pause, Drain))
    ),
    max_size=40,
)
_writes = st.lists(st.one_of(st.just(0), st.integers(1, 12), st.just(1_000)), max_size=40)


async def _follow(
    steps: list[object], script: list[Outcome]
) -> tuple[bytes, ScriptedTransport, list[str]]:
    """Return the bytes put, the transport, and the reasons for failure."""
    transport = ScriptedTransport(script)
    failures = Failures()
    put = b""
    async with trio.open_nursery() as nursery:
        outbox = Outbox(transport, nursery, failures)
        for step in steps:
            match step:
                case Put(block):
                    put += b"" if outbox.closed else block
                    outbox.put(block)
                case Buffer(block):
                    put += b"" if outbox.closed else block
                    outbox.buffer(block)
                case Flush():
                    outbox.flush()
                case Pause():
                    await trio.lowlevel.checkpoint()
                case Drain():
                    await outbox.wait_drained()
        outbox.flush()
    return put, transport, failures.reasons


@given(steps=_steps, script=_writes)
def test_everything_put_is_sent_in_order_whatever_the_kernel_takes(
    steps: list[object], script: list[Outcome]
) -> None:
    put, transport, reasons = trio.run(_follow, steps, script)

    assert transport.taken == put
    assert reasons == []


@given(steps=_steps, script=_writes)
def test_when_the_connection_breaks_the_sent_bytes_are_a_prefix(
    steps: list[object], script: list[Outcome]
) -> None:
    broken = [*script, *[trio.BrokenResourceError] * 100]
    put, transport, reasons = trio.run(_follow, steps, broken)

    assert put.startswith(transport.taken)
    assert reasons in ([], [CONNECTION_LOST])
    assert reasons or transport.taken == put
