"""tupelo/command/sqlite_schema.py: what is defined in an sqlite3 database."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field


@dataclass
class Column:
    name: str
    declared: str  # type as written; empty: none
    not_null: bool
    default: str | None  # as SQL
    is_generated: bool


@dataclass
class Index:
    name: str  # empty: of a UNIQUE constraint
    columns: list[tuple[str, bool]]  # name, descending
    is_unique: bool
    collations: set[str]  # other than BINARY
    why_not: str = ""  # what it has that Tupelo has not


@dataclass
class ForeignKey:
    columns: list[str]
    table: str  # referenced
    referenced: list[str]  # empty: its primary key
    on_update: str
    on_delete: str


@dataclass
class Table:
    name: str
    sql: str
    columns: list[Column]
    key: list[str]  # primary key
    has_rowid: bool
    is_identity: bool  # the key is the rowid, which sqlite3 numbers
    last_number: int | None  # of AUTOINCREMENT
    indexes: list[Index] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)

    @property
    def rowid(self) -> str:
        """A name of the rowid that no column has; empty: there is none."""
        taken = {column.name.lower() for column in self.columns}
        names = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
        return names[0] if self.has_rowid and names else ""


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def read_tables(source: sqlite3.Connection) -> tuple[list[Table], list[tuple[str, str]]]:
    """The tables, and those that are none of sqlite3's own: (name, why it can't be read)."""
    tables, others = [], []
    kinds = {name: kind for _, name, kind, *_ in source.execute("PRAGMA main.table_list")}
    for name, sql in source.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid"
    ).fetchall():
        if name.lower().startswith("sqlite_") or kinds.get(name) == "shadow":
            continue
        if kinds.get(name) == "virtual":
            others.append((name, "a virtual table"))
        else:
            tables.append(_read_table(source, name, sql))
    return tables, others


def _read_table(source: sqlite3.Connection, name: str, sql: str) -> Table:
    columns, parts = [], []
    for _, column, declared, not_null, default, key, hidden in source.execute(
        f"PRAGMA main.table_xinfo({quote(name)})"
    ):
        columns.append(Column(column, declared or "", bool(not_null), default, hidden in (2, 3)))
        if key:
            parts.append((key, column))
    key = [column for _, column in sorted(parts)]
    has_rowid = not _is_without_rowid(source, name)
    declared = {column.name: column.declared for column in columns}
    is_identity = (
        has_rowid
        and len(key) == 1
        and declared[key[0]].upper() == "INTEGER"
        and not any(origin == "pk" for *_, origin in _index_list(source, name))
    )
    table = Table(name, sql, columns, key, has_rowid, is_identity, _last_number(source, name))
    for index, is_unique, is_partial, origin in _index_list(source, name):
        if origin != "pk":
            table.indexes.append(_read_index(source, index, is_unique, is_partial, origin))
    table.foreign_keys = _read_foreign_keys(source, name)
    return table


def _is_without_rowid(source: sqlite3.Connection, name: str) -> bool:
    for _, table, _, _, without, *_ in source.execute(f"PRAGMA main.table_list({quote(name)})"):
        if table == name:
            return bool(without)
    return False


def _last_number(source: sqlite3.Connection, name: str) -> int | None:
    there = source.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone()
    if there is None:
        return None
    row = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
    return row[0] if row is not None and isinstance(row[0], int) else None


def _index_list(source: sqlite3.Connection, name: str) -> list[tuple[str, bool, bool, str]]:
    rows = source.execute(f"PRAGMA main.index_list({quote(name)})").fetchall()
    return [(index, bool(u), bool(partial), origin) for _, index, u, origin, partial in rows[::-1]]


def _read_index(
    source: sqlite3.Connection, name: str, is_unique: bool, is_partial: bool, origin: str
) -> Index:
    index = Index(name if origin == "c" else "", [], is_unique, set())
    if is_partial:
        index.why_not = "it is of some rows only (WHERE)"
    for _, number, column, descending, collation, is_key in source.execute(
        f"PRAGMA main.index_xinfo({quote(name)})"
    ):
        if not is_key:
            continue
        if number < 0:
            index.why_not = "it is of an expression or of the rowid"
            continue
        index.columns.append((column, bool(descending)))
        if collation.upper() != "BINARY":
            index.collations.add(collation)
    return index


def _read_foreign_keys(source: sqlite3.Connection, name: str) -> list[ForeignKey]:
    keys: dict[int, ForeignKey] = {}
    for number, _, table, column, referenced, on_update, on_delete, _ in source.execute(
        f"PRAGMA main.foreign_key_list({quote(name)})"
    ):
        key = keys.setdefault(number, ForeignKey([], table, [], on_update, on_delete))
        key.columns.append(column)
        if referenced is not None:
            key.referenced.append(referenced)
    return [keys[number] for number in sorted(keys, reverse=True)]


_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/|\w+|.""", re.S
)


def words(sql: str) -> list[str]:
    """Its words that are not quoted, in upper case."""
    return [token.upper() for token in _TOKEN.findall(sql) if token[0].isalpha()]
