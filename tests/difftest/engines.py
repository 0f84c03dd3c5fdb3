"""difftest/engines.py: Tupelo, sqlite3, DuckDB and PostgreSQL behind one interface."""

from __future__ import annotations

import datetime
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .schema import Table

# A query that takes longer is given up.
TIMEOUT_S = 20.0
# Of a larger result no more is fetched or compared than that it is one.
MOST_ROWS = 10_000
Row = tuple[Any, ...]


@dataclass
class Outcome:
    """Rows, or an error. sqlstate: where the engine has such; is_large: of more than MOST_ROWS
    rows, none of which is here."""

    rows: list[Row]
    sqlstate: str = ""
    message: str = ""
    is_large: bool = False

    @property
    def failed(self) -> bool:
        return self.sqlstate != ""


def plain(value: Any) -> Any:
    """Dates as text, as sqlite3 has them."""
    if isinstance(value, datetime.datetime | datetime.date):
        return str(value)
    return value


def rows_of(cursor: Any) -> Outcome:
    """Its rows; none where the statement is no query."""
    rows = cursor.fetchmany(MOST_ROWS + 1) if cursor.description else []
    if len(rows) > MOST_ROWS:
        return Outcome([], is_large=True)
    return Outcome([tuple(plain(v) for v in row) for row in rows])


class Engine:
    """What all engines do; each commits at once where no transaction is open."""

    name = ""
    begin = "BEGIN"

    def load(self, tables: list[Table]) -> None:
        """An empty database with these tables alone."""
        raise NotImplementedError

    def run(self, sql: str) -> Outcome:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def run_change(self, sql: str, after: list[str]) -> Outcome:
        """What `sql` returns and what `after` gives then; everything is as before in the end."""
        self.run(self.begin)
        outcome = self.run(sql)
        rows = outcome.rows if "RETURNING" in sql else []  # DuckDB always gives a count
        for query in after:
            if not outcome.failed:
                outcome = self.run(query)
                rows = [*rows, *outcome.rows]
        outcome.rows = rows
        self.run("ROLLBACK")
        return outcome


class Watch:
    """Interrupts what takes too long, from one thread for all runs of an engine."""

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self.interrupt = interrupt
        self.since = 0.0
        threading.Thread(target=self.look, daemon=True).start()

    def look(self) -> None:
        while True:
            time.sleep(1)
            if self.since and time.monotonic() - self.since > TIMEOUT_S:
                self.interrupt()

    def __enter__(self) -> None:
        self.since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.since = 0.0


class Tupelo(Engine):
    """variants: settings under which results must be the same, each with a connection of its own:
    the optimizer's rules switched off one by one, and small vector sets."""

    name = "tupelo"
    begin = "START TRANSACTION"

    def __init__(self, _: str = "") -> None:
        import tupelo

        self.connect = tupelo.connect
        self.connection: Any = tupelo.connect(":memory:", autocommit=True)
        self.running = self.connection
        self.changed: dict[str, Any] = {}
        self.variants = {
            f"rule {rule}": f"SET optimizer_disabled_rules = '{rule}'"
            for rule in self.names_of_rules()
        }
        for size in (1, 3):
            self.variants[f"vector size {size}"] = f"SET vector_size = {size}"
        self.watch = Watch(lambda: self.running.interrupt())

    def names_of_rules(self) -> list[str]:
        """As its error for a name that is none tells them."""
        try:
            self.connection.execute("SET optimizer_disabled_rules = 'no_such_rule'")
        except self.connection.Error as error:
            found = re.search(r"it has ([a-z_, ]+):", str(error))
            return found[1].split(", ") if found else []
        return []

    def load(self, tables: list[Table]) -> None:
        self.close()
        self.connection = self.connect(":memory:", autocommit=True)
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)
        for variant, setting in self.variants.items():
            self.changed[variant] = self.connection.connect()
            self.changed[variant].execute(setting)

    def run(self, sql: str) -> Outcome:
        return self.run_on(self.connection, sql)

    def run_variant(self, variant: str, sql: str) -> Outcome:
        return self.run_on(self.changed[variant], sql)

    def run_on(self, connection: Any, sql: str) -> Outcome:
        self.running = connection
        try:
            with self.watch:
                return rows_of(connection.execute(sql))
        except connection.Error as error:
            return Outcome([], error.sqlstate or "?", str(error))

    def close(self) -> None:
        for connection in self.changed.values():
            connection.close()
        self.changed.clear()
        self.connection.close()


class Sqlite3(Engine):
    name = "sqlite3"

    def __init__(self, _: str = "") -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.watch = Watch(lambda: self.connection.interrupt())

    def load(self, tables: list[Table]) -> None:
        self.connection.close()
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA case_sensitive_like = ON")
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)

    def run(self, sql: str) -> Outcome:
        try:
            with self.watch:
                return rows_of(self.connection.execute(sql))
        except sqlite3.Error as error:
            return Outcome([], "error", str(error))

    def close(self) -> None:
        self.connection.close()


class Duckdb(Engine):
    name = "duckdb"

    def __init__(self, _: str = "") -> None:
        self.connection: Any = None
        self.watch = Watch(lambda: self.connection.interrupt())

    def load(self, tables: list[Table]) -> None:
        import duckdb

        self.close()
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute("SET enable_progress_bar = false")
        for table in tables:
            for statement in table.script(self.name):
                self.connection.execute(statement)

    def run(self, sql: str) -> Outcome:
        import duckdb

        try:
            with self.watch:
                return rows_of(self.connection.execute(sql))
        except duckdb.Error as error:
            return Outcome([], "error", f"{type(error).__name__}: {error}")

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


class Postgresql(Engine):
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
            return rows_of(self.connection.execute(sql.encode()))
        except self.error as error:
            sqlstate = getattr(error, "sqlstate", None) or "?"
            return Outcome([], sqlstate, str(error).split("\n")[0])

    def close(self) -> None:
        self.connection.close()


ENGINES: dict[str, Callable[[str], Any]] = {
    "tupelo": Tupelo, "sqlite3": Sqlite3, "duckdb": Duckdb, "postgresql": Postgresql,
}  # fmt: skip
