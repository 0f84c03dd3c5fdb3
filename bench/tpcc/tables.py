"""bench/tpcc/tables.py: what was measured, as tables."""

import argparse
import sqlite3
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from report import machine, mark, print_table, table_box, times

from .driver import Tally
from .schema import Scale
from .transactions import MIX

TIMES_SQLITE3 = 4.0  # with one thread
KEPT_BY_FOUR = 0.8  # of what one thread does

Runs = Mapping[tuple[str, int], Tally]


def new_table(console: Console, texts: list[str], numbers: list[str]) -> Table:
    table = Table(box=table_box(console), pad_edge=False)
    for title in texts:
        table.add_column(title, no_wrap=True)
    for title in numbers:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def print_runs(console: Console, runs: Runs) -> None:
    numbers = ["threads", "transactions\n/s", "New-Orders/min\n(tpmC)", "retries", "rolled back"]
    table = new_table(console, ["engine"], numbers)
    for (name, threads), tally in runs.items():
        share = tally.retries.total() / max(1, tally.transactions)
        table.add_row(
            name,
            str(threads),
            f"{tally.per_second:,.0f}",
            f"{tally.tpm_c:,.0f}",
            f"{tally.retries.total():,} ({share:.1%})",
            f"{tally.rolled_back:,}",
        )
    print_table(console, table)


def print_latencies(console: Console, runs: Runs) -> None:
    """The 50th and 99th percentile of each type of transaction, and how often it was retried."""
    columns = [f"{name} {threads}\np50, p99 ms; retries" for name, threads in runs]
    table = new_table(console, ["transaction"], columns)
    for kind in MIX:
        cells = []
        for tally in runs.values():
            half, most = tally.percentile_ms(kind, 50), tally.percentile_ms(kind, 99)
            if half is None or most is None:
                cells.append("-")
            else:
                cells.append(f"{half:.2f} {most:7.2f} {tally.retries[kind]:7,}")
        table.add_row(kind, *cells)
    print_table(console, table)


def print_ratios(console: Console, runs: Runs) -> None:
    """Those that there are goals for, where both runs were made."""
    goals = [
        ("tupelo / sqlite3, 1 thread", ("tupelo", 1), ("sqlite3", 1), TIMES_SQLITE3),
        ("tupelo, 4 threads / 1 thread", ("tupelo", 4), ("tupelo", 1), KEPT_BY_FOUR),
        ("sqlite3, 4 threads / 1 thread", ("sqlite3", 4), ("sqlite3", 1), None),
        ("tupelo / sqlite3, 4 threads", ("tupelo", 4), ("sqlite3", 4), None),
    ]
    table = new_table(console, ["transactions a second"], ["ratio", "goal", ""])
    for title, above, below, goal in goals:
        if above in runs and below in runs:
            ratio = runs[above].per_second / runs[below].per_second
            met = None if goal is None else ratio >= goal
            table.add_row(title, times(ratio), f">= {goal:g}" if goal else "", mark(met))
    if table.row_count:
        print_table(console, table)


def print_notes(console: Console, scale: Scale, options: argparse.Namespace) -> None:
    """What a reader of the tables has to know."""
    about = machine()
    console.print(f"{about['processor']}; {about['python']}; SQLite {sqlite3.sqlite_version}")
    console.print(
        f"{scale.warehouses} warehouses, {scale.items:,} items, {scale.customers:,} customers a "
        f"district; synchronous = {options.synchronous}; {options.seconds:g} s a run.\n"
        "The same SQL text on both, a connection for each thread, no keying and think times. "
        "sqlite3 in WAL mode; BEGIN IMMEDIATE where a transaction writes.\n"
        "Money is Decimal in tupelo and float in sqlite3, times are datetime and text: what is "
        "natural in each. Latencies are those of a transaction with its retries."
    )
