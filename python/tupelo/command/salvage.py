"""Makes a new database of all that can still be read of a damaged one, which stays as it is.

Prints what was lost, and which tables there are now. Exit status: 0, nothing was lost; 1, something
was, or nothing could be read; 2, a file could not be read or made.
"""

from __future__ import annotations

import argparse
import sys

import tupelo

from . import describe
from .check import DAMAGED, printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("damaged", metavar="damaged.db")
    parser.add_argument("new", metavar="new.db", help="must not be there")


def run(arguments: argparse.Namespace) -> int:
    try:
        report = tupelo.salvage(arguments.damaged, arguments.new)
    except (tupelo.Error, OSError) as error:
        print(printable(f"tupelo salvage: {describe(error)}", sys.stderr), file=sys.stderr)
        return 1 if getattr(error, "sqlstate", None) == DAMAGED else 2
    for loss in report.losses:
        print(printable(f"{loss.where}: {loss.what}"))
    for name, rows in report.tables:
        print(printable(f"{name}: {rows} row{'' if rows == 1 else 's'}"))
    return 1 if report.losses else 0
