"""difftest/worker.py: one process that makes queries and runs them on its own engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

# The families of expressions register themselves when they are imported.
from . import aggregates, datetimes_of, general, numbers_of, subqueries, texts_of, windows
from .engines import ENGINES
from .judge import Verdict, judge
from .metamorphic import check as check_metamorphic
from .reduce import reduce_query, reduce_tables
from .report import difference
from .schema import Table, random_schema
from .scope import Maker
from .selects import query
from .tree import Node

FAMILIES = (aggregates, datetimes_of, general, numbers_of, subqueries, texts_of, windows)
QUERIES_PER_SCHEMA = 100


@dataclass
class Tally:
    """What a worker has done so far."""

    queries: int = 0
    failed: int = 0  # on Tupelo, with an error of data
    compared: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    outvoted: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


class Worker:
    """progress: told where it is, before each query."""

    def __init__(self, seed: str, features: frozenset[str], engines: list[str], directory: str,
                 progress: Callable[[int, int], None]) -> None:  # fmt: skip
        self.seed = seed
        self.features = features
        self.engines: dict[str, Any] = {name: ENGINES[name](directory) for name in engines}
        self.progress = progress

    def tables(self, schema: int) -> list[Table]:
        return random_schema(Random(f"{self.seed}/{schema}"))

    def query(self, tables: list[Table], schema: int, number: int) -> Node:
        random = Random(f"{self.seed}/{schema}/{number}")
        return query(Maker(random, tables, self.features), [], None)

    def load(self, tables: list[Table]) -> None:
        for engine in self.engines.values():
            engine.load(tables)

    def run_schema(self, schema: int, count: int = QUERIES_PER_SCHEMA) -> Tally:
        tally = Tally()
        tables = self.tables(schema)
        self.load(tables)
        for number in range(count):
            self.progress(schema, number)
            made = self.query(tables, schema, number)
            place = f"--seed {self.seed} --at {schema}/{number}"
            verdict = judge(made, self.engines)
            tally.queries += 1
            tally.failed += verdict.outcomes["tupelo"].failed
            tally.compared.update(verdict.outcomes.keys())
            tally.explained.update(verdict.explained)
            tally.outvoted.update(verdict.outvoted)
            if verdict.wrong:
                tally.differences.append(self.reduced(place, tables, made, verdict))
                self.load(tables)
            elif complaint := check_metamorphic(self.engines["tupelo"], made, number):
                tally.differences.append(f"difference at {place}: {complaint}")
        return tally

    def reduced(self, place: str, tables: list[Table], made: Node, verdict: Verdict) -> str:
        """Only with the engines that matter."""
        names = {"tupelo", *verdict.differing}
        engines = {name: e for name, e in self.engines.items() if name in names}
        signature = verdict.signature

        def wrong_query(candidate: Node) -> bool:
            now = judge(candidate, engines)
            return now.wrong and now.signature == signature

        smaller = reduce_query(made, wrong_query)

        def wrong_tables(candidate: list[Table]) -> bool:
            for engine in engines.values():
                engine.load(candidate)
            return wrong_query(smaller)

        text = judge(smaller, engines).texts["tupelo"]
        few = reduce_tables(tables, text, wrong_tables)
        self.load(few)
        return difference(place, few, judge(smaller, self.engines))

    def close(self) -> None:
        for engine in self.engines.values():
            engine.close()
