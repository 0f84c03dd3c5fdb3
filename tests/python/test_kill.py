"""A process with four writing threads is killed at random moments, again and again on one database:
what it has acknowledged is there, whole. Run as a program, so many times (100):

    python tests/python/test_kill.py [KILLS] [SEED]
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import tupelo

THREADS = 4
CHILD = """
    import os, sys, threading, tupelo
    path, threads = sys.argv[1], int(sys.argv[2])

    def work(number):
        con = tupelo.connect(path)
        i = con.execute("SELECT n FROM account WHERE id = ?", (number,)).fetchone()[0]
        con.commit()
        while True:
            try:
                body = "x" * (i * 37 % 3000)
                con.execute("INSERT INTO entry VALUES (?, ?, ?)", (number, i, body))
                con.execute("UPDATE account SET n = n + 1 WHERE id = ?", (number,))
                con.execute("DELETE FROM entry WHERE account = ? AND i = ?", (number, i - 1000))
                if number == 0 and i % 40 == 0:
                    con.execute("DROP INDEX IF EXISTS again")
                    con.execute("CREATE INDEX again ON entry (i, account)")
                con.commit()
            except tupelo.OperationalError as error:
                if error.sqlstate != "40001":
                    raise
                con.rollback()
                continue
            os.write(1, b"%d %d\\n" % (number, i))
            if number == 1 and i % 60 == 0:
                con.checkpoint()
            i += 1

    for number in range(threads):
        threading.Thread(target=work, args=(number,)).start()
"""


def make(path: Path) -> None:
    with contextlib.closing(tupelo.connect(path, autocommit=True)) as con:
        con.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        con.execute(
            "CREATE TABLE entry (account INTEGER REFERENCES account, i INTEGER, "
            "body VARCHAR(3000), PRIMARY KEY (account, i))"
        )
        con.executemany("INSERT INTO account VALUES (?, 0)", [(i,) for i in range(THREADS)])


def run_and_kill(path: Path, after_s: float) -> dict[int, int]:
    """The last transaction that each thread has acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(THREADS)],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    first = child.stdout.readline()  # importing and opening take what they take
    assert first, "the child ended by itself"
    time.sleep(after_s)
    child.send_signal(signal.SIGKILL)
    said = first + child.stdout.read()
    child.wait()
    assert child.returncode == -signal.SIGKILL
    return {int(line.split()[0]): int(line.split()[1]) for line in said.decode().splitlines()}


def verify(path: Path, acknowledged: dict[int, int], before: dict[int, int]) -> dict[int, int]:
    """Nothing is lost, nothing is half; returns how far each account is."""
    with contextlib.closing(tupelo.connect(path)) as con:
        found = dict(con.execute("SELECT id, n FROM account").fetchall())
        assert sorted(found) == list(range(THREADS))
        for number, n in found.items():
            least = acknowledged[number] + 1 if number in acknowledged else before[number]
            assert least <= n <= least + 1, (number, n, least)
            entries = con.execute(
                "SELECT COUNT(*), MIN(i), MAX(i), SUM(CHAR_LENGTH(body)) FROM entry "
                "WHERE account = ?", (number,)
            ).fetchone()  # fmt: skip
            kept = range(max(0, n - 1000), n)
            sizes = sum(i * 37 % 3000 for i in kept)
            expected = (len(kept), kept[0], n - 1, sizes) if kept else (0, None, None, None)
            assert entries == expected, (number, n)
        con.rollback()
    return found


def kill_often(path: Path, kills: int, seed: int) -> dict[int, int]:
    chance = random.Random(seed)
    make(path)
    state = dict.fromkeys(range(THREADS), 0)
    for _ in range(kills):
        acknowledged = run_and_kill(path, chance.random() * 0.5)
        state = verify(path, acknowledged, state)
    return state


def test_what_a_killed_process_has_acknowledged_is_there(tmp_path: Path) -> None:
    state = kill_often(tmp_path / "app.db", 5, seed=1)
    assert sum(state.values()) > 0
    assert os.listdir(tmp_path) == ["app.db"]


def main() -> None:
    given = [int(text) for text in sys.argv[1:]]
    kills, seed = [*given, *[100, 1][len(given) :]]
    with tempfile.TemporaryDirectory() as directory:
        state = kill_often(Path(directory) / "app.db", kills, seed)
    print(f"{kills} kills, {sum(state.values())} transactions, none lost")


if __name__ == "__main__":
    main()
