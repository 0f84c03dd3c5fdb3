"""isolation/runner.py: runs .iso files; README.md describes them.

    python tests/isolation/runner.py [--level LEVEL] [FILES]

Each connection has a thread, so that a step can wait while others go on. Whether it waits is not a
matter of time alone: it has not ended after a while, and its thread sleeps in the kernel. A
statement that is only slow, on a machine that has much to do, is thus not taken for one that waits;
and one that waits where it should not is given much time before it is said to.
"""

from __future__ import annotations

import argparse
import itertools
import queue
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import tupelo
from scenario import LEVELS, Case, Expectation, Level, Row, ScenarioError, Step, parse, show_rows

HERE = Path(__file__).resolve().parent

# How long a step that is to wait must not have ended, before its thread is looked at.
SETTLE_SECONDS = 0.05
# So often in a row it must be found asleep, so far apart.
ASLEEP_TIMES = 3
ASLEEP_SECONDS = 0.005
# How long any other step may take.
LIMIT_SECONDS = 10.0

DATABASES = itertools.count(1)


@dataclass
class Outcome:
    """How a statement has ended."""

    rows: list[Row] | None = None
    count: int = -1
    sqlstate: str | None = None
    message: str = ""

    def __str__(self) -> str:
        if self.message:
            return f"fails {self.sqlstate} ({self.message})"
        if self.rows is not None:
            return show_rows(self.rows)
        return f"changes {self.count}" if self.count >= 0 else "succeeds"

    def meets(self, expected: Expectation) -> bool:
        """Rows come in any order; a step that gives rows has to say which."""
        if expected.kind == "fails" or self.message:
            return expected.kind == "fails" and self.sqlstate == expected.sqlstate
        if expected.kind == "rows" or self.rows is not None:
            return (
                expected.kind == "rows"
                and self.rows is not None
                and sorted(map(repr, self.rows)) == sorted(map(repr, expected.rows))
            )
        return expected.kind != "changes" or self.count == expected.count


@dataclass
class Job:
    """A statement that a session runs; `outcome` and `ended` once `done` is set."""

    sql: str
    line: int
    done: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome = field(default_factory=Outcome)
    ended: float = 0.0


class Session:
    """A connection, and the thread that runs its statements one after the other."""

    def __init__(self, connection: tupelo.Connection) -> None:
        self.connection = connection
        self.job: Job | None = None  # that it waits in
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        # Not waited for at exit: what can't be interrupted must not keep the report from coming.
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def start(self, job: Job) -> None:
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                with self.connection.execute(job.sql) as cursor:
                    rows = cursor.fetchall() if cursor.description is not None else None
                    job.outcome = Outcome(rows, cursor.rowcount)
            except tupelo.Error as error:
                job.outcome = Outcome(sqlstate=error.sqlstate, message=str(error) or "no message")
            except BaseException as error:
                job.outcome = Outcome(message=repr(error))
            job.ended = time.monotonic()
            job.done.set()

    def sleeps(self) -> bool:
        """Whether the kernel lets its thread sleep; where it doesn't tell, as if it did."""
        try:
            stat = Path(f"/proc/self/task/{self._thread.native_id}/stat").read_text()
        except OSError:
            return True
        return stat.rpartition(")")[2].split()[0] == "S"

    def waits(self, job: Job) -> bool:
        """Whether the job has not ended, and its thread does nothing; else it has ended."""
        if job.done.wait(SETTLE_SECONDS):
            return False
        asleep = 0
        deadline = time.monotonic() + LIMIT_SECONDS
        while asleep < ASLEEP_TIMES and time.monotonic() < deadline:
            if job.done.wait(ASLEEP_SECONDS):
                return False
            asleep = asleep + 1 if self.sleeps() else 0
        return asleep == ASLEEP_TIMES

    def close(self) -> None:
        """Ends what runs, rolls back and closes. Raises TimeoutError where that doesn't help."""
        self._jobs.put(None)
        deadline = time.monotonic() + LIMIT_SECONDS
        while self._thread.is_alive():
            if not self.connection.closed:
                self.connection.interrupt()
            self._thread.join(0.01)
            if time.monotonic() > deadline:
                raise TimeoutError("a statement can't be interrupted")
        if not self.connection.closed:
            self.connection.rollback()
            self.connection.close()


class Mismatch(Exception):
    """A step did not what was expected of it."""

    def __init__(self, line: int, expected: object, got: object) -> None:
        super().__init__(f"expected: {expected}; got: {got}")
        self.line = line


class CaseRun:
    """One case at one level."""

    def __init__(self, case: Case, level: Level) -> None:
        self.case, self.level = case, level
        self.sessions: dict[str, Session] = {}
        self.moved = 0.0  # when the last step began that may have let others go on
        self.database = f":memory:isolation {next(DATABASES)}"

    def connect(self) -> tupelo.Connection:
        return tupelo.connect(self.database, isolation_level=self.level, timeout=self.case.timeout)

    def go(self) -> None:
        """Raises Mismatch."""
        keeper = self.connect()
        try:
            try:
                keeper.executescript("\n".join(self.case.setup))
                keeper.commit()
            except tupelo.Error as error:
                raise Mismatch(self.case.line, "a setup that succeeds", error) from None
            for name in sorted({step.connection for step in self.case.steps}):
                self.sessions[name] = Session(self.connect())
            for step in self.case.steps:
                if self.level in step.levels:
                    self.step(step, step.expected[self.level])
        finally:
            for session in self.sessions.values():
                session.close()
            keeper.rollback()
            keeper.close()

    def step(self, step: Step, expected: Expectation) -> None:
        session = self.sessions[step.connection]
        if step.action == "resumes":
            self.resume(step, expected, session)
            return
        self.check_waiters()
        self.moved = time.monotonic()
        if step.action == "closes":
            session.connection.rollback()
            session.connection.close()
        elif step.action == "is interrupted":
            session.connection.interrupt()
        else:
            self.run(step, expected, session)

    def run(self, step: Step, expected: Expectation, session: Session) -> None:
        job = Job(step.sql, step.line)
        session.start(job)
        if expected.kind == "waits":
            session.job = job
            if not session.waits(job):
                got = job.outcome if job.done.is_set() else "neither ends nor sleeps"
                raise Mismatch(step.line, expected, got)
        elif not job.done.wait(LIMIT_SECONDS):
            raise Mismatch(step.line, expected, f"still runs after {LIMIT_SECONDS:g} s")
        elif not job.outcome.meets(expected):
            raise Mismatch(step.line, expected, job.outcome)

    def resume(self, step: Step, expected: Expectation, session: Session) -> None:
        job, session.job = session.job, None
        assert job is not None  # the parser has seen to it
        if not job.done.wait(LIMIT_SECONDS):
            raise Mismatch(step.line, f"resumes, {expected}", "waits on")
        # Nothing that was done before let it go: what did is the step just above.
        if job.ended < self.moved:
            raise Mismatch(job.line, f"waits until line {step.line}", f"{job.outcome}, too early")
        if not job.outcome.meets(expected):
            raise Mismatch(step.line, f"resumes, {expected}", job.outcome)

    def check_waiters(self) -> None:
        """Those that wait were not let go by the step before."""
        for session in self.sessions.values():
            job = session.job
            if job is not None and not session.waits(job):
                raise Mismatch(job.line, "waits until it resumes", f"{job.outcome}, too early")


def run_case(path: Path, case: Case, level: Level) -> str:
    """What went wrong, in a line that begins with file and line; nothing if nothing did."""
    try:
        CaseRun(case, level).go()
    except (Mismatch, TimeoutError) as error:
        line = error.line if isinstance(error, Mismatch) else case.line
        return f"{path}:{line}: {case.name}, at {level}: {error}"
    return ""


def all_files() -> list[Path]:
    """The .iso files beside this one."""
    return sorted(HERE.glob("*.iso"))


def main(arguments: list[str] | None = None) -> int:
    """Runs files, prints what fails; the exit status says whether anything did."""
    parser = argparse.ArgumentParser(description="Run .iso files: interleavings of transactions.")
    parser.add_argument("files", nargs="*", type=Path, help="without any: those of the tests")
    parser.add_argument("--level", choices=LEVELS, action="append", help="only there (all levels)")
    options = parser.parse_args(arguments)
    ran = failed = 0
    for path in options.files or all_files():
        try:
            cases = parse(path)
        except (ScenarioError, OSError) as error:
            print(error)
            failed += 1
            continue
        for case in cases:
            for level in case.levels:
                if options.level and level not in options.level:
                    continue
                ran += 1
                failure = run_case(path, case, level)
                if failure:
                    print(failure, flush=True)
                    failed += 1
    print(f"{ran} interleavings, {failed} failures")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
