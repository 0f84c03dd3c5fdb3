"""tests/soak/child.py: the process that is killed: many threads work on one database file.

    child.py PATH SEED OPTIONS SERIALIZABLE

OPTIONS are those of tupelo.connect, as JSON. What it says, a line each: `A worker n retries`, a
transaction is committed; `V what`, a reader has seen what must not be; `E what`, an error ended it.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import tupelo
import verification
import workload

READERS = 2
SHOWN_BYTES = 3_000  # of an error; a line of up to PIPE_BUF is written whole


def say(line: str) -> None:
    os.write(1, line.replace("\n", " | ").encode()[:SHOWN_BYTES] + b"\n")


def until_done(con: Any, transaction: Callable[[], Any], chance: random.Random) -> int:
    """Runs it again after each conflict, a little later each time; how often."""
    for retries in itertools.count():
        try:
            transaction()
            return retries
        except tupelo.OperationalError as error:
            con.rollback()
            if not (error.sqlstate or "").startswith("40"):
                raise
            time.sleep(chance.random() * min(retries + 1, 20) * 0.001)
    raise AssertionError("not reached")


class Child:
    """The threads share nothing but the database; each has a connection of its own."""

    def __init__(self, path: str, seed: str, options: dict[str, Any], serializable: bool) -> None:
        self.path, self.seed, self.options = path, seed, options
        self.serializable = serializable

    def connect(self, **more: Any) -> Any:
        return tupelo.connect(self.path, **self.options, **more)

    def write(self, writer: int, chance: random.Random) -> None:
        con, side = self.connect(), writer % 2
        for n in itertools.count(workload.read_progress(con, writer)):
            retries = until_done(con, partial(workload.write, con, writer, n, chance), chance)
            say(f"A {writer} {n} {retries}")
            if self.serializable and n % 5 == 0:
                until_done(con, lambda: workload.change_duty(con, side, chance), chance)
            time.sleep(chance.random() * 0.001)  # which gives definitions a chance, too

    def define(self, chance: random.Random) -> None:
        con = self.connect()
        for n in itertools.count(workload.read_progress(con, workload.DEFINER)):
            retries = until_done(con, partial(workload.define, con, n), chance)
            say(f"A {workload.DEFINER} {n} {retries}")
            # Not without end: a table takes some ten thousand added columns in its life.
            time.sleep(chance.random() * 0.2)

    def read(self, chance: random.Random) -> None:
        con = self.connect()
        while True:
            until_done(con, lambda: self.look(con, chance), chance)

    def look(self, con: Any, chance: random.Random) -> None:
        """Says what a reader must not see. Its transaction is committed first: what it saw before a
        conflict ended it counts for nothing at SERIALIZABLE."""
        try:
            self.observe(con, chance)
            con.commit()
        except verification.Failure as failure:
            con.commit()
            say(f"V {failure}")

    def observe(self, con: Any, chance: random.Random) -> None:
        """The invariants, then documents through a cursor that others' changes, and the end of its
        own transaction, leave as they were."""
        verification.check_invariants(con, self.serializable)
        con.commit()
        cursor = con.execute("SELECT writer, number, revision, body FROM document")
        numbers: dict[int, list[int]] = {}
        while rows := cursor.fetchmany(chance.randint(1, 200)):
            for writer, number, revision, body in rows:
                numbers.setdefault(writer, []).append(number)
                if body != workload.body_of(writer, number, revision):
                    raise verification.Failure(f"document {writer} {number} {revision}")
            if chance.random() < 0.3:
                time.sleep(0.002)
                con.commit()
        for writer, found in numbers.items():
            if sorted(found) != list(range(min(found), max(found) + 1)):
                raise verification.Failure(f"documents of {writer} in a cursor: a gap")

    def maintain(self, chance: random.Random) -> None:
        con = self.connect(autocommit=True)
        tasks = [con.checkpoint, lambda: con.execute("VACUUM"), lambda: con.execute("ANALYZE")]
        while True:
            (task,) = chance.choices(tasks, [5, 2, 1])
            until_done(con, task, chance)
            time.sleep(chance.random() * 0.3)

    def run(self) -> None:
        """Until it is killed, or an error ends it."""
        works: list[Callable[[random.Random], None]] = [
            *(partial(self.write, writer) for writer in range(workload.WRITERS)),
            *(self.define, self.maintain),
            *[self.read] * READERS,
        ]
        # Before the threads: else the file is closed and opened again by the first of them.
        kept = self.connect()
        threads = [
            threading.Thread(target=self.guard, args=(work, random.Random(f"{self.seed} {number}")))
            for number, work in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept.close()

    def guard(self, work: Callable[[random.Random], None], chance: random.Random) -> None:
        try:
            work(chance)
        except BaseException:
            say(f"E {traceback.format_exc()}")
            os._exit(3)


def main() -> None:
    path, seed, options, serializable = sys.argv[1:]
    Child(path, seed, json.loads(options), bool(int(serializable))).run()


if __name__ == "__main__":
    main()
