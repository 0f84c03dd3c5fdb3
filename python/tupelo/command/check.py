"""Looks at a database file and all that is in it, and says what is wrong and where.

The file is not changed, and others may use it meanwhile. Exit status: 0, it is sound; 1, something
was found, or it is no database; 2, it could not be looked at: there is no such file, or it is of
another version.
"""

from __future__ import annotations

import argparse
import sys
from typing import TextIO

import tupelo

from . import describe

DAMAGED = "XX001"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("database", metavar="app.db")
    parser.add_argument("-q", "--quiet", action="store_true", help="the exit status alone")


def run(arguments: argparse.Namespace) -> int:
    try:
        findings = tupelo.check_file(arguments.database)
    except (tupelo.Error, OSError) as error:
        print(printable(f"tupelo check: {describe(error)}", sys.stderr), file=sys.stderr)
        return 1 if getattr(error, "sqlstate", None) == DAMAGED else 2
    if not arguments.quiet:
        for finding in findings:
            print(printable(f"{finding.where}: {finding.what}"))
        if not findings:
            print(printable(f"{arguments.database}: sound"))
    return 1 if findings else 0


def printable(text: str, file: TextIO = sys.stdout) -> str:
    """Paths may hold bytes that are no text."""
    encoding = file.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
