"""The measurements: figures by metric and round, and their conditions."""

import contextlib
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from benchmarks.machine import NotMeasured, Usage

#: The result of each server (by label) in each workload (by name).
Results: TypeAlias = dict[str, dict[str, "Result"]]

#: The generator's share of its core, in the median round, above which it may be the bottleneck.
BUSY_GENERATOR = 0.9

#: Cores used by other processes, in the median round, above which they distort a figure.
BUSY_MACHINE = 0.15


@dataclass
class Result:
    """One server in one workload: `figures[metric]` has one value per round."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)
    #: For every round of a closed loop: messages sent and deliveries.
    counts: list[dict[str, int]] = field(default_factory=list)
    reason: str = ""

    @property
    def measured(self) -> bool:
        """Whether nothing prevented a valid measurement."""
        return not self.reason

    @contextlib.contextmanager
    def recording_failure(self) -> Iterator[None]:
        """Record the reason of a NotMeasured in the block, and go on."""
        try:
            yield
        except NotMeasured as exc:
            self.reason = str(exc)

    def add(self, figures: dict[str, float], usage: Usage) -> None:
        """Record the figures of one round and the processor time used meanwhile."""
        for metric, value in figures.items():
            self.figures.setdefault(metric, []).append(value)
        self.usages.append(usage)

    def share(self, who: str) -> float:
        """Return the cores used by `generator`, `server` or `others` in the median round."""
        return median([getattr(usage, who) / usage.wall for usage in self.usages])

    def doubt(self) -> str:
        """Return why this allows no verdict, or an empty string."""
        if not self.measured:
            return self.reason
        if not self.usages:
            return "not measured"
        if self.share("generator") > BUSY_GENERATOR:
            return f"the generator was busy {self.share('generator'):.0%} of the time"
        if self.share("others") > BUSY_MACHINE:
            return f"others took {self.share('others'):.2f} cores"
        return ""


def disturbed(used: Usage) -> bool:
    """Return whether other processes used too much of the machine for a valid figure."""
    return used.others > BUSY_MACHINE * used.wall


def median(values: Sequence[float]) -> float:
    """Return the median, or nan without values."""
    return statistics.median(values) if values else float("nan")


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return the ratios of ours to theirs, round by round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if other]
