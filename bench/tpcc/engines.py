"""bench/tpcc/engines.py: the two engines behind one interface, each used as is natural with it.

What differs: money is decimal.Decimal in Tupelo and float in sqlite3, which has no exact fractions;
times are datetime.datetime in Tupelo and text in sqlite3. A prepared statement is one in Tupelo,
while sqlite3 finds the statement in its cache by its text. Transactions that write are begun by
BEGIN IMMEDIATE in sqlite3, else two of them could wait for each other.
"""

import datetime
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import tupelo

# Gives the rows of a query, or of what has RETURNING; else the number of rows changed.
Call = Callable[..., Any]

MEMORY = "memory"
WAIT_S = 5.0  # sqlite3's own default: for how long a connection waits for another's transaction


@dataclass(frozen=True)
class Settings:
    """How databases are opened. `isolation` and `timeout_s` are Tupelo's; None leaves them out."""

    directory: Path
    synchronous: str = "full"  # or normal, off, and memory: no file at all
    isolation: str | None = None
    timeout_s: float | None = None

    @property
    def is_in_memory(self) -> bool:
        return self.synchronous == MEMORY


class Session:
    """A connection, used by one thread."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def begin(self, *, writes: bool) -> None: ...

    def prepare(self, sql: str) -> Call:
        raise NotImplementedError

    def is_conflict(self, error: Exception) -> bool:
        """Whether the transaction is to be rolled back and run again."""
        raise NotImplementedError

    def execute(self, sql: str) -> Any:
        return self.connection.execute(sql)

    def executemany(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.connection.executemany(sql, rows)

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()

    def checkpoint(self) -> None: ...

    def close(self) -> None:
        self.rollback()
        self.connection.close()


class Engine:
    """A database. One connection to it does nothing and stays until the engine is closed, so that
    neither engine closes the database, or drops one in memory, between two runs."""

    name = ""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.kept = self.open_session()

    def open_session(self) -> Session:
        raise NotImplementedError

    def path(self) -> Path:
        return self.settings.directory / f"{self.name}.db"

    def close(self) -> None:
        self.kept.close()

    def money(self, cents: int) -> Any:
        raise NotImplementedError

    def fraction(self, ten_thousandths: int) -> Any:
        raise NotImplementedError

    def now(self) -> Any:
        raise NotImplementedError


class TupeloSession(Session):
    """With autocommit off a transaction is always open; only its end is marked."""

    def prepare(self, sql: str) -> Call:
        prepared: Call = self.connection.cursor().prepare(sql)
        return prepared

    def is_conflict(self, error: Exception) -> bool:
        """Class 40: transaction rollback."""
        return isinstance(error, tupelo.OperationalError) and (error.sqlstate or "")[:2] == "40"

    def checkpoint(self) -> None:
        self.connection.checkpoint()


class Tupelo(Engine):
    name = "tupelo"

    def open_session(self) -> Session:
        options: dict[str, Any] = {}
        if self.settings.isolation is not None:
            options["isolation_level"] = self.settings.isolation
        if self.settings.timeout_s is not None:
            options["timeout"] = self.settings.timeout_s
        if not self.settings.is_in_memory:
            options["synchronous"] = self.settings.synchronous
        location = ":memory:tpcc" if self.settings.is_in_memory else self.path()
        return TupeloSession(tupelo.connect(location, **options))

    def money(self, cents: int) -> Decimal:
        return Decimal(cents).scaleb(-2)

    def fraction(self, ten_thousandths: int) -> Decimal:
        return Decimal(ten_thousandths).scaleb(-4)

    def now(self) -> datetime.datetime:
        return datetime.datetime.now()


class Sqlite3Session(Session):
    """BEGIN and its kin are the program's own statements."""

    def begin(self, *, writes: bool) -> None:
        self.connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def prepare(self, sql: str) -> Call:
        execute = self.connection.cursor().execute
        if sql.startswith("SELECT") or " RETURNING " in sql:
            return lambda *parameters: execute(sql, parameters).fetchall()
        return lambda *parameters: execute(sql, parameters).rowcount

    def is_conflict(self, error: Exception) -> bool:
        """SQLITE_BUSY, and SQLITE_LOCKED of connections that share a cache; the low byte is the
        primary result code."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return isinstance(error, sqlite3.OperationalError) and code in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        )

    def checkpoint(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


class Sqlite3(Engine):
    name = "sqlite3"

    def open_session(self) -> Session:
        """One connection a thread, in WAL mode."""
        in_memory = self.settings.is_in_memory
        location = "file:tpcc?mode=memory&cache=shared" if in_memory else str(self.path())
        # The thread that opens a session is not the one that closes it.
        connection = sqlite3.connect(
            location, timeout=WAIT_S, isolation_level=None, check_same_thread=False, uri=in_memory
        )
        if not in_memory:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self.settings.synchronous}")
        return Sqlite3Session(connection)

    def money(self, cents: int) -> float:
        return cents / 100

    def fraction(self, ten_thousandths: int) -> float:
        return ten_thousandths / 10_000

    def now(self) -> str:
        return datetime.datetime.now().isoformat(" ")


ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (Sqlite3, Tupelo)}


def refused_isolation(level: str) -> str | None:
    """Why this extension cannot give an isolation level; None if it can. Older ones know but one,
    and have no such parameter."""
    try:
        tupelo.connect(":memory:", isolation_level=level).close()  # type: ignore[call-arg]
    except (TypeError, ValueError, tupelo.Error) as error:
        return str(error)
    return None
