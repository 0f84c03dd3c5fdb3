"""bench/tpcc/__main__.py: measures TPC-C on tupelo and sqlite3 and checks what is left of it."""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from .consistency import violations
from .driver import Tally, measure
from .engines import ENGINES, MEMORY, Engine, Settings, refused_isolation
from .load import load
from .schema import Scale
from .tables import print_latencies, print_notes, print_ratios, print_runs

# Of an engine, with so many threads.
Runs = dict[tuple[str, int], Tally]


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"not at least 1: {text}")
    return number


def thread_counts(text: str) -> list[int]:
    return [positive(part) for part in text.split(",")]


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tpcc",
        description="Runs TPC-C on tupelo and sqlite3, in files and as durable, and checks the "
        "consistency conditions of the specification after each run. There are no keying and "
        "think times, so the figures are not comparable with published ones.",
    )
    parser.add_argument("--warehouses", type=positive, default=2, help="(default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=30, help="of each run (default: %(default)s)"
    )
    parser.add_argument(
        "--threads",
        type=thread_counts,
        default=[1, 4],
        help="of each run, with commas between (default: 1,4)",
    )
    parser.add_argument(
        "--synchronous",
        choices=["full", "normal", "off", MEMORY],
        default="full",
        help="what a power cut may take; memory: no file at all (default: %(default)s)",
    )
    parser.add_argument("--only", choices=list(ENGINES), help="of the engines")
    parser.add_argument("--isolation", metavar="LEVEL", help="of tupelo (default: its own)")
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="for which tupelo waits for rows of other transactions (default: its own)",
    )
    parser.add_argument(
        "--scale-down",
        type=positive,
        default=1,
        metavar="N",
        help="divide what the specification fixes of the database's size: for tests",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the transactions (default: %(default)s)"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        help="where the databases are, and stay (default: a temporary one)",
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--load-only", action="store_true", help="fill the databases of --directory, no more"
    )
    part.add_argument(
        "--check-only", action="store_true", help="check the databases of --directory, no more"
    )
    options = parser.parse_args(arguments)
    if (options.load_only or options.check_only) and not options.directory:
        parser.error("--load-only and --check-only need --directory")
    return options


@contextlib.contextmanager
def directory_of(options: argparse.Namespace) -> Iterator[Path]:
    if options.directory:
        options.directory.mkdir(parents=True, exist_ok=True)
        yield options.directory
    else:
        with tempfile.TemporaryDirectory(prefix="tpcc-") as name:
            yield Path(name)


def is_consistent(console: Console, engine: Engine, what: str) -> bool:
    """Prints what violates a condition."""
    session = engine.open_session()
    try:
        found = violations(session)
    finally:
        session.close()
    for number, rows in found.items():
        console.print(f"[red]{engine.name}, {what}: condition 3.3.2.{number} is violated[/]")
        for row in rows:
            console.print(f"  {row}", markup=False)
    return not found


def run_engine(
    console: Console, engine: Engine, scale: Scale, options: argparse.Namespace, runs: Runs
) -> bool:
    """Loads, then measures with each number of threads; whether all conditions held."""
    if options.check_only:
        return is_consistent(console, engine, "as it is")
    start = time.perf_counter()
    load(engine, scale)
    console.print(f"{engine.name}: loaded in {time.perf_counter() - start:.1f} s")
    consistent = is_consistent(console, engine, "loaded")
    if options.load_only:
        return consistent
    for threads in options.threads:
        tally = measure(engine, scale, threads, options.seconds, options.seed)
        runs[engine.name, threads] = tally
        console.print(f"{engine.name}: {threads} threads, {tally.per_second:,.0f} a second")
        consistent = is_consistent(console, engine, f"{threads} threads") and consistent
    return consistent


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    if options.isolation and (reason := refused_isolation(options.isolation)):
        print(f"tpcc: this tupelo has no isolation level to choose: {reason}", file=sys.stderr)
        return 2
    console = Console(highlight=False)
    scale = Scale(options.warehouses, options.scale_down)
    names = [options.only] if options.only else list(ENGINES)
    runs: Runs = {}
    consistent = True
    with directory_of(options) as directory:
        settings = Settings(directory, options.synchronous, options.isolation, options.timeout)
        for name in names:
            engine = ENGINES[name](settings)
            try:
                consistent = run_engine(console, engine, scale, options, runs) and consistent
            finally:
                engine.close()
    if runs:
        print_runs(console, runs)
        print_latencies(console, runs)
        print_ratios(console, runs)
        print_notes(console, scale, options)
    console.print("All consistency conditions hold." if consistent else "[red]Inconsistent.[/]")
    return 0 if consistent else 1


if __name__ == "__main__":
    sys.exit(main())
