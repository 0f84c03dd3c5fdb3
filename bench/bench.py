"""bench/bench.py: measures Tupelo against sqlite3, apsw and duckdb in one run.

Every line runs the same SQL text with the same parameters on all rivals, in alternating rounds;
what it answers is checked to be equal before anything is measured.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from cases import LINES, choose_lines
from files import print_files
from growth import print_growth
from report import as_json, goal_met, machine, measurements_table, print_table
from rivals import RIVALS, Rival, make_rivals
from rounds import WARM_UP_ROUNDS, Measurement, Rounds, WrongAnswer
from svg import bar_chart


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    keys = ", ".join(line.key for line in LINES)
    parser = argparse.ArgumentParser(
        description="Measures Tupelo against sqlite3, apsw and duckdb in one run, with "
        "alternating rounds; prints the median ns of each and the ratios.",
        epilog=f"Lines: {keys}.",
    )
    names = list(RIVALS)

    def split(text: str) -> list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]

    def positive(text: str) -> int:
        number = int(text)
        if number < 1:
            raise argparse.ArgumentTypeError(f"not at least 1: {text}")
        return number

    parser.add_argument(
        "--rows", type=positive, default=20_000, help="of the table (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=positive, default=9, help="that are counted (default: %(default)s)"
    )
    parser.add_argument("--lines", type=split, default=[], help="only these, with commas between")
    parser.add_argument(
        "--rivals", type=split, default=names, help=f"only these of {','.join(names)}"
    )
    parser.add_argument(
        "--connection",
        action="store_true",
        help="call execute on the connection, not on one cursor kept for all statements",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples to FILE")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the ratios into FILE")
    parser.add_argument(
        "--growth",
        action="store_true",
        help="measure instead how single operations grow from 20,000 to 2,000,000 rows",
    )
    parser.add_argument(
        "--file",
        action="store_true",
        help="measure instead databases in files beside sqlite3's",
    )
    parser.add_argument(
        "--directory", type=Path, help="where --file has them (default: that of temporary files)"
    )
    parser.add_argument(
        "--large",
        type=positive,
        default=30_000_000,
        metavar="ROWS",
        help="with --file: of the large database (default: %(default)s)",
    )
    return parser.parse_args(arguments)


def measure(
    console: Console, rivals: Sequence[Rival], options: argparse.Namespace
) -> list[Measurement]:
    lines = choose_lines(options.lines)
    with (
        Rounds(rivals, options.rows) as rounds,
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        rounds.check(lines)
        task = progress.add_task("rounds", total=len(lines) * (options.rounds + WARM_UP_ROUNDS))
        return rounds.measure(lines, options.rounds, lambda: progress.advance(task))


def print_notes(
    console: Console, measurements: Sequence[Measurement], rivals: Sequence[Rival]
) -> None:
    """What a reader of the table has to know."""
    about = machine()
    versions = ", ".join(f"{rival.name} ({rival.version()})" for rival in rivals)
    console.print(f"{about['processor']}; {about['python']}; {versions}")
    console.print(
        "Median of the rounds. Rows are inserted in ascending order of their keys; single rows are "
        "found by shuffled keys.\nOne transaction around each batch, its commit counted. The "
        "answers of all were checked to be equal."
    )
    for rival in rivals:
        fewer = [
            f"{measurement.line.key} {measurement.operations[rival.name]:,}"
            for measurement in measurements
            if measurement.operations[rival.name] < max(measurement.operations.values())
        ]
        if fewer:
            console.print(
                f"To bound the time {rival.name} ran fewer operations a round: {', '.join(fewer)}."
            )


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    console = Console(highlight=False)
    if options.growth:
        print_growth(console, options.rounds)
        return 0
    if options.file:
        return 0 if print_files(console, options.directory, options.rounds, options.large) else 1
    rivals = make_rivals(options.rivals, options.connection)
    start = time.perf_counter()
    try:
        measurements = measure(console, rivals, options)
    except WrongAnswer as error:
        print(f"bench: wrong answer: {error}", file=sys.stderr)
        return 1
    names = [rival.name for rival in rivals]
    print_table(console, measurements_table(console, measurements, names))
    print_notes(console, measurements, rivals)
    missed = [it.line.key for it in measurements if goal_met(it) is False]
    if missed:
        console.print(f"[red]Goals missed[/]: {', '.join(missed)}")
    console.print(
        f"{options.rows:,} rows, {options.rounds} rounds, {time.perf_counter() - start:.0f} s"
    )
    if options.json:
        report = as_json(measurements, rivals, options.rows, options.rounds)
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.svg:
        if "tupelo" not in names:
            raise SystemExit("bench: a chart of ratios needs tupelo among the rivals")
        note = f"{options.rows:,} rows, median of {options.rounds} rounds; logarithmic scale"
        options.svg.write_text(bar_chart(measurements, names, note))
    return 0


if __name__ == "__main__":
    sys.exit(main())
