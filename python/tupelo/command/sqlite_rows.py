"""tupelo/command/sqlite_rows.py: the rows of a table of sqlite3, looked at and converted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from .sqlite_schema import Table, quote
from .sqlite_values import GENERAL, VARCHAR, ColumnType, wanted

ROWS = 1000  # that are looked at together


class ColumnPlan:
    """Which type a column gets, and what of it was not wanted."""

    def __init__(self, declared: str, is_identity: bool) -> None:
        self.wanted = wanted(declared)
        self._candidates = [*self.wanted, *GENERAL]
        self._is_empty = True
        self.has_null = False
        self.is_identity = is_identity

    def look_at(self, values: tuple[Any, ...]) -> None:
        present = [value for value in values if value is not None]
        self.has_null |= len(present) < len(values)
        if present:
            self._is_empty = False
            kinds = set(map(type, present))
            self._candidates = [it for it in self._candidates if it.fits_all(present, kinds)]

    @property
    def type(self) -> ColumnType:
        """The best one that holds all that was looked at."""
        if self._is_empty and not self.wanted:
            return VARCHAR
        return self._candidates[0]

    @property
    def misfits(self) -> bool:
        """Whether there are values that the declared type does not hold."""
        return bool(self.wanted) and self.type is not self.wanted[0]


def survey(
    source: sqlite3.Connection, table: Table, advance: Callable[[int], None]
) -> list[ColumnPlan]:
    """Looks at all rows."""
    plans = [
        ColumnPlan(column.declared, table.is_identity and column.name == table.key[0])
        for column in table.columns
    ]
    cursor = source.execute(_select(table, ""))
    while rows := cursor.fetchmany(ROWS):
        for plan, values in zip(plans, zip(*rows, strict=True), strict=True):
            plan.look_at(values)
        advance(len(rows))
    return plans


def _select(table: Table, before: str) -> str:
    columns = ", ".join(quote(column.name) for column in table.columns)
    order = f" ORDER BY {table.rowid}" if table.rowid else ""
    return f"SELECT {before}{columns} FROM main.{quote(table.name)}{order}"


Note = Callable[[str, str, Any], None]  # column, row, value


def read(
    source: sqlite3.Connection,
    table: Table,
    plans: list[ColumnPlan],
    note: Note,
    advance: Callable[[int], None],
) -> Iterator[tuple[Any, ...]]:
    """The rows as Tupelo takes them; `note` is told of each value that was not wanted so."""
    converters = [(i, plan.type.convert) for i, plan in enumerate(plans) if plan.type.convert]
    misfits = [(i, plan.wanted[0]) for i, plan in enumerate(plans) if plan.misfits]
    place = f"{table.rowid}, " if table.rowid else "NULL, "
    cursor = source.execute(_select(table, place))
    while rows := cursor.fetchmany(ROWS):
        for row in rows:
            for i, kind in misfits:
                if not kind.fits(row[i + 1]):
                    note(table.columns[i].name, _place(table, row), row[i + 1])
            if not converters:
                yield row[1:]
                continue
            values = list(row[1:])
            for i, convert in converters:
                if convert is not None and values[i] is not None:
                    values[i] = convert(values[i])
            yield tuple(values)
        advance(len(rows))


def _place(table: Table, row: tuple[Any, ...]) -> str:
    """How a row is found again: by its rowid, else its primary key."""
    if table.rowid:
        return f"rowid {row[0]}"
    numbers = {column.name: i for i, column in enumerate(table.columns, 1)}
    return "key " + ", ".join(repr(row[numbers[name]]) for name in table.key)
