"""Writes a database as SQL statements that make it anew, here or in PostgreSQL."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from .database_file import open_existing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("database", metavar="app.db")
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of the standard output")
    parser.add_argument(
        "--filter",
        metavar="PATTERN",
        help="only tables, views and sequences whose names are LIKE it, without regard to case",
    )


def run(arguments: argparse.Namespace) -> int:
    connection = open_existing(arguments.database)
    try:
        statements = connection.iterdump(filter=arguments.filter)
        if arguments.output is None:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8", newline="\n")
            write(statements, sys.stdout)
        else:
            write_file(statements, arguments.output)
        connection.rollback()
    finally:
        connection.close()
    return 0


def write(statements: Iterable[str], file: TextIO) -> None:
    for statement in statements:
        file.write(statement)
        file.write("\n")


# What was there under the name is replaced when all of the new one is written.
def write_file(statements: Iterable[str], path: str) -> None:
    if os.path.exists(path) and not os.path.isfile(path):  # a device, a pipe
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            write(statements, file)
        return
    part = f"{path}.part"
    try:
        with open(part, "x", encoding="utf-8", newline="\n") as file:
            write(statements, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except FileExistsError:
        raise
    except BaseException:
        os.remove(part)
        raise
