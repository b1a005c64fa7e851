"""The workloads of a run, by name and in order."""

from benchmarks.native import ChatServer
from benchmarks.workloads import (
    CURVE,
    LONG_HISTORY,
    PROCESS,
    ClosedLoop,
    Company,
    FixedRate,
    Gathering,
    SlowReaders,
    Workload,
)

#: Every workload in the order of a full run.
ALL: tuple[Workload, ...] = (
    *(ClosedLoop(f"n{size}", size, speakers=10, window=4) for size in CURVE),
    FixedRate(
        "latency",
        size=100,
        speakers=10,
        per_second=100,
        variants={PROCESS: ChatServer(PROCESS, durability="process")},
    ),
    ClosedLoop("rooms", size=10, speakers=1, window=4, rooms=100),
    Company(),
    SlowReaders(),
    Gathering(),
    FixedRate(
        "history",
        size=100,
        speakers=10,
        per_second=100,
        variants={LONG_HISTORY: ChatServer(LONG_HISTORY, rows=10_000_000)},
        peers=False,
    ),
    ClosedLoop("tls100", size=100, speakers=10, window=4, tls=True),
    ClosedLoop("tls400", size=400, speakers=10, window=4, tls=True),
    Gathering("memory-tls", tls=True),
)

#: Small enough for a test, and no base for a verdict.
SMOKE: tuple[Workload, ...] = (
    ClosedLoop("smoke", size=6, speakers=2, window=4),
    FixedRate("smoke-latency", size=6, speakers=2, per_second=100, variants={}, peers=False),
)
