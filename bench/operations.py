"""bench/operations.py: a small table of everyday operations beside sqlite3, in a few seconds."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from cases import LINES
from report import measurements_table
from rivals import make_rivals
from rounds import WARM_UP_ROUNDS, Rounds

NAMES = ["sqlite3", "tupelo"]


def steps(rounds: int) -> int:
    """How often compare_with_sqlite3 calls its `progress`."""
    return len(LINES) * (rounds + WARM_UP_ROUNDS)


def compare_with_sqlite3(
    console: Console,
    rows: int = 20_000,
    rounds: int = 3,
    progress: Callable[[], Any] = lambda: None,
) -> Table:
    """Measures all lines, having checked that both give the same answers."""
    with Rounds(make_rivals(NAMES), rows) as measured:
        measured.check(LINES)
        measurements = measured.measure(LINES, rounds, progress)
    return measurements_table(console, measurements, NAMES, goals=False)
