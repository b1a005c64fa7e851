"""Transfers have limits of their own, which delay nothing but transfers."""

from dataclasses import dataclass, field
from typing import cast

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.files.transfers import (
    GIVES_WAY,
    LEAST_CHUNK,
    PACE,
    TRANSFER_IDLE,
    TransferLimits,
    Transfers,
)
from chat_server.sessions.session import Account, Session
from chat_shared.errors import Code, Refused

_LIMITS = TransferLimits(total=3, per_account=2, burst=1_000_000, bytes_per_second=100_000)


@dataclass(eq=False)
class _Account:
    id: int


@dataclass(eq=False)
class _Session:
    account: _Account = field(default_factory=lambda: _Account(1))


def _session(account: _Account | None = None) -> Session:
    return cast("Session", _Session(account or _Account(1)))


@pytest.fixture
async def transfers() -> Transfers:
    return Transfers(_LIMITS)


def _chunk(transfers: Transfers, session: Session, file: int) -> None:
    with transfers.chunk(session, "up", file):
        pass


def _refusal(transfers: Transfers, session: Session, file: int) -> Refused:
    with pytest.raises(Refused) as caught:
        _chunk(transfers, session, file)
    return caught.value


async def test_an_account_transfers_so_many_files_at_a_time(transfers: Transfers) -> None:
    account = _Account(1)
    phone, laptop = _session(account), _session(account)
    _chunk(transfers, phone, 1)
    _chunk(transfers, laptop, 2)
    _chunk(transfers, phone, 1)  # a further chunk is no further transfer

    refused = _refusal(transfers, phone, 3)
    assert (refused.code, refused.retry_after) == (Code.TOO_FAST, 2)
    _chunk(transfers, _session(_Account(2)), 3)


async def test_a_server_transfers_so_many_files_at_a_time(transfers: Transfers) -> None:
    for number in range(3):
        _chunk(transfers, _session(_Account(number)), 1)

    assert len(transfers) == 3
    assert _refusal(transfers, _session(_Account(9)), 1).code == Code.TOO_FAST


async def test_who_has_several_gives_one_up_to_who_has_none(transfers: Transfers) -> None:
    ada, ben, eve = (_session(_Account(number)) for number in range(3))
    _chunk(transfers, ada, 1)
    _chunk(transfers, ada, 2)
    _chunk(transfers, ben, 3)

    _chunk(transfers, eve, 4)

    assert len(transfers) == 3
    _chunk(transfers, ada, 2)  # the one that had its last chunk later
    assert _refusal(transfers, ada, 1).code == Code.TOO_FAST
    assert _refusal(transfers, eve, 5).code == Code.TOO_FAST  # all have one by now


async def test_who_is_silent_gives_their_place_up(
    transfers: Transfers, mock_clock: MockClock
) -> None:
    silent, busy, ada = (_session(_Account(number)) for number in range(3))
    _chunk(transfers, silent, 1)
    _chunk(transfers, silent, 2)
    _chunk(transfers, busy, 3)
    _chunk(transfers, ada, 4)
    mock_clock.jump(GIVES_WAY + 0.1)
    for session, file in ((busy, 3), (ada, 4)):
        _chunk(transfers, session, file)

    ben = _session(_Account(9))
    _chunk(transfers, ben, 5)

    assert len(transfers) == 3
    assert _refusal(transfers, silent, 2).code == Code.TOO_FAST


async def test_up_and_down_are_two(transfers: Transfers) -> None:
    session = _session()
    with transfers.chunk(session, "up", 1), transfers.chunk(session, "down", 1):
        assert len(transfers) == 2


async def test_a_transfer_ends_with_its_last_chunk_with_its_session_or_with_an_error(
    transfers: Transfers,
) -> None:
    session = _session()
    for file in 1, 2:
        _chunk(transfers, session, file)
    transfers.end(session, "up", 1)
    _chunk(transfers, session, 3)
    transfers.end_all(session)
    assert len(transfers) == 0

    with pytest.raises(ZeroDivisionError), transfers.chunk(session, "up", 1):
        raise ZeroDivisionError
    assert len(transfers) == 0


async def test_a_transfer_without_chunks_counts_no_longer(
    transfers: Transfers, mock_clock: MockClock
) -> None:
    session = _session()
    _chunk(transfers, session, 1)
    mock_clock.jump(TRANSFER_IDLE / 2)
    _chunk(transfers, session, 2)
    _chunk(transfers, session, 1)
    mock_clock.jump(TRANSFER_IDLE - 1)
    _refusal(transfers, session, 3)
    mock_clock.jump(2)
    _chunk(transfers, session, 3)

    assert len(transfers) == 1


async def test_bytes_come_back_with_time(transfers: Transfers, mock_clock: MockClock) -> None:
    account = cast("Account", _Account(1))
    for _ in range(20):
        assert transfers.charge(account, 50_000) == 0

    # Half a second until there are as many again, and one for some chunks at once.
    assert transfers.charge(account, 50_000) == pytest.approx(1.5)
    assert transfers.charge(cast("Account", _Account(2)), 50_000) == 0
    mock_clock.jump(0.5)
    assert transfers.charge(account, 50_000) == 0


async def test_a_small_chunk_costs_what_a_request_does(transfers: Transfers) -> None:
    account = cast("Account", _Account(1))
    taken = 0
    while not transfers.charge(account, 1):
        taken += 1

    assert taken == 1_000_000 // LEAST_CHUNK


async def test_chunks_are_handled_one_after_the_other_however_many_come_at_once(
    transfers: Transfers, autojump_clock: MockClock
) -> None:
    done: list[float] = []

    async def handle() -> None:
        await transfers.wait_turn(PACE // 10)
        done.append(trio.current_time())

    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(handle)

    assert [moment - began for moment in done] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    await trio.sleep(1)
    await handle()
    assert done[-1] == pytest.approx(began + 1.4)  # nothing is saved up


async def test_chunks_give_way_when_the_loop_is_busy(
    transfers: Transfers, mock_clock: MockClock
) -> None:
    """One that is late, since others had the loop, makes the next one wait for as long again."""
    await transfers.wait_turn(PACE // 10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(transfers.wait_turn, PACE // 10)  # due at 0.1
        await wait_all_tasks_blocked()
        mock_clock.jump(0.14)
    began = trio.current_time()
    assert began == pytest.approx(0.14)

    mock_clock.autojump_threshold = 0
    await transfers.wait_turn(1)
    assert trio.current_time() == pytest.approx(0.24)
