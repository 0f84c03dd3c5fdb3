"""difftest/literals.py: the values that tables and queries are made of, and their literals."""

from __future__ import annotations

import datetime
from decimal import Decimal
from random import Random
from typing import Any

from .tree import Node, Spelling

INTS = [-7, -2, -1, 0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 12]
TEXTS = ["", "a", "b", "ab", "abc", "B", "ba", "a b", " a", "b ", "aXb", "a%b", "a_b", "zz", "10"]
PATTERNS = ["%", "a%", "%b", "%a%", "_", "a_", "_b%", "", "ab", "%_b", "a%b", "%%", "__%", "b%a",
            "a%a", "b%b", "ab%b", "a%ab"]  # fmt: skip
DATES = [
    datetime.date(2023, 12, 31), datetime.date(2024, 1, 1), datetime.date(2024, 2, 28),
    datetime.date(2024, 2, 29), datetime.date(2024, 3, 1), datetime.date(2025, 7, 15),
    datetime.date(1999, 12, 31),
]  # fmt: skip
STAMPS = [
    datetime.datetime(2024, 1, 1), datetime.datetime(2024, 2, 29, 23, 59, 59),
    datetime.datetime(2023, 12, 31, 12, 30), datetime.datetime(2024, 3, 1, 0, 0, 1),
    datetime.datetime(2000, 6, 15, 6, 7, 8),
]  # fmt: skip

# What NULL is cast to.
NULL_TYPES = {
    "int": "INTEGER", "dec": "DECIMAL(8, 2)", "double": "DOUBLE PRECISION",
    "text": "VARCHAR(20)", "bool": "BOOLEAN", "date": "DATE", "stamp": "TIMESTAMP",
}  # fmt: skip


def random_value(random: Random, kind: str) -> Any:
    """A value from a small range, so that equal values are frequent."""
    if kind == "int":
        return random.choice(INTS) if random.random() < 0.9 else random.randint(-100, 100)
    if kind == "dec":  # exact in binary too, for sqlite3 has no exact fractions
        return Decimal(random.randint(-12, 16)) / 4
    if kind == "double":
        return random.randint(-8, 12) / 2
    if kind == "text":
        return random.choice(TEXTS)
    if kind == "bool":
        return random.random() < 0.5
    if kind == "date":
        return random.choice(DATES)
    return random.choice(STAMPS)


def sql_literal(value: Any, engine: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, float):
        return f"{value!r}e0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    word = "" if engine == "sqlite3" else "DATE "
    if isinstance(value, datetime.datetime):
        word = "" if engine == "sqlite3" else "TIMESTAMP "
    return f"{word}'{value}'"


def literal(kind: str, value: Any) -> Node:
    if value is None:
        return null(kind)
    text, sqlite = sql_literal(value, "tupelo"), sql_literal(value, "sqlite3")
    if text == sqlite:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value < 0:
            text = f"({text})"
        if kind == "double":  # 1e0 is exact in PostgreSQL
            cast = f"CAST({text} AS DOUBLE PRECISION)"
            return Node(kind, [Spelling(others=[text], postgresql=[cast])])
        return Node(kind, [text])
    return Node(kind, [Spelling(others=[text], sqlite3=[sqlite])])


def null(kind: str) -> Node:
    """NULL of a type; sqlite3's cast to a date would be one to a number."""
    text = f"CAST(NULL AS {NULL_TYPES[kind]})"
    return Node(kind, [Spelling(others=[text], sqlite3=["NULL"])])


def random_literal(random: Random, kind: str) -> Node:
    if random.random() < 0.06:
        return null(kind)
    return literal(kind, random_value(random, kind))
