from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    ParamSpec,
    SupportsIndex,
    TypeAlias,
    TypeVar,
    final,
    overload,
)

from typing_extensions import Buffer

_Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
_RowFactory: TypeAlias = Callable[[Cursor, tuple[Any, ...]], Any]
_ErrorHandler: TypeAlias = Callable[
    [Connection, Cursor | None, type[BaseException], BaseException], object
]
_IsolationLevel: TypeAlias = Literal[
    "SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED", "READ UNCOMMITTED"
]
_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")
_Description: TypeAlias = tuple[
    str, Type, int | None, int | None, int | None, int | None, bool
]
# Statements before the rows, (INSERT, SELECT) of each table, statements behind the rows.
_Dump: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]

apilevel: Final[str]
threadsafety: Final[int]
paramstyle: Final[str]

class Warning(Exception): ...

class Error(Exception):
    """Base of all errors."""

    sqlstate: str | None
    position: tuple[int, int] | None
    table: str | None
    column: str | None
    constraint: str | None

class InterfaceError(Error): ...
class DatabaseError(Error): ...
class DataError(DatabaseError): ...
class OperationalError(DatabaseError): ...
class IntegrityError(DatabaseError): ...
class InternalError(DatabaseError): ...
class ProgrammingError(DatabaseError): ...
class NotSupportedError(DatabaseError): ...

def connect(
    database: str | bytes | PathLike[str] | PathLike[bytes] = ":memory:",
    *,
    autocommit: bool = False,
    cached_statements: int = 128,
    synchronous: Literal["full", "normal", "off"] = "full",
    read_only: bool = False,
    timeout: float = 0.0,
    memory_limit: str | int | None = None,
    isolation_level: _IsolationLevel = "SERIALIZABLE",
) -> Connection:
    """Open a connection.

    database: a file, made where there is none; all connections of this process to it, by whatever
        path, share one database. ":memory:" is a database of its own; ":memory:name" is shared by
        the connections of this process that name it.
    autocommit: see Connection.autocommit.
    cached_statements: how many parsed statements the connection keeps.

    synchronous: what a power cut may take from a file: "full", nothing that was committed;
        "normal", the last commits; "off", the last commits, as a crash of the process may. The
        first connection to a file decides.
    read_only: the connection changes nothing. A file is neither made nor written; other processes
        may write it meanwhile. It is seen as it was durable when this process opened it; see
        Connection.refresh.
    timeout: for how many seconds to wait for another process that has the file open for writing;
        and, later, for transactions that hold what a statement needs (SET lock_timeout). 0: not at
        all, which is 40001.
    memory_limit: how much memory there may be before blocks that are as they are in the file leave:
        bytes, or text such as "200MB". None: three quarters of what the machine, or the control
        group of the process, has. The first connection to a file decides; SET memory_limit changes
        it.
    isolation_level: of transactions that say nothing else; see Connection.isolation_level.

    Raises OperationalError where the file can't be opened, or another process has it open for
    writing.
    """

def check_file(path: str | bytes | PathLike[str] | PathLike[bytes], /) -> list[Finding]:
    """Look at a database file, its log and all that is in it; nothing is changed.

    Raises an Error for a file that is no database of this version, or can't be read.
    """

def salvage(
    damaged: str | bytes | PathLike[str] | PathLike[bytes],
    path: str | bytes | PathLike[str] | PathLike[bytes],
    /,
) -> SalvageReport:
    """Make a new database of all that can still be read of a damaged one, which stays as it is.

    Raises an Error where nothing can be read, or there is a file at `path`.
    """

@final
class Connection:
    """A session with a database. Threads may share it: their statements take turns."""

    Warning: ClassVar[type[Warning]]
    Error: ClassVar[type[Error]]
    InterfaceError: ClassVar[type[InterfaceError]]
    DatabaseError: ClassVar[type[DatabaseError]]
    DataError: ClassVar[type[DataError]]
    OperationalError: ClassVar[type[OperationalError]]
    IntegrityError: ClassVar[type[IntegrityError]]
    InternalError: ClassVar[type[InternalError]]
    ProgrammingError: ClassVar[type[ProgrammingError]]
    NotSupportedError: ClassVar[type[NotSupportedError]]

    autocommit: bool
    """False: a transaction is always open. True: each statement is one. Setting True commits."""
    isolation_level: _IsolationLevel
    """Of transactions that say nothing else, from the next on. SERIALIZABLE: as if they ran one
    after the other. REPEATABLE READ: on one snapshot. READ COMMITTED: a snapshot for each
    statement; READ UNCOMMITTED is the same."""
    row_factory: _RowFactory | None
    """The row_factory of new cursors."""
    copy_progress: Callable[[int, int, int], object] | None
    """Called by COPY from time to time and at its end: rows, bytes done, bytes in all (or 0)."""
    errorhandler: _ErrorHandler | None
    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
    @property
    def read_only(self) -> bool:
        """Whether it was opened to read only."""
    @property
    def closed(self) -> bool:
        """Whether close() was called."""
    @property
    def messages(self) -> list[Any]: ...
    def cursor(self) -> Cursor:
        """A new cursor."""
    def execute(self, sql: str, parameters: _Parameters = (), /) -> Cursor:
        """Run one statement on a new cursor, which is returned.

        sql: one statement, with `?` or `:name` for parameters.
        parameters: a sequence for `?`, a mapping for `:name`.

        Raises an Error for a wrong statement, a wrong number of parameters or a wrong value.
        """
    def executemany(self, sql: str, rows: Iterable[_Parameters], /) -> Cursor:
        """Run INSERT, UPDATE or DELETE once for each row of parameters, as one statement.

        rows: any iterable; it is read as the statement goes. It may read through this connection.

        Whatever is raised, by the database or by the iterable, the statement is undone as a whole.
        """
    def executescript(self, script: str, /) -> Cursor:
        """Run statements that semicolons separate. Commits nothing."""
    def prepare(self, sql: str, /) -> PreparedStatement:
        """Parse a statement once; each execution of it has a cursor of its own."""
    def commit(self) -> None:
        """Make the transaction's changes lasting.

        Raises OperationalError 40001 on a conflict, IntegrityError where a deferred constraint is
        violated; the transaction is rolled back then.
        """
    def checkpoint(self) -> None:
        """Write what is in the log to the database file, as happens by itself when it is long."""
    def check(self) -> list[Finding]:
        """Look at all that is committed, and at the file: nothing is found when it is sound.

        Others may go on meanwhile; a transaction of this connection is left alone.
        """
    def refresh(self) -> None:
        """Move a read-only connection on to what is durable now, as all of this process's to that
        file.

        Ends the transaction, unless START TRANSACTION began it (ProgrammingError 25001). What
        transactions of other connections and open cursors see stays as it is.
        """
    def backup(
        self,
        target: Connection | str | bytes | PathLike[str] | PathLike[bytes],
        *,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        """Copy the database as it was last committed, while others write.

        target: a path, where a new file is made; or a connection to another database, which is
            replaced. That one must have no other connection, no open transaction or result.
        progress: called from time to time with what is done and how much there is in all: rows,
            each of them twice where the target is in memory.

        What progress raises ends the backup, as interrupt() does: no file is left, the other
        database is as it was. Raises ProgrammingError 42710 where the file is there already.
        """
    def serialize(self, *, name: str = "main") -> bytes:
        """The bytes of a database file with what was last committed."""
    def deserialize(self, data: Buffer, /, *, name: str = "main") -> None:
        """Replace what the database, which is in memory, holds by that of the bytes of a file.

        Raises an Error, and changes nothing, for bytes that are damaged or of something else.
        """
    def rollback(self) -> None:
        """Undo the transaction's changes."""
    def close(self) -> None:
        """End the session, rolling back; with a ResourceWarning if there were changes."""
    def iterdump(self, *, filter: str | None = None) -> Iterator[str]:
        """The SQL statements that make the database anew, here or in PostgreSQL, as it is now.

        Each ends with a semicolon. With filter only tables, views and sequences whose names are
        LIKE it, without regard to case. Rows come as they are asked for.
        """
    def _begin_retry(self) -> None: ...
    def _describe_dump(self, pattern: str, /) -> _Dump: ...
    def connect(self) -> Connection:
        """Another connection to the same database, with the same settings."""
    @overload
    def retry(
        self, function: None = None, /, *, attempts: int = 20
    ) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]: ...
    @overload
    def retry(
        self,
        function: Callable[..., _Result],
        /,
        *args: Any,
        attempts: int = 20,
        **kwargs: Any,
    ) -> _Result:
        """Run a function as a transaction: commit when it returns, roll back when it raises.

        function: called with args and kwargs; its result is returned. It must do nothing that can't
            be done twice, and end no transaction. One that needs arguments and is given none is
            wrapped: each call of what is returned is a transaction. Without a function, a decorator
            is returned that does that.
        attempts: how often it is run at most. It is run again, after a short pause, when others
            were in its way (an Error of class 40, but not 40000, of the commit hook).

        Raises what the function or the commit raised last; ProgrammingError (25001) where a
        transaction is open already.
        """
    def set_commit_hook(self, callable: Callable[[], object] | None, /) -> None:
        """Have a callable called before a transaction that has changed something commits.

        callable: called without arguments, by the thread that commits; a statement that is a
            transaction of its own commits too. Where it returns something true, the transaction is
            rolled back instead: OperationalError 40000. So it is by an exception, which comes out
            of commit() or execute(). It must not use this connection (ProgrammingError 25000).
            None: nothing is called.
        """
    def set_rollback_hook(self, callable: Callable[[], object] | None, /) -> None:
        """Have a callable called after a transaction that had changed something was rolled back.

        callable: called without arguments, whatever the reason: rollback(), a commit or a statement
            with autocommit that failed, close(). What it raises goes to sys.unraisablehook. It must
            not use this connection. None: nothing is called.
        """
    def set_update_hook(self, callable: Callable[[str, str, str, int], object] | None, /) -> None:
        """Have a callable called for each row that a statement has changed.

        callable: called at the end of a statement that succeeded, with "INSERT", "UPDATE" or
            "DELETE", the schema, the table, and a number that the row has in its table. Rows come
            in the order in which they were changed, those of referential actions too. What it
            raises undoes the statement and comes out of it. It must not use this connection.
            Definitions, TRUNCATE among them, report nothing. None: nothing is called.
        """
    def interrupt(self) -> None:
        """End the running statement, in whatever thread, with OperationalError 57014."""
    def cache_info(self) -> CacheInfo:
        """How the statement cache fares."""
    def profile(self) -> Profile:
        """A context manager that measures where the time of statements goes."""
    def __enter__(self) -> Connection: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Cursor:
    """Runs statements and reads their rows. A cursor streams: it holds one set of rows."""

    arraysize: int
    row_factory: _RowFactory | None
    errorhandler: _ErrorHandler | None
    @property
    def description(self) -> tuple[_Description, ...] | None:
        """A 7-tuple for each column of the result; None when there is no result."""
    @property
    def rowcount(self) -> int:
        """Rows changed; of a query the rows it gave, -1 until all are read."""
    @property
    def lastrowid(self) -> int | None:
        """The identity value that the last INSERT gave, or None."""
    @property
    def rownumber(self) -> int | None:
        """The number of the next row, from 0; None without a result."""
    @property
    def connection(self) -> Connection: ...
    @property
    def messages(self) -> list[Any]: ...
    def execute(self, sql: str, parameters: _Parameters = (), /) -> Cursor:
        """Run one statement and return the cursor itself. See Connection.execute."""
    def executemany(self, sql: str, rows: Iterable[_Parameters], /) -> Cursor:
        """Run a statement once for each row of parameters. See Connection.executemany."""
    def executescript(self, script: str, /) -> Cursor:
        """Run statements that semicolons separate. Commits nothing."""
    def prepare(self, sql: str, /) -> PreparedStatement:
        """Parse a statement once; its executions use this cursor."""
    def fetchone(self) -> Any:
        """The next row, or None when there is none. ProgrammingError 24000 without a query."""
    def fetchmany(self, size: int = 1) -> list[Any]:
        """A list of the next rows, at most size (arraysize unless given)."""
    def fetchall(self) -> list[Any]:
        """A list of all rows that are left."""
    def next(self) -> Any:
        """The next row; StopIteration at the end."""
    def scroll(self, value: int, mode: Literal["relative", "absolute"] = "relative", /) -> None:
        """Skip rows, forward only. IndexError when there are not as many."""
    def nextset(self) -> None: ...
    def callproc(self, name: str, parameters: _Parameters = (), /) -> None:
        """Raises NotSupportedError."""
    def setinputsizes(self, sizes: Sequence[Any], /) -> None: ...
    def setoutputsize(self, size: int, column: int | None = None, /) -> None: ...
    def close(self) -> None:
        """Give the result up; the cursor is of no use afterwards."""
    def __iter__(self) -> Cursor: ...
    def __next__(self) -> Any: ...
    def __enter__(self) -> Cursor: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

@final
class PreparedStatement:
    """A statement that was parsed once. Calling it gives a list of rows, or how many it changed."""

    @property
    def sql(self) -> str: ...
    @property
    def connection(self) -> Connection: ...
    @property
    def parameter_count(self) -> int: ...
    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The names of its :name parameters; empty when they are `?`."""
    def __call__(self, *parameters: Any, **named: Any) -> Any:
        """Run it; `?` parameters by position, `:name` ones by keyword."""
    def execute(self, parameters: _Parameters = (), /) -> Cursor:
        """Run it and return a cursor."""
    def executemany(self, rows: Iterable[_Parameters], /) -> Cursor:
        """Run it once for each row of parameters, as one statement."""

@final
class Row(Sequence[Any]):
    """A row whose values are found by number, slice and name."""

    def __new__(cls, cursor: Cursor, values: tuple[Any, ...], /) -> Row: ...
    def keys(self) -> list[str]:
        """The names of the columns."""
    @overload
    def __getitem__(self, key: SupportsIndex | str, /) -> Any: ...
    @overload
    def __getitem__(self, key: slice, /) -> tuple[Any, ...]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class RowFactory:
    """A row factory made in C++."""

    def __call__(self, cursor: Cursor, values: tuple[Any, ...], /) -> Any: ...

tuple_row: RowFactory
dict_row: RowFactory
namedtuple_row: RowFactory

@final
class Type:
    """An SQL type: the type code in a cursor's description."""

    @property
    def name(self) -> str:
        """The name as SQL has it, without lengths."""
    @property
    def precision(self) -> int | None: ...
    @property
    def scale(self) -> int | None: ...
    @property
    def length(self) -> int | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class TypeGroup:
    """A type object of PEP 249: equal to the type codes in it."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

STRING: TypeGroup
BINARY: TypeGroup
NUMBER: TypeGroup
DATETIME: TypeGroup
ROWID: TypeGroup

@final
class YearMonth:
    """An interval of years and months (INTERVAL YEAR TO MONTH)."""

    def __new__(cls, years: int = 0, months: int = 0) -> YearMonth: ...
    @property
    def years(self) -> int:
        """Whole years, negative for a negative interval."""
    @property
    def months(self) -> int:
        """The months beside the years, -11 to 11."""
    @property
    def total_months(self) -> int: ...
    def __add__(self, other: YearMonth, /) -> YearMonth: ...
    def __radd__(self, other: YearMonth, /) -> YearMonth: ...
    def __sub__(self, other: YearMonth, /) -> YearMonth: ...
    def __rsub__(self, other: YearMonth, /) -> YearMonth: ...
    def __mul__(self, factor: int, /) -> YearMonth: ...
    def __rmul__(self, factor: int, /) -> YearMonth: ...
    def __neg__(self) -> YearMonth: ...
    def __pos__(self) -> YearMonth: ...
    def __abs__(self) -> YearMonth: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: YearMonth, /) -> bool: ...
    def __le__(self, other: YearMonth, /) -> bool: ...
    def __gt__(self, other: YearMonth, /) -> bool: ...
    def __ge__(self, other: YearMonth, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Profile:
    """Where the time of a connection's statements goes; `with con.profile() as profile: ...`"""

    @property
    def statements(self) -> list[StatementProfile]:
        """One for each statement text, once the profile has ended."""
    @property
    def total_ns(self) -> int: ...
    def __enter__(self) -> Profile: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class StatementProfile(tuple[Any, ...]):
    """What a profile says of one statement; times in nanoseconds."""

    __match_args__: Final = (
        "sql",
        "runs",
        "rows",
        "parse_ns",
        "bind_ns",
        "plan_ns",
        "execute_ns",
        "convert_ns",
    )
    n_fields: Final = 8
    n_sequence_fields: Final = 8
    n_unnamed_fields: Final = 0
    @property
    def sql(self) -> str: ...
    @property
    def runs(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def parse_ns(self) -> int: ...
    @property
    def bind_ns(self) -> int: ...
    @property
    def plan_ns(self) -> int: ...
    @property
    def execute_ns(self) -> int: ...
    @property
    def convert_ns(self) -> int: ...

@final
class Finding(tuple[str, str]):
    """What a check has found wrong."""

    __match_args__: Final = ("where", "what")
    n_fields: Final = 2
    n_sequence_fields: Final = 2
    n_unnamed_fields: Final = 0
    @property
    def where(self) -> str:
        """The place in a file, or the table, column or constraint."""
    @property
    def what(self) -> str:
        """What is wrong there."""

@final
class SalvageReport(tuple[list[Finding], list[tuple[str, int]]]):
    """What salvage() has found and lost."""

    __match_args__: Final = ("losses", "tables")
    n_fields: Final = 2
    n_sequence_fields: Final = 2
    n_unnamed_fields: Final = 0
    @property
    def losses(self) -> list[Finding]:
        """What could not be read, or does not hold any more."""
    @property
    def tables(self) -> list[tuple[str, int]]:
        """Name and number of rows of each table that there is now."""

@final
class CacheInfo(tuple[int, int, int, int, int, int]):
    """How a connection's statement cache fares."""

    __match_args__: Final = (
        "hits",
        "identity_hits",
        "misses",
        "evictions",
        "size",
        "max_size",
    )
    n_fields: Final = 6
    n_sequence_fields: Final = 6
    n_unnamed_fields: Final = 0
    @property
    def hits(self) -> int: ...
    @property
    def identity_hits(self) -> int: ...
    @property
    def misses(self) -> int: ...
    @property
    def evictions(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def max_size(self) -> int: ...
