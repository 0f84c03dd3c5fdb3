"""difftest/predicates.py: expressions that are true, false or unknown, without subqueries."""

from __future__ import annotations

from .expressions import builder, make
from .literals import PATTERNS, literal, null, random_literal, random_value
from .scope import NO_DUCKDB, NO_SQLITE, ONLY_POSTGRESQL, Maker, Scope, expression, spelled
from .tree import Node, Part, Sequence, copy_of

COMPARABLE = ["int", "int", "int", "dec", "double", "text", "text", "bool", "date", "stamp"]
OPERATORS = ["=", "=", "=", "<>", "<", "<=", ">", ">="]


def some_kind(m: Maker, scope: Scope) -> str:
    """A type that a column in scope has, mostly."""
    kinds = [f.kind for f in scope.fields + scope.outer]
    return m.random.choice(kinds if kinds and m.chance(0.8) else COMPARABLE)


def pair(m: Maker, scope: Scope, depth: int) -> tuple[Node, Node]:
    """Two operands that can be compared: of one type, or an integer and a decimal."""
    kind = some_kind(m, scope)
    other = kind
    if kind in ("int", "dec") and m.chance(0.2):
        other = m.random.choice(["int", "dec"])
    return make(m, scope, kind, depth), make(m, scope, other, depth)


@builder("bool", weight=9)
def comparison(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = pair(m, scope, depth)
    return expression("bool", "(", left, f" {m.random.choice(OPERATORS)} ", right, ")")


@builder("bool", weight=6)
def connected(m: Maker, scope: Scope, depth: int) -> Node:
    word = m.random.choice([" AND ", " OR "])
    items = [make(m, scope, "bool", depth) for _ in range(m.random.choice([2, 2, 3]))]
    return expression("bool", "(", Sequence(items, word), ")")


@builder("bool", weight=3)
def negated(m: Maker, scope: Scope, depth: int) -> Node:
    return expression("bool", "(NOT ", make(m, scope, "bool", depth), ")")


@builder("bool", weight=3)
def is_null(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, some_kind(m, scope), depth)
    return expression("bool", "(", of, m.random.choice([" IS NULL)", " IS NOT NULL)"]))


@builder("bool")
def between(m: Maker, scope: Scope, depth: int) -> Node:
    kind = some_kind(m, scope)
    word = m.random.choice([" BETWEEN ", " BETWEEN ", " NOT BETWEEN "])
    items = [make(m, scope, kind, depth) for _ in range(3)]
    without: frozenset[str] = frozenset()
    if m.chance(0.2):
        word += "SYMMETRIC "
        without = ONLY_POSTGRESQL
    return expression(
        "bool", "(", items[0], word, items[1], " AND ", items[2], ")", without=without
    )


@builder("bool", weight=4)
def against_constants(m: Maker, scope: Scope, depth: int) -> Node:
    """Of a column: what an index and the bounds of a block can tell."""
    kind = m.random.choice(["int", "int", "dec", "text", "date", "stamp"])
    column = m.column(scope, kind)
    if column is None:
        return comparison(m, scope, depth)
    low, high = sorted(random_value(m.random, kind) for _ in range(2))
    if m.chance(0.3):
        return expression("bool", "(", column, " = ", literal(kind, low), ")")
    first, second = m.random.choice([">", ">="]), m.random.choice(["<", "<="])
    terms = [
        Node("bool", [column, f" {first} ", literal(kind, low)]),
        Node("bool", [copy_of(column), f" {second} ", literal(kind, high)]),
    ]
    return expression("bool", "(", Sequence(terms, " AND "), ")")


@builder("bool", weight=3)
def in_list(m: Maker, scope: Scope, depth: int) -> Node:
    kind = some_kind(m, scope)
    items = []
    for _ in range(m.random.choice([1, 2, 3, 3, 5, 9])):
        if m.chance(0.06):
            items.append(null(kind))
        elif m.chance(0.8):
            items.append(random_literal(m.random, kind))
        else:
            items.append(make(m, scope, kind, depth))
    word = m.random.choice([" IN (", " NOT IN ("])
    return expression("bool", "(", make(m, scope, kind, depth), word, Sequence(items), "))")


@builder("bool", weight=4)
def like(m: Maker, scope: Scope, depth: int) -> Node:
    word = m.random.choice([" LIKE ", " LIKE ", " NOT LIKE "])
    text = make(m, scope, "text", m.random.choice([0, depth]))
    if m.chance(0.25):
        pattern = literal("text", m.random.choice(["a!%b", "a!_%", "a!_b", "!%%", "%!!"]))
        return expression("bool", "(", text, word, pattern, " ESCAPE '!')")
    pattern = literal("text", m.random.choice(PATTERNS))
    if m.chance(0.15):
        pattern = make(m, scope, "text", 0)
    return expression("bool", "(", text, word, pattern, ")")


@builder("bool")
def distinct_from(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = pair(m, scope, depth)
    word = m.random.choice([" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "])
    return expression("bool", "(", left, word, right, ")")


@builder("bool")
def truth_test(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, "bool", depth)
    word, null_word = m.random.choice(
        [("TRUE", "TRUE"), ("FALSE", "FALSE"), ("UNKNOWN", "NULL"), ("NOT TRUE", "NOT TRUE"),
         ("NOT FALSE", "NOT FALSE"), ("NOT UNKNOWN", "NOT NULL")]
    )  # fmt: skip
    alike: list[Part] = [f" IS {null_word})"]
    return expression("bool", "(", of, spelled([f" IS {word})"], sqlite3=alike, duckdb=alike))


@builder("bool", weight=1)
def starts_with(m: Maker, scope: Scope, depth: int) -> Node:
    text, start = make(m, scope, "text", depth), make(m, scope, "text", 0)
    return expression("bool", "STARTS_WITH(", text, ", ", start, ")", without=NO_SQLITE)


@builder("bool")
def row_comparison(m: Maker, scope: Scope, depth: int) -> Node:
    """DuckDB compares rows as values of its own, nulls last."""
    pairs = [pair(m, scope, min(depth, 1)) for _ in range(m.random.choice([2, 2, 3]))]
    operator = m.random.choice(OPERATORS)
    left, right = Sequence([p[0] for p in pairs], least=9), Sequence([p[1] for p in pairs], least=9)
    if operator in ("=", "<>") and m.chance(0.3):
        word = m.random.choice([" IN (", " NOT IN ("])
        return expression("bool", "((", left, ")", word, "(", right, ")))", without=ONLY_POSTGRESQL)
    return expression("bool", "((", left, f") {operator} (", right, "))", without=NO_DUCKDB)
