"""difftest/report.py: a difference as text, with a script that shows it again."""

from __future__ import annotations

from .engines import Outcome
from .judge import Verdict
from .schema import Table

MOST_ROWS = 12


def outcome_text(outcome: Outcome) -> str:
    if outcome.failed:
        return f"  error {outcome.sqlstate}: {outcome.message}"
    lines = ["  " + " | ".join("NULL" if v is None else str(v) for v in row)
             for row in sorted(outcome.rows, key=str)[:MOST_ROWS]]  # fmt: skip
    if len(outcome.rows) > MOST_ROWS:
        lines.append(f"  ... {len(outcome.rows)} rows")
    return "\n".join(lines) or "  no rows"


def slt(tables: list[Table], query: str, after: list[str]) -> str:
    """As a file of tests/sql, whose results PostgreSQL is to fill in."""
    records = [f"statement ok\n{s}" for table in tables for s in table.script("tupelo")]
    if after:
        records.append(f"statement ok\n{query}")
    records += [f"query rows rowsort\n{q}" for q in after or [query]]
    return "\n\n".join(records) + "\n"


def difference(place: str, tables: list[Table], verdict: Verdict, after: list[str]) -> str:
    """What is printed: where, what each engine gave, the script."""
    lines = [f"difference at {place}: tupelo against {', '.join(verdict.differing)}"]
    for name, outcome in verdict.outcomes.items():
        lines.append(f" {name}:\n{outcome_text(outcome)}")
        if verdict.texts[name] != verdict.texts["tupelo"]:
            lines.append(f"  ({verdict.texts[name]})")
    return "\n".join([*lines, " to see it again:", "", slt(tables, verdict.texts["tupelo"], after)])


def broken_law(place: str, tables: list[Table], complaint: str) -> str:
    script = "\n\n".join(f"statement ok\n{s}" for t in tables for s in t.script("tupelo"))
    return f"difference at {place}: {complaint}\n to see it again:\n\n{script}\n"
