"""bench/corpus.py: the time of the sqllogictest corpus through Tupelo and through sqlite3.

Both get the same stream of records in as many processes: those meant for every engine, one
connection a file, all rows fetched. Reading the files and hashing results stay outside of the
clock. The rivals take turns file by file, so that slow moments of the machine hit both. A statement
that one of them refuses counts with the time that refusing took.
"""

import argparse
import gc
import multiprocessing
import os
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import tupelo

HEADS = ("statement", "query")


def read_statements(path: Path) -> list[str]:
    """The SQL of the records that no `onlyif` keeps for a single engine, up to `halt`."""
    statements = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if any(line.startswith("onlyif") for line in lines):
            continue
        while lines and not lines[0].startswith(HEADS):
            if lines[0].startswith("halt"):
                return statements
            lines.pop(0)
        if lines:
            end = lines.index("----") if "----" in lines else len(lines)
            statements.append("\n".join(lines[1:end]))
    return statements


def connect_sqlite() -> Any:
    return sqlite3.connect(":memory:", isolation_level=None)


def connect_tupelo() -> Any:
    return tupelo.connect(":memory:", autocommit=True)


RIVALS = {
    "tupelo": (connect_tupelo, tupelo.Error),
    "sqlite3": (connect_sqlite, sqlite3.Error),
}


def run(name: str, statements: list[str]) -> tuple[float, int]:
    """Seconds for all statements, and how many were refused."""
    connect, error = RIVALS[name]
    connection = connect()
    execute = connection.execute
    refused = 0
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    for statement in statements:
        try:
            cursor = execute(statement)
            if cursor.description is not None:
                cursor.fetchall()
        except error:
            refused += 1
    seconds = time.perf_counter() - begin
    gc.enable()
    connection.close()
    return seconds, refused


def run_file(numbered: tuple[int, str]) -> Counter:
    number, path = numbered
    statements = read_statements(Path(path))
    totals = Counter(statements=len(statements))
    names = list(RIVALS)
    for name in names if number % 2 == 0 else names[::-1]:
        seconds, refused = run(name, statements)
        totals[name] += seconds
        totals[name + " refused"] += refused
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    parser.add_argument("--by-folder", action="store_true", help="also a line for each folder")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    total: Counter = Counter()
    folders: dict[str, Counter] = {}
    with multiprocessing.Pool(options.jobs) as pool:
        results = pool.imap(run_file, enumerate(options.files))
        for path, totals in zip(options.files, results, strict=True):
            total += totals
            folder = Path(path).parent.name if options.by_folder else ""
            folders.setdefault(folder, Counter()).update(totals)
    if options.by_folder:
        for folder, totals in sorted(folders.items()):
            print_line(folder, totals)
    print_line("all", total)


def print_line(name: str, totals: Counter) -> None:
    print(
        f"{name:<12} {totals['statements']:>9} statements in {totals['tupelo']:7.2f} s; "
        f"sqlite3 {totals['sqlite3']:7.2f} s; ratio {totals['tupelo'] / totals['sqlite3']:.2f}; "
        f"refused {totals['tupelo refused']} and {totals['sqlite3 refused']}"
    )


if __name__ == "__main__":
    main()
