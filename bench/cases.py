"""bench/cases.py: the lines of the benchmark, each an operation as a program would write it.

A line gets a session and its work, and returns a function of no arguments that is timed whole,
between the begin and the commit of its transaction. The same function, given little work, makes
the answers that are compared between the rivals before anything is timed.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rivals import INSERT, Rival, Row, Session

SEED = 20_130_101
GROUPS = 100

SELECT = "SELECT id, name, n, x, flag FROM items WHERE id = ?"
UPDATE = "UPDATE items SET n = ? WHERE id = ?"
DELETE = "DELETE FROM items WHERE id = ?"
COUNT = "SELECT COUNT(*) FROM items"
ALL = "SELECT id, name, n, x, flag FROM items"
RANGE = "SELECT id, name, n, x, flag FROM items WHERE id BETWEEN ? AND ?"
GROUP_BY = "SELECT n, COUNT(*), SUM(id), AVG(x), MAX(x) FROM items GROUP BY n"
FILTERED_SUM = "SELECT SUM(x) FROM items WHERE n < ?"
SELF_JOIN = "SELECT COUNT(*), SUM(b.n) FROM items AS a JOIN items AS b ON b.id = a.id"


def make_rows(count: int) -> list[Row]:
    """The same rows for everybody, in ascending order of their keys."""
    chance = random.Random(SEED)
    return [
        (
            number,
            f"customer {number:06}",
            chance.randrange(GROUPS),
            chance.uniform(0, 1000),
            chance.random() < 0.5,
        )
        for number in range(1, count + 1)
    ]


@dataclass
class Work:
    """What one run of a line is to do: `amount` operations on a table of `rows`, with parameters
    drawn from `chance`, which starts equal for all rivals."""

    rows: Sequence[Row]
    amount: int
    chance: random.Random

    def shuffled_keys(self) -> list[int]:
        """As many distinct keys, in no order."""
        return self.chance.sample(range(1, len(self.rows) + 1), self.amount)


Run = Callable[[], Any]


@dataclass(frozen=True)
class Line:
    """`table`: "empty" or "full" for a database of its own in each run, since it writes; "shared"
    for one that all lines share, since they only read; "none" for no database at all.
    `amount` operations a run, or as many as there are rows when 0; `slow_amount` for a rival whose
    statements are slow. `per_row`: the time is divided by the rows of the table, too.
    `times_sqlite3`: the goal; `beats_apsw`: whether to be faster than apsw is one as well."""

    key: str
    title: str
    unit: str
    table: str
    prepare: Callable[[Rival, Session, Work], Run]
    amount: int = 0
    slow_amount: int = 0
    per_row: bool = False
    times_sqlite3: float = 3.0
    beats_apsw: bool = True

    def operations(self, rival: Rival, rows: int) -> int:
        amount = self.amount or min(rows, 20_000)
        if rival.slow_statements and self.slow_amount:
            amount = min(amount, self.slow_amount)
        return amount

    def units(self, operations: int, rows: int) -> int:
        return operations * rows if self.per_row else operations


def insert_execute(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> None:
        execute = session.execute
        for row in rows:
            execute(INSERT, row)

    rows = work.rows[: work.amount]
    return run


def insert_executemany(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> None:
        session.executemany(INSERT, rows)

    rows = work.rows[: work.amount]
    return run


def insert_prepared(rival: Rival, session: Session, work: Work) -> Run:
    rows = work.rows[: work.amount]
    return lambda: session.insert_prepared(rows)


def update(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> None:
        execute = session.execute
        for change in changes:
            execute(UPDATE, change)

    changes = [(work.chance.randrange(GROUPS), key) for key in work.shuffled_keys()]
    return run


def delete(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> None:
        execute = session.execute
        for key in keys:
            execute(DELETE, key)

    keys = [(key,) for key in work.shuffled_keys()]
    return run


def select(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for key in keys:
            row = execute(SELECT, key).fetchone()
        return row

    keys = [(key,) for key in work.shuffled_keys()]
    return run


def count(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for _ in range(amount):
            row = execute(COUNT).fetchone()
        return row

    amount = work.amount
    return run


def fetchall(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        for _ in range(amount - 1):
            execute(ALL).fetchall()  # kept by nobody, as the memory of two is not the point
        return execute(ALL).fetchall()

    amount = work.amount
    return run


def iterate(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for _ in range(amount):
            for row in session.iterate(execute(ALL)):  # noqa: B007 (the last one is returned)
                pass
        return row

    amount = work.amount
    return run


def key_range(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        rows = None
        for limits in ranges:
            rows = execute(RANGE, limits).fetchall()
        return rows

    last = max(1, len(work.rows) - 99)
    starts = [work.chance.randint(1, last) for _ in range(work.amount)]
    ranges = [(start, start + 99) for start in starts]
    return run


def group_by(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        rows = None
        for _ in range(amount):
            rows = execute(GROUP_BY).fetchall()
        return rows

    amount = work.amount
    return run


def filtered_sum(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for limit in limits:
            row = execute(FILTERED_SUM, limit).fetchone()
        return row

    limits = [(work.chance.randint(GROUPS // 4, GROUPS * 3 // 4),) for _ in range(work.amount)]
    return run


def self_join(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for _ in range(amount):
            row = execute(SELF_JOIN).fetchone()
        return row

    amount = work.amount
    return run


def never_seen(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> Any:
        execute = session.execute
        row = None
        for text in texts:
            row = execute(text).fetchone()
        return row

    keys = [work.chance.randint(1, len(work.rows)) for _ in range(work.amount)]
    # The second number makes each text another one, which no cache knows.
    texts = [
        f"SELECT name, x FROM items WHERE id = {key} AND n < {work.chance.randint(GROUPS, 10**9)}"
        for key in keys
    ]
    return run


def connect(rival: Rival, session: Session, work: Work) -> Run:
    def run() -> None:
        for _ in range(amount):
            make().close()

    amount, make = work.amount, rival.connect
    return run


LINES = [
    Line("insert", "INSERT by execute", "row", "empty", insert_execute, 0, 400),
    Line("executemany", "INSERT by executemany", "row", "empty", insert_executemany, 0, 400),
    Line("prepared", "INSERT by a prepared statement", "row", "empty", insert_prepared, 0, 400),
    Line("update", "UPDATE by key", "row", "full", update, 0, 300),
    Line("delete", "DELETE by key", "row", "full", delete, 0, 300),
    Line("select", "SELECT by key, fetchone", "row", "shared", select, 0, 300),
    Line("count", "COUNT(*)", "query", "shared", count, 500, 100),
    Line("fetchall", "fetchall of all rows", "row", "shared", fetchall, 2, 2, True),
    Line("iterate", "iteration over all rows", "row", "shared", iterate, 2, 2, True),
    Line("range", "range of 100 rows by key", "query", "shared", key_range, 300, 100),
    Line("group_by", "GROUP BY, four aggregates", "row", "shared", group_by, 4, 4, True),
    Line("filtered_sum", "SUM with a filter", "row", "shared", filtered_sum, 20, 20, True),
    Line("self_join", "self join on the key", "row", "shared", self_join, 4, 4, True),
    Line("never_seen", "a text never seen before", "query", "shared", never_seen, 1000, 100,
         times_sqlite3=1.0, beats_apsw=False),
    Line("connect", "connect and close", "pair", "none", connect, 200, 4,
         times_sqlite3=1.0, beats_apsw=False),
]  # fmt: skip
LINES_BY_KEY = {line.key: line for line in LINES}


def choose_lines(keys: Sequence[str]) -> list[Line]:
    """The lines of these keys, all without any; SystemExit where there is no such line."""
    unknown = [key for key in keys if key not in LINES_BY_KEY]
    if unknown:
        raise SystemExit(f"bench: no such line: {unknown[0]} (there are {', '.join(LINES_BY_KEY)})")
    return [LINES_BY_KEY[key] for key in keys] if keys else LINES
