"""isolation/history.py: runs random transactions, and looks for anomalies in what they saw.

    python tests/isolation/history.py --transactions 100000 --threads 4 --level SERIALIZABLE

The exit status is 1 when there is what the level forbids, or is not what --expect names.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from anomalies import FORBIDDEN, Report, analyse
from history_workload import Outcome, Settings, run
from scenario import LEVELS


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--transactions", type=int, default=100_000, help="(100000)")
    parser.add_argument("--threads", type=int, default=4, help="each with a connection (4)")
    parser.add_argument("--level", choices=LEVELS, default="SERIALIZABLE", help="(SERIALIZABLE)")
    parser.add_argument("--seed", default="", help="a word; without it the time is taken")
    parser.add_argument(
        "--workload",
        choices=("append", "skew"),
        default="append",
        help="append: all kinds of operations; skew: many rows are read, one is changed (append)",
    )
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds to wait for a row (5)")
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="ANOMALY",
        help=f"it has to be found: {', '.join(FORBIDDEN['SERIALIZABLE'])}",
    )
    options = parser.parse_args(given)
    if options.threads < 1 or options.transactions < 1:
        parser.error("there is at least one thread and one transaction")
    for name in options.expect:
        if name not in FORBIDDEN["SERIALIZABLE"]:
            parser.error(f"no such anomaly: {name}")
    options.seed = options.seed or str(int(time.time()))
    return options


def show_run(settings: Settings, outcome: Outcome) -> None:
    attempts = outcome.history.transactions
    failed = Counter(attempt.sqlstate for attempt in attempts if not attempt.committed)
    print(
        f"{settings.workload}, {settings.level}, {settings.threads} threads, seed {settings.seed}: "
        f"{outcome.done} transactions in {outcome.seconds:.1f} s, "
        f"{outcome.done / outcome.seconds:.0f}/s"
    )
    print(f"  {len(attempts)} attempts; " + (
        ", ".join(f"{count} failed with {state}" for state, count in failed.most_common())
        or "none failed"
    ))  # fmt: skip


def judge(report: Report, level: str, expected: list[str]) -> int:
    """Prints all anomalies, and returns the exit status."""
    violations = report.violations(level)
    for name, count in sorted(report.counts.items()):
        print(f"  {'VIOLATION' if name in violations else 'allowed'}: {name}: {count}, as "
              f"{report.examples[name]}")  # fmt: skip
    if not report.counts:
        print("  no anomalies")
    missing = [name for name in expected if name not in report.counts]
    for name in missing:
        print(f"  EXPECTED and not found: {name}")
    return 1 if violations or missing else 0


def main(given: list[str] | None = None) -> int:
    """Runs one history; the exit status says whether it is as it has to be."""
    options = arguments(given)
    settings = Settings(
        options.level,
        options.transactions,
        options.threads,
        options.seed,
        options.workload,
        options.timeout,
    )
    outcome = run(settings)
    show_run(settings, outcome)
    start = time.monotonic()
    report = analyse(outcome.history)
    print(f"  analysed in {time.monotonic() - start:.1f} s")
    return judge(report, options.level, options.expect)


if __name__ == "__main__":
    sys.exit(main())
