"""difftest/texts_of.py: expressions that are character strings."""

from __future__ import annotations

from .expressions import builder, make
from .literals import literal
from .numbers_of import small
from .scope import NO_SQLITE, ONLY_POSTGRESQL, Maker, Scope, expression, spelled
from .tree import Node


@builder("text", weight=4)
def concatenation(m: Maker, scope: Scope, depth: int) -> Node:
    return expression(
        "text", "(", make(m, scope, "text", depth), " || ", make(m, scope, "text", depth), ")"
    )


@builder("text", weight=4)
def of_one(m: Maker, scope: Scope, depth: int) -> Node:
    name = m.random.choice(["UPPER", "LOWER", "TRIM", "LTRIM", "RTRIM"])
    return expression("text", f"{name}(", make(m, scope, "text", depth), ")")


@builder("text", weight=4)
def substring(m: Maker, scope: Scope, depth: int) -> Node:
    text, start, count = make(m, scope, "text", depth), small(m, 1, 4), small(m, 0, 3)
    return expression(
        "text",
        spelled(
            ["SUBSTRING(", text, " FROM ", start, " FOR ", count, ")"],
            sqlite3=["SUBSTR(", text, ", ", start, ", ", count, ")"],
        ),
    )


@builder("text")
def replaced(m: Maker, scope: Scope, depth: int) -> Node:
    what = literal("text", m.random.choice(["a", "b", "ab", " "]))
    return expression(
        "text", "REPLACE(", make(m, scope, "text", depth), ", ", what, ", ",
        make(m, scope, "text", 0), ")",
    )  # fmt: skip


@builder("text")
def end_of(m: Maker, scope: Scope, depth: int) -> Node:
    name = m.random.choice(["LEFT", "RIGHT", "REPEAT"])
    text = make(m, scope, "text", depth)
    return expression("text", f"{name}(", text, ", ", small(m, 0, 3), ")", without=NO_SQLITE)


@builder("text", weight=1)
def reversed_text(m: Maker, scope: Scope, depth: int) -> Node:
    return expression("text", "REVERSE(", make(m, scope, "text", depth), ")", without=NO_SQLITE)


@builder("text", weight=1)
def padded(m: Maker, scope: Scope, depth: int) -> Node:
    name = m.random.choice(["LPAD", "RPAD"])
    text = make(m, scope, "text", depth)
    return expression("text", f"{name}(", text, ", ", small(m, 0, 6), ", 'xy')", without=NO_SQLITE)


@builder("text")
def cast_from_integer(m: Maker, scope: Scope, depth: int) -> Node:
    return expression("text", "CAST(", make(m, scope, "int", depth), " AS VARCHAR(20))")


@builder("text", weight=1)
def cut(m: Maker, scope: Scope, depth: int) -> Node:
    text = make(m, scope, "text", depth)
    return expression("text", "CAST(", text, " AS VARCHAR(2))", without=ONLY_POSTGRESQL)
