"""difftest/subqueries.py: subqueries in expressions: scalar, EXISTS, IN, ANY, ALL."""

from __future__ import annotations

from functools import partial

from .expressions import BUILDERS, builder, make
from .predicates import OPERATORS, some_kind
from .scope import NO_SQLITE, ONLY_POSTGRESQL, Maker, Scope, expression
from .selects import query, scalar_query
from .tree import Node, Sequence

# How many levels of subqueries a query may have.
DEEPEST = 2


def scalar(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    if m.level >= DEEPEST:
        return make(m, scope, kind, depth)
    with m.nested():
        return expression(kind, "(", scalar_query(m, scope.inner(), kind), ")")


for _kind in ("int", "dec", "text", "date", "double", "stamp"):
    BUILDERS[_kind].append((2, partial(scalar, _kind)))


@builder("bool", weight=4)
def exists(m: Maker, scope: Scope, depth: int) -> Node:
    if m.level >= DEEPEST:
        return make(m, scope, "bool", depth)
    word = m.random.choice(["EXISTS (", "EXISTS (", "NOT EXISTS ("])
    with m.nested():
        of = query(m, scope.inner(), [m.random.choice(["int", "text"])])
    return expression("bool", "(", word, of, "))")


@builder("bool", weight=5)
def in_query(m: Maker, scope: Scope, depth: int) -> Node:
    if m.level >= DEEPEST:
        return make(m, scope, "bool", depth)
    kind = some_kind(m, scope)
    word = m.random.choice([" IN (", " NOT IN ("])
    operand = make(m, scope, kind, depth)
    with m.nested():
        of = query(m, scope.inner(), [kind])
    return expression("bool", "(", operand, word, of, "))")


@builder("bool", weight=3)
def quantified(m: Maker, scope: Scope, depth: int) -> Node:
    if m.level >= DEEPEST:
        return make(m, scope, "bool", depth)
    kind = some_kind(m, scope)
    word = m.random.choice(["ANY", "ALL", "SOME"])
    operator = m.random.choice(OPERATORS)
    operand = make(m, scope, kind, depth)
    with m.nested():
        of = query(m, scope.inner(), [kind])
    return expression("bool", "(", operand, f" {operator} {word} (", of, "))", without=NO_SQLITE)


@builder("bool", weight=2)
def row_in_query(m: Maker, scope: Scope, depth: int) -> Node:
    if m.level >= DEEPEST or not m.has("row in query"):
        return make(m, scope, "bool", depth)
    kinds = [some_kind(m, scope) for _ in range(2)]
    row = Sequence([make(m, scope, kind, min(depth, 1)) for kind in kinds], least=9)
    word = m.random.choice([" IN (", " NOT IN (", " = ANY (", " <> ALL (", " < ANY ("])
    with m.nested():
        of = query(m, scope.inner(), kinds)
    without = ONLY_POSTGRESQL if "A" in word else frozenset({"duckdb"})
    return expression("bool", "((", row, ")", word, of, "))", without=without)
