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
# More levels of subqueries than there may be.
DEEPEST = 9


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
    maker = m.random.choice([update, update, delete, insert, insert])
    parts = maker(m, table, scope)
    if m.has("returning") and m.chance(0.3):
        parts.append(returning(m, scope))
    return Node("change", parts)


def returning(m: Maker, scope: Scope) -> Node:
    """Without subqueries, which not all engines have there."""
    with m.nested():
        m.level += DEEPEST
        items = [make(m, scope, m.random.choice(scope.fields).kind, 1) for _ in range(2)]
        m.level -= DEEPEST
    return clause(" RETURNING ", Node("items", [Sequence(items)]))


def settings(m: Maker, table: Table, scope: Scope) -> Sequence:
    columns = [c for c in table.columns[1:] if m.chance(0.5)] or [table.columns[1]]
    return Sequence([Node("set", [f"{c.name} = ", new_value(m, scope, c)]) for c in columns])


def update(m: Maker, table: Table, scope: Scope) -> list[Part]:
    return ["UPDATE ", table.name, " SET ", settings(m, table, scope), condition(m, scope)]


def delete(m: Maker, table: Table, scope: Scope) -> list[Part]:
    return ["DELETE FROM ", table.name, condition(m, scope)]


def insert(m: Maker, table: Table, scope: Scope) -> list[Part]:
    """From a table, itself perhaps; ids stay different where conflicts are not provided for."""
    source = m.random.choice(m.tables)
    m.volume = max(len(source.rows), 1)
    place = Scope(fields_of(source, "s"))
    conflicts = m.has("on conflict") and bool(table.columns[0].constraint) and m.chance(0.5)
    values = [Node("item", ["s.id" if conflicts else f"s.id + {NEW_IDS}"])]
    values += [Node("item", [new_value(m, place, c)]) for c in table.columns[1:]]
    parts: list[Part] = [
        "INSERT INTO ",
        table.name,
        " SELECT ",
        Sequence(values, least=len(values)),
    ]
    parts += [f" FROM {source.name} AS s", Node("clause", [" WHERE ", make(m, place, "bool", 2)])]
    if conflicts:
        parts.append(on_conflict(m, table, scope))
    return parts


def on_conflict(m: Maker, table: Table, scope: Scope) -> Node:
    if m.chance(0.4):
        return Node("conflict", [" ON CONFLICT (id) DO NOTHING"])
    both = Scope(scope.fields + fields_of(table, "excluded"))
    with m.nested():
        m.level += DEEPEST
        parts: list[Part] = [" ON CONFLICT (id) DO UPDATE SET ", settings(m, table, both)]
        if m.chance(0.4):
            parts.append(condition(m, both))
        m.level -= DEEPEST
    return Node("conflict", parts)


def queries_after(made: Node) -> list[str]:
    """Those whose rows are compared; none when `made` is a query itself. The second one need not
    read the table; the others go by the bounds of blocks, or an index, where there is one."""
    if made.kind != "change":
        return []
    table = made.parts[1]
    return [
        f"SELECT * FROM {table}", f"SELECT COUNT(*) FROM {table}",
        f"SELECT id, k FROM {table} WHERE k BETWEEN 0 AND 3",
        f"SELECT id, k FROM {table} WHERE id >= {NEW_IDS}",
    ]  # fmt: skip
