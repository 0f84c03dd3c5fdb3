"""The command tupelo: each module of this package that has add_arguments and run is a subcommand.

A module's docstring is its help. `add_arguments(parser)` says what the subcommand takes,
`run(arguments)` carries it out and returns the exit status: 0, all is well; 1, it could not be
done or, where the subcommand looks for something, that was found; 2, the command was not
understood. An Error of Tupelo's and an OSError that leave `run` become one line on the standard
error and status 1.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import tupelo


class Subcommand(Protocol):
    """What a module of this package has when it is a subcommand."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


# A module is named after its subcommand; a word that Python reserves has an underscore behind it.
def subcommands() -> dict[str, Subcommand]:
    """By their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "add_arguments"):
            found[module.name.rstrip("_")] = cast(Subcommand, loaded)
    return found


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tupelo",
        description="Works on Tupelo's database files.",
        epilog="Exit status: 0, done; 1, not done, or something was found; 2, wrong usage. "
        "`tupelo SUBCOMMAND --help` says more.",
    )
    parser.add_argument("--version", action="version", version=f"tupelo {tupelo.__version__}")
    parts = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True)
    for name, subcommand in subcommands().items():
        text = (subcommand.__doc__ or "").strip()
        part = parts.add_parser(
            name,
            help=text.split("\n")[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        subcommand.add_arguments(part)
        part.set_defaults(run=subcommand.run)
    return parser


def describe(error: BaseException) -> str:
    """In one line, with the SQLSTATE."""
    if isinstance(error, OSError):
        place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return f"{place}{error.strerror or error}"
    state = getattr(error, "sqlstate", None)
    return f"{error} ({state})" if state else str(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the subcommand that the arguments name; the exit status."""
    parsed = make_parser().parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever read has enough; what is left must not be written again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (tupelo.Error, OSError) as error:
        print(f"tupelo {parsed.subcommand}: {describe(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"tupelo {parsed.subcommand}: interrupted", file=sys.stderr)
        return 1
