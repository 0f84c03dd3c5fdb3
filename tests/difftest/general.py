"""difftest/general.py: expressions of any type: CASE, COALESCE, NULLIF, GREATEST, LEAST."""

from __future__ import annotations

from functools import partial

from .expressions import BUILDERS, make
from .literals import NULL_TYPES, literal, null, random_literal, random_value
from .scope import Maker, Scope, expression, spelled
from .tree import Node, Sequence

KINDS = list(NULL_TYPES)


def searched_case(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    whens = [
        expression("when", " WHEN ", make(m, scope, "bool", depth), " THEN ",
                   make(m, scope, kind, depth))
        for _ in range(m.random.choice([1, 1, 2]))
    ]  # fmt: skip
    otherwise = make(m, scope, kind, depth) if m.chance(0.8) else null(kind)
    return expression(kind, "CASE", Sequence(whens, ""), " ELSE ", otherwise, " END")


def simple_case(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    of = m.random.choice(["int", "text", "bool", "date"])
    whens = [
        expression("when", " WHEN ", random_literal(m.random, of), " THEN ",
                   make(m, scope, kind, depth))
        for _ in range(m.random.choice([1, 2, 2]))
    ]  # fmt: skip
    otherwise = make(m, scope, kind, depth) if m.chance(0.7) else null(kind)
    operand = make(m, scope, of, depth)
    return expression(kind, "CASE ", operand, Sequence(whens, ""), " ELSE ", otherwise, " END")


def coalesce(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    items = [make(m, scope, kind, depth) for _ in range(m.random.choice([2, 2, 3]))]
    return expression(kind, "COALESCE(", Sequence(items, least=2), ")")


def null_if(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    return expression(
        kind, "NULLIF(", make(m, scope, kind, depth), ", ", make(m, scope, kind, depth), ")"
    )


def extreme(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    """Without nulls, of which engines think differently here."""
    items = [
        expression(kind, "COALESCE(", make(m, scope, kind, depth), ", ",
                   literal(kind, random_value(m.random, kind)), ")")
        for _ in range(2)
    ]  # fmt: skip
    word, sqlite = m.random.choice([("GREATEST(", "MAX("), ("LEAST(", "MIN(")])
    return expression(
        kind, spelled([word], sqlite3=[sqlite]), Sequence(items, least=2), ")",
    )  # fmt: skip


for _kind in KINDS:
    BUILDERS.setdefault(_kind, []).extend(
        (weight, partial(function, _kind))
        for weight, function in (
            (2, searched_case),
            (1, simple_case),
            (2, coalesce),
            (2, null_if),
            (1, extreme),
        )  # fmt: skip
    )
