"""tupelo/command/sqlite_values.py: which type of Tupelo holds all values of a column of sqlite3.

sqlite3 lets any value stand in any column. The declared type says what is wanted; what the values
are decides. A type is a name for CREATE TABLE and, where the values need it, a function that
converts them.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class NotText(bytes):
    """What sqlite3 calls text and can't be stored as such: no UTF-8, or with a zero in it."""


def decode(octets: bytes) -> str | NotText:
    """sqlite3's text_factory."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return NotText(octets)
    return NotText(octets) if "\0" in text else text


@dataclass
class ColumnType:
    sql: str
    convert: Callable[[Any], Any] | None  # of values that are not None
    accepts: Callable[[Any], bool]  # raises ValueError or ArithmeticError, or says no
    kinds: frozenset[type]  # of the values that it may accept
    by_kind: bool = False  # it accepts all of these kinds

    def fits(self, value: Any) -> bool:
        """Whether it holds exactly this value."""
        if value is None:
            return True
        if type(value) not in self.kinds:
            return False
        try:
            return self.by_kind or self.accepts(value)
        except (ValueError, ArithmeticError):
            return False

    def fits_all(self, values: list[Any], kinds: set[type]) -> bool:
        """The same of values of these kinds, none of which is None."""
        if not kinds <= self.kinds:
            return False
        return self.by_kind or all(map(self.fits, values))


INTEGERS, NUMBERS = frozenset({int}), frozenset({int, float})
TEXTS, OCTETS = frozenset({str}), frozenset({bytes})
ALL = frozenset({int, float, str, bytes, NotText})


def _smallint(value: Any) -> bool:
    return bool(-(1 << 15) <= value < 1 << 15)


def _double(value: Any) -> bool:
    if type(value) is int:
        return abs(value) <= 1 << 53 or int(float(value)) == value
    return math.isfinite(value)


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def as_octets(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes) else as_text(value).encode()


def _any(value: Any) -> bool:
    return True


BIGINT = ColumnType("BIGINT", None, _any, INTEGERS, by_kind=True)
SMALLINT = ColumnType("SMALLINT", None, _smallint, INTEGERS)
DOUBLE = ColumnType("DOUBLE PRECISION", float, _double, NUMBERS)
VARCHAR = ColumnType("VARCHAR", None, _any, TEXTS, by_kind=True)
BLOB = ColumnType("BLOB", None, _any, OCTETS, by_kind=True)
BOOLEAN = ColumnType("BOOLEAN", bool, lambda value: value in (0, 1), INTEGERS)
# For whatever there is.
ANY_TEXT = ColumnType("VARCHAR", as_text, _any, NUMBERS | TEXTS, by_kind=True)
ANY_OCTETS = ColumnType("BLOB", as_octets, _any, ALL, by_kind=True)


def varchar(length: int) -> ColumnType:
    return ColumnType(f"VARCHAR({length})", None, lambda value: len(value) <= length, TEXTS)


def decimal(precision: int, scale: int) -> ColumnType:
    limit, unit = Decimal(10) ** (precision - scale), Decimal(1).scaleb(-scale)

    def convert(value: Any) -> Decimal:
        return Decimal(repr(value)).quantize(unit)

    def accepts(value: Any) -> bool:
        exact = Decimal(repr(value))
        return abs(exact) < limit and convert(value) == exact

    return ColumnType(f"DECIMAL({precision}, {scale})", convert, accepts, NUMBERS)


_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def _date(value: Any) -> datetime.date:
    if not _DATE.fullmatch(value):
        raise ValueError(value)
    return datetime.date.fromisoformat(value)


def _time(value: Any) -> datetime.time:
    if not _TIME.fullmatch(value):
        raise ValueError(value)
    return datetime.time.fromisoformat(value)


def _timestamp(value: Any) -> datetime.datetime:
    if value[10:11] not in ("", " ", "T"):
        raise ValueError(value)
    time = _time(value[11:]) if len(value) > 10 else datetime.time()
    return datetime.datetime.combine(_date(value[:10]), time)


def _timestamp_with_zone(value: Any) -> datetime.datetime:
    zone = _ZONE.search(value)
    if zone is None:
        raise ValueError(value)
    text = zone.group()
    minutes = 0 if text == "Z" else int(text[1:3]) * 60 + int(text[4:6])
    displacement = datetime.timedelta(minutes=-minutes if text[0] == "-" else minutes)
    if abs(displacement) > datetime.timedelta(hours=14):
        raise ValueError(value)
    local = _timestamp(value[: zone.start()].rstrip())
    return local.replace(tzinfo=datetime.timezone(displacement))


def _parsed(sql: str, parse: Callable[[Any], Any]) -> ColumnType:
    def accepts(value: Any) -> bool:
        parse(value)
        return True

    return ColumnType(sql, parse, accepts, TEXTS)


DATE = _parsed("DATE", _date)
TIME = _parsed("TIME(6)", _time)
TIMESTAMP = _parsed("TIMESTAMP(6)", _timestamp)
TIMESTAMP_WITH_ZONE = _parsed("TIMESTAMP(6) WITH TIME ZONE", _timestamp_with_zone)

_LENGTHS = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_LONGEST, _MOST_DIGITS = 1 << 30, 38


def wanted(declared: str) -> list[ColumnType]:
    """The types that stand for a declared one, the best first; without a declared one none."""
    name = _LENGTHS.sub("", declared).strip().upper()
    numbers = _LENGTHS.search(declared)
    first = int(numbers.group(1)) if numbers else None
    second = int(numbers.group(2) or 0) if numbers else 0
    if name in ("SMALLINT", "TINYINT", "INT2"):
        return [SMALLINT, BIGINT]
    if "INT" in name:
        return [BIGINT]
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        is_limited = first is not None and 1 <= first <= _LONGEST
        return [varchar(first), VARCHAR] if is_limited and first is not None else [VARCHAR]
    if "BLOB" in name or "BINARY" in name or name == "BYTEA":
        return [BLOB]
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return [DOUBLE]
    if name.startswith("BOOL"):
        return [BOOLEAN]
    if name == "DATE":
        return [DATE, TIMESTAMP]
    if name.startswith(("DATETIME", "TIMESTAMP")):
        return [TIMESTAMP, TIMESTAMP_WITH_ZONE]
    if name.startswith("TIME"):
        return [TIME]
    if name.startswith(("DECIMAL", "NUMERIC", "DEC")):
        is_exact = first is not None and 1 <= first <= _MOST_DIGITS and second <= first
        return [decimal(first, second)] if is_exact and first is not None else []
    return []


# Tried in this order when none that is wanted holds all values.
GENERAL = [BIGINT, DOUBLE, VARCHAR, BLOB, ANY_TEXT, ANY_OCTETS]
