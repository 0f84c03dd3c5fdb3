"""difftest/metamorphic.py: what must hold of Tupelo's own answers, without another engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .compare import same_rows
from .engines import MOST_ROWS, Outcome, Tupelo
from .judge import DATA_CLASSES, is_ordered
from .tree import Node, spell


@dataclass
class Complaint:
    """law: which one is broken; sql: what shows it."""

    law: str
    sql: str
    what: str

    def __str__(self) -> str:
        return f"{self.law}: {self.what}\n{self.sql}"


def parts_of(made: Node) -> tuple[str, str, str] | None:
    """Select list, FROM and condition of a plain SELECT with WHERE; else None."""
    if made.kind != "select" or "grouped" in made.notes:
        return None
    if len(made.parts) != 5 or made.parts[0] != "SELECT ":
        return None
    where = made.parts[4]
    if not isinstance(where, Node) or where.kind != "clause" or where.parts[0] != " WHERE ":
        return None
    condition = where.parts[1]
    assert isinstance(condition, Node)
    items = spell(Node("items", [made.parts[1]]), "tupelo")
    source = spell(Node("source", [made.parts[3]]), "tupelo")
    return items, source, spell(condition, "tupelo")


def check(tupelo: Tupelo, made: Node) -> Complaint | None:
    """The first law that this query breaks."""
    for complaint in complaints(tupelo, made):
        return complaint
    return None


def complaints(tupelo: Tupelo, made: Node) -> Iterator[Complaint]:
    if made.kind == "change":
        return
    yield from under_settings(tupelo, spell(made, "tupelo"), is_ordered(made))
    parts = parts_of(made)
    if parts is not None and "OVER (" not in parts[0]:
        yield from partitions(tupelo, *parts)
        yield from counted(tupelo, parts[1], parts[2])


def left_open(a: Outcome, b: Outcome) -> bool:
    """Which expressions are computed at all, and so which exceptions are raised, is left open."""
    return any(o.sqlstate.startswith(DATA_CLASSES) for o in (a, b))


def took_too_long(outcome: Outcome) -> bool:
    """Interrupted by the fuzzer: without one of its rules the optimizer leaves slow plans."""
    return outcome.sqlstate == "57014"


def under_settings(tupelo: Tupelo, sql: str, ordered: bool) -> Iterator[Complaint]:
    """The same rows with each of the optimizer's rules switched off, and by small vector sets."""
    plain = tupelo.run(sql)
    if took_too_long(plain):
        return
    for variant in tupelo.variants:
        outcome = tupelo.run_variant(variant, sql)
        if took_too_long(outcome) or left_open(plain, outcome):
            continue
        if plain.is_large and outcome.is_large:
            continue
        if plain.sqlstate == outcome.sqlstate != "":
            continue
        if plain.failed or outcome.failed:
            what = f"as usual {plain.message or 'no error'}, else {outcome.message or 'none'}"
            yield Complaint(variant, sql, what)
        elif plain.is_large or outcome.is_large:
            large, small = ("as usual", "else") if plain.is_large else ("else", "as usual")
            yield Complaint(variant, sql, f"{large} more than {MOST_ROWS} rows, {small} fewer")
        elif not same_rows(plain.rows, outcome.rows, ordered):
            yield Complaint(variant, sql, f"as usual {plain.rows[:5]}, else {outcome.rows[:5]}")


def partitions(tupelo: Tupelo, items: str, source: str, condition: str) -> Iterator[Complaint]:
    """Ternary logic partitioning: each row has its condition true, false or unknown."""
    whole = tupelo.run(f"SELECT {items} FROM {source}")
    cases = (f"{condition}", f"NOT ({condition})", f"({condition}) IS UNKNOWN")
    sql = " UNION ALL ".join(f"SELECT {items} FROM {source} WHERE {case}" for case in cases)
    parted = tupelo.run(sql)
    known = not any(o.failed or o.is_large for o in (whole, parted))
    if known and not same_rows(whole.rows, parted.rows, False):
        what = f"{len(whole.rows)} rows as a whole, {len(parted.rows)} in three parts"
        yield Complaint("partitions", sql, what)


def counted(tupelo: Tupelo, source: str, condition: str) -> Iterator[Complaint]:
    """NoREC: a condition that filters lets as many rows pass as it is true for."""
    fast = tupelo.run(f"SELECT COUNT(*) FROM {source} WHERE {condition}")
    sql = f"SELECT SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) FROM {source}"
    slow = tupelo.run(sql)
    if not fast.failed and not slow.failed and fast.rows[0][0] != (slow.rows[0][0] or 0):
        what = f"{fast.rows[0][0]} rows pass as a filter, {slow.rows[0][0]} make it true"
        yield Complaint("counted", sql, what)
