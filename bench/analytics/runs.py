"""bench/analytics/runs.py: queries on several databases: answers compared, then times in turns.

Every answer is compared with that of DuckDB. Then the rivals run each query in turns, round by
round; the table has the medians.
"""

import argparse
import math
import multiprocessing
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rivals import RIVALS, Tables, serve

Row = Sequence[Any]


def is_equal(a: Any, b: Any) -> bool:
    """Numbers to what the specification asks for, text without the blanks of CHAR."""
    try:
        x, y = float(a), float(b)
    except (TypeError, ValueError):
        return str(a).rstrip() == str(b).rstrip()
    return math.isclose(x, y, rel_tol=1e-6, abs_tol=0.006)


def difference(expected: Sequence[Row], actual: Sequence[Row]) -> str:
    if len(expected) != len(actual):
        return f"{len(actual)} rows instead of {len(expected)}"
    for number, (wanted, got) in enumerate(zip(expected, actual, strict=True), 1):
        if len(wanted) != len(got) or not all(map(is_equal, wanted, got)):
            return f"row {number} is {tuple(got)} instead of {tuple(wanted)}"
    return ""


class Process:
    """A rival in its process."""

    def __init__(self, name: str, tables: Tables) -> None:
        self.name = name
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(name, tables, other), daemon=True
        )
        self.process.start()
        other.close()
        self.load_s, self.peak_bytes = self.pipe.recv()

    def run(self, sql: str, threads: int, limit_s: float) -> tuple[float, list[Row], str]:
        self.pipe.send((sql, threads, limit_s))
        seconds, rows, error, self.peak_bytes = self.pipe.recv()
        return seconds, rows, error


class Runs:
    """Checks and measures; `failures` is what went wrong."""

    def __init__(
        self, processes: list[Process], queries: list[str], options: argparse.Namespace
    ) -> None:
        self.processes = processes
        self.queries = queries
        self.options = options
        self.failures: list[str] = []
        self.refused: set[tuple[str, int]] = set()

    def check(self, number: int) -> None:
        answers: dict[str, list[Row]] = {}
        for process in self.processes:
            _, rows, error = process.run(self.queries[number - 1], 1, self.options.limit)
            if error:
                self.refused.add((process.name, number))
                if process.name != "sqlite3":  # which may take longer than the limit
                    self.failures.append(f"q{number:02} on {process.name}: {error}")
                continue
            answers[process.name] = rows
        expected = answers.get("duckdb")
        for name, rows in answers.items():
            why = difference(expected, rows) if expected is not None else ""
            if why:
                self.failures.append(f"q{number:02} on {name}: {why}")

    def measure(self, number: int, threads: int) -> dict[str, float]:
        samples: dict[str, list[float]] = {process.name: [] for process in self.processes}
        for round_number in range(self.options.rounds):
            turn = round_number % len(self.processes)
            for process in self.processes[turn:] + self.processes[:turn]:
                name = process.name
                once = name == "sqlite3" and len(samples[name]) == 1
                if once or (name, number) in self.refused:
                    continue
                seconds, _, _ = process.run(self.queries[number - 1], threads, self.options.limit)
                samples[name].append(seconds)
        return {
            name: statistics.median(times) if times else self.options.limit
            for name, times in samples.items()
        }


def print_table(names: list[str], times: dict[int, dict[str, float]], threads: int) -> None:
    print(f"\nthreads: {threads}; milliseconds, and how many times those of tupelo")
    print("query" + "".join(f"{name:>12}" for name in [*names, *names[1:]]))
    for number, of_rival in times.items():
        line = f"q{number:02}  " + "".join(f"{of_rival[name] * 1e3:12.1f}" for name in names)
        print(line + "".join(f"{of_rival[n] / of_rival[names[0]]:12.2f}" for n in names[1:]))
    totals = {n: sum(of_rival[n] for of_rival in times.values()) for n in names}
    line = "total" + "".join(f"{totals[name] * 1e3:12.1f}" for name in names)
    print(line + "".join(f"{totals[n] / totals[names[0]]:12.2f}" for n in names[1:]))
    means = {
        name: statistics.geometric_mean(of_rival[name] for of_rival in times.values())
        for name in names
    }
    line = "mean " + "".join(f"{means[name] * 1e3:12.1f}" for name in names)
    print(line + "".join(f"{means[n] / means[names[0]]:12.2f}" for n in names[1:]))


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def parser(description: str, queries: int) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--data", type=Path, help="where the CSV files are or will be")
    options.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    options.add_argument("--threads", type=numbers, default=[1, 2], help="(default: 1,2)")
    options.add_argument("--queries", type=numbers, default=list(range(1, queries + 1)))
    options.add_argument("--limit", type=float, default=60.0, help="seconds of a query (60)")
    options.add_argument(
        "--rivals", type=lambda text: text.split(","), default=list(RIVALS), help="the first counts"
    )
    return options


def run(tables: Tables, queries: list[str], options: argparse.Namespace) -> int:
    """Loads, checks, measures and prints; 1 where an answer was wrong or missing."""
    processes = [Process(name, tables) for name in options.rivals]
    for process in processes:
        print(f"{process.name}: loaded in {process.load_s:.1f} s")
    runs = Runs(processes, queries, options)
    for number in options.queries:
        runs.check(number)
    for failure in runs.failures:
        print(failure, flush=True)
    if not runs.failures:
        print("all answers are equal")
    if options.rounds:
        for threads in options.threads:
            times = {number: runs.measure(number, threads) for number in options.queries}
            print_table(options.rivals, times, threads)
    for process in processes:
        print(f"{process.name}: peak memory {process.peak_bytes / 2**30:.2f} GiB")
        process.pipe.send(None)
    return 1 if runs.failures else 0
