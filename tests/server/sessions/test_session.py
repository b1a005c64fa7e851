"""A session knows why it ended, and says nothing to who is gone."""

from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from chat_server.net.outbox import Outbox
from chat_server.sessions.blocks import Block
from chat_server.sessions.rate_limits import TokenBucket
from chat_server.sessions.session import Session
from chat_shared import messages as m
from support.streams import ScriptedTransport

_PONG = m.Pong(re=1)


@dataclass
class Line:
    """A session on a line that takes everything."""

    session: Session
    transport: ScriptedTransport = field(default_factory=ScriptedTransport)


@pytest.fixture
async def line(nursery: trio.Nursery) -> Line:
    session = Session(
        address="192.0.2.1",
        say=m.encode,
        encode=m.encode_all,
        posts=TokenBucket(1, 1, 0),
        requests=TokenBucket(1, 1, 0),
    )
    line = Line(session)
    session.outbox = Outbox(line.transport, nursery, session.disconnect)
    return line


async def test_what_is_sent_and_what_is_heard_leave_in_order(line: Line) -> None:
    block = Block([m.Entered("general", "Ada"), m.Left("general", "Ben")])

    line.session.send(_PONG)
    line.session.hear(block)
    line.session.send(_PONG)

    pong = m.encode(_PONG)
    assert line.transport.taken == pong + block.encoded(m.encode_all) + pong


async def test_what_is_held_leaves_with_what_is_sent_next(line: Line) -> None:
    line.session.hold([_PONG])
    assert line.transport.taken == b""
    line.session.send(_PONG)

    assert line.transport.taken == m.encode(_PONG) * 2


async def test_nothing_is_even_encoded_for_who_is_gone(line: Line) -> None:
    line.session.outbox.close()
    line.session.send(_PONG)
    line.session.hold([_PONG])
    line.session.hear(Block([m.Notice("hello")]))

    assert line.transport.taken == b""


async def test_dropping_cancels_the_task_and_the_first_reason_stands(line: Line) -> None:
    with line.session.scope:
        line.session.disconnect("the first")
        line.session.disconnect("the second")
        await trio.sleep_forever()

    assert line.session.close_for("the third") == "the first"


async def test_a_session_that_ends_by_itself_says_why(line: Line) -> None:
    assert line.session.close_for("client disconnected") == "client disconnected"
    assert line.session.close_for() == "client disconnected"


async def test_what_was_expected_in_vain_ends_the_session_on_time(
    line: Line, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with line.session.scope:
        line.session.expect(60.0, "nobody logged in")
        await trio.sleep_forever()

    assert trio.current_time() - start == 60.0
    assert line.session.close_for() == "nobody logged in"


async def test_each_new_expectation_replaces_the_one_before(
    line: Line, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with line.session.scope:
        line.session.expect(60.0, "nobody logged in")
        await trio.sleep(59.0)
        line.session.expect(90.0, "silent")
        await trio.sleep_forever()

    assert trio.current_time() - start == 59.0 + 90.0
    assert line.session.close_for() == "silent"


async def test_a_deadline_may_lag_by_a_second_and_no_more(
    line: Line, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    with line.session.scope:
        line.session.expect(90.0, "silent")
        for _ in range(10):  # so little at a time that each alone would not move it
            await trio.sleep(0.5)
            line.session.expect(90.0, "silent")
        await trio.sleep_forever()

    assert 89.0 <= trio.current_time() - start - 5.0 <= 90.0


async def test_a_shorter_expectation_counts_too(line: Line, autojump_clock: MockClock) -> None:
    start = trio.current_time()
    with line.session.scope:
        line.session.expect(90.0, "silent")
        line.session.expect(5.0, "slow")
        await trio.sleep_forever()

    assert trio.current_time() - start == 5.0
    assert line.session.close_for() == "slow"
