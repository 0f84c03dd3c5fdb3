"""demo/flights.py: loads the flights of New York 2013 into a database in a file, or finds them
there, queries them, and compares a few operations with sqlite3."""

import argparse
import datetime
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tupelo
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.syntax import Syntax
from rich.table import Table as Grid

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from operations import compare_with_sqlite3, steps  # noqa: E402
from queries import QUERIES, Query  # noqa: E402
from report import print_table, table_box  # noqa: E402
from tables import TABLES  # noqa: E402

NO_TIME = datetime.timedelta()
ROWS_PER_STEP = 2000  # of the progress bar


def progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def counted(rows: Iterable[Any], progress: Progress, task: TaskID) -> Iterator[Any]:
    """The rows, while the progress bar follows them."""
    number = 0
    for number, row in enumerate(rows, 1):
        yield row
        if number % ROWS_PER_STEP == 0:
            progress.update(task, completed=number)
    progress.update(task, completed=number, total=number)


def load(console: Console, connection: tupelo.Connection) -> None:
    """Creates and fills the tables, in one transaction."""
    start = time.perf_counter()
    total = 0
    with progress_bar(console) as progress, connection:
        for table in TABLES:
            connection.execute(table.definition)
            task = progress.add_task(table.name, total=table.rows)
            cursor = connection.executemany(table.insert(), counted(table.read(), progress, task))
            total += cursor.rowcount
    elapsed = time.perf_counter() - start
    console.print(f"{total:,} rows read, checked and stored in {elapsed:.1f} s\n")


def is_loaded(connection: tupelo.Connection) -> bool:
    """Whether an earlier run has left its tables: all or none, as one transaction made them."""
    try:
        connection.execute(f"SELECT COUNT(*) FROM {TABLES[0].name}")
    except tupelo.ProgrammingError as error:
        if error.sqlstate != "42P01":
            raise
        return False
    finally:
        connection.rollback()
    return True


def open_database(console: Console, path: Path) -> tupelo.Connection:
    """With the tables, whether they are there already or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    connection = tupelo.connect(path)
    if is_loaded(connection):
        elapsed_ms = (time.perf_counter() - start) * 1000
        console.print(f"{path} is there from an earlier run: opened in {elapsed_ms:.0f} ms\n")
    else:
        load(console, connection)
    return connection


def is_number(value: Any) -> bool:
    return value is None or (hasattr(value, "__float__") and not isinstance(value, bool))


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.timedelta) and value % datetime.timedelta(days=1) == NO_TIME:
        return f"{value.days:+} days"
    return str(value)


def show(console: Console, number: int, query: Query, connection: tupelo.Connection) -> None:
    """Prints the query and what it answers."""
    console.rule(f"[bold]{number}. {query.title}", align="left")
    console.print(Syntax(query.sql, "sql", theme="ansi_dark", background_color="default"))
    start = time.perf_counter()
    cursor = connection.execute(query.sql)
    rows = cursor.fetchall()
    elapsed_ms = (time.perf_counter() - start) * 1000
    grid = Grid(box=table_box(console), pad_edge=False)
    for index, column in enumerate(cursor.description):
        right = all(is_number(row[index]) for row in rows)
        grid.add_column(column[0], justify="right" if right else "left")
    for row in rows:
        grid.add_row(*map(as_text, row))
    console.print(grid)
    console.print(f"{len(rows)} rows in {elapsed_ms:.1f} ms\n", style="dim")


def compare(console: Console, rounds: int) -> None:
    console.rule("[bold]The same operations with sqlite3 and Tupelo", align="left")
    with progress_bar(console) as progress:
        task = progress.add_task("measuring", total=steps(rounds))
        table = compare_with_sqlite3(
            console, rounds=rounds, progress=lambda: progress.advance(task)
        )
    print_table(console, table)
    console.print("Median ns on a table of 20,000 rows; `./dev bench` measures more.", style="dim")


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Loads the flights of New York 2013 into a database in a file, or finds them "
        "there, asks eight questions, and compares a few operations with sqlite3."
    )
    parser.add_argument(
        "--database",
        type=Path,
        default=Path("build/demo/flights.db"),
        help="the file (default: %(default)s)",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="of the comparison; 0 for none (%(default)s)"
    )
    options = parser.parse_args()
    console = Console(highlight=False)
    start = time.perf_counter()
    connection = open_database(console, options.database)
    for number, query in enumerate(QUERIES, 1):
        show(console, number, query, connection)
    connection.close()
    if options.rounds > 0:
        compare(console, options.rounds)
    console.print(f"Done in {time.perf_counter() - start:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
