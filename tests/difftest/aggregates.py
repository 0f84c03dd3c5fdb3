"""difftest/aggregates.py: calls of aggregates over the columns of a query."""

from __future__ import annotations

from .expressions import CALLS, make
from .scope import NO_SQLITE, Maker, Scope, expression, reference, spelled
from .tree import Node, Part, Sequence

NUMBERS = ("int", "dec", "double")


def argument(m: Maker, scope: Scope, kind: str) -> Node:
    """Of this query's columns alone: an aggregate of outer columns would be the outer query's."""
    assert scope.arguments is not None
    return make(m, Scope(scope.arguments), kind, m.random.choice([0, 0, 1]))


def filtered(m: Maker, scope: Scope, call: list[Part]) -> list[Part]:
    if not m.chance(0.15):
        return call
    return [*call, " FILTER (WHERE ", argument(m, scope, "bool"), ")"]


def integral(kind: str, call: list[Part]) -> list[Part]:
    """The sum of BIGINTs is a NUMERIC in PostgreSQL, which would divide otherwise."""
    if kind != "int":
        return call
    return [spelled(call, postgresql=["CAST(", *call, " AS BIGINT)"])]


def aggregate(m: Maker, scope: Scope, kind: str) -> Node | None:
    assert scope.arguments is not None
    if kind == "int" and scope.keys and m.chance(0.3):
        return grouping(m, scope)
    distinct = "DISTINCT " if m.chance(0.2) else ""
    if kind == "int" and m.chance(0.6):
        return expression("int", *filtered(m, scope, count_call(m, scope, distinct)))
    if kind == "bool":
        word, other = m.random.choice([("EVERY", "bool_and"), ("ANY", "bool_or")])
        of = argument(m, scope, "bool")
        spelling = spelled([word], duckdb=[other], postgresql=[other])
        return expression("bool", spelling, "(", of, ")", without=NO_SQLITE)
    if kind in NUMBERS and m.chance(0.5):
        call: list[Part] = [f"SUM({distinct}", argument(m, scope, kind), ")"]
        return expression(kind, *integral(kind, filtered(m, scope, call)))
    name = m.random.choice(["MIN(", "MAX("])
    return expression(kind, *filtered(m, scope, [name, argument(m, scope, kind), ")"]))


def grouping(m: Maker, scope: Scope) -> Node:
    """Which of some keys are not in a row's grouping set, a bit each."""
    keys = m.random.sample(scope.keys, m.random.randint(1, len(scope.keys)))
    of = Sequence([reference(key) for key in keys])
    return expression("int", "GROUPING(", of, ")", without=NO_SQLITE)


def count_call(m: Maker, scope: Scope, distinct: str) -> list[Part]:
    if m.chance(0.4):
        return ["COUNT(*)"]
    kinds = [f.kind for f in scope.arguments or []] or ["int"]
    return [f"COUNT({distinct}", argument(m, scope, m.random.choice(kinds)), ")"]


def average(m: Maker, scope: Scope) -> Node:
    """Engines give it with different precision, so it is only selected, or compared to integers."""
    of = argument(m, scope, m.random.choice(["int", "dec", "double"]))
    distinct = m.random.choice(["", "", "DISTINCT "])
    return Node("average", [*filtered(m, scope, [f"AVG({distinct}", of, ")"])])


CALLS["aggregate"] = aggregate
