"""isolation/serial_programs.py: draws small transactions that get into each other's way.

A case has three tables with few rows and few values, of which its transactions use one, two or all:
the fewer things there are, the likelier two transactions meet in one. Statements are drawn from
forms: see serial_forms.py.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from scenario import Level
from serial_forms import FORMS, INDEXES, REFERENCES

Value = int | str | Decimal

SYMBOL = re.compile(r"\{(\w+)\}")
TABLES = {"a": "id", "b": "id", "c": "x, y"}
# Of the tables that a case uses.
CHOICES = ("a", "b", "c", "ab", "ab", "ac", "abc")


def literal(value: object) -> str:
    """As SQL has it."""
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def row(*values: object) -> str:
    return f"({', '.join(map(literal, values))})"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and its parameters."""

    sql: str
    parameters: tuple[Value, ...] = ()

    @property
    def is_query(self) -> bool:
        return self.sql.startswith(("SELECT", "WITH"))

    @property
    def only_reads(self) -> bool:
        return self.is_query and not self.sql.endswith(("FOR UPDATE", "FOR SHARE"))

    def with_literals(self) -> Statement:
        """The same without parameters."""
        values = iter(self.parameters)
        return Statement(re.sub(r"\?", lambda _: literal(next(values)), self.sql))

    def __str__(self) -> str:
        return f"{self.sql} with {row(*self.parameters)}" if self.parameters else self.sql


Program = tuple[Statement, ...]


@dataclass(frozen=True)
class Case:
    """Programs of transactions, and in what order their steps are done.

    The order has a number of a transaction for each of its statements, and one for its COMMIT.
    """

    seed: int
    level: Level
    definitions: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]  # the table, and the values as SQL has them
    programs: tuple[Program, ...]
    order: tuple[int, ...]

    def setup(self) -> Iterator[str]:
        """Statements. Some rows are in the way of a key, which nobody minds here."""
        yield from self.definitions
        for table in TABLES:
            if rows := [row for home, row in self.rows if home == table]:
                yield f"INSERT INTO {table} VALUES {', '.join(rows)} ON CONFLICT DO NOTHING"

    @property
    def has_foreign_key(self) -> bool:
        return any(" REFERENCES " in definition for definition in self.definitions)


class Drawing:
    """All that is drawn for one case."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables = self.random.choice(CHOICES)
        self.unused = itertools.count(100)
        self.scope: dict[str, str] = {}
        self.parameters: list[Value] | None = None
        self.values: dict[str, Callable[[], Value]] = {
            "n": lambda: self.random.randrange(7),
            "s": lambda: self.random.choice("xyz") + str(self.random.randrange(3)),
            "d": lambda: self.random.randrange(14) / Decimal(2),
            "bound": self.bound,
            "new": lambda: self.random.choice(
                (next(self.unused), self.random.randrange(9), self.random.randrange(50))
            ),
            "far": lambda: 1000 * next(self.unused),
        }

    def bound(self) -> Decimal:
        """Often one that a row has, at times one that none can have, as it has more digits."""
        return self.random.randrange(14) / Decimal(2) + self.random.choice(
            (Decimal(0), Decimal(0), Decimal("0.25"), Decimal("0.001"))
        )

    def maybe(self, draw: Callable[[], Value]) -> Value | None:
        return None if self.random.random() < 0.2 else draw()

    # --- definitions -------------------------------------------------------------------------

    def definitions(self, references: str) -> tuple[str, ...]:
        return (
            "CREATE TABLE a (id INTEGER PRIMARY KEY, k INTEGER, s VARCHAR(8), d DECIMAL(8, 2))",
            f"CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER{references}, v INTEGER)",
            "CREATE TABLE c (x INTEGER, y INTEGER, s VARCHAR(8), v INTEGER, PRIMARY KEY (x, y))",
            *(index for index in INDEXES if self.random.random() < 0.2),
        )

    def rows(self, references: str) -> Iterator[tuple[str, str]]:
        n, s, d = (self.values[name] for name in "nsd")
        count = self.random.choice((0, 3, 6, 6, 25))
        for id in range(count):
            # What b references must be there.
            a_id = (lambda: self.random.randrange(count)) if references else n
            yield "a", row(id, self.maybe(n), s(), self.maybe(d))
            yield "b", row(id, self.maybe(a_id), self.maybe(n))
            yield "c", row(n(), n(), s(), self.maybe(n))

    # --- statements --------------------------------------------------------------------------

    def expand(self, form: str) -> str:
        return SYMBOL.sub(lambda found: self.symbol(found[1]), form)

    def symbol(self, name: str) -> str:
        if name in self.scope:
            return self.expand(self.scope[name])
        if name not in self.values:
            return self.expand(self.random.choice(FORMS[name]))
        value = self.values[name]()
        if self.parameters is None:
            return literal(value)
        self.parameters.append(value)
        return "?"

    def statement(self, kind: str) -> Statement:
        """A "read" or a "write", of a table that the case uses."""
        table = self.random.choice(self.tables)
        keys = TABLES[table]
        self.scope = {
            "t": table,
            "keys": keys,
            "key": keys[:2].rstrip(","),
            "down": ", ".join(f"{key} DESC" for key in keys.split(", ")),
            "num": self.random.choice({"a": "kd", "b": "v", "c": "v"}[table]),
            "col": self.random.choice({"a": "ksd", "b": ("a_id", "v"), "c": "xysv"}[table]),
            "where": f"{{{table}_where}}",
        }
        self.parameters = [] if self.random.random() < 0.3 else None
        specific = self.random.random() < (0.35 if kind == "read" else 0.6)
        sql = self.symbol(f"{table}_{kind}" if specific else kind)
        return Statement(sql, tuple(self.parameters or ()))

    def program(self) -> Program:
        """One to three statements; at times some are undone, which have been run all the same."""
        kinds = self.random.choices(("read", "write"), (55, 45), k=self.random.randint(1, 3))
        if "write" not in kinds and self.random.random() < 0.7:
            kinds.append("write")
        statements = [self.statement(kind) for kind in kinds]
        if self.random.random() < 0.2:
            begin = self.random.randrange(len(statements))
            end = self.random.randint(begin + 1, len(statements))
            statements.insert(end, Statement("ROLLBACK TO p"))
            statements.insert(begin, Statement("SAVEPOINT p"))
        return tuple(statements)


def draw(seed: int, transactions: int, level: Level) -> Case:
    """Always the same one for a seed and a number of transactions."""
    drawing = Drawing(seed)
    references = drawing.random.choice(REFERENCES)
    definitions = drawing.definitions(references)
    rows = tuple(drawing.rows(references))
    programs = tuple(drawing.program() for _ in range(transactions))
    order = [number for number, program in enumerate(programs) for _ in range(len(program) + 1)]
    drawing.random.shuffle(order)
    return Case(seed, level, definitions, rows, programs, tuple(order))
