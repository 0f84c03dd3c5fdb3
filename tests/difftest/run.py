"""difftest/run.py: the worker processes, and what they have found."""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.connection
from typing import Any

from .worker import QUERIES_PER_SCHEMA, Tally, Worker

# After so many differences it is time to look at them.
MOST_DIFFERENCES = 20


def work(number: int, options: argparse.Namespace, features: frozenset[str], directory: str,
         first: int, place: Any, pipe: Any) -> None:  # fmt: skip
    """Schemas `first`, and every `jobs`-th after it; sends a Tally for each."""

    def progress(schema: int, query: int) -> None:
        place[2 * number], place[2 * number + 1] = schema, query

    worker = Worker(options.seed, features, options.engines, directory, progress)
    worker.stops, worker.skipped = options.first, options.skip
    for schema in range(first, -(-options.queries // QUERIES_PER_SCHEMA), options.jobs):
        pipe.send(worker.run_schema(schema))
    worker.close()


class Run:
    """All workers, and what they have found."""

    def __init__(self, options: argparse.Namespace, features: frozenset[str], directory: str):
        self.options, self.features, self.directory = options, features, directory
        self.context = multiprocessing.get_context("spawn")
        self.place = self.context.Array("q", 2 * options.jobs, lock=False)
        self.total = Tally()
        self.pipes: dict[Any, tuple[int, Any]] = {}

    def start(self, number: int, first: int) -> None:
        mine, theirs = self.context.Pipe(duplex=False)
        process = self.context.Process(
            target=work, daemon=True, args=(number, self.options, self.features, self.directory,
                                            first, self.place, theirs),
        )  # fmt: skip
        process.start()
        theirs.close()
        self.pipes[mine] = (number, process)

    def go(self) -> None:
        for number in range(self.options.jobs):
            self.start(number, number)
        most = 1 if self.options.first else MOST_DIFFERENCES
        while self.pipes and len(self.total.differences) < most:
            ready: list[Any] = list(multiprocessing.connection.wait(list(self.pipes)))
            for pipe in ready:
                try:
                    self.add(pipe.recv())
                except EOFError:
                    self.ended(pipe)
        for _, process in self.pipes.values():
            process.terminate()

    def ended(self, pipe: Any) -> None:
        """A worker that died is a difference; another goes on behind that place."""
        number, process = self.pipes.pop(pipe)
        process.join()
        if process.exitcode != 0:
            schema, query = self.place[2 * number], self.place[2 * number + 1]
            self.found(f"difference at --seed {self.options.seed} --at {schema}/{query}: "
                       f"the process died with {process.exitcode}")  # fmt: skip
            if not self.options.first:
                self.start(number, schema + self.options.jobs)

    def add(self, tally: Tally) -> None:
        before = self.total.queries
        self.total.queries += tally.queries
        self.total.failed += tally.failed
        self.total.large += tally.large
        self.total.compared += tally.compared
        self.total.explained += tally.explained
        self.total.outvoted += tally.outvoted
        for text in tally.differences:
            self.found(text)
        if before // 10_000 != self.total.queries // 10_000:
            print(f"{self.total.queries} queries", flush=True)

    def found(self, text: str) -> None:
        self.total.differences.append(text)
        print(f"\n{text}", flush=True)
