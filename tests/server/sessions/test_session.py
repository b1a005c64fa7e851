"""A session knows why it closed, and sends nothing afterwards."""

from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from chat_server.net.outbox import Outbox
from chat_server.sessions.blocks import Block
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.proxy_header import Origin
from support.streams import ScriptedTransport

_PONG = m.Pong(re=1)


@dataclass
class Connected:
    """A session on a connection that takes everything."""

    session: Session
    transport: ScriptedTransport = field(default_factory=ScriptedTransport)


@pytest.fixture
async def connected(nursery: trio.Nursery) -> Connected:
    session = Session(
        Origin("192.0.2.1"),
        encode=m.encode,
        encode_all=m.encode_all,
    )
    connected = Connected(session)
    session.outbox = Outbox(connected.transport, nursery, session.disconnect)
    return connected


async def test_replies_and_blocks_leave_in_order(connected: Connected) -> None:
    block = Block([m.Entered("general", "Ada"), m.Left("general", "Ben")])

    connected.session.send(_PONG)
    connected.session.deliver(block)
    connected.session.send(_PONG)

    pong = m.encode(_PONG)
    assert connected.transport.taken == pong + block.encoded(m.encode_all) + pong


async def test_what_is_for_one_session_alone_waits_for_no_acknowledgement(
    connected: Connected,
) -> None:
    connected.session.send(_PONG)
    assert connected.transport.pushed == len(connected.transport.taken)
    connected.session.deliver(Block([m.Entered("general", "Ada")]))

    assert connected.transport.pushed == len(connected.transport.taken)


async def test_buffered_messages_leave_with_the_next_one(connected: Connected) -> None:
    connected.session.buffer([_PONG])
    assert connected.transport.taken == b""
    connected.session.send(_PONG)

    assert connected.transport.taken == m.encode(_PONG) * 2


async def test_nothing_is_encoded_after_the_session_has_ended(connected: Connected) -> None:
    connected.session.outbox.close()
    connected.session.send(_PONG)
    connected.session.buffer([_PONG])
    connected.session.deliver(Block([m.Notice("hello")]))

    assert connected.transport.taken == b""


async def test_disconnecting_cancels_the_task_and_the_first_reason_counts(
    connected: Connected,
) -> None:
    with connected.session.scope:
        connected.session.disconnect("the first")
        connected.session.disconnect("the second")
        await trio.sleep_forever()

    assert connected.session.close_for("the third") == "the first"


async def test_a_session_that_ends_by_itself_says_why(connected: Connected) -> None:
    assert connected.session.close_for("client disconnected") == "client disconnected"
    assert connected.session.close_for() == "client disconnected"


async def test_a_deadline_closes_the_session_on_time(
    connected: Connected, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with connected.session.scope:
        connected.session.set_deadline(60.0, "nobody logged in")
        await trio.sleep_forever()

    assert trio.current_time() - start == 60.0
    assert connected.session.close_for() == "nobody logged in"


async def test_each_new_deadline_replaces_the_one_before(
    connected: Connected, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with connected.session.scope:
        connected.session.set_deadline(60.0, "nobody logged in")
        await trio.sleep(59.0)
        connected.session.set_deadline(90.0, "silent")
        await trio.sleep_forever()

    assert trio.current_time() - start == 59.0 + 90.0
    assert connected.session.close_for() == "silent"


async def test_a_deadline_lags_by_at_most_a_second_so_that_not_every_read_moves_it(
    connected: Connected, autojump_clock: MockClock
) -> None:
    start, moved = trio.current_time(), 0
    with connected.session.scope:
        connected.session.set_deadline(90.0, "silent")
        for _ in range(9):  # so little at a time that each alone does not move it
            before = connected.session.scope.deadline
            await trio.sleep(0.5)
            connected.session.set_deadline(90.0, "silent")
            moved += connected.session.scope.deadline != before
        await trio.sleep_forever()

    assert 89.0 <= trio.current_time() - start - 4.5 <= 90.0
    assert 0 < moved < 9


async def test_a_shorter_deadline_counts_too(
    connected: Connected, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with connected.session.scope:
        connected.session.set_deadline(90.0, "silent")
        connected.session.set_deadline(5.0, "slow")
        await trio.sleep_forever()

    assert trio.current_time() - start == 5.0
    assert connected.session.close_for() == "slow"
