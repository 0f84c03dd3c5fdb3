"""tests/soak/soak.py: works on a database for a long time, kills the process that does, verifies.

    python tests/soak/soak.py --minutes 10 --seed 1

For half of the time a child process with many threads is killed at random moments; each time the
database is opened and must be whole, and hold all that was acknowledged. For the other half one
child lives, and neither its memory nor its files may grow; then it is killed, too.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tupelo
import workload
from flatness import judge
from lives import Life, random_seconds
from verification import Failure, verify

MEMORY_LIMIT = "64MB"


@dataclass
class Soak:
    """The database, and what became of it."""

    path: Path
    seed: int
    options: dict[str, Any]
    serializable: bool
    state: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(workload.WORKERS), 0))
    kills: int = 0
    transactions: int = 0
    retries: int = 0
    log_bytes: int = 0
    file_bytes: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def new_life(self) -> Life:
        """With what a power cut may take, which is no matter to a process that is killed; none of
        them with `off`, which may lose the last commits by a kill."""
        options = {**self.options, "synchronous": self.chance.choice(["full", "normal"])}
        return Life(self.path, f"{self.seed} {self.kills}", options, self.serializable)

    def live(self, seconds: float) -> Life:
        """A life, at times a very short second one, which dies while it recovers; then what is left
        is verified."""
        life = self.new_life()
        life.run(seconds)
        acknowledged, lives = self.count(life), 1
        if self.chance.random() < 0.33:
            short = self.new_life()
            short.run_briefly(self.chance.uniform(0.05, 0.5))
            acknowledged |= self.count(short)
            lives = 2
        self.state, size = verify(self.path, acknowledged, self.state, lives, self.serializable)
        self.file_bytes = max(self.file_bytes, size)
        return life

    def count(self, life: Life) -> dict[int, int]:
        self.kills += 1
        self.transactions += life.heard.transactions
        self.retries += life.heard.retries
        self.log_bytes = max(self.log_bytes, life.log_bytes)
        return life.heard.acknowledged

    def run(self, seconds: float) -> None:
        workload.make(self.path)
        end = time.perf_counter() + seconds / 2
        while time.perf_counter() < end:
            self.live(random_seconds(self.chance))
        life = self.live(seconds / 2)
        growth = judge(life.memory)
        print(f"memory: {growth or 'too short a time to judge'}")
        if growth is not None and growth.grows:
            raise Failure(f"the memory of the process grows: {growth}")

    def summary(self) -> str:
        steps = self.state[workload.DEFINER]
        return (
            f"{self.kills} kills, {self.transactions:,} transactions, {self.retries:,} retries, "
            f"{steps} definitions; the file had {self.file_bytes:,} bytes at most, "
            f"the log {self.log_bytes:,}"
        )


def has_isolation_levels() -> bool:
    """Whether connect takes an isolation level; then SERIALIZABLE is the default. Older extensions
    know only REPEATABLE READ, and have no such parameter."""
    try:
        tupelo.connect(":memory:", isolation_level="SERIALIZABLE").close()  # type: ignore[call-arg]
    except (TypeError, tupelo.NotSupportedError):
        return False
    return True


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    duration = parser.add_mutually_exclusive_group()
    duration.add_argument("--minutes", type=float, default=10.0, help="(default: %(default)s)")
    duration.add_argument("--seconds", type=float, help="in place of minutes")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--isolation", metavar="LEVEL", help="(default: that of the engine)")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="to wait for rows of other transactions"
    )
    parser.add_argument("--directory", type=Path, help="(default: a temporary one)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse_arguments(arguments)
    seconds = given.minutes * 60 if given.seconds is None else given.seconds
    options: dict[str, Any] = {"memory_limit": MEMORY_LIMIT}
    if given.isolation is not None:
        if not has_isolation_levels():
            print("soak: this tupelo has no isolation levels", file=sys.stderr)
            return 2
        options["isolation_level"] = given.isolation
    if given.timeout is not None:
        options["timeout"] = given.timeout
    serializable = given.isolation in (None, "SERIALIZABLE") and has_isolation_levels()
    with tempfile.TemporaryDirectory(prefix="soak-", dir=given.directory) as directory:
        soak = Soak(Path(directory) / "soak.db", given.seed, options, serializable)
        try:
            soak.run(seconds)
        except Failure as failure:
            print(f"soak: FAILED: {failure}\n{soak.summary()}; seed {given.seed}")
            return 1
    print(f"soak: passed: {soak.summary()}; seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
