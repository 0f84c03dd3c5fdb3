"""bench/rivals.py: the databases that are compared, each reached in its own fastest plain way.

All of them get the same SQL text, the same parameters and one explicit transaction around each
batch. What differs stays in this file: how a connection is opened and a transaction marked, and
the few things that a rival cannot do as the others do.
"""

import csv
import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

TABLE = """CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  name VARCHAR(40),
  n INTEGER,
  x DOUBLE PRECISION,
  flag BOOLEAN
)"""
INSERT = "INSERT INTO items VALUES (?, ?, ?, ?, ?)"

Row = tuple[int, str, int, float, bool]
Execute = Callable[..., Any]


class Session:
    """An open in-memory database. `execute` is that of one cursor, kept for all statements, or of
    the connection, which makes a cursor each time; both return what has fetchone and fetchall."""

    def __init__(self, connection: Any, each_time_a_cursor: bool) -> None:
        self.connection = connection
        self.cursor = connection if each_time_a_cursor else self.make_cursor()
        self.execute: Execute = self.cursor.execute
        self.executemany: Execute = self.cursor.executemany

    def make_cursor(self) -> Any:
        return self.connection.cursor()

    def begin(self) -> None:
        self.connection.execute("BEGIN")

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def insert_prepared(self, rows: Iterable[Row]) -> None:
        """Inserts the rows one by one with a statement prepared beforehand; as most rivals have
        no such thing, with one that the connection's cache finds."""
        execute = self.execute
        for row in rows:
            execute(INSERT, row)

    def load(self, rows: Iterable[Row]) -> None:
        """Fills the table; never measured."""
        self.begin()
        self.executemany(INSERT, rows)
        self.commit()

    def iterate(self, result: Any) -> Iterator[tuple[Any, ...]]:
        return iter(result)

    def close(self) -> None:
        self.connection.close()


class TupeloSession(Session):
    """A transaction is always open; only its end is marked."""

    def begin(self) -> None:
        pass

    def commit(self) -> None:
        self.connection.commit()

    def insert_prepared(self, rows: Iterable[Row]) -> None:
        insert = self.cursor.prepare(INSERT)
        for number, name, n, x, flag in rows:
            insert(number, name, n, x, flag)


class DuckDBSession(Session):
    """A connection is its own cursor, and cannot be iterated over."""

    def make_cursor(self) -> Any:
        return self.connection

    def insert_prepared(self, rows: Iterable[Row]) -> None:
        execute = self.execute
        (insert,) = self.connection.extract_statements(INSERT)
        for row in rows:
            execute(insert, row)

    def load(self, rows: Iterable[Row]) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "items.csv")
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
            self.execute(f"INSERT INTO items SELECT * FROM read_csv('{path}', header = false)")

    def iterate(self, result: Any) -> Iterator[tuple[Any, ...]]:
        return iter(result.fetchone, None)


class Rival:
    """A database engine as a Python module; `slow_statements` says that a statement takes it so
    long that lines of single rows run fewer of them."""

    name = ""
    slow_statements = False
    session_type: type[Session] = Session

    def __init__(self, each_time_a_cursor: bool = False) -> None:
        self.module = importlib.import_module(self.name)
        self.each_time_a_cursor = each_time_a_cursor

    def version(self) -> str:
        return str(self.module.__version__)

    def connect(self) -> Any:
        return self.module.connect(":memory:")

    def open(self, rows: Sequence[Row] | None = None) -> Session:
        """A new database with the table, which holds the rows."""
        session = self.session_type(self.connect(), self.each_time_a_cursor)
        session.begin()
        session.execute(TABLE)
        session.commit()
        if rows:
            session.load(rows)
        return session


class Sqlite3(Rival):
    name = "sqlite3"

    def version(self) -> str:
        return f"SQLite {self.module.sqlite_version}"

    def connect(self) -> Any:
        return self.module.connect(":memory:", isolation_level=None)


class Apsw(Rival):
    name = "apsw"

    def version(self) -> str:
        return f"SQLite {self.module.sqlite_lib_version()}"

    def connect(self) -> Any:
        return self.module.Connection(":memory:")


class DuckDB(Rival):
    name = "duckdb"
    slow_statements = True
    session_type = DuckDBSession


class Tupelo(Rival):
    name = "tupelo"
    session_type = TupeloSession


RIVALS: dict[str, type[Rival]] = {rival.name: rival for rival in (Sqlite3, Apsw, DuckDB, Tupelo)}


def make_rivals(names: Iterable[str], each_time_a_cursor: bool = False) -> list[Rival]:
    """The named rivals; SystemExit where one is unknown or not installed."""
    rivals = []
    for name in names:
        if name not in RIVALS:
            raise SystemExit(f"bench: no such rival: {name} (there are {', '.join(RIVALS)})")
        if importlib.util.find_spec(name) is None:
            raise SystemExit(f"bench: the Python module {name} is not installed")
        rivals.append(RIVALS[name](each_time_a_cursor))
    return rivals
