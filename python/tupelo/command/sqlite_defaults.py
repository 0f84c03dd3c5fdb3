"""tupelo/command/sqlite_defaults.py: defaults of sqlite3's columns that are literals."""

from __future__ import annotations

import datetime
import re
import sqlite3
from decimal import Decimal
from typing import Any

from .sqlite_values import ColumnType

_LITERAL = re.compile(
    r"""[+-]?\s*(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?
    |'([^']|'')*' | "([^"]|"")*" | x'[0-9a-f]*' | true | false""",
    re.IGNORECASE | re.VERBOSE,
)
_NOW = {
    "CURRENT_TIMESTAMP": ("TIMESTAMP", "LOCALTIMESTAMP"),
    "CURRENT_DATE": ("DATE", "CURRENT_DATE"),
    "CURRENT_TIME": ("TIME", "LOCALTIME"),
}


def default_sql(source: sqlite3.Connection, text: str, type_: ColumnType) -> str | None:
    """The same default for a column of that type, empty for none; None where there is no such."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if text.upper() == "NULL":
        return ""
    if text.upper() in _NOW:
        prefix, now = _NOW[text.upper()]
        return now if type_.sql.startswith(prefix) else None
    if not _LITERAL.fullmatch(text):
        return None
    if text.startswith('"'):  # sqlite3 takes it for a text here
        value: Any = text[1:-1].replace('""', '"')
    else:
        value = source.execute(f"SELECT {text}").fetchone()[0]
    if not type_.fits(value):
        return None
    return literal(type_.convert(value) if type_.convert else value)


def literal(value: Any) -> str:
    """A value as SQL of Tupelo."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case float():
            return f"CAST('{value!r}' AS DOUBLE PRECISION)"
        case bytes():
            return f"X'{value.hex()}'"
        case datetime.datetime():
            return f"TIMESTAMP '{value.isoformat(' ')}'"
        case datetime.date():
            return f"DATE '{value.isoformat()}'"
        case datetime.time():
            return f"TIME '{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
