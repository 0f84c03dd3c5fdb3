"""difftest/scope.py: what an expression may name, and the state that all makers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from .literals import random_literal
from .schema import Table
from .tree import Node, Part, Spelling, copy_of

NO_SQLITE = frozenset({"sqlite3"})
NO_DUCKDB = frozenset({"duckdb"})
ONLY_POSTGRESQL = frozenset({"sqlite3", "duckdb"})
# The column of a join with USING, without a table's name.
COMMON = "k"


@dataclass
class Field:
    """A column in reach: its SQL (a new node each time) and its type."""

    sql: str | Node
    kind: str


@dataclass
class Scope:
    """fields: columns, or grouped expressions; outer: those of the queries around.

    arguments: what aggregates are computed over, where aggregates may stand.
    windows: where window functions may stand.
    distinct: no two rows are equal in all fields, so that an order by all of them is total.
    keys: of grouping sets, which GROUPING tells apart.
    """

    fields: list[Field]
    outer: list[Field] = field(default_factory=list)
    arguments: list[Field] | None = None
    windows: bool = False
    distinct: bool = True
    keys: list[Field] = field(default_factory=list)

    def inner(self) -> list[Field]:
        """What a subquery in this place may see: of a grouped query columns, not expressions;
        nothing that means something else inside."""
        return [f for f in self.fields if isinstance(f.sql, str) and f.sql != COMMON] + self.outer


Builder = Callable[["Maker", Scope, int], Node]


class Maker:
    """random: the only source of choices; tables: the schema; features: what all engines under
    test can do."""

    def __init__(self, random: Random, tables: list[Table], features: frozenset[str]) -> None:
        self.random = random
        self.tables = tables
        self.features = features
        self.names = 0
        self.level = 0
        # Rows that the queries around go through, multiplied.
        self.volume = 1
        # Names of WITH that are in reach: name, columns, rows.
        self.named: list[tuple[str, list[tuple[str, str]], int]] = []

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Around the making of a subquery."""
        self.level += 1
        volume, named = self.volume, list(self.named)
        try:
            yield
        finally:
            self.level -= 1
            self.volume, self.named = volume, named

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def has(self, feature: str) -> bool:
        return feature in self.features

    def column(self, scope: Scope, kind: str) -> Node | None:
        """A column of that kind; most often of this query, sometimes of one around it."""
        near = [f for f in scope.fields if f.kind == kind]
        far = [f for f in scope.outer if f.kind == kind]
        if far and (not near or self.chance(0.3)):
            near = far
        return reference(self.random.choice(near)) if near else None

    def leaf(self, scope: Scope, kind: str) -> Node:
        column = self.column(scope, kind) if self.chance(0.8) else None
        return column or random_literal(self.random, kind)


def reference(found: Field) -> Node:
    if isinstance(found.sql, Node):
        return copy_of(found.sql)
    return Node(found.kind, [found.sql])


def order_term(m: Maker, of: Node) -> Node:
    """With the place of nulls, of which engines have different opinions."""
    direction = m.random.choice(["", " ASC", " DESC"])
    nulls = m.random.choice([" NULLS FIRST", " NULLS LAST"])
    return Node("order", [of, direction + nulls])


def expression(
    kind: str,
    *parts: Part,
    without: frozenset[str] = frozenset(),
    notes: frozenset[str] = frozenset(),
) -> Node:
    return Node(kind, list(parts), without, notes=notes)


def spelled(others: list[Part], **by_engine: list[Part]) -> Spelling:
    return Spelling(others=others, **by_engine)
