"""difftest/metamorphic.py: what must hold of Tupelo's own answers, without another engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .compare import same_rows
from .engines import Outcome, Tupelo
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
    yield from without_rules(tupelo, spell(made, "tupelo"), is_ordered(made))
    parts = parts_of(made)
    if parts is not None and "OVER (" not in parts[0]:
        yield from partitions(tupelo, *parts)
        yield from counted(tupelo, parts[1], parts[2])


def left_open(a: Outcome, b: Outcome) -> bool:
    """Which expressions are computed at all, and so which exceptions are raised, is left open."""
    return any(o.sqlstate.startswith(DATA_CLASSES) for o in (a, b))


def without_rules(tupelo: Tupelo, sql: str, ordered: bool) -> Iterator[Complaint]:
    """The same rows with each of the optimizer's rules switched off."""
    with_all = tupelo.run(sql) if tupelo.rules else Outcome([])
    for rule in tupelo.rules:
        outcome = tupelo.run_without(rule, sql)
        if left_open(with_all, outcome) or with_all.sqlstate == outcome.sqlstate != "":
            continue
        if with_all.failed or outcome.failed:
            what = f"with it {with_all.message or 'no error'}, without {outcome.message or 'none'}"
            yield Complaint(f"rule {rule}", sql, what)
        elif not same_rows(with_all.rows, outcome.rows, ordered):
            what = f"with it {with_all.rows[:5]}, without {outcome.rows[:5]}"
            yield Complaint(f"rule {rule}", sql, what)


def partitions(tupelo: Tupelo, items: str, source: str, condition: str) -> Iterator[Complaint]:
    """Ternary logic partitioning: each row has its condition true, false or unknown."""
    whole = tupelo.run(f"SELECT {items} FROM {source}")
    cases = (f"{condition}", f"NOT ({condition})", f"({condition}) IS UNKNOWN")
    sql = " UNION ALL ".join(f"SELECT {items} FROM {source} WHERE {case}" for case in cases)
    parted = tupelo.run(sql)
    if not whole.failed and not parted.failed and not same_rows(whole.rows, parted.rows, False):
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
