"""bench/analytics/rivals.py: the databases that are compared, each in a process of its own.

All of them have the same tables without keys; sqlite3, which can join by keys alone, has them and
ANALYZE. It also gets what it cannot read rewritten: dates as text, numbers with a fraction as REAL.
All load the same CSV files: by COPY, sqlite3 by executemany.
"""

import csv
import re
import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Tables:
    """`schema`: the statements; `keys`: for each table, whose file is NAME.csv, its key, or ""."""

    directory: Path
    schema: list[str]
    keys: dict[str, str]


def read_statements(path: Path) -> list[str]:
    """Those of a file, comments left out; each ends with a semicolon."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:2] != "--"]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


class Rival:
    """`load` fills the tables; `run` gives all rows of a query."""

    name = ""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.connection = self.connect()

    def connect(self) -> Any:
        raise NotImplementedError

    def rewrite(self, sql: str) -> str:
        return sql

    def load(self) -> None:
        for statement in self.tables.schema:
            self.connection.execute(self.rewrite(statement))
        for table in self.tables.keys:
            self.load_table(table, self.tables.directory / f"{table}.csv")

    def load_table(self, table: str, path: Path) -> None:
        self.connection.execute(f"COPY {table} FROM '{path}' (FORMAT csv, HEADER, NULL 'NULL')")
        self.connection.commit()

    def set_threads(self, count: int) -> None:
        self.connection.execute(f"SET threads = {count}")

    def run(self, sql: str, limit_s: float) -> list[tuple[Any, ...]]:
        timer = threading.Timer(limit_s, self.connection.interrupt)
        timer.start()
        try:
            return self.connection.execute(self.rewrite(sql)).fetchall()
        finally:
            timer.cancel()


class Tupelo(Rival):
    name = "tupelo"

    def connect(self) -> Any:
        import tupelo

        return tupelo.connect(":memory:")


class DuckDB(Rival):
    name = "duckdb"

    def connect(self) -> Any:
        import duckdb

        return duckdb.connect(":memory:")


class Sqlite(Rival):
    name = "sqlite3"

    def connect(self) -> Any:
        import sqlite3

        return sqlite3.connect(":memory:", check_same_thread=False)

    def load(self) -> None:
        super().load()
        self.connection.execute("ANALYZE")

    def load_table(self, table: str, path: Path) -> None:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            places = ", ".join("?" * len(next(rows)))
            self.connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        self.connection.commit()

    def set_threads(self, count: int) -> None:
        """It has one."""

    def rewrite(self, sql: str) -> str:
        table = re.search(r"CREATE TABLE (\w+)", sql)
        if table:
            sql = re.sub(r"DECIMAL\(15, 2\)", "REAL", sql).replace(" DATE ", " TEXT ")
            key = self.tables.keys[table[1]]
            return f"{sql[:-1]}, PRIMARY KEY ({key}))" if key else sql
        sql = re.sub(r"DATE ('[-\d]+') ([-+]) INTERVAL '(\d+)' (\w+)", r"date(\1, '\2\3 \4')", sql)
        sql = re.sub(r"DATE ('[-\d]+')", r"\1", sql)
        sql = re.sub(r"EXTRACT\(YEAR FROM (\w+)\)", r"CAST(strftime('%Y', \1) AS INTEGER)", sql)
        sql = re.sub(r"SUBSTRING\((\w+) FROM (\d) FOR (\d)\)", r"substr(\1, \2, \3)", sql)
        return re.sub(r"FETCH FIRST (\d+) ROWS ONLY", r"LIMIT \1", sql)


RIVALS = {rival.name: rival for rival in (Tupelo, DuckDB, Sqlite)}


def serve(name: str, tables: Tables, pipe: Any) -> None:
    """The process of a rival: loads, then answers (sql, threads, limit) until None comes."""
    rival = RIVALS[name](tables)
    begin = time.perf_counter()
    rival.load()
    pipe.send((time.perf_counter() - begin, peak_bytes()))
    threads_now = None
    while (request := pipe.recv()) is not None:
        sql, threads, limit_s = request
        if threads != threads_now:
            rival.set_threads(threads)
            threads_now = threads
        begin = time.perf_counter()
        try:
            rows, error = rival.run(sql, limit_s), ""
        except Exception as failure:  # told by the parent, with the query
            rows, error = [], f"{type(failure).__name__}: {failure}"
        pipe.send((time.perf_counter() - begin, rows, error, peak_bytes()))


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
