"""The goals, as data: which figure is compared with which, and its limits.

Each is a ratio within one run, or an absolute figure of ours. The documentation explains where
they come from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.native import OURS
from benchmarks.results import Result, Results, median, ratios
from benchmarks.workloads import (
    CURVE,
    LONG_HISTORY,
    MEMORY,
    NO_IDLE,
    NONE_SLOW,
    P50,
    P99,
    PROCESS,
    RATE,
    REFUSED,
    SECONDS,
)


@dataclass(frozen=True)
class Goal:
    """`metric` of `ours` in `workload`, or its ratio to `against`, must be within the limits."""

    workload: str
    metric: str
    against: str = ""
    at_least: float = 0.0
    at_most: float = math.inf
    ours: str = OURS

    @property
    def limits(self) -> str:
        """Return the limits as a table shows them."""
        low = f"≥ {self.at_least:g}" if self.at_least else ""
        high = f"≤ {self.at_most:g}" if self.at_most < math.inf else ""
        return " and ".join(filter(None, (low, high)))

    def met_by(self, value: float) -> bool:
        """Return whether `value` is within the limits."""
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True)
class Verdict:
    """The outcome of a goal: the value of the median round, and a reason for doubt if any."""

    goal: Goal
    value: float
    lowest: float
    highest: float
    doubt: str = ""

    @property
    def word(self) -> str:
        """Return `reached`, `missed` or `no verdict`."""
        if self.doubt:
            return "no verdict"
        return "reached" if self.goal.met_by(self.value) else "missed"


def _throughput() -> list[Goal]:
    goals = [Goal("n100", RATE, "InspIRCd", at_least=1)]
    goals += [Goal(f"n{size}", RATE, "InspIRCd", at_least=2) for size in CURVE if size >= 400]
    goals += [Goal(f"n{size}", RATE, "Ergo", at_least=10) for size in CURVE]
    for name in ("tls100", "tls400"):
        goals += [Goal(name, RATE, "Ergo", at_least=2), Goal(name, RATE, "ngIRCd", at_least=1)]
    return goals


#: The row of the results with the smallest rate of the cost curve over its greatest.
CURVE_ROW = "curve"

GOALS: tuple[Goal, ...] = (
    *_throughput(),
    Goal("latency", P50, "InspIRCd", at_most=1.5),
    Goal("latency", P50, "InspIRCd", at_most=1.0, ours=PROCESS),
    Goal("latency", P99, "InspIRCd", at_most=3.0),
    Goal("latency", P99, "InspIRCd", at_most=3.0, ours=PROCESS),
    Goal(CURVE_ROW, RATE, at_least=0.7),
    Goal("idle", RATE, NO_IDLE, at_least=0.9),
    Goal("slow", RATE, NONE_SLOW, at_least=0.9),
    Goal("log-in", SECONDS, at_most=10),
    Goal("log-in", REFUSED, at_most=0),
    Goal("log-in", MEMORY, at_most=12),
    Goal("memory-tls", MEMORY, "Ergo", at_most=1),
    Goal("memory-tls", MEMORY, at_most=20),
    Goal("history", P50, OURS, at_most=1.2, ours=LONG_HISTORY),
)


def judge(results: Results, *, doubt: str = "") -> list[Verdict]:
    """Return a verdict for every goal whose workload was run; `doubt` applies to all of them."""
    return [
        _verdict(goal, results[goal.workload], doubt) for goal in GOALS if goal.workload in results
    ]


def _verdict(goal: Goal, results: dict[str, Result], doubt: str) -> Verdict:
    ours = results.get(goal.ours, Result())
    theirs = results.get(goal.against, Result()) if goal.against else None
    values = ours.figures.get(goal.metric, [])
    if theirs is not None:
        values = ratios(values, theirs.figures.get(goal.metric, []))
    reasons = [_about(goal.ours, ours)]
    if theirs is not None:
        reasons.append(_about(goal.against, theirs))
    return Verdict(goal, *_summary(values), doubt or "; ".join(filter(None, reasons)))


def _about(label: str, result: Result) -> str:
    return f"{label}: {result.doubt()}" if result.doubt() else ""


def _summary(values: Sequence[float]) -> tuple[float, float, float]:
    return median(values), min(values, default=math.nan), max(values, default=math.nan)


def curve(results: Results) -> dict[str, Result]:
    """Return each server's smallest rate over its greatest, over the sizes of the cost curve."""
    runs = [results[f"n{size}"] for size in CURVE if f"n{size}" in results]
    if len(runs) < len(CURVE):
        return {}
    return {label: _flatness([run[label] for run in runs]) for label in runs[0]}


def _flatness(runs: Sequence[Result]) -> Result:
    rates = [median(run.figures.get(RATE, [])) for run in runs]
    flatness = Result(reason="; ".join(dict.fromkeys(run.doubt() for run in runs if run.doubt())))
    if flatness.measured:
        flatness.figures[RATE] = [min(rates) / max(rates)]
        flatness.usages = [usage for run in runs for usage in run.usages]
    return flatness
