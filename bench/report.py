"""bench/report.py: the table of the measurements beside their goals, and the same as JSON."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from cases import Line
from rivals import Rival
from rounds import Measurement


def print_table(console: Console, table: Table) -> None:
    """Whole, in a narrow terminal or a file, too: numbers that are cut off say nothing."""
    unbounded = console.options.update(max_width=1000)
    width = console.width
    console.width = max(width, console.measure(table, options=unbounded).maximum)
    console.print(table)
    console.width = width


def table_box(console: Console) -> box.Box:
    return box.ASCII2 if console.options.ascii_only or console.is_dumb_terminal else box.SIMPLE_HEAD


def goal_text(line: Line) -> str:
    """What the ratios to sqlite3 and to apsw are to be."""
    return f">= {line.times_sqlite3:g}" + (", > 1" if line.beats_apsw else "")


def goal_met(measurement: Measurement) -> bool | None:
    """None where a rival that the goal speaks of was not measured."""
    line = measurement.line
    to_sqlite3, to_apsw = measurement.ratio("sqlite3"), measurement.ratio("apsw")
    if to_sqlite3 is not None and to_sqlite3 < line.times_sqlite3:
        return False
    if line.beats_apsw and to_apsw is not None and to_apsw <= 1:
        return False
    known = to_sqlite3 is not None and (to_apsw is not None or not line.beats_apsw)
    return True if known else None


def nanoseconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def times(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def mark(met: bool | None) -> str:
    return {True: "[green]ok[/]", False: "[red]MISS[/]", None: ""}[met]


def measurements_table(
    console: Console, measurements: Sequence[Measurement], names: Sequence[str], goals: bool = True
) -> Table:
    """A row for each line: ns of each rival, then how many times faster tupelo is than each."""
    table = Table(box=table_box(console), pad_edge=False)
    table.add_column("operation", no_wrap=True)
    table.add_column("per")
    for name in names:
        table.add_column(f"{name}\nns", justify="right", no_wrap=True)
    others = [name for name in names if name != "tupelo"] if "tupelo" in names else []
    for name in others:
        table.add_column(f"{name}\n/tupelo", justify="right", no_wrap=True, style="bold")
    goals = goals and bool(others)
    if goals:
        table.add_column("goal:\nsqlite3, apsw", no_wrap=True)
        table.add_column("", no_wrap=True)
    for measurement in measurements:
        line = measurement.line
        cells = [line.title, line.unit]
        cells += [nanoseconds(measurement.median(name)) for name in names]
        cells += [times(measurement.ratio(name)) for name in others]
        if goals:
            cells += [goal_text(line), mark(goal_met(measurement))]
        table.add_row(*cells)
    return table


def machine() -> dict[str, str]:
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for text in information.read_text().splitlines():
            if text.startswith("model name"):
                model = text.split(":", 1)[1].strip()
                break
    return {
        "processor": model,
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def as_json(
    measurements: Sequence[Measurement], rivals: Sequence[Rival], rows: int, rounds: int
) -> dict[str, Any]:
    """All that was measured, as json.dump takes it."""
    others = [rival.name for rival in rivals if rival.name != "tupelo"]
    return {
        "machine": machine(),
        "versions": {rival.name: rival.version() for rival in rivals},
        "rows": rows,
        "rounds": rounds,
        "lines": [
            {
                "line": measurement.line.key,
                "title": measurement.line.title,
                "unit": measurement.line.unit,
                "median_ns": {rival.name: measurement.median(rival.name) for rival in rivals},
                "ratios": {name: measurement.ratio(name) for name in others},
                "goal": goal_text(measurement.line),
                "met": goal_met(measurement),
                "operations": measurement.operations,
                "samples_ns": measurement.samples,
            }
            for measurement in measurements
        ],
    }
