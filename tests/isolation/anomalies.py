"""isolation/anomalies.py: what a history has that a level forbids.

1. The order of each list's versions is taken from the longest that anybody saw.
2. What needs no cycle is found on the way: reads of what was aborted (G1a) or overwritten by its
   own writer (G1b), lists that are no beginnings of one another, appends that are lost, a
   transaction that doesn't see what it did itself.
3. Versions give dependencies between committed transactions, and their cycles are classified: G0 of
   `ww` alone; G1c with `wr`; G-single with one `rw`; G-nonadjacent with several, none of which
   follows another; G2 any other. A cycle that needs the order of a session has `-session` after
   its name.

G0 to G2 and G-single are those of Adya, "Weak Consistency: A Generalized Theory and Optimistic
Implementations for Distributed Transactions" (MIT 1999), chapters 3 and 4. That snapshot
isolation has no cycle without two `rw` edges in a row, and needs nothing else, is from Cerone and
Gotsman, "Analysing Snapshot Isolation" (PODC 2016), which characterizes it by such graphs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from dependencies import Edge, Graph, Kind, shortest_path, strongly_connected
from observations import Append, Delete, Element, History, Key, Read, Shorter, Transaction

# What a level forbids, each with what those below it do. "read-only failure" is no anomaly; that
# there is none is a promise of this database.
AT_READ_COMMITTED = (
    "G0", "G1a", "G1b", "G1c", "internal", "incompatible order", "lost append", "read-only failure",
)  # fmt: skip
AT_REPEATABLE_READ = (*AT_READ_COMMITTED, "lost update", "G-single", "G-nonadjacent")
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "READ COMMITTED": AT_READ_COMMITTED,
    "REPEATABLE READ": AT_REPEATABLE_READ,
    "SERIALIZABLE": (*AT_REPEATABLE_READ, "G2"),
}

WW: tuple[Kind, ...] = ("ww",)
FORWARD: tuple[Kind, ...] = ("ww", "wr")
# How many `rw` edges of a component are tried; a component may have very many.
MOST_TRIED = 200


class Writer(NamedTuple):
    """Of an element: its transaction, and whether that one appended more to the list afterwards."""

    transaction: int
    is_last: bool


@dataclass
class Report:
    """How many there are of each anomaly, and one of each in words."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, example: str) -> None:
        self.counts[name] += 1
        self.examples.setdefault(name, example)

    def violations(self, level: str) -> list[str]:
        """The names of what the level forbids."""
        return [name for name in self.counts if name.removesuffix("-session") in FORBIDDEN[level]]


class Analysis:
    """Of one history; `report` is what comes out."""

    def __init__(self, history: History) -> None:
        self.transactions = history.transactions
        self.final = history.final
        self.report = Report()
        self.graph = Graph(len(history.transactions))
        self.writers: dict[Element, Writer] = {}
        self.deleters: dict[Key, int] = {}
        self.orders: dict[Key, tuple[Element, ...]] = {}

    def run(self) -> Report:
        self.find_writers()
        self.find_orders()
        self.add_versions()
        for number, transaction in enumerate(self.transactions):
            if transaction.committed:
                self.look_at(number, transaction)
            elif transaction.sqlstate.startswith("40") and not transaction.is_writer:
                text = f"T{number} changed nothing and failed with {transaction.sqlstate}"
                self.report.add("read-only failure", text)
        self.find_cycles()
        self.add_sessions()
        self.find_cycles("-session")
        return self.report

    def find_writers(self) -> None:
        for number, transaction in enumerate(self.transactions):
            last: dict[Key, Element] = {}
            for operation in transaction.operations:
                if isinstance(operation, Append):
                    if operation.key in last:
                        self.writers[last[operation.key]] = Writer(number, False)
                    last[operation.key] = operation.element
                    self.writers[operation.element] = Writer(number, True)
                elif isinstance(operation, Delete) and transaction.committed:
                    if operation.key in self.deleters:
                        other = self.deleters[operation.key]
                        text = f"T{other} and T{number} both deleted list {operation.key}"
                        self.report.add("incompatible order", text)
                    self.deleters[operation.key] = number

    def find_orders(self) -> None:
        """The longest list of each key; others must be beginnings of it."""
        seen: dict[Key, set[tuple[Element, ...]]] = defaultdict(set)
        for key, elements in self.final.items():
            seen[key].add(elements)
        for transaction in self.transactions:
            for operation in transaction.operations if transaction.committed else ():
                if isinstance(operation, Read | Delete) and operation.elements is not None:
                    seen[operation.key].add(operation.elements)
        for key, lists in seen.items():
            longest = self.orders[key] = max(lists, key=len)
            for elements in lists:
                if longest[: len(elements)] != elements:
                    text = f"list {key} was seen as {elements} and as {longest}"
                    self.report.add("incompatible order", text)
            last = self.final.get(key)
            if last is not None and len(last) < len(longest):
                text = f"list {key} was seen as {longest}, and is {last} in the end"
                self.report.add("lost append", text)
        self.find_lost()

    def find_lost(self) -> None:
        """What was committed is in the list, however that was found."""
        for number, transaction in enumerate(self.transactions):
            for operation in transaction.operations if transaction.committed else ():
                if isinstance(operation, Append):
                    key, element = operation.key, operation.element
                    order = self.orders.get(key, ())
                    if element not in order:
                        text = f"T{number} appended {element}, list {key} is {order}"
                        self.report.add("lost append", text)

    def add_versions(self) -> None:
        """`ww`: from version to version."""
        for key, order in self.orders.items():
            writers = [self.writers[element].transaction for element in order]
            if key in self.deleters:
                writers.append(self.deleters[key])
            for writer, following in zip(writers, writers[1:], strict=False):
                if self.transactions[writer].committed and self.transactions[following].committed:
                    self.graph.add(writer, "ww", following, key)

    def look_at(self, number: int, transaction: Transaction) -> None:
        """What a transaction saw."""
        own: dict[Key, list[Element]] = defaultdict(list)
        bases: dict[Key, tuple[Element, ...]] = {}  # what it saw before it appended
        for operation in transaction.operations:
            if isinstance(operation, Append):
                if not own[operation.key] and operation.key in bases:
                    self.look_for_update(number, operation, bases[operation.key])
                own[operation.key].append(operation.element)
            elif isinstance(operation, Shorter):
                self.look_at_shorter(number, operation)
            else:
                elements = operation.elements
                if elements is None:
                    self.look_at_deleted(number, operation.key)
                else:
                    self.look_at_list(number, operation.key, elements, own[operation.key])
                    if not own[operation.key] and isinstance(operation, Read):
                        bases[operation.key] = elements
                    if isinstance(operation, Delete):
                        self.look_for_more(number, operation)

    def look_at_list(
        self, number: int, key: Key, elements: tuple[Element, ...], own: list[Element]
    ) -> None:
        if own and list(elements[-len(own) :]) != own:
            text = f"T{number} appended {own} to list {key} and then saw {elements}"
            self.report.add("internal", text)
        for element in elements:
            writer = self.writers.get(element)
            if writer is None or not self.transactions[writer.transaction].committed:
                self.report.add("G1a", f"T{number} saw {element} in list {key}, which is aborted")
        if elements:
            writer = self.writers.get(elements[-1])
            if writer is not None and writer.transaction != number:
                if not writer.is_last:
                    text = f"T{number} saw list {key} end with {elements[-1]}, and "
                    self.report.add("G1b", f"{text}T{writer.transaction} appended more")
                if self.transactions[writer.transaction].committed:
                    self.graph.add(writer.transaction, "wr", number, key)
        if not own:  # else it made that version, and the next one depends on it by `ww`
            self.depend_on_next(number, key, len(elements))

    def depend_on_next(self, number: int, key: Key, length: int) -> None:
        """`rw`: to whoever made the version after the first so many elements."""
        order = self.orders.get(key, ())
        following = None
        if length < len(order):
            following = self.writers.get(order[length])
        elif key in self.deleters:
            following = Writer(self.deleters[key], True)
        if following is not None and self.transactions[following.transaction].committed:
            self.graph.add(number, "rw", following.transaction, key)

    def look_at_shorter(self, number: int, operation: Shorter) -> None:
        """It saw some version before that of so many elements: a path of `rw` and then `ww` leads
        from it to whoever made that version, so an edge `rw` makes no cycle that is not there."""
        order = self.orders.get(operation.key, ())
        if operation.length <= len(order):
            self.depend_on_next(number, operation.key, operation.length - 1)

    def look_at_deleted(self, number: int, key: Key) -> None:
        deleter = self.deleters.get(key)
        if deleter is not None:
            self.graph.add(deleter, "wr", number, key)
        else:
            self.report.add("G1a", f"T{number} saw list {key} deleted, which nobody committed")

    def look_for_more(self, number: int, operation: Delete) -> None:
        """Of what is deleted nobody sees a longer list."""
        order = self.orders[operation.key]
        if len(order) > len(operation.elements):
            text = f"T{number} deleted list {operation.key} as {operation.elements}, it was {order}"
            self.report.add("lost append", text)

    def look_for_update(self, number: int, operation: Append, base: tuple[Element, ...]) -> None:
        """P4: between what it read and what it wrote another one wrote."""
        order = self.orders.get(operation.key, ())
        if operation.element in order and order.index(operation.element) > len(base):
            other = self.writers[order[len(base)]].transaction
            text = f"T{number} saw list {operation.key} as {base}, T{other} appended before it did"
            self.report.add("lost update", text)

    def add_sessions(self) -> None:
        last: dict[int, int] = {}
        for number, transaction in enumerate(self.transactions):
            if transaction.committed:
                if transaction.session in last:
                    self.graph.add(last[transaction.session], "session", number)
                last[transaction.session] = number

    def find_cycles(self, suffix: str = "") -> None:
        """A component counts once, under the worst name that fits. With a suffix the order of
        sessions counts too, and only what is not there without it is reported."""
        known = set(self.report.counts) if suffix else set()
        forward: tuple[Kind, ...] = (*FORWARD, "session") if suffix else FORWARD
        for component in self.graph.components(WW) if not suffix else ():
            self.report.add("G0", self.cycle(component, component[0], WW))
        for component in self.graph.components(forward) if "G1c" not in known else ():
            if any(self.graph.edges_within(component, forward[1:])):
                self.report.add("G1c" + suffix, self.cycle(component, component[0], forward))
        if known & {"G-single", "G-nonadjacent"}:
            return
        for component in self.graph.components((*forward, "rw")):
            name, example = self.classify(component, forward)
            if name and name not in known:
                self.report.add(name + suffix, example)

    def cycle(self, component: list[int], node: int, kinds: tuple[Kind, ...]) -> str:
        """One through a node, in words."""
        return show(self.graph.path(node, node, kinds, set(component)) or [])

    def classify(self, component: list[int], forward: tuple[Kind, ...]) -> tuple[str, str]:
        """The name of what has the fewest `rw` edges, and a cycle; no name where there is none."""
        inside = set(component)
        anti = list(self.graph.edges_within(component, ("rw",)))
        if not anti:
            return "", ""
        walk = self.nonadjacent_walk(inside, forward)
        if not walk:
            node, edge = anti[0]
            back = self.graph.path(edge.target, node, (*forward, "rw"), inside)
            return "G2", show([edge, *(back or [])])
        if [edge.kind for edge in walk].count("rw") == 1:
            return "G-single", show(walk)
        for node, edge in anti[:MOST_TRIED]:
            path = self.graph.path(edge.target, node, forward, inside)
            if path is not None:
                return "G-single", show([edge, *path])
        return "G-nonadjacent", show(walk)

    def nonadjacent_walk(self, inside: set[int], forward: tuple[Kind, ...]) -> list[Edge]:
        """A closed walk with `rw` edges, none of which follows another, if there is one. A node is
        doubled: `size` more than its number is the same one, come to by `rw`, which is then left
        by another kind."""
        size = len(self.transactions)

        def edges(state: int) -> list[Edge]:
            return [
                edge._replace(target=edge.target + size) if edge.kind == "rw" else edge
                for edge in self.graph.edges[state % size]
                if edge.target in inside
                and (edge.kind in forward or (edge.kind == "rw" and state < size))
            ]

        def successors(state: int) -> list[int]:
            return [edge.target for edge in edges(state)]

        states = [node + half for node in inside for half in (0, size)]
        for component in strongly_connected(states, successors):
            begin = max(component)
            if begin >= size:
                walk = shortest_path(edges, begin, begin, set(component)) or []
                return [edge._replace(target=edge.target % size) for edge in walk]
        return []


def show(cycle: list[Edge]) -> str:
    """`-ww(3)-> T7 ...`: each edge with its key."""
    shown = [f"-{edge.kind}{f'({edge.key})' if edge.key >= 0 else ''}-> T{edge.target}"
             for edge in cycle]  # fmt: skip
    return f"T{cycle[-1].target} " + " ".join(shown) if cycle else "no cycle"


def analyse(history: History) -> Report:
    """All anomalies of a history, whatever its level."""
    return Analysis(history).run()
