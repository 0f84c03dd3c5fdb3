"""isolation/dependencies.py: a graph of transactions with kinds of edges, and its cycles.

The edges are the dependencies of Adya, Liskov and O'Neil, "Generalized Isolation Level Definitions"
(ICDE 2000), 4.4: `ww` to whoever made the next version, `wr` to whoever read this one, `rw` from
whoever read a version to whoever made the next (the anti-dependency). `session` leads to the next
transaction of the same connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from typing import Literal, NamedTuple, TypeVar

Kind = Literal["ww", "wr", "rw", "session"]
Node = TypeVar("Node", bound=Hashable)


class Edge(NamedTuple):
    """From one transaction to another, each by its number."""

    kind: Kind
    target: int
    key: int  # because of which, or -1


class Graph:
    """Of `size` transactions."""

    def __init__(self, size: int) -> None:
        self.edges: list[list[Edge]] = [[] for _ in range(size)]

    def add(self, source: int, kind: Kind, target: int, key: int = -1) -> None:
        """Nothing depends on itself."""
        if source != target:
            self.edges[source].append(Edge(kind, target, key))

    def components(self, kinds: Iterable[Kind]) -> list[list[int]]:
        """Of the graph of these edges the strongly connected components that have a cycle."""
        chosen = frozenset(kinds)

        def successors(node: int) -> list[int]:
            return [edge.target for edge in self.edges[node] if edge.kind in chosen]

        return strongly_connected(range(len(self.edges)), successors)

    def edges_within(
        self, component: Iterable[int], kinds: Iterable[Kind]
    ) -> Iterator[tuple[int, Edge]]:
        """Those of these kinds that do not leave the component, each with where it begins."""
        chosen, inside = frozenset(kinds), frozenset(component)
        for node in inside:
            for edge in self.edges[node]:
                if edge.kind in chosen and edge.target in inside:
                    yield node, edge

    def path(
        self, source: int, target: int, kinds: Iterable[Kind], inside: Set[int]
    ) -> list[Edge] | None:
        """The shortest from one to the other along edges of these kinds."""
        chosen = frozenset(kinds)

        def edges(node: int) -> list[Edge]:
            return [edge for edge in self.edges[node] if edge.kind in chosen]

        return shortest_path(edges, source, target, inside)


def shortest_path(
    edges: Callable[[int], Iterable[Edge]], source: int, target: int, inside: Set[int]
) -> list[Edge] | None:
    """From one node to another, or back to itself, inside of those nodes."""
    came: dict[int, tuple[int, Edge]] = {}
    queue = deque([source])
    while queue:
        node = queue.popleft()
        for edge in edges(node):
            if edge.target in came or edge.target not in inside:
                continue
            came[edge.target] = (node, edge)
            if edge.target == target:
                return unwind(came, source, target)
            queue.append(edge.target)
    return None


def unwind(came: dict[int, tuple[int, Edge]], source: int, target: int) -> list[Edge]:
    """The edges by which a search came to the target. It may be the source itself."""
    path: list[Edge] = []
    node = target
    while not path or node != source:
        node, edge = came[node]
        path.append(edge)
    return path[::-1]


def strongly_connected(
    nodes: Iterable[Node], successors: Callable[[Node], Sequence[Node]]
) -> list[list[Node]]:
    """Components of more than one node. Tarjan, "Depth-First Search and Linear Graph Algorithms"
    (SIAM Journal on Computing 1972), section 4, with a stack of its own instead of recursion."""
    number: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    found = []
    for root in nodes:
        if root in number:
            continue
        calls = [(root, iter(successors(root)))]
        number[root] = lowest[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while calls:
            node, rest = calls[-1]
            for child in rest:
                if child not in number:
                    number[child] = lowest[child] = len(number)
                    stack.append(child)
                    on_stack.add(child)
                    calls.append((child, iter(successors(child))))
                    break
                if child in on_stack:
                    lowest[node] = min(lowest[node], number[child])
            else:
                calls.pop()
                if calls:
                    parent = calls[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == number[node]:
                    component: list[Node] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    if len(component) > 1:
                        found.append(component)
    return found
