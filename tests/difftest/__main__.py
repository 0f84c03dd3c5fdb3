"""difftest/__main__.py: the command line: `python -m difftest --help`."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from .engines import MOST_ROWS
from .features import PROBES, features_of_tupelo
from .run import Run
from .tree import ENGINES
from .worker import Worker


def place(text: str) -> tuple[int, int]:
    schema, number = text.split("/")
    return int(schema), int(number)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev difftest")
    parser.description = "Random queries on Tupelo and other engines; prints differences, reduced."
    parser.add_argument("--queries", type=int, default=200_000, help="how many (200000)")
    parser.add_argument("--seed", default="", help="a word; without it the time is taken")
    parser.add_argument("--engines", default=",".join(ENGINES[1:]), help="besides Tupelo (all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (cores)")
    parser.add_argument("--at", default="", help="SCHEMA/QUERY: only that one, as printed")
    parser.add_argument("--first", action="store_true", help="stop at the first, unreduced")
    parser.add_argument("--skip", type=place, action="append", metavar="SCHEMA/QUERY", default=[])
    parser.add_argument("--server", default="", help="directory of a PostgreSQL's socket")
    options = parser.parse_args()
    options.skip = set(options.skip)
    options.seed = options.seed or str(int(time.time()))
    options.engines = ["tupelo", *filter(None, options.engines.split(","))]
    unknown = set(options.engines) - set(ENGINES)
    if unknown:
        parser.error(f"no such engine: {', '.join(unknown)}")
    return options


def server(engines: list[str]) -> Any:
    """The PostgreSQL of tests/confirm, or nothing; its `directory` is what is needed."""
    if "postgresql" not in engines:
        return contextlib.nullcontext()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "confirm"))
    return importlib.import_module("server").Server()


def show(counts: Counter[str], title: str) -> None:
    print(f"{title}:")
    for what, count in counts.most_common():
        print(f"  {count:8} {what}")


def one(options: argparse.Namespace, features: frozenset[str], directory: str) -> int:
    """The query of --at alone."""
    schema, number = place(options.at)
    worker = Worker(options.seed, features, options.engines, directory, lambda *_: None)
    tables = worker.tables(schema)
    worker.load(tables)
    worker.stops = options.first
    found = worker.examine(tables, schema, number)
    for name, text in found.verdict.texts.items():
        print(f"{name}: {text}")
    if found.check:
        print(worker.describe(tables, schema, number, found))
    else:
        print("no difference", *found.verdict.explained, *found.verdict.outvoted)
    return 1 if found.check else 0


def main() -> int:
    options = arguments()
    features = features_of_tupelo()
    print(f"seed {options.seed}; {options.queries} queries on {', '.join(options.engines)}")
    absent = sorted(set(PROBES) - features)
    if absent:
        print(f"left out, as Tupelo does not know it: {', '.join(absent)}")
    started = time.monotonic()
    with server([] if options.server else options.engines) as running:
        directory = running.directory if running is not None else options.server
        if options.at:
            return one(options, features, directory)
        run = Run(options, features, directory)
        run.go()
    total = run.total
    show(total.compared, "queries run on")
    show(total.explained, "outcomes of others that a rule explains")
    show(total.outvoted, "outcomes of others that differ where PostgreSQL, or the third, confirms")
    seconds = time.monotonic() - started
    print(f"{total.queries} queries in {seconds:.0f} s, of which {total.failed} end with an error "
          f"and {total.large} have more than {MOST_ROWS} rows; "
          f"{len(total.differences)} differences")  # fmt: skip
    return 1 if total.differences else 0


if __name__ == "__main__":
    sys.exit(main())
