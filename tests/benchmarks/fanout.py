"""Put chat servers under load and compare them.

Starts each server on one core, drives it from another over the loopback, and prints the
measurements and the goals of this project. A server that is not installed is not measured.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine, report
from benchmarks.arena import Arena
from benchmarks.catalogue import ALL, SMOKE
from benchmarks.ergo import Ergo
from benchmarks.native import OURS, ChatServer, cache_folder
from benchmarks.peers import Contender, InspIrcd, NgIrcd
from benchmarks.promise import CURVE_ROW, curve, judge
from benchmarks.results import Result, Results
from benchmarks.workloads import Workload


def main(argv: Sequence[str] | None = None) -> None:
    """Run the chosen workloads. Exits with 0 whatever the figures are."""
    options = parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = options.folder or cache_folder()
    facts = machine.description(folder)
    cores = machine.choose_cores()
    os.sched_setaffinity(0, {cores.generator})
    retries = 0 if options.smoke else options.rounds
    with tempfile.TemporaryDirectory(dir=folder, prefix="fanout-") as own:
        run(options, Arena(cores, Path(own), options.rounds, options.seconds, retries), facts)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; exits if they are invalid."""
    names = [workload.name for workload in ALL]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=__doc__)
    for flag, settings in _options(", ".join(names)).items():
        parser.add_argument(flag, **settings)
    options = parser.parse_args(argv)
    if unknown := set(options.workloads or ()) - set(names):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    if options.smoke:
        options.rounds, options.seconds, options.servers = 2, 0.2, [OURS]
    return options


def _options(names: str) -> dict[str, dict[str, Any]]:
    several = {"nargs": "+", "metavar": "NAME"}
    return {
        "--workloads": {**several, "help": f"Run only these workloads (default: all of {names})"},
        "--servers": {**several, "help": "Measure only these servers (default: all)"},
        "--ergo": {"metavar": "PATH", "type": Path, "help": "Use this Ergo binary"},
        "--rounds": {
            "type": int,
            "default": 5,
            "help": "Run this many rounds per server and workload",
        },
        "--seconds": {"type": float, "default": 2.0, "help": "Set the length of a round"},
        "--json": {"metavar": "FILE", "type": Path, "help": "Write all figures to this file"},
        "--folder": {
            "metavar": "DIR",
            "type": Path,
            "help": "Keep the servers' data in this folder on a real disk",
        },
        "--smoke": {
            "action": "store_true",
            "help": "Run a few seconds with our server alone, without verdicts",
        },
    }


def run(options: argparse.Namespace, arena: Arena, facts: dict[str, str | int]) -> None:
    """Run the workloads one after the other, and print each as soon as it is done."""
    contenders = _contenders(options)
    versions = {contender.name: _version(contender) for contender in contenders}
    show(report.heading(facts, versions))
    results: Results = {}
    chosen = SMOKE if options.smoke else ALL
    for workload in chosen:
        if not options.workloads or workload.name in options.workloads:
            results[workload.name] = _measured(workload, arena, contenders)
    if flatness := curve(results):
        results[CURVE_ROW] = flatness
        show(report.table(CURVE_ROW, "smallest rate of the curve over its greatest", flatness))
    judged = judge(results, doubt=_doubt(options, arena))
    show(report.verdicts(judged))
    if options.json:
        titles = {workload.name: workload.title for workload in chosen}
        whole = report.as_json(facts, versions, titles, results, judged)
        options.json.write_text(json.dumps(whole, indent=2) + "\n")


def _contenders(options: argparse.Namespace) -> list[Contender]:
    all_contenders: list[Contender] = [ChatServer(), InspIrcd(), NgIrcd(), Ergo(options.ergo)]
    return [c for c in all_contenders if not options.servers or c.name in options.servers]


def _version(contender: Contender) -> str:
    try:
        return contender.version()
    except machine.NotMeasured as exc:
        return f"not measured: {exc}"


def _measured(
    workload: Workload, arena: Arena, contenders: Sequence[Contender]
) -> dict[str, Result]:
    results = workload.run(arena, contenders)
    show(report.table(workload.name, workload.title, results))
    return results


def _doubt(options: argparse.Namespace, arena: Arena) -> str:
    """Return why this run allows no verdict, or an empty string."""
    if options.smoke:
        return "a smoke run"
    if arena.cores.shared:
        return "server and generator share one core"
    return ""


def show(text: str) -> None:
    """Print `text` at once, since a full run takes long."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
