"""difftest/rules.py: where other engines may differ, and why that is not Tupelo's mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .engines import Outcome


@dataclass(frozen=True)
class Rule:
    """engine: whose outcome is left out; fails: what its message says; note: what the query holds;
    tupelo: the SQLSTATE that Tupelo ends with."""

    why: str
    engine: str
    fails: str = ""
    note: str = ""
    tupelo: str = ""

    def applies(self, engine: str, other: Outcome, tupelo: Outcome, notes: frozenset[str]) -> bool:
        return (
            self.engine in (engine, "any")
            and (not self.fails or bool(re.search(self.fails, other.message)))
            and (not self.note or self.note in notes)
            and (not self.tupelo or re.fullmatch(self.tupelo, tupelo.sqlstate) is not None)
        )


RULES = [
    Rule("SQL:1999 part 2, 4.11: which of the expressions that need not be computed raise "
         "exceptions is left open",
         "any", fails=r"out of range|[Oo]verflow|out of int64|exceed", tupelo=""),
    Rule("the same, seen from the other side: it computed what Tupelo's plan need not",
         "postgresql", fails=r"division by zero|overflow"),
    Rule("the standard's overflow is an error where sqlite3 goes on with a float",
         "sqlite3", tupelo="22003"),
    Rule("DuckDB and sqlite3 compute with more digits than the result type has",
         "duckdb", tupelo="22003"),
    Rule("it joins fully by hash or merge only", "postgresql", fails="FULL JOIN is only supported"),
    Rule("its planner may fail on outer joins of lateral subqueries that depend on one another: an "
         "internal error, no answer", "postgresql", fails=r"failed to build any \d+-way joins"),
    Rule("it took too long", "any", fails="statement timeout|[Ii]nterrupt"),
    Rule("DuckDB does not know it", "duckdb",
         fails="Not ?Implemented|Binder Error|BinderException|Parser|Catalog|INTERNAL|Internal"),
    Rule("DuckDB's decimals have 38 digits whatever the operands", "duckdb",
         fails="ecimal|DECIMAL|Conversion"),
    Rule("older versions of sqlite3 know less", "sqlite3",
         fails="not currently supported|no such function|syntax error"),
    Rule("sqlite3 and DuckDB store text of any length", "any", tupelo="22001"),
    Rule("DuckDB's unique indexes hold the old and the new rows", "duckdb", fails="Constraint"),
    Rule("sqlite3 wants GROUP BY before HAVING, and no aggregate of an outer query's column",
         "sqlite3", fails="HAVING clause|misuse of aggregate|misuse of window"),
    Rule("sqlite3 has no RIGHT and FULL JOIN with what is not beside it",
         "sqlite3", fails="ON clause references tables to its right|ambiguous column name: k"),
]  # fmt: skip


def explanation(engine: str, other: Outcome, tupelo: Outcome, notes: frozenset[str]) -> str | None:
    """Why this engine's outcome says nothing about Tupelo's; None when it does."""
    for rule in RULES:
        if (rule.fails and not other.failed) or (rule.tupelo and not tupelo.failed):
            continue
        if rule.applies(engine, other, tupelo, notes):
            return rule.why
    return None
