"""Runs the SQL statements of a dump in a database, in one transaction.

If a statement fails, its line is told and nothing has changed. BEGIN and COMMIT in the file are
left out. The database must be empty, or not there, unless --force is given.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from contextlib import nullcontext
from typing import TextIO

import tupelo

from .database_file import Output
from .script import Script, Statement, is_empty, without_space


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the dump; - is the standard input")
    parser.add_argument("database", metavar="app.db")
    parser.add_argument("--force", action="store_true", help="also into one that is not empty")


class ScriptError(Exception):
    """A statement of the file can't be run; the text has its place."""


_BEGIN = re.compile(r"(BEGIN|START)(\s+(TRANSACTION|WORK))?\s*$", re.IGNORECASE)
_COMMIT = re.compile(r"(COMMIT|END)(\s+(TRANSACTION|WORK))?\s*$", re.IGNORECASE)
_ENDS = re.compile(r"(COMMIT|ROLLBACK|BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)


def run(arguments: argparse.Namespace) -> int:
    source = arguments.file
    try:
        with (
            nullcontext(sys.stdin)
            if source == "-"
            else open(source, encoding="utf-8-sig", newline="") as file,
            Output(arguments.database, arguments.force) as output,
        ):
            if source == "-" and isinstance(sys.stdin, io.TextIOWrapper):
                sys.stdin.reconfigure(encoding="utf-8-sig", newline="")
            run_script(file, output.connection)
            output.commit()
    except ScriptError as error:
        print(f"{source}:{error}", file=sys.stderr)
        return 1
    except UnicodeDecodeError as error:
        print(f"tupelo restore: {source}: the file is not UTF-8: {error}", file=sys.stderr)
        return 1
    return 0


def run_script(file: TextIO, connection: tupelo.Connection) -> None:
    for statement in Script(file):
        text = without_space(statement.text)
        if is_empty(text) or _BEGIN.match(text) or _COMMIT.match(text):
            continue
        if _ENDS.match(text):
            line = statement.line + statement.text[: len(statement.text) - len(text)].count("\n")
            raise ScriptError(f"{line}: one transaction is for the whole file: {text.strip()}")
        run_statement(statement, connection)


def run_statement(statement: Statement, connection: tupelo.Connection) -> None:
    try:
        cursor = connection.execute(statement.text)
        if cursor.description is not None:
            for _ in cursor:  # all of it, for what it does
                pass
        cursor.close()
    except tupelo.Error as error:
        skipped = statement.text[: len(statement.text) - len(without_space(statement.text))]
        line, column = error.position or (1 + skipped.count("\n"), 1)
        place = f"{statement.line + line - 1}:{column}"
        raise ScriptError(f"{place}: {error} ({error.sqlstate})") from error
