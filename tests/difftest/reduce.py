"""difftest/reduce.py: makes a query and its tables smaller while the difference stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .literals import NULL_TYPES, literal, null
from .schema import Table
from .tree import Node, Sequence, Spelling, copy_of

SIMPLE: dict[str, Any] = {"int": 1, "text": "a", "bool": True}
# Makes of a query the same again with one thing less; the second is what undoes it.
Step = tuple[Callable[[], None], Callable[[], None]]


def lists_of(node: Node) -> Iterator[list[Any]]:
    """The lists that hold the children of `node`, each spelling's too."""
    yield node.parts
    for part in node.parts:
        if isinstance(part, Sequence):
            yield part.items
        elif isinstance(part, Spelling):
            yield part.others
            yield from part.by_engine.values()


def replacement(node: Node, child: Node, by: Node) -> Step:
    """In every place, since engines' spellings share their children."""
    places = [
        (parts, index)
        for parts in lists_of(node)
        for index, part in enumerate(parts)
        if part is child
    ]

    def put(what: Node) -> Callable[[], None]:
        def run() -> None:
            for parts, index in places:
                parts[index] = what

        return run

    return put(by), put(child)


def removal(items: list[Any], index: int) -> Step:
    item = items[index]

    def remove() -> None:
        del items[index]

    def restore() -> None:
        items.insert(index, item)

    return remove, restore


def simpler(child: Node) -> Iterator[Node]:
    """What may stand in the place of `child`, the simplest first."""
    if child.kind in NULL_TYPES:
        if child.kind in SIMPLE:
            yield literal(child.kind, SIMPLE[child.kind])
        yield null(child.kind)
    alike = {child.kind, "select"} if child.kind == "query" else {child.kind}
    if child.kind == "from":
        alike.add("relation")
    for below in child.walk():
        if below is not child and below.kind in alike:
            yield below


def size(node: Node) -> int:
    return sum(1 for _ in node.walk())


def steps(root: Node) -> Iterator[Step]:
    """All single steps, those near the root first."""
    for node in list(root.walk()):
        for part in node.parts:
            if isinstance(part, Sequence) and len(part.items) > part.least:
                for index in reversed(range(len(part.items))):
                    yield removal(part.items, index)
        for child in list(node.children()):
            if child.optional:
                yield replacement(node, child, Node("nothing", []))
            was = size(child)
            for by in simpler(child):
                if size(by) < was:
                    yield replacement(node, child, by)


def reduce_query(query: Node, still_wrong: Callable[[Node], bool], seconds: float = 20.0) -> Node:
    """A smaller tree of which `still_wrong` holds; `query` itself is left as it is."""
    holder = Node("root", [copy_of(query)])
    deadline = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        for do, undo in steps(holder):
            if time.monotonic() > deadline:
                break
            do()
            root = holder.parts[0]
            assert isinstance(root, Node)
            if still_wrong(root):
                changed = True
                break
            undo()
    root = holder.parts[0]
    assert isinstance(root, Node)
    return root


def reduce_tables(
    tables: list[Table], text: str, still_wrong: Callable[[list[Table]], bool]
) -> list[Table]:
    """Without the tables that the query does not name, indexes and rows that do not matter."""
    best = [t for t in tables if t.name in text]
    if not still_wrong(best):
        return tables
    for number, table in enumerate(best):

        def attempt(number: int = number, **changes: Any) -> bool:
            smaller = [*best]
            smaller[number] = replace(best[number], **changes)
            if still_wrong(smaller):
                best[number] = smaller[number]
                return True
            return False

        if table.indexes:
            attempt(indexes=[])
        count = max(len(table.rows) // 2, 1)
        while count >= 1 and best[number].rows:
            start = 0
            while start < len(best[number].rows):
                rows = best[number].rows
                if not attempt(rows=rows[:start] + rows[start + count :]):
                    start += count
            count //= 2
    return best
