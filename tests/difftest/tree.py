"""difftest/tree.py: SQL as a tree that can be spelled for each engine and made smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

ENGINES = ("tupelo", "sqlite3", "duckdb", "postgresql")


class Spelling:
    """What engines spell differently: parts by engine; "" for all others."""

    def __init__(self, **by_engine: list[Part]) -> None:
        self.others = by_engine.pop("others")
        self.by_engine = by_engine

    def of(self, engine: str) -> list[Part]:
        return self.by_engine.get(engine, self.others)


@dataclass(eq=False)
class Node:
    """A piece of SQL.

    kind: what may stand in its place: a type ("int", "text", ...), "query", "from", ...
    without: the engines that cannot run it, or whose meaning of it is another.
    optional: SQL stays correct when it is left out.
    notes: what `rules` wants to know of a query that holds it.
    """

    kind: str
    parts: list[Part]
    without: frozenset[str] = frozenset()
    optional: bool = False
    notes: frozenset[str] = frozenset()

    def children(self) -> Iterator[Node]:
        for part in self.parts:
            if isinstance(part, Spelling):
                yield from (p for p in part.others if isinstance(p, Node))
            elif isinstance(part, Sequence):
                yield from part.items
            elif isinstance(part, Node):
                yield part

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(eq=False)
class Sequence:
    """Nodes between separators, of which at least `least` must stay."""

    items: list[Node]
    separator: str = ", "
    least: int = 1


Part = str | Node | Spelling | Sequence


@dataclass
class Shape:
    """What a tree holds as a whole."""

    without: frozenset[str]
    notes: frozenset[str]
    text: dict[str, str] = field(default_factory=dict)


def shape_of(root: Node) -> Shape:
    without: set[str] = set()
    notes: set[str] = set()
    for node in root.walk():
        without |= node.without
        notes |= node.notes
    return Shape(frozenset(without), frozenset(notes))


def spell(node: Node, engine: str) -> str:
    pieces: list[str] = []
    _spell(node.parts, engine, pieces)
    return "".join(pieces)


def _spell(parts: list[Part], engine: str, pieces: list[str]) -> None:
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Node):
            _spell(part.parts, engine, pieces)
        elif isinstance(part, Spelling):
            _spell(part.of(engine), engine, pieces)
        else:
            for index, item in enumerate(part.items):
                if index:
                    pieces.append(part.separator)
                _spell(item.parts, engine, pieces)


def copy_of(node: Node) -> Node:
    """A copy that shares nothing with `node`."""
    return Node(node.kind, _copied(node.parts), node.without, node.optional, node.notes)


def _copied(parts: list[Part]) -> list[Part]:
    copies: list[Part] = []
    for part in parts:
        if isinstance(part, Node):
            copies.append(copy_of(part))
        elif isinstance(part, Sequence):
            copies.append(Sequence([copy_of(i) for i in part.items], part.separator, part.least))
        elif isinstance(part, Spelling):
            copies.append(_copied_spelling(part))
        else:
            copies.append(part)
    return copies


def _copied_spelling(spelling: Spelling) -> Spelling:
    """Children are the same nodes in each engine's spelling, and so they stay."""
    copies: dict[int, Node] = {}

    def copied(parts: list[Part]) -> list[Part]:
        return [copies.setdefault(id(p), copy_of(p)) if isinstance(p, Node) else p for p in parts]

    by_engine = {engine: copied(parts) for engine, parts in spelling.by_engine.items()}
    return Spelling(others=copied(spelling.others), **by_engine)
