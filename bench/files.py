"""bench/files.py: databases in files beside sqlite3's in WAL mode, on one disk and as durable.

Single commits, beside a bare write and fdatasync; loading, with the checkpoint and the size of the
file; the lines of bench/cases.py in a file and in memory; opening a large file; recovery; what a
writing thread notices of a checkpoint.
"""

import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import tupelo
from rich.console import Console
from rich.table import Table

from cases import SEED, choose_lines
from report import mark, print_table, table_box, times
from rivals import INSERT, TABLE, Row, Session, Sqlite3, Tupelo
from rounds import Rounds

MODES = {"full": 1.2, "normal": 3.0, "off": 4.0}
READS = ["select", "count", "fetchall", "iterate", "range", "group_by", "filtered_sum"]
WRITES = ["insert", "executemany", "update", "delete"]
LOADED = 1_000_000
RECOVERED = 1_000_000
COMMITS = {"full": 400, "normal": 4_000, "off": 4_000}
MAX_FILE = 0.6  # of sqlite3's
MAX_GROWTH = 1.10  # of a line in a file, to the same in memory
MORE_NS = 60  # that a row written may take
MAX_OPEN_MS = 20
MAX_OPEN_BYTES = 400_000
MAX_PAUSE_MS = 10


def make_rows(count: int) -> Iterator[Row]:
    chance = random.Random(SEED)
    for number in range(1, count + 1):
        yield (
            number,
            f"name{number}",
            chance.randrange(1_000_000),
            chance.random(),
            chance.random() < 0.5,
        )


class FileTupelo(Tupelo):
    """Each connection is to a new file."""

    def __init__(self, directory: Path, synchronous: str = "full") -> None:
        super().__init__()
        self.directory, self.synchronous, self.made = directory, synchronous, 0

    def next_path(self) -> Path:
        self.made += 1
        return self.directory / f"{self.name}-{self.synchronous}-{self.made}.db"

    def connect(self) -> Any:
        return tupelo.connect(self.next_path(), synchronous=self.synchronous)


class FileSqlite3(Sqlite3):
    def __init__(self, directory: Path, synchronous: str = "full") -> None:
        super().__init__()
        self.directory, self.synchronous, self.made = directory, synchronous, 0

    next_path = FileTupelo.next_path

    def connect(self) -> Any:
        connection = sqlite3.connect(self.next_path(), isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self.synchronous}")
        return connection


def bare_sync_ns(directory: Path, count: int) -> float:
    """What the disk takes: 100 bytes behind each other, and fdatasync."""
    path = directory / "bare"
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.posix_fallocate(file, 0, 1 << 20)
        os.fsync(file)
        start = time.perf_counter_ns()
        for number in range(count):
            os.pwrite(file, b"x" * 100, number * 100)
            os.fdatasync(file)
        return (time.perf_counter_ns() - start) / count
    finally:
        os.close(file)
        path.unlink()


def single_commits_ns(session: Session, count: int) -> float:
    execute, commit, begin = session.execute, session.commit, session.begin
    start = time.perf_counter_ns()
    for row in make_rows(count):
        begin()
        execute(INSERT, row)
        commit()
    return (time.perf_counter_ns() - start) / count


def print_commits(console: Console, directory: Path, rounds: int) -> list[str]:
    table = Table(box=table_box(console), pad_edge=False)
    for title in ("one INSERT a commit", "write and fdatasync, us", "sqlite3, us", "tupelo, us"):
        table.add_column(title, justify="right" if "us" in title else "left", no_wrap=True)
    for title in ("sqlite3 /tupelo", "goal", ""):
        table.add_column(title, no_wrap=True)
    missed = []
    for mode, goal in MODES.items():
        samples: dict[str, list[float]] = {"bare": [], "sqlite3": [], "tupelo": []}
        for number in range(rounds):
            if mode == "full":
                samples["bare"].append(bare_sync_ns(directory, COMMITS[mode]))
            rivals = [FileSqlite3(directory, mode), FileTupelo(directory, mode)]
            for rival in rivals if number % 2 else rivals[::-1]:
                session = rival.open()
                samples[rival.name].append(single_commits_ns(session, COMMITS[mode]))
                session.close()
            clear(directory)
        median = {name: statistics.median(found or [0.0]) for name, found in samples.items()}
        ratio = median["sqlite3"] / median["tupelo"]
        table.add_row(
            f"synchronous = {mode}",
            f"{median['bare'] / 1e3:,.1f}" if mode == "full" else "",
            f"{median['sqlite3'] / 1e3:,.1f}",
            f"{median['tupelo'] / 1e3:,.1f}",
            times(ratio),
            f">= {goal:g}",
            mark(ratio >= goal),
        )
        missed += [f"commit {mode}"] * (ratio < goal)
    print_table(console, table)
    return missed


def clear(directory: Path) -> None:
    for path in directory.iterdir():
        path.unlink()


def load(rival: Any, rows: list[Row]) -> tuple[float, int]:
    """Seconds of executemany, commit and checkpoint, and bytes of the file then."""
    session = rival.open()
    start = time.perf_counter()
    session.begin()
    session.executemany(INSERT, rows)
    session.commit()
    if rival.name == "sqlite3":
        session.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:
        session.connection.checkpoint()
    elapsed = time.perf_counter() - start
    session.close()
    size = sum(path.stat().st_size for path in rival.directory.iterdir())
    clear(rival.directory)
    return elapsed, size


def print_load(console: Console, directory: Path, rounds: int) -> list[str]:
    rows = list(make_rows(LOADED))
    seconds: dict[str, list[float]] = {"sqlite3": [], "tupelo": []}
    sizes = {}
    for number in range(rounds):
        rivals = [FileSqlite3(directory), FileTupelo(directory)]
        for rival in rivals if number % 2 else rivals[::-1]:
            elapsed, sizes[rival.name] = load(rival, rows)
            seconds[rival.name].append(elapsed)
    median = {name: statistics.median(found) for name, found in seconds.items()}
    ratio = median["sqlite3"] / median["tupelo"]
    share = sizes["tupelo"] / sizes["sqlite3"]
    console.print(
        f"{LOADED:,} rows by executemany, commit and checkpoint: "
        f"sqlite3 {median['sqlite3']:.2f} s, tupelo {median['tupelo']:.2f} s: {ratio:.2f} times, "
        f"goal >= 4 {mark(ratio >= 4)}\n"
        f"the file: sqlite3 {sizes['sqlite3']:,} bytes, tupelo {sizes['tupelo']:,}: {share:.2f} "
        f"of it, goal <= {MAX_FILE} {mark(share <= MAX_FILE)}\n"
    )
    return ["load"] * (ratio < 4) + ["size of the file"] * (share > MAX_FILE)


def print_lines(console: Console, directory: Path, rounds: int) -> list[str]:
    """The lines of the benchmark, in memory and in a file that syncs nothing."""
    memory, file = Tupelo(), FileTupelo(directory, "off")
    file.name = "file"
    lines = choose_lines(READS + WRITES)
    with Rounds([memory, file], 20_000) as measured:
        found = measured.measure(lines, rounds)
    table = Table(box=table_box(console), pad_edge=False)
    for title in ("within a transaction", "memory, ns", "file, ns", "file /memory", "goal", ""):
        table.add_column(title, justify="right" if "ns" in title else "left", no_wrap=True)
    missed = []
    for it in found:
        before, after = it.median("tupelo") or 0.0, it.median("file") or 0.0
        more = MORE_NS if it.line.key in WRITES else 0
        met = after <= before * MAX_GROWTH + more
        table.add_row(
            it.line.title,
            f"{before:,.1f}",
            f"{after:,.1f}",
            times(after / before),
            f"<= {MAX_GROWTH:g}" + (f" and {more} ns" if more else ""),
            mark(met),
        )
        missed += [f"{it.line.key} in a file"] * (not met)
    print_table(console, table)
    clear(directory)
    return missed


def child(code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )


OPEN = """
    import json, sys, time, tupelo
    path, key = sys.argv[1], int(sys.argv[2])
    def read_bytes():
        with open("/proc/self/io") as file:
            return int(next(line for line in file if line.startswith("rchar")).split()[1])
    before = read_bytes()
    start = time.perf_counter()
    con = tupelo.connect(path)
    opened = time.perf_counter()
    con.execute("SELECT * FROM items WHERE id = ?", (key,)).fetchone()
    found = time.perf_counter()
    count = con.execute("SELECT COUNT(*) FROM items").fetchone()[0]
    print(json.dumps([opened - start, found - start, read_bytes() - before, count]))
"""
WRITE_AND_DIE = """
    import os, signal, sys, tupelo
    con = tupelo.connect(sys.argv[1], synchronous="off")
    rows = int(sys.argv[2])
    step = rows // 20
    for first in range(0, rows, step):
        con.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?)",
            ((n, f"name{n}", n * 7919 % 1000000, n * 0.37, n % 2 == 0)
             for n in range(first, first + step)))
        con.commit()
    print("written", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def answer(code: str, *arguments: object) -> Any:
    process = child(code, *arguments)
    text = process.communicate()[0]
    if process.returncode != 0:
        raise SystemExit(f"bench: a process that opened {arguments[0]} failed")
    return json.loads(text)


def print_open(console: Console, path: Path, rows: int) -> list[str]:
    size = path.stat().st_size
    found = [answer(OPEN, path, rows // 2 + number) for number in range(5)]
    opened, point, read_bytes, count = map(statistics.median, zip(*found, strict=True))
    if count != rows:
        raise SystemExit(f"bench: {count} rows found, not {rows}")
    met = point * 1e3 <= MAX_OPEN_MS and read_bytes <= MAX_OPEN_BYTES
    console.print(
        f"opening a file of {size / 1e6:,.0f} MB: {opened * 1e3:.1f} ms, with a row by its key "
        f"{point * 1e3:.1f} ms and {read_bytes / 1e3:,.0f} kB read, goal <= {MAX_OPEN_MS} ms and "
        f"{MAX_OPEN_BYTES / 1e3:.0f} kB {mark(met)}"
    )
    return ["opening"] * (not met)


def print_recovery(console: Console, directory: Path) -> list[str]:
    path = directory / "recovered.db"
    with closing(tupelo.connect(path)) as con:
        con.execute(TABLE)
        con.commit()
    process = child(WRITE_AND_DIE, path, RECOVERED)
    text = process.communicate()[0]
    if process.returncode != -signal.SIGKILL or text.strip() != "written":
        raise SystemExit("bench: the process that was to be killed failed before")
    log_bytes = sum(file.stat().st_size for file in directory.glob("recovered.db-wal*"))
    start = time.perf_counter()
    with closing(tupelo.connect(path)) as con:
        elapsed = time.perf_counter() - start
        count = con.execute("SELECT COUNT(*) FROM items").fetchone()[0]
    if not 0 < count <= RECOVERED:
        raise SystemExit(f"bench: {count} rows recovered")
    rate = count / elapsed
    console.print(
        f"recovery of {count:,} rows from {log_bytes / 1e6:,.0f} MB of log: {elapsed:.2f} s, "
        f"{rate:,.0f} rows a second, goal >= 1,000,000 {mark(rate >= 1e6)}"
    )
    clear(directory)
    return ["recovery"] * (rate < 1e6)


def print_pause(console: Console, path: Path, rows: int) -> list[str]:
    """One thread changes rows one by one while another makes checkpoints."""
    done = threading.Event()
    checkpoints: list[float] = []

    def make_checkpoints() -> None:
        with closing(tupelo.connect(path)) as con:
            for _ in range(3):
                start = time.perf_counter()
                con.checkpoint()
                checkpoints.append(time.perf_counter() - start)
        done.set()

    chance = random.Random(SEED)
    waits: list[int] = []
    with closing(tupelo.connect(path, synchronous="off", autocommit=True)) as con:
        con.execute("UPDATE items SET n = n + 1")  # there is much to write
        thread = threading.Thread(target=make_checkpoints)
        thread.start()
        execute: Callable[..., Any] = con.cursor().execute
        while not done.is_set():
            start = time.perf_counter_ns()
            execute("UPDATE items SET n = ? WHERE id = ?", (1, chance.randint(1, rows)))
            waits.append(time.perf_counter_ns() - start)
        thread.join()
    waits.sort()
    p99, worst = waits[len(waits) * 99 // 100] / 1e6, waits[-1] / 1e6
    console.print(
        f"a checkpoint of {checkpoints[0]:.1f} s beside a writing thread: 99 % of {len(waits):,} "
        f"statements took {p99:.2f} ms at most, the longest {worst:.1f} ms, goal < {MAX_PAUSE_MS} "
        f"{mark(p99 < MAX_PAUSE_MS)}"
    )
    return ["pause"] * (p99 >= MAX_PAUSE_MS)


def make_large(path: Path, rows: int) -> None:
    with closing(tupelo.connect(path, synchronous="off")) as con:
        con.execute(TABLE)
        con.executemany(INSERT, make_rows(rows))
        con.commit()


def print_files(console: Console, directory: Path | None, rounds: int, large_rows: int) -> bool:
    """Prints all; whether every goal was met."""
    with tempfile.TemporaryDirectory(dir=directory, prefix="tupelo-bench-") as name:
        place = Path(name)
        missed = print_commits(console, place, rounds)
        missed += print_load(console, place, rounds)
        missed += print_lines(console, place, rounds)
        missed += print_recovery(console, place)
        large = place / "large.db"
        make_large(large, large_rows)
        missed += print_open(console, large, large_rows)
        missed += print_pause(console, large, large_rows)
    if missed:
        console.print(f"[red]Goals missed[/]: {', '.join(missed)}")
    return not missed
