"""difftest/numbers_of.py: expressions that are numbers."""

from __future__ import annotations

from functools import partial

from .expressions import BUILDERS, builder, make
from .scope import ONLY_POSTGRESQL, Maker, Scope, expression, spelled
from .tree import Node, Part


def small(m: Maker, least: int, most: int) -> Node:
    return Node("small", [str(m.random.randint(least, most))])


def arithmetic(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    """Products are of leaves, so that results stay in every engine's range."""
    operator = m.random.choice(["+", "+", "-", "-", "*"])
    left = kind if kind == "int" or m.chance(0.7) else "int"
    right = kind if left != kind or m.chance(0.7) else "int"
    below = 0 if operator == "*" else depth
    return expression(
        kind, "(", make(m, scope, left, below), f" {operator} ", make(m, scope, right, below), ")"
    )


def absolute(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    return expression(kind, "ABS(", make(m, scope, kind, depth), ")")


def negative(kind: str, m: Maker, scope: Scope, depth: int) -> Node:
    return expression(kind, "(- ", make(m, scope, kind, depth), ")")


for _kind in ("int", "dec", "double"):
    BUILDERS.setdefault(_kind, []).extend(
        (weight, partial(function, _kind))
        for weight, function in ((6, arithmetic), (1, absolute), (1, negative))
    )


@builder("int")
def modulo(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = make(m, scope, "int", depth), make(m, scope, "int", depth)
    return expression(
        "int",
        spelled(
            ["MOD(", left, ", NULLIF(", right, ", 0))"],
            sqlite3=["(", left, " % NULLIF(", right, ", 0))"],
        ),
    )


@builder("int")
def quotient(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = make(m, scope, "int", depth), make(m, scope, "int", depth)
    return expression(
        "int",
        spelled(
            ["(", left, " / NULLIF(", right, ", 0))"],
            duckdb=["(", left, " // NULLIF(", right, ", 0))"],
        ),
    )


@builder("int")
def length(m: Maker, scope: Scope, depth: int) -> Node:
    name = m.random.choice(["LENGTH", "CHAR_LENGTH"])
    text = make(m, scope, "text", depth)
    return expression(
        "int", spelled([name, "(", text, ")"], sqlite3=["LENGTH(", text, ")"],
                       duckdb=["LENGTH(", text, ")"]),
    )  # fmt: skip


@builder("int", weight=1)
def position(m: Maker, scope: Scope, depth: int) -> Node:
    part, text = make(m, scope, "text", depth), make(m, scope, "text", depth)
    return expression(
        "int",
        spelled(["POSITION(", part, " IN ", text, ")"], sqlite3=["INSTR(", text, ", ", part, ")"]),
    )


@builder("int", weight=1)
def sign(m: Maker, scope: Scope, depth: int) -> Node:
    """It is a double in PostgreSQL."""
    call: list[Part] = ["SIGN(", make(m, scope, "int", depth), ")"]
    return expression("int", spelled(call, postgresql=["CAST(", *call, " AS INTEGER)"]))


@builder("int")
def rounded_to_integer(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, "dec", depth)
    return expression(
        "int",
        spelled(["CAST(", of, " AS INTEGER)"], sqlite3=["CAST(ROUND(", of, ") AS INTEGER)"]),
    )


@builder("dec")
def whole(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, "dec", depth)
    name = m.random.choice(["FLOOR", "CEILING", "ROUND"])
    return expression("dec", f"{name}(", of, ")")


@builder("dec")
def cast_to_decimal(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, "int", depth)
    return expression(
        "dec", spelled(["CAST(", of, " AS DECIMAL(18, 2))"], sqlite3=["CAST(", of, " AS REAL)"])
    )


@builder("dec")
def decimal_quotient(m: Maker, scope: Scope, depth: int) -> Node:
    """Engines have different scales of quotients."""
    left, right = make(m, scope, "dec", 0), make(m, scope, m.random.choice(["int", "dec"]), 0)
    return expression(
        "dec", "CAST(", left, " / NULLIF(", right, ", 0) AS DECIMAL(18, 3))",
        without=ONLY_POSTGRESQL,
    )  # fmt: skip


@builder("dec")
def rounded(m: Maker, scope: Scope, depth: int) -> Node:
    name = m.random.choice(["ROUND", "TRUNC"])
    of = make(m, scope, "dec", depth)
    return expression("dec", f"{name}(", of, ", 1)", without=ONLY_POSTGRESQL)


@builder("double")
def cast_to_double(m: Maker, scope: Scope, depth: int) -> Node:
    of = make(m, scope, m.random.choice(["int", "dec"]), depth)
    return expression("double", "CAST(", of, " AS DOUBLE PRECISION)")


@builder("double")
def double_quotient(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = make(m, scope, "double", depth), make(m, scope, "double", depth)
    zero = spelled(["0e0"], postgresql=["CAST(0 AS DOUBLE PRECISION)"])
    return expression("double", "(", left, " / NULLIF(", right, ", ", zero, "))")
