"""difftest/selects.py: whole queries: SELECT, set operations, WITH, ORDER BY and LIMIT."""

from __future__ import annotations

import re

from .aggregates import aggregate, average
from .ctes import with_clause
from .expressions import make
from .literals import random_literal
from .relations import Relation, from_clause
from .scope import NO_SQLITE, Field, Maker, Scope, order_term, reference
from .tree import Node, Part, Sequence

COLUMN = re.compile(r"[a-z]\w*\.\w+")


class Query(Node):
    """names: of its columns; rows: how many it has at most, roughly."""

    rows = 12

    def __init__(self, kind: str, parts: list[Part], names: list[str],
                 without: frozenset[str] = frozenset(),
                 notes: frozenset[str] = frozenset()) -> None:  # fmt: skip
        super().__init__(kind, parts, without, notes=notes)
        self.names = names


def clause(word: str, of: Node) -> Node:
    return Node("clause", [word, of], optional=True)


def select_list(m: Maker, scope: Scope, kinds: list[str]) -> tuple[Sequence, list[str]]:
    items, names = [], []
    for kind in kinds:
        names.append(m.name("c"))
        of = make(m, scope, kind, m.random.choice([0, 1, 1, 2, 3]))
        items.append(Node("item", [of, f" AS {names[-1]}"]))
    return Sequence(items, least=1), names


def select(m: Maker, outer: list[Field], kinds: list[str] | None) -> Query:
    """A SELECT without ORDER BY; of random columns when no kinds are wanted."""
    source = from_clause(m, outer)
    where: list[Part] = []
    scope = Scope(source.fields, outer)
    if m.chance(0.6):
        where = [clause(" WHERE ", make(m, scope, "bool", m.random.choice([1, 2, 2, 3])))]
    if m.chance(0.3):
        return grouped(m, outer, kinds, source, where)
    scope.windows = m.chance(0.3)
    scope.distinct = source.distinct
    wanted = kinds or random_kinds(m, scope.fields)
    items, names = select_list(m, scope, wanted)
    distinct = "DISTINCT " if m.chance(0.15) else ""
    result = Query("select", [f"SELECT {distinct}", items, " FROM ", source.node, *where], names)
    result.rows = source.rows
    return result


def random_kinds(m: Maker, fields: list[Field]) -> list[str]:
    kinds = [f.kind for f in fields] + ["int"]
    return [m.random.choice(kinds) for _ in range(m.random.randint(1, 4))]


def grouped(m: Maker, outer: list[Field], kinds: list[str] | None, source: Relation,
            where: list[Part]) -> Query:  # fmt: skip
    """Grouped by up to three columns or expressions, or not at all but with aggregates."""
    keys: list[Field] = []
    for _ in range(m.random.choice([0, 0, 1, 1, 2, 3]) if source.fields else 0):
        field = m.random.choice(source.fields)
        if m.chance(0.25) and field.kind != "bool":
            key = make(m, Scope(source.fields), field.kind, 1)
            if not is_no_key(key):
                keys.append(Field(key, field.kind))
        else:
            keys.append(field)
    by, keys, sets = group_by(m, keys)
    scope = Scope(keys, outer, arguments=source.fields)
    # Rows of different grouping sets may have the same keys: no order of them is total.
    scope.windows = not sets and m.chance(0.15)
    scope.keys = keys if sets else []
    wanted = kinds or [m.random.choice([f.kind for f in keys] + ["int", "int", "dec", "text"])
                       for _ in range(m.random.randint(1, 4))]  # fmt: skip
    items, names = select_list(m, scope, wanted)
    if kinds is None and m.level == 0 and m.chance(0.3):
        names.append(m.name("c"))
        items.items.append(Node("item", [average(m, scope), f" AS {names[-1]}"]))
    parts: list[Part] = ["SELECT ", items, " FROM ", source.node, *where]
    if by is not None:
        parts.append(by)
    if m.chance(0.3):
        plain = Scope(keys, outer, arguments=source.fields, keys=scope.keys)
        parts.append(clause(" HAVING ", having(m, plain)))
    result = Query("select", parts, names, notes=frozenset({"grouped"}))
    result.rows = source.rows if by is not None else 1
    return result


def is_no_key(node: Node) -> bool:
    """Whether GROUP BY would take it for an ordinal, or not find it again in the select list."""
    texts = [p for n in node.walk() for p in n.parts if isinstance(p, str)]
    if any(text.startswith("SELECT ") for text in texts):
        return True
    return not any(COLUMN.fullmatch(text) for text in texts)


def having(m: Maker, scope: Scope) -> Node:
    if m.chance(0.2):
        return Node("bool", ["(", average(m, scope), f" > {m.random.randint(-2, 4)})"])
    return make(m, scope, "bool", 2)


def group_by(m: Maker, keys: list[Field]) -> tuple[Node | None, list[Field], bool]:
    """The clause, the keys that it has, and whether it has several sets of them."""
    if not keys:
        return None, keys, False
    plain = all(isinstance(k.sql, str) for k in keys)
    if not m.has("grouping sets") or not plain or m.chance(0.7):
        terms = Sequence([reference(k) for k in keys])
        return Node("group", [" GROUP BY ", terms]), keys, False
    word = m.random.choice(["GROUPING SETS", "ROLLUP", "CUBE"])
    if word != "GROUPING SETS":
        terms = Sequence([reference(k) for k in keys])
        return Node("group", [f" GROUP BY {word} (", terms, ")"], NO_SQLITE), keys, True
    sets = [[k for k in keys if m.chance(0.6)] for _ in range(m.random.randint(1, 3))]
    texts = [Node("set", ["(" + ", ".join(str(k.sql) for k in s) + ")"]) for s in sets]
    node = Node("group", [" GROUP BY GROUPING SETS (", Sequence(texts), ")"], NO_SQLITE)
    return node, [k for k in keys if any(k in s for s in sets)], True


def table_values(m: Maker, kinds: list[str]) -> Query:
    rows = [Node("row", ["(", Sequence([random_literal(m.random, k) for k in kinds], least=9), ")"])
            for _ in range(m.random.randint(1, 3))]  # fmt: skip
    return Query("query", ["VALUES ", Sequence(rows)], [])


def set_operation(m: Maker, outer: list[Field], kinds: list[str]) -> Query:
    """From left to right; sqlite3 has no ALL but with UNION, and no parentheses."""
    first = select(m, outer, kinds)
    parts: list[Part] = [first]
    without: set[str] = set()
    intersects = False
    rows = first.rows
    for number in range(m.random.choice([1, 1, 2])):
        word = m.random.choice(["UNION", "UNION ALL", "EXCEPT", "INTERSECT", "EXCEPT ALL",
                                "INTERSECT ALL", "UNION ALL"])  # fmt: skip
        if word in ("EXCEPT ALL", "INTERSECT ALL"):
            without |= NO_SQLITE
        intersects |= number > 0 and "INTERSECT" in word
        operand: Query = select(m, outer, kinds)
        if m.chance(0.1):
            operand = table_values(m, kinds)
            without |= NO_SQLITE
        if m.chance(0.1):
            more = select(m, outer, kinds)
            operand = Query("query", ["(", operand, " UNION ", more, ")"], first.names)
            without |= NO_SQLITE
        rows += operand.rows
        parts += [f" {word} ", operand]
    if intersects:  # it binds more than UNION elsewhere
        without |= NO_SQLITE
    result = Query("query", parts, first.names, frozenset(without))
    result.rows = rows
    return result


def ordered(m: Maker, of: Query) -> Query:
    """By all columns, so that rows which tie are equal and LIMIT cuts the same ones."""
    order = list(of.names)
    m.random.shuffle(order)
    terms = [order_term(m, Node("name", [name])) for name in order]
    parts: list[Part] = [of, Node("by", [" ORDER BY ", Sequence(terms, least=len(terms))])]
    if m.chance(0.8):
        limit, skip = m.random.choice([0, 1, 2, 3, 5, 10]), m.random.choice([0, 0, 1, 4])
        offset = f" OFFSET {skip}" if skip else ""
        parts.append(Node("limit", [f" LIMIT {limit}{offset}"], optional=True))
    result = Query("query", parts, of.names)
    result.rows = of.rows
    return result


def query(m: Maker, outer: list[Field], kinds: list[str] | None) -> Query:
    """A query that may stand anywhere between parentheses."""
    with_part = None
    if m.has("with") and m.level < 2 and m.chance(0.12):
        with_part = with_clause(m)
    volume = m.volume
    if m.chance(0.15):
        result = set_operation(m, outer, kinds or ["int", "text"][: m.random.randint(1, 2)])
    else:
        result = select(m, outer, kinds)
    m.volume = volume
    if m.chance(0.15) and all(result.names):
        result = ordered(m, result)
    if with_part is not None:
        rows = result.rows
        result = Query("query", [with_part, result], result.names)
        result.rows = rows
    return result


def scalar_query(m: Maker, outer: list[Field], kind: str) -> Query:
    """A query of at most one row and one column."""
    if m.chance(0.3):
        of = select(m, outer, [kind])
        order = Node("by", [" ORDER BY ", order_term(m, Node("name", [of.names[0]]))])
        return Query("query", [of, order, " LIMIT 1"], of.names)
    source = from_clause(m, outer)
    where: list[Part] = []
    if m.chance(0.8):
        scope = Scope(source.fields, outer)
        where = [clause(" WHERE ", make(m, scope, "bool", m.random.choice([1, 1, 2])))]
    call = aggregate(m, Scope([], outer, arguments=source.fields), kind)
    assert call is not None
    name = m.name("c")
    return Query("query", ["SELECT ", call, f" AS {name} FROM ", source.node, *where], [name])
