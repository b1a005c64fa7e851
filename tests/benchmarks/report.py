"""The report of a run: readable text, or JSON."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from benchmarks.promise import Verdict
from benchmarks.results import Result, Results, median

Json: TypeAlias = dict[str, object]

_WHO = ("server", "generator", "others")

_LABEL = 34
_METRIC = 20


def heading(machine: Mapping[str, str | int], servers: Mapping[str, str]) -> str:
    """Return the machine and the versions of the servers."""
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    lines = [facts, *(f"{name}: {version}" for name, version in servers.items())]
    return "\n".join(lines) + "\n"


def table(name: str, title: str, results: Mapping[str, Result]) -> str:
    """Return one workload: a line per server and metric, and how busy each side was."""
    lines = [f"\n{name}: {title}"]
    for label, result in results.items():
        lines += _lines(label, result) if result.figures else [f"  {label:{_LABEL}} not measured"]
        if result.reason:
            lines.append(f"    {result.reason}")
    return "\n".join(lines) + "\n"


def _lines(label: str, result: Result) -> list[str]:
    lines = [
        f"  {label:{_LABEL}} {metric:{_METRIC}} {_spread(values)}"
        for metric, values in result.figures.items()
    ]
    shares = ", ".join(
        f"{who} {result.share(who):.0%}" for who in ("server", "generator", "others")
    )
    lines[0] += f"  ({shares})"
    return lines


def _spread(values: Sequence[float]) -> str:
    low, middle, high = min(values), median(values), max(values)
    if len(values) == 1:
        return f"{number(middle):>8}"
    return f"{number(middle):>8}  [{number(low)} … {number(high)}]"


def number(value: float) -> str:
    """Return `value` with three significant digits, and M for millions."""
    if math.isnan(value):
        return "-"
    if value >= 1e5:
        return f"{value / 1e6:.2f} M"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def verdicts(judged: Sequence[Verdict]) -> str:
    """Return the goals with their verdicts."""
    lines = ["\nGoals (ratios are ours/theirs, the median of the rounds)"]
    for verdict in judged:
        goal = verdict.goal
        what = f"{goal.workload}, {goal.metric}"
        pair = f"{goal.ours} / {goal.against}" if goal.against else goal.ours
        lines.append(
            f"  {what:28} {pair:46} {number(verdict.value):>8}  {goal.limits:8} {verdict.word}"
        )
        if verdict.doubt:
            lines.append(f"    {verdict.doubt}")
    return "\n".join(lines) + "\n"


def as_json(
    machine: Mapping[str, str | int],
    servers: Mapping[str, str],
    titles: Mapping[str, str],
    results: Results,
    judged: Sequence[Verdict],
) -> Json:
    """Return the whole run with every round."""
    return {
        "machine": dict(machine),
        "servers": dict(servers),
        "workloads": {
            name: {
                "title": titles.get(name, name),
                "servers": {label: _result(result) for label, result in by_server.items()},
            }
            for name, by_server in results.items()
        },
        "goals": [_verdict(verdict) for verdict in judged],
    }


def _result(result: Result) -> Json:
    if not result.figures:
        return {"not_measured": result.reason}
    shares = {who: round(result.share(who), 3) for who in _WHO}
    figures = {
        metric: {"median": median(values), "min": min(values), "max": max(values), "rounds": values}
        for metric, values in result.figures.items()
    }
    return {
        "figures": figures,
        "cores": shares,
        "counts": result.counts,
        "trouble": result.reason,
    }


def _verdict(verdict: Verdict) -> Json:
    goal = verdict.goal
    return {
        "workload": goal.workload,
        "metric": goal.metric,
        "ours": goal.ours,
        "against": goal.against,
        "limits": goal.limits,
        "value": None if math.isnan(verdict.value) else verdict.value,
        "verdict": verdict.word,
        "why": verdict.doubt,
    }
