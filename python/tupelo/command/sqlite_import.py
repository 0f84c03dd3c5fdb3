"""tupelo/command/sqlite_import.py: an sqlite3 database made anew, table by table."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import tupelo

from .progress import Progress
from .sqlite_defaults import default_sql
from .sqlite_rows import ColumnPlan, read, survey
from .sqlite_schema import Column, Index, Table, quote, read_tables, words

_LARGEST = 2**63 - 1


class Report:
    """What did not fit, a line each."""

    def __init__(self, values_a_column: int | None) -> None:
        self.lines: list[str] = []
        self._most = values_a_column
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, what: str, why: str) -> None:
        self.lines.append(f"{what}: {why}")

    def add_value(self, table: str, column: str, row: str, value: Any, type_: str) -> None:
        count = self._counts.get((table, column), 0) + 1
        self._counts[table, column] = count
        if self._most is None or count <= self._most:
            text = repr(value)
            text = text if len(text) <= 60 else text[:57] + "..."
            self.add(f"{table}.{column}, {row}", f"{text} does not fit; the column is {type_}")

    def add_rest(self, table: str) -> None:
        """How many values of its columns were not listed."""
        for (name, column), count in self._counts.items():
            if name == table and self._most is not None and count > self._most:
                self.add(f"{table}.{column}", f"{count - self._most} more values do not fit")


class Import:
    """Definitions without keys, then rows, then all that is checked over rows: what fails there is
    reported and left out."""

    def __init__(
        self, source: sqlite3.Connection, target: tupelo.Connection, report: Report
    ) -> None:
        self._source = source
        self._target = target
        self._report = report
        self._tables, self._others = read_tables(source)
        self._names: dict[str, str] = {}
        self._rows = 0

    def count_rows(self) -> int:
        """Twice those that there are: they are looked at first."""
        counts = [
            self._source.execute(f"SELECT COUNT(*) FROM main.{quote(table.name)}").fetchone()[0]
            for table in self._tables
        ]
        return 2 * int(sum(counts))

    def run(self, progress: Progress) -> None:
        for name, why in self._others:
            self._report.add(f"table {name}", f"left out: it is {why}")
        for table in self._tables:
            progress.begin(table.name)
            self._import_table(table, progress)
        for table in self._tables:
            self._add_foreign_keys(table)
        self._import_views()
        for (name,) in self._source.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid"
        ):
            self._report.add(f"trigger {name}", "left out: there are no triggers")

    def summary(self) -> str:
        return f"{len(self._tables)} tables, {self._rows} rows; {len(self._report.lines)} remarks"

    def _name(self, name: str) -> str:
        """As Tupelo reads it: as it was written where that is a name, else quoted."""
        if name not in self._names:
            self._names[name] = name if self._is_plain(name) else quote(name)
        return self._names[name]

    def _is_plain(self, name: str) -> bool:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            return False
        try:
            self._target.prepare(f"SELECT 1 {name} FROM {name} {name}")
        except tupelo.Error:
            return False
        return True

    def _list(self, names: list[str]) -> str:
        return "(" + ", ".join(map(self._name, names)) + ")"

    def _import_table(self, table: Table, progress: Progress) -> None:
        plans = survey(self._source, table, progress.advance)
        by_name = dict(zip((column.name for column in table.columns), plans, strict=True))
        has_null_in_key = any(by_name[name].has_null for name in table.key)
        columns = [
            self._column(table, column, plan, not has_null_in_key)
            for column, plan in zip(table.columns, plans, strict=True)
        ]
        self._target.execute(f"CREATE TABLE {self._name(table.name)} ({', '.join(columns)})")
        self._copy_rows(table, plans, progress)
        if has_null_in_key:
            self._report.add(
                f"{table.name}, primary key {self._list(table.key)}",
                "there are nulls in it; it is a UNIQUE constraint",
            )
        if table.key:
            kind = "UNIQUE" if has_null_in_key else "PRIMARY KEY"
            self._try_alter(table, f"ADD {kind} {self._list(table.key)}")
        for index in table.indexes:
            self._add_index(table, index)
        self._report_clauses(table)

    def _column(self, table: Table, column: Column, plan: ColumnPlan, key_holds: bool) -> str:
        place = f"{table.name}.{column.name}"
        text = f"{self._name(column.name)} {plan.type.sql}"
        if column.is_generated:
            self._report.add(place, "it is generated; the column has the values as they are now")
        elif column.default is not None and not plan.is_identity:
            default = default_sql(self._source, column.default, plan.type)
            if default is None:
                self._report.add(
                    place, f"the default is left out, no {plan.type.sql}: {column.default}"
                )
            elif default:
                text += f" DEFAULT {default}"
        if plan.is_identity:
            return text + " GENERATED BY DEFAULT AS IDENTITY NOT NULL"
        if column.not_null and plan.has_null:
            self._report.add(place, "there are nulls in it; NOT NULL is left out")
        elif column.not_null or (column.name in table.key and key_holds):
            text += " NOT NULL"
        return text

    def _copy_rows(self, table: Table, plans: list[ColumnPlan], progress: Progress) -> None:
        types = {
            column.name: plan.type.sql for column, plan in zip(table.columns, plans, strict=True)
        }

        def note(column: str, row: str, value: Any) -> None:
            self._report.add_value(table.name, column, row, value, types[column])

        marks = ", ".join("?" * len(table.columns))
        columns = self._list([column.name for column in table.columns])
        cursor = self._target.executemany(
            f"INSERT INTO {self._name(table.name)} {columns} VALUES ({marks})",
            read(self._source, table, plans, note, progress.advance),
        )
        self._rows += max(cursor.rowcount, 0)
        self._report.add_rest(table.name)
        if table.is_identity:
            self._restart_identity(table)

    def _restart_identity(self, table: Table) -> None:
        name = self._name(table.key[0])
        row = self._target.execute(f"SELECT MAX({name}) FROM {self._name(table.name)}").fetchone()
        last = max(row[0] or 0, table.last_number or 0)
        if last < _LARGEST:
            self._try_alter(table, f"ALTER COLUMN {name} RESTART WITH {max(last + 1, 1)}")

    def _try_alter(self, table: Table, action: str) -> None:
        self._try(f"{table.name}, {action}", f"ALTER TABLE {self._name(table.name)} {action}")

    def _try(self, what: str, sql: str) -> None:
        try:
            self._target.execute(sql)
        except tupelo.Error as error:
            self._report.add(what, f"left out: {error} ({error.sqlstate})")

    def _add_index(self, table: Table, index: Index) -> None:
        what = f"index {index.name}" if index.name else f"{table.name}, a UNIQUE constraint"
        if index.why_not:
            self._report.add(what, f"left out: {index.why_not}")
            return
        if index.collations:
            names = ", ".join(sorted(index.collations))
            self._report.add(what, f"it compares by code point, without collation {names}")
        if not index.name:
            self._try_alter(table, f"ADD UNIQUE {self._list([name for name, _ in index.columns])}")
            return
        columns = ", ".join(
            # Nulls are the smallest values there.
            self._name(name) + (" DESC NULLS LAST" if descending else " NULLS FIRST")
            for name, descending in index.columns
        )
        unique = "UNIQUE " if index.is_unique else ""
        self._try(
            what,
            f"CREATE {unique}INDEX {self._name(index.name)} "
            f"ON {self._name(table.name)} ({columns})",
        )

    def _add_foreign_keys(self, table: Table) -> None:
        tables = {one.name.lower(): one for one in self._tables}
        for key in table.foreign_keys:
            what = f"{table.name}, FOREIGN KEY {self._list(key.columns)}"
            referenced = tables.get(key.table.lower())
            if referenced is None:
                self._report.add(what, f"left out: there is no table {key.table}")
                continue
            columns = key.referenced or referenced.key
            self._try(
                what,
                f"ALTER TABLE {self._name(table.name)} ADD FOREIGN KEY {self._list(key.columns)} "
                f"REFERENCES {self._name(referenced.name)} {self._list(columns)} "
                f"ON UPDATE {key.on_update} ON DELETE {key.on_delete}",
            )

    def _report_clauses(self, table: Table) -> None:
        there = set(words(table.sql))
        for word in ("CHECK", "COLLATE"):
            if word in there:
                self._report.add(f"table {table.name}", f"{word} clauses are left out")

    def _import_views(self) -> None:
        """Each behind those that it reads: as long as one more can be made."""
        left = self._source.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid"
        ).fetchall()
        errors: dict[str, tupelo.Error] = {}
        while left:
            remaining = []
            for name, sql in left:
                try:
                    self._target.execute(sql)
                except tupelo.Error as error:
                    errors[name] = error
                    remaining.append((name, sql))
            if len(remaining) == len(left):
                break
            left = remaining
        for name, _ in left:
            self._report.add(f"view {name}", f"left out: {errors[name]} ({errors[name].sqlstate})")
