"""The gateway's benchmark runs and reports every figure; none is asserted."""

import subprocess
import sys
from pathlib import Path

FIGURES = (
    "time to the form", "memory at the form", "memory in a room", "idle", "key to echo",
    "someone posts", "stops reading", "1 arrive",
)  # fmt: skip


def test_a_smoke_run_reports_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gateway", "--smoke"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    assert [figure for figure in FIGURES if figure not in done.stdout] == []
