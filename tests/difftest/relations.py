"""difftest/relations.py: what stands after FROM: tables, derived tables, joins of all kinds."""

from __future__ import annotations

from dataclasses import dataclass

from .expressions import make
from .literals import random_literal
from .scope import COMMON, NO_SQLITE, Field, Maker, Scope, reference
from .tree import Node, Part, Sequence

# How many combinations of rows a query and those around it may look at.
MOST_COMBINATIONS = 60_000
JOINS = ["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN",
         "INNER JOIN", "LEFT OUTER JOIN", "NATURAL", "USING", ", "]  # fmt: skip


@dataclass
class Relation:
    """rows: at most, roughly; common: names that USING may join by."""

    node: Node
    fields: list[Field]
    rows: int
    common: bool = False
    listed: bool = False  # with a comma, which binds less than JOIN
    distinct: bool = False  # of tables alone, which have ids


def table(m: Maker) -> Relation:
    fitting = [t for t in m.tables if len(t.rows) * m.volume <= MOST_COMBINATIONS]
    chosen = m.random.choice(fitting or [min(m.tables, key=lambda t: len(t.rows))])
    name = m.name("q")
    fields = [Field(f"{name}.{c.name}", c.kind) for c in chosen.columns]
    node = Node("relation", [f"{chosen.name} AS {name}"])
    return Relation(node, fields, max(len(chosen.rows), 1), common=True, distinct=True)


def derived(m: Maker, outer: list[Field], lateral: bool) -> Relation:
    from .selects import query

    kinds = [m.random.choice(["int", "int", "text", "dec", "bool", "date"]) for _ in range(3)]
    kinds = kinds[: m.random.randint(1, 3)]
    with m.nested():
        of = query(m, outer, kinds)
    name = m.name("d")
    columns = [f"{name}_{i}" for i in range(len(kinds))]
    without = NO_SQLITE if lateral or outer else frozenset()
    renamed = f" AS {name}"
    if m.has("column list") and m.chance(0.3):
        without = NO_SQLITE
        renamed += f" ({', '.join(columns)})"
    else:
        columns = of.names
    fields = [Field(f"{name}.{c}", k) for c, k in zip(columns, kinds, strict=True)]
    word = "LATERAL (" if lateral else "("
    return Relation(Node("relation", [word, of, ")", renamed], without), fields, max(of.rows, 1))


def values(m: Maker) -> Relation:
    """A table of literals, all of whose rows have the same types."""
    kinds = [m.random.choice(["int", "text", "date", "dec"]) for _ in range(m.random.randint(1, 2))]
    count = m.random.randint(1, 4)
    rows = [
        Node("row", ["(", Sequence([random_literal(m.random, k) for k in kinds], least=9), ")"])
        for _ in range(count)
    ]
    name = m.name("v")
    columns = [f"{name}_{i}" for i in range(len(kinds))]
    fields = [Field(f"{name}.{c}", k) for c, k in zip(columns, kinds, strict=True)]
    parts: list[Part] = ["(VALUES ", Sequence(rows), f") AS {name} ({', '.join(columns)})"]
    return Relation(Node("relation", parts, NO_SQLITE), fields, count)


def relation(m: Maker, outer: list[Field], beside: list[Field]) -> Relation:
    """beside: columns of the relations before it, which LATERAL may see."""
    if m.named and m.chance(0.6):
        of, columns, rows = m.random.choice(m.named)
        name = m.name("w")
        fields = [Field(f"{name}.{c}", k) for c, k in columns]
        return Relation(Node("relation", [f"{of} AS {name}"]), fields, rows)
    if m.level < 2 and m.chance(0.15):
        if beside and m.has("lateral") and m.chance(0.5):
            return derived(m, beside + outer, lateral=True)
        return derived(m, outer if m.chance(0.5) else [], lateral=False)
    if m.has("values") and m.chance(0.05):
        return values(m)
    return table(m)


def equality(m: Maker, left: list[Field], right: list[Field]) -> Node | None:
    pairs = [(a, b) for a in left for b in right if a.kind == b.kind]
    if not pairs:
        return None
    a, b = m.random.choice(pairs)
    return Node("bool", [reference(a), " = ", reference(b)])


def ranges(m: Maker, left: list[Field], right: list[Field]) -> Node | None:
    """What compares a column of one side with one or two of the other, by their order."""
    if m.chance(0.5):
        left, right = right, left
    pairs = [(a, b) for a in left for b in right if a.kind == b.kind]
    if not pairs:
        return None
    a, b = m.random.choice(pairs)
    like = [f for f in right if f.kind == a.kind]
    if m.chance(0.3):
        operator = m.random.choice([" < ", " <= ", " > ", " >= "])
        return Node("bool", ["(", reference(a), operator, reference(b), ")"])
    if a.kind in ("int", "dec", "double") and m.chance(0.5):
        low, high = m.random.choice([(0, 1), (1, 1), (2, 0), (3, 2)])
        ends: list[Part] = [reference(b), f" - {low} AND ", reference(b), f" + {high})"]
        return Node("bool", ["(", reference(a), " BETWEEN ", *ends])
    first, second = m.random.choice([" >= ", " > "]), m.random.choice([" <= ", " < "])
    terms = [
        Node("bool", [reference(a), first, reference(b)]),
        Node("bool", [reference(a), second, reference(m.random.choice(like))]),
    ]
    return Node("bool", ["(", Sequence(terms, " AND "), ")"])


def condition(m: Maker, scope: Scope, left: Relation, right: Relation, full: bool) -> Node:
    """After ON. PostgreSQL wants equalities for a full join."""
    equal = equality(m, left.fields, right.fields)
    if full:
        return equal or Node("bool", ["1 = 1"])
    other = make(m, scope, "bool", 1)
    by_range = ranges(m, left.fields, right.fields) if m.chance(0.3) else None
    if by_range is not None:
        terms = [t for t in (equal, other) if t is not None and m.chance(0.3)]
        return Node("bool", [Sequence([*terms, by_range], " AND ")])
    if equal is None or m.chance(0.25):
        return other
    if m.chance(0.6):
        return equal
    return Node("bool", [Sequence([equal, other], " AND ")])


def joined(m: Maker, left: Relation, right: Relation, outer: list[Field]) -> Relation:
    kind = ", " if left.listed else m.random.choice(JOINS)
    left.fields = [f for f in left.fields if f.sql != COMMON]
    fields = left.fields + right.fields
    scope = Scope(fields, outer)
    rows = left.rows * right.rows
    lateral = "LATERAL" in str(right.node.parts[0])
    if lateral and ("RIGHT" in kind or "FULL" in kind):
        kind = "LEFT JOIN"
    both = left.common and right.common and not lateral
    if kind == "USING" and both:
        word = m.random.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        fields = [*fields, Field(COMMON, "int")]
        parts: list[Part] = [left.node, f" {word} ", right.node, " USING (k)"]
        return Relation(Node("from", parts), fields, rows)
    if kind == "NATURAL" and both:
        word = m.random.choice(["JOIN", "LEFT JOIN", "FULL JOIN"])
        parts = [left.node, f" NATURAL {word} ", right.node]
        return Relation(Node("from", parts), fields, rows)
    if kind == ", ":
        node = Node("from", [left.node, ", ", right.node])
        return Relation(node, fields, rows, listed=True)
    if kind in ("CROSS JOIN", "NATURAL", "USING"):
        return Relation(Node("from", [left.node, " CROSS JOIN ", right.node]), fields, rows)
    on = condition(m, scope, left, right, kind == "FULL JOIN")
    parts = [left.node, f" {kind} ", right.node, " ON ", on]
    # sqlite3 3.40 loses rows of such joins when others are before them.
    chained = left.node.kind == "from" and ("FULL" in kind or "RIGHT" in kind)
    return Relation(Node("from", parts, NO_SQLITE if chained else frozenset()), fields, rows)


def from_clause(m: Maker, outer: list[Field]) -> Relation:
    """Relations joined from left to right; m.volume grows by their rows."""
    result = relation(m, outer, [])
    volume = m.volume
    count = m.random.choice([1, 1, 1, 2, 2, 2, 3, 3, 4])
    for _ in range(count - 1):
        m.volume = volume * result.rows
        right = relation(m, outer, [f for f in result.fields if f.sql != COMMON])
        if result.rows * right.rows * volume > MOST_COMBINATIONS:
            break
        distinct = result.distinct and right.distinct
        result = joined(m, result, right, outer)
        result.distinct = distinct
    m.volume = volume * result.rows
    return result
