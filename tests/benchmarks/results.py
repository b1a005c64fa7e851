"""What was measured: figures by metric, round by round, and under what conditions."""

import contextlib
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from benchmarks.machine import NotMeasured, Usage

#: What each server (by label) did in each workload (by name).
Results: TypeAlias = dict[str, dict[str, "Result"]]

#: The generator's share of its core, in the median round, above which a figure may be its own.
BUSY_GENERATOR = 0.9

#: Cores' worth of work by anybody else, in the median round, above which a figure is theirs too.
BUSY_MACHINE = 0.15


@dataclass
class Result:
    """One server in one workload: `figures[metric]` has one value per round."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)
    #: Of every round of a closed loop: how many messages were sent and how many arrived.
    counts: list[dict[str, int]] = field(default_factory=list)
    reason: str = ""

    @property
    def measured(self) -> bool:
        """Whether nothing has happened that makes it worthless."""
        return not self.reason

    @contextlib.contextmanager
    def excused(self) -> Iterator[None]:
        """Note why it could not be measured, where the block says so, and go on."""
        try:
            yield
        except NotMeasured as exc:
            self.reason = str(exc)

    def add(self, figures: dict[str, float], usage: Usage) -> None:
        """Note the figures of one round and what was used while they were taken."""
        for metric, value in figures.items():
            self.figures.setdefault(metric, []).append(value)
        self.usages.append(usage)

    def share(self, who: str) -> float:
        """Return the cores' worth of `generator`, `server` or `others` in the median round."""
        return median([getattr(usage, who) / usage.wall for usage in self.usages])

    def doubt(self) -> str:
        """Return why no verdict may rest on this, or nothing."""
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
    """Return whether others had more of the machine than a figure can bear."""
    return used.others > BUSY_MACHINE * used.wall


def median(values: Sequence[float]) -> float:
    """Return the median, which is nothing where there are no values."""
    return statistics.median(values) if values else float("nan")


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return ours to theirs, round by round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if other]
