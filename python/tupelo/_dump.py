"""tupelo/_dump.py: Connection.iterdump: rows as INSERT statements between the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ._tupelo import Connection, Cursor, DataError

# One INSERT has no more rows, and ends with the row that makes it longer than this.
ROWS = 1000
CHARACTERS = 200_000


def iterdump(connection: Connection, pattern: str | None) -> Iterator[str]:
    """The database as it is now. All queries are begun here, each of which sees one and the same
    state whatever happens until its rows are asked for."""
    own_transaction = not connection.in_transaction
    if own_transaction:
        connection.execute("START TRANSACTION READ ONLY")
    try:
        if pattern == "":  # nothing has this name
            return iter(("BEGIN TRANSACTION;", "COMMIT;"))
        before, tables, after = connection._describe_dump(pattern or "")
        rows = [(insert, _begin(connection, select)) for insert, select in tables]
    finally:
        if own_transaction:
            connection.commit()
    statements = chain(
        ("BEGIN TRANSACTION",), before, chain.from_iterable(_inserts(*it) for it in _taken(rows)),
        after, ("COMMIT",),
    )  # fmt: skip
    return (statement + ";" for statement in statements)


def _begin(connection: Connection, select: str) -> Cursor:
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.errorhandler = None
    return cursor.execute(select)


def _taken(rows: list[tuple[str, Cursor]]) -> Iterator[tuple[str, Cursor]]:
    """Each once, and no longer kept."""
    rows.reverse()
    while rows:
        yield rows.pop()


def _inserts(insert: str, rows: Iterable[tuple[str]]) -> Iterator[str]:
    values: list[str] = []
    length = 0
    for (text,) in rows:
        if "\0" in text:
            error = DataError(f"no SQL text can have the character U+0000: {insert}")
            error.sqlstate = "22021"
            raise error
        values.append(text)
        length += len(text)
        if len(values) >= ROWS or length >= CHARACTERS:
            yield insert + "\n" + ",\n".join(values)
            values.clear()
            length = 0
    if values:
        yield insert + "\n" + ",\n".join(values)
