"""The command tupelo: each module of this package that has add_arguments and run is a subcommand."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import tupelo


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the subcommand that the arguments name; the exit status."""
    parser = argparse.ArgumentParser(prog="tupelo", description="Works on Tupelo's database files.")
    parts = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True)
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        part = parts.add_parser(module.name, description=loaded.__doc__)
        loaded.add_arguments(part)
        part.set_defaults(run=loaded.run)
    parsed = parser.parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
        return status
    except (tupelo.Error, OSError) as error:
        print(f"tupelo {parsed.subcommand}: {error}", file=sys.stderr)
        return 1
