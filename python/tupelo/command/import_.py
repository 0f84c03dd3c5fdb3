"""Makes of an sqlite3 database one of Tupelo's.

Tables with their rows, primary keys, unique constraints, NOT NULL, defaults that are literals,
foreign keys, indexes, and views that are SQL to Tupelo too. A column whose values do not all fit
its declared type gets one that holds them all. What did not fit, or could not be taken over, is
reported on the standard output, with how it was treated; the exit status is 0 all the same, unless
--strict is given: then nothing is imported and it is 1.
"""

from __future__ import annotations

import argparse
import pathlib
import sqlite3
import sys

from .database_file import Output, check_exists
from .progress import Progress
from .sqlite_import import Import, Report
from .sqlite_values import decode


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="file.sqlite")
    parser.add_argument("database", metavar="app.db")
    parser.add_argument("--force", action="store_true", help="also into one that is not empty")
    parser.add_argument("--strict", action="store_true", help="import all as it is, or nothing")
    parser.add_argument("--all", action="store_true", help="report all values, not 10 a column")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")


def run(arguments: argparse.Namespace) -> int:
    check_exists(arguments.source)
    try:
        source = open_source(arguments.source)
    except sqlite3.Error as error:
        print(f"tupelo import: {arguments.source}: {error}", file=sys.stderr)
        return 1
    report = Report(None if arguments.all else 10)
    try:
        with Output(arguments.database, arguments.force) as output:
            work = Import(source, output.connection, report)
            with Progress(work.count_rows(), arguments.quiet) as progress:
                work.run(progress)
            done = not (arguments.strict and report.lines)
            if done:
                output.commit()
    except sqlite3.Error as error:
        print(f"tupelo import: {arguments.source}: {error}", file=sys.stderr)
        return 1
    finally:
        source.close()
    for line in report.lines:
        print(line)
    if not done:
        print("tupelo import: not all fits: nothing is imported (--strict)", file=sys.stderr)
        return 1
    print(work.summary())
    return 0


def open_source(path: str) -> sqlite3.Connection:
    """To read one state of it, whoever writes meanwhile."""
    if sqlite3.sqlite_version_info < (3, 37):
        raise sqlite3.NotSupportedError(
            f"SQLite 3.37 or later is needed, this Python has {sqlite3.sqlite_version}"
        )
    uri = pathlib.Path(path).absolute().as_uri() + "?mode=ro"
    source = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        source.execute("BEGIN")
        source.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        source.close()
        raise
    source.text_factory = decode
    return source
