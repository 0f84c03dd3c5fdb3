"""difftest/engines.py: Tupelo, sqlite3, DuckDB and PostgreSQL behind one interface."""

from __future__ import annotations

import datetime
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .schema import Table

# A query that takes longer is given up.
TIMEOUT_S = 20.0
Row = tuple[Any, ...]


@dataclass
class Outcome:
    """Rows, or an error. sqlstate: where the engine has such; "timeout" when it took too long."""

    rows: list[Row]
    sqlstate: str = ""
    message: str = ""

    @property
    def failed(self) -> bool:
        return self.sqlstate != ""


def plain(value: Any) -> Any:
    """Dates as text, as sqlite3 has them."""
    if isinstance(value, datetime.datetime | datetime.date):
        return str(value)
    return value


def plain_rows(rows: list[Row]) -> list[Row]:
    return [tuple(plain(v) for v in row) for row in rows]


class Engine(Protocol):
    name: str

    def load(self, tables: list[Table]) -> None:
        """An empty database with these tables alone."""

    def run(self, sql: str) -> Outcome: ...

    def close(self) -> None: ...


class Watch:
    """Interrupts what takes too long, from a thread of its own."""

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self.timer = threading.Timer(TIMEOUT_S, interrupt)
        self.timer.daemon = True

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()


class Tupelo:
    name = "tupelo"

    def __init__(self, _: str = "") -> None:
        self.connection: Any = None
        # What is run on each new connection.
        self.settings: list[str] = []

    def load(self, tables: list[Table]) -> None:
        import tupelo

        self.close()
        self.connection = tupelo.connect(":memory:", autocommit=True)
        for statement in self.settings:
            self.connection.execute(statement)
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)

    def run(self, sql: str) -> Outcome:
        try:
            return Outcome(plain_rows(self.connection.execute(sql).fetchall()))
        except self.connection.Error as error:
            return Outcome([], error.sqlstate or "?", str(error))

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


class Sqlite3:
    name = "sqlite3"

    def __init__(self, _: str = "") -> None:
        self.connection = sqlite3.connect(":memory:")

    def load(self, tables: list[Table]) -> None:
        self.connection.close()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute("PRAGMA case_sensitive_like = ON")
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)

    def run(self, sql: str) -> Outcome:
        try:
            return Outcome(self.connection.execute(sql).fetchall())
        except sqlite3.Error as error:
            return Outcome([], "error", str(error))

    def close(self) -> None:
        self.connection.close()


class Duckdb:
    name = "duckdb"

    def __init__(self, _: str = "") -> None:
        self.connection: Any = None

    def load(self, tables: list[Table]) -> None:
        import duckdb

        self.close()
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)

    def run(self, sql: str) -> Outcome:
        import duckdb

        try:
            return Outcome(plain_rows(self.connection.execute(sql).fetchall()))
        except duckdb.Error as error:
            return Outcome([], "error", f"{type(error).__name__}: {error}")

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


class Postgresql:
    """A schema of its own in the database `postgres` of the server at a socket."""

    name = "postgresql"

    def __init__(self, directory: str) -> None:
        import psycopg

        settings = (f"-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout={TIMEOUT_S:.0f}s "
                    "-c client_min_messages=error -c jit=off")  # fmt: skip
        self.error = psycopg.Error
        self.connection = psycopg.connect(
            host=directory, dbname="postgres", user="postgres", autocommit=True, options=settings,
            prepare_threshold=None,
        )  # fmt: skip
        self.schema = f"difftest_{self.connection.info.backend_pid}"

    def load(self, tables: list[Table]) -> None:
        statements = [
            f"DROP SCHEMA IF EXISTS {self.schema} CASCADE", f"CREATE SCHEMA {self.schema}",
            f"SET search_path = {self.schema}",
        ]  # fmt: skip
        for table in tables:
            statements += [*table.script(self.name), f"ANALYZE {table.name}"]
        self.connection.execute("; ".join(statements).encode())

    def run(self, sql: str) -> Outcome:
        try:
            return Outcome(plain_rows(self.connection.execute(sql.encode()).fetchall()))
        except self.error as error:
            sqlstate = getattr(error, "sqlstate", None) or "?"
            return Outcome([], sqlstate, str(error).split("\n")[0])

    def close(self) -> None:
        self.connection.close()


ENGINES: dict[str, Callable[[str], Any]] = {
    "tupelo": Tupelo, "sqlite3": Sqlite3, "duckdb": Duckdb, "postgresql": Postgresql,
}  # fmt: skip
