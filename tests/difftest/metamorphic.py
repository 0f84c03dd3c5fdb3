"""difftest/metamorphic.py: what must hold of Tupelo's own answers."""

from __future__ import annotations

from typing import Any

from .compare import same_rows
from .engines import Outcome
from .tree import Node, spell


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


def check(tupelo: Any, made: Node, number: int) -> str | None:
    """A complaint, or None."""
    parts = parts_of(made)
    if parts is None or "OVER (" in parts[0]:
        return None
    return partitions(tupelo, *parts) if number % 2 else counted(tupelo, *parts)


def partitions(tupelo: Any, items: str, source: str, condition: str) -> str | None:
    """Ternary logic partitioning: each row has its condition true, false or unknown."""
    whole: Outcome = tupelo.run(f"SELECT {items} FROM {source}")
    cases = (f"{condition}", f"NOT ({condition})", f"({condition}) IS UNKNOWN")
    one = " UNION ALL ".join(f"SELECT {items} FROM {source} WHERE {case}" for case in cases)
    parted: Outcome = tupelo.run(one)
    if whole.failed or parted.failed or same_rows(whole.rows, parted.rows, False):
        return None
    return f"{len(whole.rows)} rows, in three parts {len(parted.rows)}\n{one}"


def counted(tupelo: Any, _: str, source: str, condition: str) -> str | None:
    """NoREC: a condition that filters lets as many rows pass as it is true for."""
    fast: Outcome = tupelo.run(f"SELECT COUNT(*) FROM {source} WHERE {condition}")
    sql = f"SELECT SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) FROM {source}"
    slow: Outcome = tupelo.run(sql)
    if fast.failed or slow.failed or fast.rows[0][0] == (slow.rows[0][0] or 0):
        return None
    return f"{fast.rows[0][0]} rows pass, {slow.rows[0][0]} make it true\n{sql}"
