"""The benchmarks of the stores and of what one leader carries run on every machine."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.arena import Arena
from benchmarks.knee import LONGEST, Step, _end, find_knee
from benchmarks.machine import choose_cores
from benchmarks.native import ChatServer
from benchmarks.stores import PAIR, SQLITE, contenders, measure
from benchmarks.workloads import ClosedLoop


@pytest.fixture
def arena() -> Iterator[Arena]:
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        yield Arena(choose_cores(), Path(folder), rounds=1, seconds=0.2, retries=0)


def test_a_short_round_of_a_file_and_of_a_database_with_a_standby_is_measured(
    arena: Arena,
) -> None:
    servers = [server for server in contenders("/tmp") if server.name in (SQLITE, PAIR)]

    results = measure(arena, servers, ClosedLoop("smoke", size=2, senders=1, window=2, rooms=2))

    assert [result.reason for result in results.values()] == ["", ""]
    for figures in (result.figures for result in results.values()):
        [(p50,), (p99,), (rate,)] = figures.values()
        assert 0 < p50 <= p99
        assert rate > 0


def test_the_steps_to_the_knee_are_measured(arena: Arena) -> None:
    *steps, carried = find_knee(replace(arena, seconds=1.0), ChatServer(), members=3, steps=2)

    assert 1 <= len(steps) <= 2
    assert carried.startswith("carried: ")


@pytest.mark.parametrize(
    ("step", "end"),
    [
        (Step(10, 200, 2_000, 1, LONGEST, server=0.5, generator=0.5), ""),
        (Step(10, 200, 2_000, 1, LONGEST + 1, server=0.5, generator=0.5), "p99 above 100 ms"),
        (Step(10, 104, 1_040, 1, 1, server=0.5, generator=0.5), "no more deliveries"),
        (Step(10, 200, 2_000, 1, 1, server=0.5, generator=0.95), "the generator can do no more"),
    ],
)
def test_a_step_is_beyond_the_knee_if_it_is_slow_or_brings_nothing(step: Step, end: str) -> None:
    before = Step(10, 100, 1_000, 1, 1, server=0.2, generator=0.2)

    assert _end(step, before) == end
