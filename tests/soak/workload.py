"""tests/soak/workload.py: the tables of the soak test, and the transactions that change them.

What a transaction leaves follows from the worker's number and how many it has committed, or is kept
together by an invariant; so whoever opens the database can tell whether anything is lost or half.
The tables stay of the same size: what comes in at one end goes out at the other.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import tupelo

WRITERS = 3
DEFINER = WRITERS  # the worker that changes definitions
WORKERS = WRITERS + 1

ACCOUNTS = 100
OPENING = 10_000
TOTAL = ACCOUNTS * OPENING
PAIRS = 4
DOCUMENTS_KEPT = 200  # of a writer
LEDGER_KEPT = 300
FOLD_EVERY = 50  # transactions, in which the ledger grows beyond LEDGER_KEPT
REVISED_AFTER = 10  # transactions

TABLES = [
    "CREATE TABLE account (id INTEGER PRIMARY KEY, opening BIGINT NOT NULL, "
    "balance BIGINT NOT NULL)",
    "CREATE TABLE ledger (writer INTEGER, number INTEGER, source INTEGER NOT NULL REFERENCES "
    "account, target INTEGER NOT NULL REFERENCES account, amount BIGINT NOT NULL, "
    "PRIMARY KEY (writer, number))",
    "CREATE TABLE document (writer INTEGER, number INTEGER, revision INTEGER NOT NULL, "
    "body VARCHAR(3000) NOT NULL, PRIMARY KEY (writer, number))",
    "CREATE TABLE progress (worker INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
    "CREATE TABLE duty (pair INTEGER, side INTEGER, present BOOLEAN NOT NULL, "
    "PRIMARY KEY (pair, side))",
]

# The steps of the worker that changes definitions, again and again.
STEPS = [
    ["CREATE TABLE scratch (id INTEGER PRIMARY KEY, note VARCHAR(40))"]
    + [f"INSERT INTO scratch VALUES ({i}, 'note {i}')" for i in range(20)],
    ["CREATE INDEX document_by_revision ON document (revision, number)"],
    ["ALTER TABLE document ADD COLUMN extra INTEGER DEFAULT 7"],
    ["DROP INDEX document_by_revision"],
    ["ALTER TABLE document DROP COLUMN extra"],
    ["DROP TABLE scratch"],
]
# After how many steps, of each round, these are there.
SCRATCH_IS_THERE = {1, 2, 3, 4, 5}
INDEX_IS_THERE = {2, 3}
COLUMN_IS_THERE = {3, 4}


def body_of(writer: int, number: int, revision: int) -> str:
    """The text of a document: different ones, some short, some long."""
    size = (number * 37 + revision * 101 + writer) % 300
    return f"{number * 2654435761 % 1000003:09}" * size


def make(path: Path) -> None:
    """A new database, where no transaction has run yet."""
    con = tupelo.connect(path)
    for table in TABLES:
        con.execute(table)
    con.executemany(
        "INSERT INTO account VALUES (?, ?, ?)", [(i, OPENING, OPENING) for i in range(ACCOUNTS)]
    )
    con.executemany("INSERT INTO progress VALUES (?, 0)", [(i,) for i in range(WORKERS)])
    con.executemany(
        "INSERT INTO duty VALUES (?, ?, TRUE)", [(i, side) for i in range(PAIRS) for side in (0, 1)]
    )
    con.commit()
    con.close()


def read_progress(con: Any, worker: int) -> int:
    ((n,),) = con.execute("SELECT n FROM progress WHERE worker = ?", (worker,)).fetchall()
    con.commit()
    return int(n)


def advance(con: Any, worker: int, n: int) -> None:
    con.execute("UPDATE progress SET n = ? WHERE worker = ?", (n + 1, worker))


def transfer(con: Any, writer: int, n: int, chance: random.Random) -> None:
    """Moves money from an account to another, and writes that down."""
    source, target = chance.sample(range(ACCOUNTS), 2)
    amount = chance.randint(1, 100)
    con.execute("UPDATE account SET balance = balance - ? WHERE id = ?", (amount, source))
    con.execute("UPDATE account SET balance = balance + ? WHERE id = ?", (amount, target))
    con.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", (writer, n, source, target, amount))


def fold_ledger(con: Any, writer: int, n: int) -> None:
    """Takes old rows out of the ledger, into what the accounts began with."""
    rows = con.execute(
        "SELECT source, target, amount FROM ledger WHERE writer = ? AND number < ?",
        (writer, n - LEDGER_KEPT),
    ).fetchall()
    for source, target, amount in rows:
        con.execute("UPDATE account SET opening = opening - ? WHERE id = ?", (amount, source))
        con.execute("UPDATE account SET opening = opening + ? WHERE id = ?", (amount, target))
    con.execute("DELETE FROM ledger WHERE writer = ? AND number < ?", (writer, n - LEDGER_KEPT))


def change_documents(con: Any, writer: int, n: int) -> None:
    """One comes, one is written anew, one goes."""
    con.execute(
        "INSERT INTO document (writer, number, revision, body) VALUES (?, ?, 0, ?)",
        (writer, n, body_of(writer, n, 0)),
    )
    revised = n - REVISED_AFTER
    con.execute(
        "UPDATE document SET revision = 1, body = ? WHERE writer = ? AND number = ?",
        (body_of(writer, revised, 1), writer, revised),
    )
    con.execute(
        "DELETE FROM document WHERE writer = ? AND number = ?", (writer, n - DOCUMENTS_KEPT)
    )


def spoil(con: Any, writer: int, n: int) -> None:
    """Changes that must never be seen: whoever calls it rolls them back."""
    con.execute("DELETE FROM document WHERE writer = ?", (writer,))
    con.execute("UPDATE account SET balance = balance + 1 WHERE id = ?", (n % ACCOUNTS,))
    con.execute("UPDATE progress SET n = -1 WHERE worker = ?", (writer,))


def write(con: Any, writer: int, n: int, chance: random.Random) -> None:
    """Transaction `n` of a writer, with its commit; sometimes another one before that is undone,
    sometimes a part of it."""
    if n % 11 == 5:
        spoil(con, writer, n)
        con.rollback()
    transfer(con, writer, n, chance)
    if n % 7 == 3:
        con.execute("SAVEPOINT before")
        spoil(con, writer, n)
        con.execute("ROLLBACK TO SAVEPOINT before")
    change_documents(con, writer, n)
    if n % FOLD_EVERY == 0:
        fold_ledger(con, writer, n)
    advance(con, writer, n)
    con.commit()


def change_duty(con: Any, side: int, chance: random.Random) -> None:
    """Who is on duty goes if the other one of the pair is, too. Two that do so at once are write
    skew: each is right alone, and then nobody is on duty. SERIALIZABLE excludes it."""
    pair = chance.randrange(PAIRS)
    present = dict(con.execute("SELECT side, present FROM duty WHERE pair = ?", (pair,)).fetchall())
    stays = not (present[side] and present[1 - side])
    con.execute("UPDATE duty SET present = ? WHERE pair = ? AND side = ?", (stays, pair, side))
    con.commit()


def define(con: Any, n: int) -> None:
    """Step `n` of the definitions, with its commit."""
    for statement in STEPS[n % len(STEPS)]:
        con.execute(statement)
    advance(con, DEFINER, n)
    con.commit()
