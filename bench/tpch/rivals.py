"""bench/tpch/rivals.py: the databases that are compared, each in a process of its own.

All of them have the same tables without keys; sqlite3, which can join by keys alone, has them and
ANALYZE. It also gets what it cannot read rewritten: dates as text, numbers with a fraction as REAL.
"""

import re
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLES = ("region", "nation", "supplier", "part", "partsupp", "customer", "orders", "lineitem")
KEYS = {
    "region": "r_regionkey",
    "nation": "n_nationkey",
    "supplier": "s_suppkey",
    "part": "p_partkey",
    "partsupp": "ps_partkey, ps_suppkey",
    "customer": "c_custkey",
    "orders": "o_orderkey",
    "lineitem": "l_orderkey, l_linenumber",
}
LOAD_ROWS = 1 << 16


def read_schema() -> list[str]:
    text = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    return [part.strip() for part in text.split(";") if part.strip()]


def parquet_rows(path: Path, as_plain: bool) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of rows; `as_plain` gives floats and text for decimals and dates."""
    import pyarrow
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(LOAD_ROWS):
        columns = []
        for column in batch.columns:
            if as_plain and pyarrow.types.is_decimal(column.type):
                column = column.cast(pyarrow.float64())
            elif as_plain and pyarrow.types.is_date(column.type):
                column = column.cast(pyarrow.string())
            columns.append(column.to_pylist())
        yield list(zip(*columns, strict=True))


class Rival:
    """`load` fills the tables; `run` gives all rows of a query."""

    name = ""

    def __init__(self) -> None:
        self.connection = self.connect()

    def connect(self) -> Any:
        raise NotImplementedError

    def rewrite(self, sql: str) -> str:
        return sql

    def load(self, directory: Path) -> None:
        for statement in read_schema():
            self.connection.execute(self.rewrite(statement))
        for table in TABLES:
            self.load_table(table, directory / f"{table}.parquet")

    def load_table(self, table: str, path: Path) -> None:
        for rows in parquet_rows(path, self.name == "sqlite3"):
            places = ", ".join("?" * len(rows[0]))
            cursor = self.connection.cursor()
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        self.connection.commit()

    def set_threads(self, count: int) -> None:
        """Takes effect with the next query, where the rival has threads."""

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

    def load_table(self, table: str, path: Path) -> None:
        self.connection.execute(f"INSERT INTO {table} SELECT * FROM read_parquet('{path}')")

    def set_threads(self, count: int) -> None:
        self.connection.execute(f"SET threads = {count}")


class Sqlite(Rival):
    name = "sqlite3"

    def connect(self) -> Any:
        import sqlite3

        return sqlite3.connect(":memory:", check_same_thread=False)

    def load(self, directory: Path) -> None:
        super().load(directory)
        self.connection.execute("ANALYZE")

    def rewrite(self, sql: str) -> str:
        table = re.search(r"CREATE TABLE (\w+)", sql)
        if table:
            sql = re.sub(r"DECIMAL\(15, 2\)", "REAL", sql).replace(" DATE ", " TEXT ")
            return f"{sql[:-1]}, PRIMARY KEY ({KEYS[table[1]]}))"
        sql = re.sub(r"DATE ('[-\d]+') ([-+]) INTERVAL '(\d+)' (\w+)", r"date(\1, '\2\3 \4')", sql)
        sql = re.sub(r"DATE ('[-\d]+')", r"\1", sql)
        sql = re.sub(r"EXTRACT\(YEAR FROM (\w+)\)", r"CAST(strftime('%Y', \1) AS INTEGER)", sql)
        sql = re.sub(r"SUBSTRING\((\w+) FROM (\d) FOR (\d)\)", r"substr(\1, \2, \3)", sql)
        return re.sub(r"FETCH FIRST (\d+) ROWS ONLY", r"LIMIT \1", sql)


RIVALS = {rival.name: rival for rival in (Tupelo, DuckDB, Sqlite)}


def serve(name: str, directory: Path, pipe: Any) -> None:
    """The process of a rival: loads, then answers (sql, threads, limit) until None comes."""
    rival = RIVALS[name]()
    begin = time.perf_counter()
    rival.load(directory)
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
