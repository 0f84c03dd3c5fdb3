"""difftest/worker.py: one process that makes queries and runs them on its own engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

# The families of expressions register themselves when they are imported.
from . import aggregates, datetimes_of, general, numbers_of, subqueries, texts_of, windows
from .changes import change, queries_after
from .engines import ENGINES, Tupelo
from .judge import Verdict, judge
from .metamorphic import Complaint, check
from .reduce import reduce_query, reduce_tables
from .report import broken_law, difference
from .schema import Table, random_schema
from .scope import Maker
from .selects import query
from .tree import Node, spell

FAMILIES = (aggregates, datetimes_of, general, numbers_of, subqueries, texts_of, windows)
QUERIES_PER_SCHEMA = 100
# The part of the statements that change a table.
CHANGES = 0.08


@dataclass
class Finding:
    """A query, what the engines gave, and the law that it breaks."""

    made: Node
    verdict: Verdict
    complaint: Complaint | None

    @property
    def check(self) -> str:
        """Which one it does not stand; "" when it stands all."""
        if self.verdict.wrong:
            return f"tupelo against {', '.join(self.verdict.differing)}"
        return self.complaint.law if self.complaint is not None else ""


@dataclass
class Tally:
    """What a worker has done so far."""

    queries: int = 0
    failed: int = 0  # on Tupelo, with an error of data
    large: int = 0  # of more rows than are compared
    compared: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    outvoted: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


class Worker:
    """progress: told where it is, before each query; stops: at the first difference of a schema;
    skipped: schemas and numbers of queries that are left out."""

    def __init__(self, seed: str, features: frozenset[str], engines: list[str], directory: str,
                 progress: Callable[[int, int], None]) -> None:  # fmt: skip
        self.seed = seed
        self.features = features
        self.engines: dict[str, Any] = {name: ENGINES[name](directory) for name in engines}
        self.progress = progress
        self.stops = False
        self.skipped: set[tuple[int, int]] = set()

    def tables(self, schema: int) -> list[Table]:
        return random_schema(Random(f"{self.seed}/{schema}"))

    def query(self, tables: list[Table], schema: int, number: int) -> Node:
        random = Random(f"{self.seed}/{schema}/{number}")
        maker = Maker(random, tables, self.features)
        return change(maker) if random.random() < CHANGES else query(maker, [], None)

    def load(self, tables: list[Table]) -> None:
        for engine in self.engines.values():
            engine.load(tables)

    def run_schema(self, schema: int, count: int = QUERIES_PER_SCHEMA) -> Tally:
        tally = Tally()
        tables = self.tables(schema)
        self.load(tables)
        for number in range(count):
            if (schema, number) in self.skipped:
                continue
            self.progress(schema, number)
            found = self.examine(tables, schema, number)
            tally.queries += 1
            tally.failed += found.verdict.outcomes["tupelo"].failed
            tally.large += found.verdict.outcomes["tupelo"].is_large
            tally.compared.update(found.verdict.outcomes.keys())
            tally.explained.update(found.verdict.explained)
            tally.outvoted.update(found.verdict.outvoted)
            if not found.check:
                continue
            tally.differences.append(self.describe(tables, schema, number, found))
            if self.stops:
                break
            self.load(tables)
        return tally

    def examine(self, tables: list[Table], schema: int, number: int) -> Finding:
        """The laws are tested when the engines agree."""
        made = self.query(tables, schema, number)
        verdict = judge(made, self.engines)
        return Finding(
            made, verdict, None if verdict.wrong else check(self.engines["tupelo"], made)
        )

    def describe(self, tables: list[Table], schema: int, number: int, found: Finding) -> str:
        """Reduced, but not where the first difference is all that is wanted."""
        place = f"--seed {self.seed} --at {schema}/{number}"
        if self.stops:
            return f"difference at {place}: {found.check}\n{found.verdict.texts['tupelo']}"
        if found.complaint is not None:
            return self.reduced_law(place, tables, found.made, found.complaint.law)
        return self.reduced(place, tables, found.made, found.verdict)

    def reduced(self, place: str, tables: list[Table], made: Node, verdict: Verdict) -> str:
        """Only with the engines that matter."""
        names = {"tupelo", *verdict.differing}
        engines = {name: e for name, e in self.engines.items() if name in names}
        signature = verdict.signature

        def wrong(candidate: Node) -> bool:
            now = judge(candidate, engines)
            return now.wrong and now.signature == signature

        smaller, few = self.both_reduced(tables, made, wrong, list(engines))
        return difference(place, few, judge(smaller, self.engines), queries_after(smaller))

    def reduced_law(self, place: str, tables: list[Table], made: Node, law: str) -> str:
        tupelo: Tupelo = self.engines["tupelo"]

        def wrong(candidate: Node) -> bool:
            now = check(tupelo, candidate)
            return now is not None and now.law == law

        smaller, few = self.both_reduced(tables, made, wrong, ["tupelo"])
        return broken_law(place, few, str(check(tupelo, smaller)))

    def both_reduced(self, tables: list[Table], made: Node, wrong: Callable[[Node], bool],
                     engines: list[str]) -> tuple[Node, list[Table]]:  # fmt: skip
        """The query, then its tables, which are loaded in the end."""
        smaller = reduce_query(made, wrong)

        def wrong_tables(candidate: list[Table]) -> bool:
            for name in engines:
                self.engines[name].load(candidate)
            return wrong(smaller)

        few = reduce_tables(tables, spell(smaller, "tupelo"), wrong_tables)
        self.load(few)
        return smaller, few

    def close(self) -> None:
        for engine in self.engines.values():
            engine.close()
