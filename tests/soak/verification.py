"""tests/soak/verification.py: whether the database is whole, and holds what was acknowledged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tupelo
from workload import (
    COLUMN_IS_THERE,
    DEFINER,
    DOCUMENTS_KEPT,
    FOLD_EVERY,
    INDEX_IS_THERE,
    LEDGER_KEPT,
    REVISED_AFTER,
    SCRATCH_IS_THERE,
    STEPS,
    TOTAL,
    WORKERS,
    WRITERS,
    body_of,
)

# How large the file may be: so many times what a copy of its contents takes, and some for a
# database that is nearly empty. A closed file may have room for what was deleted and moved.
MOST_COPIES = 4
MOST_SPARE_BYTES = 8 << 20

# Each a query for what violates it. They hold in every snapshot, so each is one statement.
INVARIANTS = {
    "the sum of the balances stays": f"SELECT SUM(balance), SUM(opening) FROM account "
    f"HAVING SUM(balance) <> {TOTAL} OR SUM(opening) <> {TOTAL}",
    "the ledger explains each balance": """SELECT id, opening, balance, change FROM account
        LEFT JOIN (SELECT account, SUM(amount) AS change FROM
        (SELECT source AS account, -amount AS amount FROM ledger
        UNION ALL SELECT target, amount FROM ledger) AS parts GROUP BY account) AS changes
        ON account = id WHERE balance <> opening + COALESCE(change, 0)""",
    "the ledger ends where its writer is": """SELECT worker, n, least, most, rows FROM progress
        JOIN (SELECT writer, MIN(number) AS least, MAX(number) AS most, COUNT(*) AS rows
        FROM ledger GROUP BY writer) AS found ON writer = worker
        WHERE most <> n - 1 OR most - least + 1 <> rows""",
}
SERIALIZABLE_INVARIANTS = {
    "one of each pair is on duty": "SELECT pair FROM duty GROUP BY pair "
    "HAVING SUM(CASE WHEN present THEN 1 ELSE 0 END) = 0",
}


class Failure(Exception):
    """What the database should not be."""


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise Failure(what)


def check_invariants(con: Any, serializable: bool) -> None:
    """By whoever reads, at any time."""
    for name, query in (INVARIANTS | (SERIALIZABLE_INVARIANTS if serializable else {})).items():
        rows = con.execute(query).fetchall()
        expect(not rows, f"violated: {name}: {rows[:3]}")


def check_documents(con: Any, writer: int, n: int) -> None:
    """Those of the last transactions, each as its last change left it."""
    found = con.execute(
        "SELECT number, revision, body FROM document WHERE writer = ? ORDER BY number", (writer,)
    ).fetchall()
    expected = [
        (number, revision, body_of(writer, number, revision))
        for number in range(max(0, n - DOCUMENTS_KEPT), n)
        for revision in [int(number < n - REVISED_AFTER)]
    ]
    if found != expected:
        wrong = sorted({row[0] for row in set(found) ^ set(expected)})
        raise Failure(f"documents of writer {writer} after {n}: wrong are {wrong[:10]}")


def check_ledger(con: Any, writer: int, n: int) -> None:
    ((rows,),) = con.execute("SELECT COUNT(*) FROM ledger WHERE writer = ?", (writer,)).fetchall()
    least = min(n, LEDGER_KEPT)
    expect(
        least <= rows <= LEDGER_KEPT + FOLD_EVERY, f"ledger of writer {writer}: {rows} after {n}"
    )


def check_definitions(con: Any, n: int) -> None:
    """Tables, indexes and columns as the last step left them."""
    step = n % len(STEPS)
    tables = dict(con.execute("SELECT name, columns FROM tupelo.tables").fetchall())
    indexes = {row[0] for row in con.execute("SELECT name FROM tupelo.indexes").fetchall()}
    expect(("scratch" in tables) == (step in SCRATCH_IS_THERE), f"table scratch after {n} steps")
    expect(("document_by_revision" in indexes) == (step in INDEX_IS_THERE), f"index after {n}")
    has_column = step in COLUMN_IS_THERE
    expect(tables["document"] == 4 + has_column, f"columns of document after {n} steps")
    if "scratch" in tables:
        ((rows,),) = con.execute("SELECT COUNT(*) FROM scratch WHERE note LIKE 'note %'").fetchall()
        expect(rows == 20, f"scratch has {rows} rows")
    if has_column:
        found = con.execute("SELECT DISTINCT extra FROM document").fetchall()
        expect(found in ([], [(7,)]), f"the added column holds {found}")


def check_contents(
    con: Any, acknowledged: dict[int, int], before: dict[int, int], lives: int, serializable: bool
) -> dict[int, int]:
    """How far each worker is: at least what it acknowledged, and at most one more for each life
    that ended, which was committed and not said any more."""
    found = dict(con.execute("SELECT worker, n FROM progress").fetchall())
    expect(sorted(found) == list(range(WORKERS)), f"workers: {sorted(found)}")
    for worker, n in found.items():
        least = max(before[worker], acknowledged.get(worker, -1) + 1)
        expect(least <= n <= least + lives, f"worker {worker} is at {n}, and acknowledged {least}")
    check_invariants(con, serializable)
    for writer in range(WRITERS):
        check_documents(con, writer, found[writer])
        check_ledger(con, writer, found[writer])
    check_definitions(con, found[DEFINER])
    return found


def check_size(con: Any, path: Path) -> int:
    """That of the file, which holds everything; a copy tells how much that is."""
    con.checkpoint()
    copy = path.with_name("copy.db")
    con.backup(copy)
    needed = copy.stat().st_size
    copy.unlink()
    size = path.stat().st_size
    most = needed * MOST_COPIES + MOST_SPARE_BYTES
    expect(size <= most, f"the file has {size:,} bytes, where a copy has {needed:,}")
    return size


def verify(
    path: Path,
    acknowledged: dict[int, int],
    before: dict[int, int],
    lives: int,
    serializable: bool,
) -> tuple[dict[int, int], int]:
    """Opens what so many killed processes have left, one after the other. How far each worker is,
    and the bytes of the file."""
    con = tupelo.connect(path)
    try:
        findings = con.check()
        expect(not findings, f"con.check() finds {findings[:3]}")
        found = check_contents(con, acknowledged, before, lives, serializable)
        con.rollback()
        return found, check_size(con, path)
    finally:
        con.rollback()
        con.close()
