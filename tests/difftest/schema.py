"""difftest/schema.py: random tables and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from .literals import random_value, sql_literal

# Type names by engine; sqlite3 goes by affinity, which must not round or convert our values.
TYPES: dict[str, list[str]] = {
    "int": ["INTEGER", "INTEGER", "BIGINT", "SMALLINT"],
    "dec": ["DECIMAL(8, 2)", "DECIMAL(12, 4)", "DECIMAL(20, 2)"],
    "double": ["DOUBLE PRECISION"],
    "text": ["VARCHAR(20)", "VARCHAR(40)"],
    "bool": ["BOOLEAN"],
    "date": ["DATE"],
    "stamp": ["TIMESTAMP"],
}
SQLITE_TYPES = {
    "int": "INTEGER", "dec": "REAL", "double": "REAL", "text": "TEXT", "bool": "INTEGER",
    "date": "TEXT", "stamp": "TEXT",
}  # fmt: skip
KINDS = ["int", "int", "int", "dec", "double", "text", "text", "bool", "date", "stamp"]


@dataclass
class Column:
    name: str
    kind: str
    type: str
    not_null: bool
    constraint: str = ""


@dataclass
class Table:
    name: str
    columns: list[Column]
    rows: list[tuple[Any, ...]]
    indexes: list[str]

    def create(self, engine: str) -> str:
        columns = []
        for column in self.columns:
            type_name = SQLITE_TYPES[column.kind] if engine == "sqlite3" else column.type
            null = " NOT NULL" if column.not_null else ""
            columns.append(f"{column.name} {type_name}{null}{column.constraint}")
        return f"CREATE TABLE {self.name} ({', '.join(columns)})"

    def inserts(self, engine: str) -> list[str]:
        """INSERT statements of at most 200 rows each."""
        statements = []
        for start in range(0, len(self.rows), 200):
            rows = ", ".join(
                "(" + ", ".join(sql_literal(v, engine) for v in row) + ")"
                for row in self.rows[start : start + 200]
            )
            statements.append(f"INSERT INTO {self.name} VALUES {rows}")
        return statements

    def script(self, engine: str) -> list[str]:
        return [self.create(engine), *self.indexes, *self.inserts(engine)]


def random_table(random: Random, name: str, rows: int) -> Table:
    """`k` is in every table, for joins and USING; `id` is its key in most."""
    prefix = name[-1]
    columns = [
        Column("id", "int", "INTEGER", True),
        Column("k", "int", random.choice(TYPES["int"]), random.random() < 0.2),
    ]
    for number in range(random.randint(1, 5)):
        kind = random.choice(KINDS)
        type_name = random.choice(TYPES[kind])
        columns.append(Column(f"{prefix}{number}", kind, type_name, random.random() < 0.15))
    if random.random() < 0.7:
        columns[0].constraint = " PRIMARY KEY"
    nulls = random.choice([0.0, 0.15, 0.15, 0.4])
    data = []
    for number in range(rows):
        row: list[Any] = [number]
        for column in columns[1:]:
            null = not column.not_null and random.random() < nulls
            row.append(None if null else random_value(random, column.kind))
        data.append(tuple(row))
    random.shuffle(data)
    indexes = []
    for number, column in enumerate(columns[1:]):
        if random.random() < 0.35:
            indexes.append(f"CREATE INDEX {name}_i{number} ON {name} ({column.name})")
    if len(columns) > 3 and random.random() < 0.35:
        names = ", ".join(c.name for c in random.sample(columns[1:], 2))
        indexes.append(f"CREATE INDEX {name}_two ON {name} ({names})")
    return Table(name, columns, data, indexes)


def random_schema(random: Random) -> list[Table]:
    sizes = [random.choice([0, 1, 3, 6, 6, 10, 15, 25, 40]) for _ in range(random.randint(2, 4))]
    if random.random() < 0.5:  # enough for joins by ranges not to look at all pairs
        sizes += [random.randint(60, 200) for _ in range(random.randint(1, 2))]
    if random.random() < 0.1:  # more than one vector
        sizes.append(random.randint(2049, 5000))
    return [random_table(random, f"t{'abcdefg'[i]}", size) for i, size in enumerate(sizes)]
