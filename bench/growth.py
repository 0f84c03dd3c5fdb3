"""bench/growth.py: how the time of single operations grows with the table, beside sqlite3's.

A table of FEW and one of MANY rows; COUNT(*), and SELECT, UPDATE, DELETE and INSERT of single rows,
by keys that follow each other from a random place, and by random keys. What DELETE took away,
INSERT puts back, so each round finds the same tables.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from cases import COUNT, DELETE, GROUPS, SEED, SELECT, UPDATE
from report import mark, nanoseconds, print_table, table_box
from rivals import INSERT, Row, Session, make_rivals

FEW = 20_000
MANY = 2_000_000
OPERATIONS = 5_000
LIMITS = {"": 1.10, "neighbouring": 1.3, "random": 2.5}
COUNT_LINE = ("COUNT(*)", "")

Samples = dict[tuple[str, str], list[float]]


def generate_rows(count: int) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield row_of(number)


def row_of(number: int) -> Row:
    return (
        number,
        f"customer {number:07}",
        number * 7919 % GROUPS,
        number * 0.37,
        number % 3 == 0,
    )


def timed(session: Session, run: Callable[[], object], operations: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter_ns()
        session.begin()
        run()
        session.commit()
        return (time.perf_counter_ns() - start) / operations
    finally:
        gc.enable()


def run_all(session: Session, sql: str, parameters: Sequence[tuple], fetch: bool) -> None:
    execute = session.execute
    if fetch:
        for values in parameters:
            execute(sql, values).fetchone()
    else:
        for values in parameters:
            execute(sql, values)


def one_round(session: Session, rows: int, chance: random.Random) -> dict[tuple[str, str], float]:
    """ns of each line on a table of so many rows."""
    operations = min(OPERATIONS, rows // 2)
    start = chance.randint(1, rows - operations)
    neighbouring = list(range(start, start + operations))
    shuffled = chance.sample(range(1, rows + 1), operations)

    def count() -> None:
        execute = session.execute
        for _ in range(1000):
            execute(COUNT).fetchone()

    found = {COUNT_LINE: timed(session, count, 1000)}
    for order, keys in (("neighbouring", neighbouring), ("random", shuffled)):
        by_key = [(key,) for key in keys]
        steps = [
            ("SELECT", SELECT, by_key, True),
            ("UPDATE", UPDATE, [(chance.randrange(GROUPS), key) for key in keys], False),
            ("DELETE", DELETE, by_key, False),
            ("INSERT", INSERT, [row_of(key) for key in keys], False),
        ]
        for title, sql, parameters, fetch in steps:
            # As in each other loop here: what the closure uses is read before the next step.
            found[title, order] = timed(
                session,
                lambda sql=sql, parameters=parameters, fetch=fetch: run_all(
                    session, sql, parameters, fetch
                ),
                operations,
            )
    return found


def measure_growth(
    names: Sequence[str], rounds: int, say: Callable[[str], None]
) -> dict[str, dict[int, Samples]]:
    """Rival -> rows -> line -> ns in each round, after one to warm up."""
    sessions = {}
    for rival in make_rivals(names):
        for rows in (FEW, MANY):
            say(f"loading {rows:,} rows into {rival.name}")
            session = rival.open()
            session.load(generate_rows(rows))
            sessions[rival.name, rows] = session
    samples: dict[str, dict[int, Samples]] = {name: {FEW: {}, MANY: {}} for name in names}
    gc.collect()
    gc.freeze()
    for number in range(rounds + 1):
        say(f"round {number} of {rounds}")
        order = list(sessions.items())
        for (name, rows), session in order[number % len(order) :] + order[: number % len(order)]:
            found = one_round(session, rows, random.Random(f"{SEED} {number} {rows}"))
            for line, value in found.items():
                if number > 0:
                    samples[name][rows].setdefault(line, []).append(value)
    gc.unfreeze()
    for session in sessions.values():
        session.close()
    return samples


def print_growth(console: Console, rounds: int) -> None:
    names = ["sqlite3", "tupelo"]
    with console.status("") as status:
        samples = measure_growth(names, rounds, status.update)
    table = Table(box=table_box(console), pad_edge=False)
    table.add_column("operation", no_wrap=True)
    table.add_column("keys", no_wrap=True)
    for name in names:
        table.add_column(f"{name} ns\n{FEW:,}", justify="right", no_wrap=True)
        table.add_column(f"\n{MANY:,}", justify="right", no_wrap=True)
        table.add_column("\ngrowth", justify="right", style="bold", no_wrap=True)
    table.add_column("goal", no_wrap=True)
    table.add_column("", no_wrap=True)
    for line in samples["tupelo"][FEW]:
        title, order = line
        cells, growth = [title, order], 0.0
        for name in names:
            few, many = (statistics.median(samples[name][rows][line]) for rows in (FEW, MANY))
            growth = many / few
            cells += [nanoseconds(few), nanoseconds(many), f"{growth:.2f}"]
        cells += [f"<= {LIMITS[order]:g}", mark(growth <= LIMITS[order])]
        table.add_row(*cells)
    print_table(console, table)
