"""What the tests of files share: programs that run beside them, and a connection that writes."""

import contextlib
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import tupelo

# Makes a file with a table of so many rows.
FILL = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1], synchronous="off")
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(100), n BIGINT, "
                "x DOUBLE PRECISION)")
    con.execute("CREATE INDEX by_name ON t (name)")
    con.execute("INSERT INTO t SELECT v, "
                "'name ' || CAST(MOD(CAST(v AS BIGINT) * 7919, 1000003) AS VARCHAR(10)) || "
                "REPEAT('-', 40), CAST(v AS BIGINT) * 1000003, SQRT(CAST(v AS DOUBLE PRECISION)) "
                "FROM GENERATE_SERIES(1, " + sys.argv[2] + ") AS s (v)")
    con.commit()
    con.close()
"""
# Says what a query of a file gives, and how many bytes are read for it.
POINT = """
    import sys, tupelo
    def read():
        with open("/proc/self/io") as io:
            return int(io.readline().split()[1])
    before = read()
    con = tupelo.connect(sys.argv[1])
    print(con.execute(sys.argv[2]).fetchall())
    print(read() - before)
"""


def run(code: str, *arguments: object) -> str:
    """What a program prints."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Program:
    """A Python program that says something and waits for what it is told."""

    def __init__(self, code: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", textwrap.dedent(code), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def hear(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise AssertionError(f"it ended: {self.process.stderr.read()}")
        return line.rstrip("\n")

    def tell(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> str:
        """What it says until it ends of its own accord."""
        watch = threading.Timer(120, self.process.kill)
        watch.start()
        self.process.stdin.close()
        # communicate() would pass over lines that hear() has read ahead of the one it gave.
        said = self.process.stdout.read()
        errors = self.process.stderr.read()
        code = self.process.wait()
        watch.cancel()
        assert code == 0, errors
        return said.rstrip("\n")

    def kill(self) -> None:
        with self.process:  # closes the pipes, and waits
            self.process.kill()


@contextlib.contextmanager
def writer(path: Path) -> Iterator[tupelo.Connection]:
    """A connection to a database with a table t."""
    with contextlib.closing(tupelo.connect(path, autocommit=True, synchronous="normal")) as con:
        con.execute(
            "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR(2000))"
        )
        yield con
