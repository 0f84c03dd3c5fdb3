"""Tupelo: an embedded SQL:1999 database.

    import tupelo

    con = tupelo.connect(":memory:")
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    con.executemany("INSERT INTO t VALUES (?, ?)", [(1, "one"), (2, "two")])
    con.commit()
    for row in con.execute("SELECT * FROM t"):
        print(row)

The module follows PEP 249 (DB-API 2.0) and its optional extensions; docs/python.md tells more.
"""

import collections.abc
import datetime
import time
from typing import Any

from ._tupelo import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    CacheInfo,
    Connection,
    Cursor,
    DatabaseError,
    DataError,
    Error,
    Finding,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PreparedStatement,
    Profile,
    ProgrammingError,
    Row,
    RowFactory,
    SalvageReport,
    StatementProfile,
    Type,
    TypeGroup,
    Warning,
    YearMonth,
    apilevel,
    check_file,
    connect,
    dict_row,
    namedtuple_row,
    paramstyle,
    salvage,
    threadsafety,
    tuple_row,
)

__version__ = "0.1.0"

__all__ = [
    "BINARY",
    "Binary",
    "CacheInfo",
    "Connection",
    "Cursor",
    "DATETIME",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "Finding",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NUMBER",
    "NotSupportedError",
    "OperationalError",
    "PreparedStatement",
    "Profile",
    "ProgrammingError",
    "ROWID",
    "Row",
    "RowFactory",
    "SalvageReport",
    "STRING",
    "StatementProfile",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Type",
    "TypeGroup",
    "Warning",
    "YearMonth",
    "apilevel",
    "check_file",
    "connect",
    "deserialize",
    "dict_row",
    "namedtuple_row",
    "paramstyle",
    "salvage",
    "threadsafety",
    "tuple_row",
]

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> datetime.date:  # noqa: N802 (PEP 249 names it)
    """The local date of a time in seconds since the epoch."""
    return Date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> datetime.time:  # noqa: N802
    """The local time of day, in whole seconds, of a time in seconds since the epoch."""
    return Time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> datetime.datetime:  # noqa: N802
    """The local date and time, in whole seconds, of a time in seconds since the epoch."""
    return Timestamp(*time.localtime(ticks)[:6])


def deserialize(data: bytes | bytearray | memoryview, /, **options: Any) -> Connection:
    """A connection to a database in memory that holds what those bytes of a database file hold.

    data: what Connection.serialize gave, or what is in a file that was closed; any buffer.
    options: as of connect.
    """
    con = connect(":memory:", **options)
    try:
        con.deserialize(data)
    except BaseException:
        con.close()
        raise
    return con


collections.abc.Sequence.register(Row)
