"""difftest/windows.py: calls of window functions, with every kind of frame."""

from __future__ import annotations

from .aggregates import integral
from .expressions import CALLS, make
from .numbers_of import small
from .scope import Field, Maker, Scope, expression, order_term, reference, spelled
from .tree import Node, Part, Sequence

STARTS = ["UNBOUNDED PRECEDING", "{} PRECEDING", "CURRENT ROW", "{} FOLLOWING"]
ENDS = ["{} PRECEDING", "CURRENT ROW", "{} FOLLOWING", "UNBOUNDED FOLLOWING"]
EXCLUDES = [" EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS"]


def frame(m: Maker, units: str) -> str:
    if m.chance(0.3):
        bound = m.random.choice(STARTS[:3]).format(m.random.randint(0, 3))
        text = f" {units} {bound}"
    else:
        first = m.random.randrange(4)
        ends = ENDS[first - 1 :] if first else ENDS
        start = STARTS[first].format(m.random.randint(0, 3))
        text = f" {units} BETWEEN {start} AND "
        text += m.random.choice(ends).format(m.random.randint(0, 3))
    return text + (m.random.choice(EXCLUDES) if m.chance(0.3) else "")


def fields_as_order(m: Maker, fields: list[Field]) -> Node:
    terms = [order_term(m, reference(f)) for f in fields]
    return Node("by", [" ORDER BY ", Sequence(terms, least=len(terms))])


def over(m: Maker, scope: Scope, total: bool, framed: bool) -> list[Part]:
    """OVER (...). total: rows that the order leaves equal are equal in all columns."""
    parts: list[Part] = [" OVER ("]
    if m.chance(0.6) and scope.fields:
        of = make(m, Scope(scope.fields, scope.outer), m.random.choice(scope.fields).kind, 1)
        parts.append(Node("partition", ["PARTITION BY ", of], optional=True))
    fields = list(scope.fields)
    m.random.shuffle(fields)
    rows = total
    if total:
        parts.append(fields_as_order(m, fields))
    elif fields and m.chance(0.8):
        parts.append(fields_as_order(m, fields[: m.random.choice([1, 1, 2])]))
    if framed and len(parts) > 1 and isinstance(parts[-1], Node) and parts[-1].kind == "by":
        units = "ROWS" if rows else "GROUPS"
        if m.chance(0.3):
            parts.append(range_frame(m))
        else:
            parts.append(Node("frame", [frame(m, units)], optional=True))
    return [*parts, ")"]


def range_frame(m: Maker) -> Node:
    bounds = [
        "UNBOUNDED PRECEDING AND CURRENT ROW", "CURRENT ROW AND UNBOUNDED FOLLOWING",
        "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "CURRENT ROW AND CURRENT ROW",
    ]  # fmt: skip
    return Node("frame", [f" RANGE BETWEEN {m.random.choice(bounds)}"], optional=True)


def over_range(m: Maker, scope: Scope) -> list[Part] | None:
    """RANGE with offsets, over one number."""
    numbers = [f for f in scope.fields if f.kind in ("int", "dec")]
    if not numbers:
        return None
    return [" OVER (", fields_as_order(m, [m.random.choice(numbers)]), frame(m, "RANGE"), ")"]


def window_call(m: Maker, scope: Scope, kind: str) -> Node | None:
    if not scope.fields or len(scope.fields) > 12:
        return None
    inside = Scope(scope.fields, scope.outer, scope.arguments)
    if not scope.distinct:
        return ranked(m, scope, kind, inside)
    of = typed(kind, make(m, inside, kind, 1))
    if kind == "int" and m.chance(0.4):
        name = m.random.choice(["ROW_NUMBER()", "RANK()", "DENSE_RANK()", "NTILE"])
        if name == "NTILE":
            return expression(kind, "NTILE(", small(m, 1, 4), ")", *over(m, scope, True, False))
        return expression(kind, name, *over(m, scope, name == "ROW_NUMBER()", False))
    if m.chance(0.25):
        name = m.random.choice(["LAG", "LEAD"])
        tail: list[Part] = [")"]
        if m.chance(0.5):
            tail = [", ", small(m, 0, 2), ")"]
            if m.chance(0.5):
                tail[2:] = [", ", typed(kind, make(m, inside, kind, 0)), ")"]
        return expression(kind, f"{name}(", of, *tail, *over(m, scope, True, False))
    if m.chance(0.3):
        name = m.random.choice(["FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"])
        tail = [", ", small(m, 1, 3), ")"] if name == "NTH_VALUE" else [")"]
        return expression(kind, f"{name}(", of, *tail, *over(m, scope, True, True))
    if kind == "bool":
        return None
    return aggregate_over(m, scope, kind, of)


def typed(kind: str, of: Node) -> Node:
    """PostgreSQL's literals of text have no type until it is clear from the place."""
    if kind != "text":
        return of
    return expression(kind, spelled([of], postgresql=["CAST(", of, " AS TEXT)"]))


def ranked(m: Maker, scope: Scope, kind: str, inside: Scope) -> Node | None:
    """What rows that the order leaves equal have in common."""
    if kind != "int":
        return None
    if m.chance(0.5):
        return expression(kind, m.random.choice(["RANK()", "DENSE_RANK()"]),
                          *over(m, scope, False, False))  # fmt: skip
    call: list[Part] = [m.random.choice(["COUNT(", "MIN(", "SUM("]), make(m, inside, kind, 1), ")"]
    call += over(m, scope, False, True)
    return expression(kind, *(integral(kind, call) if call[0] == "SUM(" else call))


def aggregate_over(m: Maker, scope: Scope, kind: str, of: Node) -> Node:
    call: list[Part] = [m.random.choice(["MIN(", "MAX("]), of, ")"]
    if kind == "int" and m.chance(0.4):
        call = ["COUNT(*)"] if m.chance(0.4) else ["COUNT(", of, ")"]
    elif kind in ("int", "dec", "double") and m.chance(0.6):
        call = ["SUM(", of, ")"]
    place = over_range(m, scope) if m.chance(0.2) else None
    call += place or over(m, scope, m.chance(0.5), True)
    return expression(kind, *(integral(kind, call) if call[0] == "SUM(" else call))


CALLS["window"] = window_call
