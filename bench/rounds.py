"""bench/rounds.py: runs the lines in alternating rounds and checks that the answers are equal.

In each round each line runs on all rivals one after the other, beginning with another rival in
each round, so that a slow moment of the machine is spread over all of them. The collector of
cyclic garbage is off while the clock runs, and what was loaded is frozen out of its way.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cases import SEED, Line, Work, make_rows
from rivals import Rival, Row, Session

WARM_UP_ROUNDS = 1
CHECKED_READS = 12
CHECKED_WRITES = 200


class WrongAnswer(Exception):
    """A rival's answer is not that of the first one."""


@dataclass
class Measurement:
    """ns per unit of each rival, a number for each round, and how many operations a run had."""

    line: Line
    samples: dict[str, list[float]] = field(default_factory=dict)
    operations: dict[str, int] = field(default_factory=dict)

    def median(self, rival: str) -> float | None:
        numbers = self.samples.get(rival)
        return statistics.median(numbers) if numbers else None

    def ratio(self, rival: str, to: str = "tupelo") -> float | None:
        """How many times faster `to` is than the rival."""
        slow, fast = self.median(rival), self.median(to)
        return slow / fast if slow is not None and fast is not None else None


class Rounds:
    """The rivals with their shared databases; close() ends these."""

    def __init__(self, rivals: Sequence[Rival], rows: int) -> None:
        self.rivals = list(rivals)
        self.rows: list[Row] = make_rows(rows)
        self.shared: dict[str, Session] = {}

    def __enter__(self) -> "Rounds":
        for rival in self.rivals:
            self.shared[rival.name] = rival.open(self.rows)
        return self

    def __exit__(self, *error: object) -> None:
        for session in self.shared.values():
            session.close()

    def check(self, lines: Sequence[Line]) -> None:
        """Raises WrongAnswer unless all rivals answer each line as the first one does."""
        for line in lines:
            expected: Any = None
            for rival in self.rivals:
                answers = self._answers(line, rival)
                if expected is None:
                    expected = answers
                difference = _difference(expected, answers)
                if difference:
                    raise WrongAnswer(
                        f"{line.title}: {rival.name} differs from {self.rivals[0].name}: "
                        f"{difference}"
                    )

    def measure(
        self, lines: Sequence[Line], rounds: int, progress: Callable[[], None] = lambda: None
    ) -> list[Measurement]:
        """`progress` is called after each line of each round, warm-up rounds included."""
        measurements = [Measurement(line) for line in lines]
        gc.collect()
        gc.freeze()
        try:
            for number in range(WARM_UP_ROUNDS + rounds):
                first = number % len(self.rivals)
                order = self.rivals[first:] + self.rivals[:first]
                for measurement in measurements:
                    for rival in order:
                        sample = self._sample(measurement, rival, number)
                        if number >= WARM_UP_ROUNDS:
                            measurement.samples.setdefault(rival.name, []).append(sample)
                    progress()
        finally:
            gc.unfreeze()
        return measurements

    def _sample(self, measurement: Measurement, rival: Rival, number: int) -> float:
        line = measurement.line
        operations = line.operations(rival, len(self.rows))
        measurement.operations[rival.name] = operations
        session = self._session(line, rival)
        work = self._work(line, f"round {number}", operations)
        elapsed_ns = self._time(line, session, line.prepare(rival, session, work))
        if line.table in ("empty", "full"):
            session.close()
        return elapsed_ns / line.units(operations, len(self.rows))

    def _time(self, line: Line, session: Session, run: Callable[[], Any]) -> int:
        gc.collect()
        gc.disable()
        try:
            start = time.perf_counter_ns()
            if line.table != "none":
                session.begin()
            run()
            if line.table != "none":
                session.commit()
            return time.perf_counter_ns() - start
        finally:
            gc.enable()

    def _session(self, line: Line, rival: Rival) -> Session:
        if line.table in ("empty", "full"):
            return rival.open(self.rows if line.table == "full" else None)
        return self.shared[rival.name]

    def _work(self, line: Line, label: str, operations: int) -> Work:
        return Work(self.rows, operations, random.Random(f"{SEED} {line.key} {label}"))

    def _answers(self, line: Line, rival: Rival) -> list[Any]:
        session = self._session(line, rival)
        answers: list[Any] = []
        if line.table in ("empty", "full"):
            work = self._work(line, "check", min(CHECKED_WRITES, len(self.rows)))
            session.begin()
            line.prepare(rival, session, work)()
            session.commit()
            answers = session.execute("SELECT * FROM items ORDER BY id").fetchall()
            session.close()
        else:
            for number in range(CHECKED_READS):
                work = self._work(line, f"check {number}", 1)
                answer = line.prepare(rival, session, work)()
                answers.append(sorted(answer) if isinstance(answer, list) else answer)
        return answers


def _difference(expected: Any, found: Any) -> str:
    """Empty where both are the same but for the last digits of a sum of floats."""
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        if len(expected) != len(found):
            return f"{len(found)} instead of {len(expected)} values"
        return next(filter(None, map(_difference, expected, found)), "")
    if expected == found:
        return ""
    with suppress(TypeError, ValueError):
        if abs(float(expected) - float(found)) <= 1e-9 * abs(float(expected)):
            return ""
    return f"{found!r} instead of {expected!r}"
