"""`python -m benchmarks`: baselines and runner in alternating rounds; medians, as a table and as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import expressions, flat, ours, scale, stock
from runner.expressions import Language

_CONDITIONS = (Language.FEEL, Language.JUEL, Language.PYTHON)
Measure = Callable[[Path, int], float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds (medians are printed)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each measurement of a baseline")
    parser.add_argument("--instances", type=int, default=3200, help="instances of each throughput measurement")
    parser.add_argument("--postgresql", metavar="URL", help="also measure on this empty PostgreSQL database")
    parser.add_argument("--scale", action="store_true", help="measure on a store of 110,000 instances instead")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as JSON")
    chosen = parser.parse_args()

    results = scale.measure(chosen.rounds, chosen.postgresql) if chosen.scale else measure(chosen)
    for name, values in results.items():
        print(f"{name:<48} {values['median']:>10.1f}   {values['all']}")
    if chosen.json:
        machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "system": platform.platform()}
        Path(chosen.json).write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")


def measure(chosen: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Run all measurements `rounds` times, one of each per round, so that a slow minute of the machine hits all."""
    measures: dict[str, Measure] = {
        "stock in memory, instances/s (a)": lambda _, __: stock.measure_in_memory(chosen.seconds),
        "runner, SQLite FULL, instances/s": lambda folder, number: ours.throughput(
            f"sqlite:///{folder}/t{number}.db", instances=chosen.instances
        ),
        "runner, typed handlers, instances/s": lambda folder, number: ours.throughput(
            f"sqlite:///{folder}/p{number}.db", instances=chosen.instances, typed=True
        ),
        "stock with JSON stored, instances/s (b)": lambda folder, _: stock.measure_stored(chosen.seconds, folder),
        "bare loop, commits/s": lambda folder, _: stock.measure_commits(chosen.seconds, folder),
        "engine, us/service step": lambda *_: ours.engine_step(encoded=False),
        "engine with delta encoded, us/service step": lambda *_: ours.engine_step(encoded=True),
    }
    if chosen.postgresql:
        measures["runner, PostgreSQL, instances/s"] = lambda *_: ours.throughput(
            chosen.postgresql, instances=chosen.instances
        )
    found: dict[str, list[float]] = {name: [] for name in measures}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(chosen.rounds):
            for label, take in measures.items():
                found[label].append(round(take(folder, number), 1))
            for label, value in _details(folder, number).items():
                found.setdefault(label, []).append(round(value, 2))
    return {label: {"median": statistics.median(values), "all": values} for label, values in found.items()}


def _details(folder: Path, number: int) -> dict[str, float]:
    p50, p99 = ours.latency(f"sqlite:///{folder}/l{number}.db")
    return {
        **{f"condition in {each}, us/evaluation": expressions.cached_condition(each) for each in _CONDITIONS},
        "latency of one capture, p50 ms": p50,
        "latency of one capture, p99 ms": p99,
        **flat.figures(),
        "log, mean bytes/step": ours.bytes_per_step(f"sqlite:///{folder}/b{number}.db"),
    }


if __name__ == "__main__":
    main()
