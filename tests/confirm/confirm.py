#!/usr/bin/env python3
"""tests/confirm/confirm.py: shows that PostgreSQL gives what our .slt files say.

confirm.py [--fill] [--verbose] [FILE or FOLDER ...]     (all of tests/sql)

Each record is confirmed (PostgreSQL gives the same), justified (a line `# standard:` names the rule
by which it may differ) or differs. Exit status 1 when one differs. `--fill` writes PostgreSQL's
results into records that have none. Needs Debian's postgresql-15, and psycopg[binary] from PyPI.
"""

import argparse
import sys
from pathlib import Path

import psycopg
from records import Record, read_records
from rewrite import rewrite, substitute
from server import Server
from values import value_text

SETTINGS = (
    "-c TimeZone=UTC -c IntervalStyle=sql_standard -c DateStyle=ISO "
    "-c extra_float_digits=1 -c statement_timeout=20000 -c client_min_messages=error "
    "-c default_transaction_isolation=repeatable\\ read"
)
CONTROL = {"SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT"}


class Outcome:
    """Rows, a count, or an error."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.count = -1
        self.sqlstate = ""
        self.message = ""


class Session:
    """One connection; a failed statement is undone alone, as the standard says."""

    def __init__(self, server: Server, database: str) -> None:
        self.connection = psycopg.connect(
            host=server.directory, dbname=database, user="postgres", autocommit=True,
            options=SETTINGS,
        )

    def in_transaction(self) -> bool:
        return self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def execute(self, sql: str) -> Outcome:
        words = sql.split()
        first = words[0].upper().rstrip(";") if words else ""
        # SET TRANSACTION may not follow a savepoint; SET CONSTRAINTS IMMEDIATE may fail.
        is_mode = first == "SET" and words[1:2] != ["CONSTRAINTS"]
        guarded = self.in_transaction() and not is_mode
        outcome = Outcome()
        cursor = self.connection.cursor()
        if guarded:
            cursor.execute("SAVEPOINT confirm")
        try:
            cursor.execute(sql.encode())
        except psycopg.Error as error:
            outcome.sqlstate = error.sqlstate or "?"
            outcome.message = str(error).split("\n")[0]
            if guarded and self.in_transaction():
                cursor.execute("ROLLBACK TO SAVEPOINT confirm")
            return outcome
        outcome.count = cursor.rowcount
        if cursor.description is not None:
            oids = [column.type_code for column in cursor.description]
            result = cursor.pgresult
            for row in range(result.ntuples):
                values = [result.get_value(row, column) for column in range(len(oids))]
                texts = [None if value is None else value.decode() for value in values]
                outcome.rows.append(" | ".join(map(value_text, texts, oids)))
        # A savepoint that the test made would go with ours.
        if guarded and first not in CONTROL:
            cursor.execute("RELEASE SAVEPOINT confirm")
        return outcome


class File:
    """Runs one file in a database of its own."""

    def __init__(self, server: Server, path: Path, database: str) -> None:
        self.server, self.path, self.database = server, path, database
        self.sessions: dict[str, Session] = {}
        self.confirmed = self.justified = self.filled = 0
        self.differences: list[str] = []

    def session(self, name: str) -> Session:
        if name not in self.sessions:
            self.sessions[name] = Session(self.server, self.database)
        return self.sessions[name]

    def close(self) -> None:
        for session in self.sessions.values():
            session.connection.close()

    def run(self, fill: bool) -> None:
        lines, records = read_records(self.path)
        added: list[tuple[int, int, list[str]]] = []  # first line, line after, lines instead
        for record in records:
            if record.standard or not record.is_for("postgresql"):
                self.run_justified(record)
                continue
            sql = record.postgresql or record.sql
            if record.bind:
                sql = substitute(sql, record.bind)
            outcome = self.session(record.connection).execute(rewrite(sql))
            if fill and self.is_empty(record):
                self.fill(record, outcome, added)
            else:
                self.compare(record, outcome)
        for first, after, instead in reversed(added):
            lines[first:after] = instead
        if added:
            self.path.write_text("\n".join(lines), encoding="utf-8")

    def run_justified(self, record: Record) -> None:
        """Not compared, but run, so that what follows finds what it did; unless it is to fail."""
        self.justified += 1
        if not record.standard:
            self.differ(record, "a record that PostgreSQL does not run needs a line # standard:")
        if record.is_for("postgresql") and record.head[:2] != ["statement", "error"]:
            sql = record.postgresql or record.sql
            if record.bind:
                sql = substitute(sql, record.bind)
            self.session(record.connection).execute(rewrite(sql))

    @staticmethod
    def is_empty(record: Record) -> bool:
        if record.head[0] == "query":
            return record.results is None
        return record.head[-1] == "?"

    def fill(self, record: Record, outcome: Outcome, added: list) -> None:
        kind = " ".join(record.head[:2])
        if record.head[0] == "query" and not outcome.sqlstate:
            added.append((record.sql_end, record.sql_end, ["----", *outcome.rows]))
        elif kind == "statement error" and outcome.sqlstate:
            head = f"statement error {outcome.sqlstate}"
            added.append((record.head_index, record.head_index + 1, [head]))
        elif kind == "statement count" and not outcome.sqlstate:
            head = f"statement count {outcome.count}"
            added.append((record.head_index, record.head_index + 1, [head]))
        else:
            self.differ(record, outcome.sqlstate + " " + outcome.message or "no error")
            return
        self.filled += 1

    def compare(self, record: Record, outcome: Outcome) -> None:
        what = difference(record, outcome)
        if what:
            self.differ(record, what)
        else:
            self.confirmed += 1

    def differ(self, record: Record, what: str) -> None:
        sql = " ".join(record.sql.split())[:100]
        self.differences.append(f"{self.path}:{record.line}: {sql}\n  PostgreSQL: {what}")


def difference(record: Record, outcome: Outcome) -> str:
    """What PostgreSQL does else than the record says; "": nothing."""
    kind = " ".join(record.head[:2])
    error = f"error {outcome.sqlstate} {outcome.message}"
    if record.head[0] == "query":
        expected, rows = record.results, outcome.rows
        if record.head[1] != "rows":
            return "a query that is not of the form `query rows`"
        if outcome.sqlstate:
            return error
        if expected is None:
            return "no results (fill them in with --fill)"
        if "rowsort" in record.head[2:]:
            expected, rows = sorted(expected), sorted(rows)
        return "" if rows == expected else "gives\n" + "\n".join("    " + row for row in rows)
    if kind == "statement error":
        if not outcome.sqlstate:
            return "succeeds"
        return "" if outcome.sqlstate == record.head[2] else error
    if outcome.sqlstate:
        return error
    if kind == "statement count" and str(outcome.count) != record.head[2]:
        return f"changes {outcome.count} rows"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fill", action="store_true", help="write results where there are none")
    parser.add_argument("--verbose", action="store_true", help="a line for each file")
    parser.add_argument("paths", nargs="*", type=Path)
    options = parser.parse_args()
    paths = options.paths or [Path(__file__).resolve().parents[1] / "sql"]
    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.slt")) if path.is_dir() else [path])
    ]
    totals = {"confirmed": 0, "justified": 0, "filled": 0, "differs": 0}
    with Server() as server:
        admin = Session(server, "postgres")
        for number, path in enumerate(files):
            database = f"confirm_{number}"
            admin.execute(f"CREATE DATABASE {database} TEMPLATE template0")
            file = File(server, path, database)
            file.run(options.fill)
            file.close()
            admin.execute(f"DROP DATABASE {database}")
            for difference in file.differences:
                print(difference)
            if options.verbose:
                print(f"{path}: {file.confirmed} confirmed, {file.justified} justified")
            totals["confirmed"] += file.confirmed
            totals["justified"] += file.justified
            totals["filled"] += file.filled
            totals["differs"] += len(file.differences)
        admin.connection.close()
    print(f"{len(files)} files: " + ", ".join(f"{n} {what}" for what, n in totals.items()))
    return 1 if totals["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
