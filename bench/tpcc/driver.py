"""bench/tpcc/driver.py: threads that run transactions for some seconds, and what was measured.

There are no keying and think times (5.2.5 is for emulated users; here the engine is always busy).
Delivery is run at once, not queued (2.7.2), and its time counted as the others' is.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .engines import Engine, Session
from .schema import Scale
from .transactions import MIX, READING, Terminal

WARM_UP_S = 2.0
LONGEST_PAUSE_S = 0.01


@dataclass
class Tally:
    """What a thread, or all of them, did; latencies are those of a transaction with all its
    retries, from its first statement to the end of its commit."""

    latencies_ns: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in MIX})
    retries: Counter[str] = field(default_factory=Counter)
    rolled_back: int = 0  # of the New-Orders: those with an item that is not there
    seconds: float = 0.0

    def add(self, other: "Tally") -> None:
        for kind, latencies in other.latencies_ns.items():
            self.latencies_ns[kind] += latencies
        self.retries += other.retries
        self.rolled_back += other.rolled_back

    @property
    def transactions(self) -> int:
        return sum(map(len, self.latencies_ns.values()))

    @property
    def per_second(self) -> float:
        return self.transactions / self.seconds

    @property
    def tpm_c(self) -> float:
        """New-Orders a minute, those that are rolled back too: these are among the transactions
        that 2.4.1.4 has the workload complete."""
        return len(self.latencies_ns["new_order"]) * 60 / self.seconds

    def percentile_ms(self, kind: str, percent: int) -> float | None:
        """The smallest latency that so many percent do not exceed; None if there is none."""
        latencies = sorted(self.latencies_ns[kind])
        if not latencies:
            return None
        return latencies[-(-len(latencies) * percent // 100) - 1] / 1e6


def run_once(session: Session, kind: str, transaction: Callable[[], bool]) -> bool:
    """The transaction with its end; whether it was committed."""
    session.begin(writes=kind not in READING)
    if transaction():
        session.commit()
        return True
    session.rollback()
    return False


def run_until_done(
    session: Session,
    kind: str,
    transaction: Callable[[], bool],
    tally: Tally,
    chance: random.Random,
) -> None:
    """Runs it again after conflicts: a little later each time, at random, so that two that are in
    each other's way do not meet again."""
    start, attempts = time.perf_counter_ns(), 0
    while True:
        try:
            if not run_once(session, kind, transaction):
                tally.rolled_back += 1
            break
        except Exception as error:
            session.rollback()
            if not session.is_conflict(error):
                raise
            attempts += 1
            time.sleep(chance.random() * min(LONGEST_PAUSE_S, attempts * LONGEST_PAUSE_S / 20))
    tally.latencies_ns[kind].append(time.perf_counter_ns() - start)
    if attempts:
        tally.retries[kind] += attempts


def work(terminal: Terminal, until: float, tally: Tally) -> None:
    kinds, weights = list(MIX), list(MIX.values())
    while time.perf_counter() < until:
        (kind,) = terminal.chance.choices(kinds, weights)
        transaction = terminal.draw(kind)
        run_until_done(terminal.session, kind, transaction, tally, terminal.chance)


def run_threads(engine: Engine, terminals: list[Terminal], seconds: float) -> Tally:
    """Of all threads together; an error of one of them is raised."""
    tallies = [Tally() for _ in terminals]
    errors: list[BaseException] = []
    start = time.perf_counter()

    def guarded(terminal: Terminal, tally: Tally) -> None:
        try:
            work(terminal, start + seconds, tally)
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=guarded, args=pair) for pair in zip(terminals, tallies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    total = Tally(seconds=time.perf_counter() - start)
    for tally in tallies:
        total.add(tally)
    return total


def measure(
    engine: Engine,
    scale: Scale,
    threads: int,
    seconds: float,
    seed: int,
    warm_up_s: float = WARM_UP_S,
) -> Tally:
    """Each thread has a connection and a terminal of its own; warehouses take turns."""
    sessions = [engine.open_session() for _ in range(threads)]
    terminals = [
        Terminal(
            engine, session, scale, number % scale.warehouses + 1, random.Random(f"{seed} {number}")
        )
        for number, session in enumerate(sessions)
    ]
    try:
        if warm_up_s > 0:
            run_threads(engine, terminals, warm_up_s)
        return run_threads(engine, terminals, seconds)
    finally:
        for session in sessions:
            session.close()
