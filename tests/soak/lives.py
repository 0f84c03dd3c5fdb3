"""tests/soak/lives.py: runs the child process, listens to it and kills it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from flatness import Sample, resident_bytes
from verification import Failure

SAMPLE_EVERY_S = 0.25
START_S = 60.0  # that importing, opening and recovering may take
# A checkpoint is made for each 64 MiB of log, in one of two files, while the other one grows.
MOST_LOG_BYTES = 2 * (64 << 20) + (32 << 20)


@dataclass
class Heard:
    """What a child has said."""

    acknowledged: dict[int, int] = field(default_factory=dict)  # the last n of each worker
    transactions: int = 0
    retries: int = 0
    complaints: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        kind, rest = line.rstrip("\n").split(" ", 1)
        if kind == "A":
            worker, n, retries = map(int, rest.split())
            self.acknowledged[worker] = n
            self.transactions += 1
            self.retries += retries
        else:
            self.complaints.append(rest)


@dataclass
class Life:
    """A child process from its start to its death."""

    path: Path
    seed: str
    options: dict[str, Any]
    serializable: bool
    heard: Heard = field(default_factory=Heard)
    memory: list[Sample] = field(default_factory=list)
    log_bytes: int = 0  # the most that there were

    def run(self, seconds: float) -> None:
        """Lets it work for so long after its first transaction, and kills it."""
        process = self.start()
        try:
            began = time.perf_counter()
            while not self.heard.transactions and time.perf_counter() - began < START_S:
                self.look(process, began)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                self.look(process, began, end - time.perf_counter())
        finally:
            self.kill(process)
        if not self.heard.transactions:
            raise Failure(f"no transaction within {START_S:g} s: {self.heard.complaints[:1]}")
        self.judge(process)

    def run_briefly(self, seconds: float) -> None:
        """Kills it while it starts, opens and recovers, or soon after."""
        process = self.start()
        time.sleep(seconds)
        self.kill(process)
        self.judge(process)

    def start(self) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("child.py")
        serializable = str(int(self.serializable))
        process = subprocess.Popen(
            [sys.executable, str(script), str(self.path), self.seed, json.dumps(self.options),
             serializable],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert process.stdout is not None
        # All the time: a child whose pipe is full would wait.
        self.listener = threading.Thread(target=self.listen, args=(process.stdout,))
        self.listener.start()
        return process

    def listen(self, pipe: IO[str]) -> None:
        for line in pipe:
            self.heard.take(line)

    def look(self, process: subprocess.Popen[str], began: float, left_s: float = 1.0) -> None:
        """Takes a sample of memory and log."""
        if process.poll() is not None:
            raise Failure(f"the child ended by itself: {self.heard.complaints or process}")
        self.memory.append(Sample(time.perf_counter() - began, resident_bytes(process.pid)))
        logs = [self.path.with_name(f"{self.path.name}-{name}") for name in ("wal", "wal2")]
        self.log_bytes = max(self.log_bytes, sum(map(size_of, logs)))
        time.sleep(max(0.0, min(SAMPLE_EVERY_S, left_s)))

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.listener.join()
        assert process.stdout is not None
        process.stdout.close()

    def judge(self, process: subprocess.Popen[str]) -> None:
        if self.heard.complaints:
            raise Failure(f"the child says: {self.heard.complaints[0]}")
        if process.returncode != -signal.SIGKILL:
            raise Failure(f"the child ended by itself with {process.returncode}")
        if self.log_bytes > MOST_LOG_BYTES:
            raise Failure(f"the log had {self.log_bytes:,} bytes")


def size_of(path: Path) -> int:
    """0 of a file that is not there (any more)."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def random_seconds(chance: random.Random) -> float:
    """How long a life is: mostly short, now and then long enough for checkpoints of a full log."""
    return min(10.0, chance.expovariate(1 / 1.5))
