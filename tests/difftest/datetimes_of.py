"""difftest/datetimes_of.py: expressions that are dates and timestamps, or numbers of them."""

from __future__ import annotations

from .expressions import builder, make
from .scope import Maker, Scope, expression, spelled
from .tree import Node, Part

STRFTIME = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d", "HOUR": "%H", "MINUTE": "%M"}


@builder("int")
def extract(m: Maker, scope: Scope, depth: int) -> Node:
    """Its value is a NUMERIC in PostgreSQL, which would divide otherwise."""
    kind = m.random.choice(["date", "stamp"])
    names = list(STRFTIME) if kind == "stamp" else ["YEAR", "MONTH", "DAY"]
    field = m.random.choice(names)
    of = make(m, scope, kind, depth)
    call: list[Part] = [f"EXTRACT({field} FROM ", of, ")"]
    return expression(
        "int",
        spelled(
            call,
            sqlite3=[f"CAST(STRFTIME('{STRFTIME[field]}', ", of, ") AS INTEGER)"],
            postgresql=["CAST(", *call, " AS INTEGER)"],
        ),
    )


@builder("int", weight=1)
def days_between(m: Maker, scope: Scope, depth: int) -> Node:
    left, right = make(m, scope, "date", depth), make(m, scope, "date", depth)
    return expression(
        "int",
        spelled(
            ["(", left, " - ", right, ")"],
            tupelo=["CAST((", left, " - ", right, ") DAY(7) AS INTEGER)"],
            sqlite3=["CAST(JULIANDAY(", left, ") - JULIANDAY(", right, ") AS INTEGER)"],
        ),
    )


@builder("date", weight=4)
def day_later(m: Maker, scope: Scope, depth: int) -> Node:
    date = make(m, scope, "date", depth)
    sign, days = m.random.choice("+-"), m.random.choice([1, 1, 2, 28, 31])
    step: list[Part] = ["(", date, f" {sign} INTERVAL '{days}' DAY)"]
    cast: list[Part] = ["CAST(", *step, " AS DATE)"]
    return expression(
        "date",
        spelled(step, sqlite3=["DATE(", date, f", '{sign}{days} days')"], duckdb=cast,
                postgresql=cast),
    )  # fmt: skip


@builder("date")
def date_of_stamp(m: Maker, scope: Scope, depth: int) -> Node:
    stamp = make(m, scope, "stamp", depth)
    return expression("date", spelled(["CAST(", stamp, " AS DATE)"], sqlite3=["DATE(", stamp, ")"]))


@builder("stamp")
def stamp_of_date(m: Maker, scope: Scope, depth: int) -> Node:
    date = make(m, scope, "date", depth)
    return expression(
        "stamp", spelled(["CAST(", date, " AS TIMESTAMP)"], sqlite3=["DATETIME(", date, ")"])
    )


@builder("stamp", weight=4)
def time_later(m: Maker, scope: Scope, depth: int) -> Node:
    stamp = make(m, scope, "stamp", depth)
    unit = m.random.choice(["DAY", "HOUR", "MINUTE", "SECOND"])
    sign, count = m.random.choice("+-"), m.random.choice([1, 1, 2, 25, 59])
    return expression(
        "stamp",
        spelled(
            ["(", stamp, f" {sign} INTERVAL '{count}' {unit})"],
            sqlite3=["DATETIME(", stamp, f", '{sign}{count} {unit.lower()}s')"],
        ),
    )
