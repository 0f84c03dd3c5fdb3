"""difftest/changes.py: INSERT, UPDATE and DELETE, of which the table afterwards is compared."""

from __future__ import annotations

from .expressions import make
from .literals import literal, random_value
from .schema import Column, Table
from .scope import Field, Maker, Scope, expression, spelled
from .selects import clause
from .tree import Node, Part, Sequence

# Above the ids that tables begin with.
NEW_IDS = 10_000


def fields_of(table: Table, name: str) -> list[Field]:
    return [Field(f"{name}.{c.name}", c.kind) for c in table.columns]


def new_value(m: Maker, scope: Scope, column: Column) -> Node:
    """Decimals are not computed, since sqlite3 would not round them when it stores them."""
    kind = column.kind
    of = m.leaf(scope, kind) if kind == "dec" else make(m, scope, kind, 2)
    if kind == "text":  # else PostgreSQL's columns are too short for some
        of = expression(
            kind,
            spelled(["SUBSTRING(", of, " FROM 1 FOR 20)"], sqlite3=["SUBSTR(", of, ", 1, 20)"]),
        )
    if column.not_null:
        value = literal(kind, random_value(m.random, kind))
        of = expression(kind, "COALESCE(", of, ", ", value, ")")
    return of


def condition(m: Maker, scope: Scope) -> Node:
    return clause(" WHERE ", make(m, scope, "bool", m.random.choice([1, 2, 3])))


def change(m: Maker) -> Node:
    """The second part is the name of the table."""
    table = m.random.choice(m.tables)
    m.volume = max(len(table.rows), 1)
    scope = Scope(fields_of(table, table.name))
    maker = m.random.choice([update, update, delete, insert])
    return maker(m, table, scope)


def update(m: Maker, table: Table, scope: Scope) -> Node:
    columns = [c for c in table.columns[1:] if m.chance(0.5)] or [table.columns[1]]
    settings = [Node("set", [f"{c.name} = ", new_value(m, scope, c)]) for c in columns]
    parts: list[Part] = ["UPDATE ", table.name, " SET ", Sequence(settings)]
    return Node("change", [*parts, condition(m, scope)])


def delete(m: Maker, table: Table, scope: Scope) -> Node:
    return Node("change", ["DELETE FROM ", table.name, condition(m, scope)])


def insert(m: Maker, table: Table, scope: Scope) -> Node:
    """From a table, itself perhaps, whose ids stay different."""
    source = m.random.choice(m.tables)
    m.volume = max(len(source.rows), 1)
    place = Scope(fields_of(source, "s"))
    values = [Node("item", [f"s.id + {NEW_IDS}"])]
    values += [Node("item", [new_value(m, place, c)]) for c in table.columns[1:]]
    parts: list[Part] = [
        "INSERT INTO ",
        table.name,
        " SELECT ",
        Sequence(values, least=len(values)),
    ]
    return Node("change", [*parts, f" FROM {source.name} AS s", condition(m, place)])


def table_after(made: Node) -> str:
    """The query whose rows are compared; "" when `made` is a query itself."""
    return f"SELECT * FROM {made.parts[1]}" if made.kind == "change" else ""
