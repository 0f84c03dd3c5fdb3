"""tupelo/command/progress.py: how far a long work is, on the standard error."""

from __future__ import annotations

import importlib
import sys
import time
from types import TracebackType
from typing import Any

SECONDS = 2.0  # between two lines


class Progress:
    """Counts rows of several parts: a bar when `rich` is installed and there is a terminal, else a
    line from time to time; nothing when it is quiet."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._total = total
        self._done = 0
        self._part = ""
        self._quiet = quiet
        self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        if not quiet and sys.stderr.isatty():
            self._bar = _rich_bar()

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, part: str) -> None:
        self._part = part
        if self._bar is not None:
            self._bar.update(self._task, description=part)

    def advance(self, rows: int) -> None:
        self._done += rows
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        elif time.monotonic() - self._last >= SECONDS:
            self._last = time.monotonic()
            share = 100 * self._done // max(self._total, 1)
            print(f"{self._part}: {self._done} of {self._total} rows, {share} %", file=sys.stderr)


def _rich_bar() -> Any:
    try:
        progress: Any = importlib.import_module("rich.progress")
        console: Any = importlib.import_module("rich.console")
    except ImportError:
        return None
    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        console=console.Console(stderr=True),
    )
