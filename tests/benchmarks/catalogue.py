"""The workloads of a run, by name and in order."""

from benchmarks.native import ChatServer
from benchmarks.workloads import (
    CURVE,
    LONG_HISTORY,
    PROCESS,
    ClosedLoop,
    FixedRate,
    IdleSessions,
    MassLogin,
    SlowReaders,
    Workload,
)

#: Every workload in the order of a full run.
ALL: tuple[Workload, ...] = (
    *(ClosedLoop(f"n{size}", size, senders=10, window=4) for size in CURVE),
    FixedRate(
        "latency",
        size=100,
        senders=10,
        per_second=100,
        variants={PROCESS: ChatServer(PROCESS, durability="process")},
    ),
    ClosedLoop("mixed", size=100, senders=10, window=4, is_mixed=True),
    ClosedLoop("ipv6", size=100, senders=10, window=4, host="::1"),
    ClosedLoop("rooms", size=10, senders=1, window=4, rooms=100),
    IdleSessions(),
    SlowReaders(),
    MassLogin(),
    FixedRate(
        "history",
        size=100,
        senders=10,
        per_second=100,
        variants={LONG_HISTORY: ChatServer(LONG_HISTORY, rows=10_000_000)},
        peers=False,
    ),
    ClosedLoop("tls100", size=100, senders=10, window=4, tls=True),
    ClosedLoop("tls400", size=400, senders=10, window=4, tls=True),
    MassLogin("memory-tls", tls=True),
)

#: Small enough for a test, too small for a verdict.
SMOKE: tuple[Workload, ...] = (
    ClosedLoop("smoke", size=6, senders=2, window=4),
    ClosedLoop("smoke-mixed", size=6, senders=2, window=4, is_mixed=True),
    ClosedLoop("smoke-ipv6", size=6, senders=2, window=4, host="::1"),
    FixedRate("smoke-latency", size=6, senders=2, per_second=100, variants={}, peers=False),
)
