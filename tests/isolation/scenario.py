"""isolation/scenario.py: what an .iso file says, and how it is read; see README.md.

All that can be wrong without running anything is found here, with its line: a step of a connection
that waits, a level for which a step says nothing, a wait that never ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

Level = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
LEVELS: tuple[Level, ...] = get_args(Level)

Row = tuple[Any, ...]
Action = Literal["runs", "resumes", "is interrupted", "closes"]

NAME = r"[a-z][a-z0-9_]*"
LEVEL_LIST = rf"(?:{'|'.join(LEVELS)})(?:\s*,\s*(?:{'|'.join(LEVELS)}))*"
PREFIX = re.compile(rf"@({LEVEL_LIST})\s+(.*)")
SQL_STEP = re.compile(rf"({NAME}):\s+(.*)")
OTHER_STEP = re.compile(rf"({NAME})\s+(resumes|is interrupted|closes)\b\s*(.*)")
# At the end of a line; what stands before is SQL.
EXPECTED = re.compile(
    r"(?:^|\s)(succeeds|waits|fails\s+[0-9A-Z]{5}|changes\s+\d+|->\s*(?:none|\(.*\)))$"
)
# What looks like an expectation and is none would go to the database, which says something else.
ALMOST_EXPECTED = re.compile(r"(?:^|\s)(fails(\s+\S*)?|changes(\s+\S*)?|->[^']*)$")
VALUE = re.compile(r"\s*(?:(NULL|TRUE|FALSE)|'((?:[^']|'')*)'|(-?\d+\.\d+)|(-?\d+))\s*([,)])")


class ScenarioError(Exception):
    """An .iso file is not well-formed; the message begins with its path and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Expectation:
    """What a step does: `kind` says which of the others counts."""

    kind: Literal["succeeds", "rows", "changes", "fails", "waits"] = "succeeds"
    rows: tuple[Row, ...] = ()
    count: int = 0
    sqlstate: str = ""

    def __str__(self) -> str:
        if self.kind == "rows":
            return show_rows(self.rows)
        if self.kind == "changes":
            return f"changes {self.count}"
        return f"fails {self.sqlstate}" if self.kind == "fails" else self.kind


@dataclass
class Step:
    """One step of one connection: what it does at each level at which it is done at all."""

    line: int
    connection: str
    action: Action
    sql: str
    levels: tuple[Level, ...]
    expected: dict[str, Expectation]


@dataclass
class Case:
    """An interleaving. It runs once for each level, in a database of its own."""

    name: str
    line: int
    levels: tuple[Level, ...] = LEVELS
    timeout: float = 60.0
    setup: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def show_value(value: Any) -> str:
    """A value as an .iso file spells it."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def show_rows(rows: Iterable[Row]) -> str:
    """Rows as an .iso file spells them."""
    shown = [f"({', '.join(map(show_value, row))})" for row in rows]
    return "-> " + (" ".join(shown) or "none")


def parse_rows(text: str) -> tuple[Row, ...]:
    """`(1, 'a') (2, NULL)`. Raises ValueError with the rest that is no row."""
    rows = []
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        if text[at] != "(":
            raise ValueError(text[at:])
        row: list[Any] = []
        begin = at
        at += 1
        end = ","
        while end == ",":
            match = VALUE.match(text, at)
            if match is None:
                raise ValueError(text[begin:])
            word, quoted, decimal, integer, end = match.groups()
            if word is not None:
                row.append({"NULL": None, "TRUE": True, "FALSE": False}[word])
            elif quoted is not None:
                row.append(quoted.replace("''", "'"))
            else:
                row.append(Decimal(decimal) if decimal is not None else int(integer))
            at = match.end()
        rows.append(tuple(row))
    return tuple(rows)


def parse_expectation(text: str) -> Expectation:
    """Of what EXPECTED has found. Raises ValueError."""
    if text in ("succeeds", "waits"):
        return Expectation("waits" if text == "waits" else "succeeds")
    if text.startswith("->"):
        rest = text[2:].strip()
        return Expectation("rows", rows=() if rest == "none" else parse_rows(rest))
    word, value = text.split()
    if word == "fails":
        return Expectation("fails", sqlstate=value)
    return Expectation("changes", count=int(value))


class Parser:
    """Reads one file, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.common = Case("", 0)  # what stands before the first case holds for all of them
        self.cases: list[Case] = []
        self.in_setup = False

    def fail(self, message: str, line: int = 0) -> ScenarioError:
        return ScenarioError(self.path, line or self.line or 1, message)

    def parse(self, text: str) -> list[Case]:
        for self.line, line in enumerate(text.splitlines(), 1):
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            if line[0].isspace():
                self.indented(stripped)
            else:
                self.in_setup = False
                self.outer(stripped)
        if not self.cases:
            raise self.fail("no case: a case begins with 'case NAME'")
        self.finish_case()
        for case in self.cases:
            for level in case.levels:
                self.check_waits(case, level)
        return self.cases

    @property
    def case(self) -> Case:
        return self.cases[-1] if self.cases else self.common

    def indented(self, line: str) -> None:
        """A line of a setup, or what the step above does at some levels."""
        if self.in_setup:
            self.case.setup.append(line)
            return
        match = PREFIX.fullmatch(line)
        if match is None or not self.case.steps:
            raise self.fail("neither a line of a setup nor '@LEVEL EXPECTATION' below a step")
        step = self.case.steps[-1]
        expectation = self.whole_expectation(match[2])
        for level in self.levels(match[1]):
            if level not in step.levels:
                raise self.fail(f"the step above is not done at {level}")
            if level in step.expected:
                raise self.fail(f"the step above has said already what it does at {level}")
            step.expected[level] = expectation

    def outer(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "case":
            self.begin_case(rest.strip())
        elif word in ("levels", "timeout", "setup:"):
            if self.case.steps:
                raise self.fail(f"'{word}' stands before the steps of its case")
            self.directive(word, rest.strip())
        else:
            self.step(line)

    def begin_case(self, name: str) -> None:
        if not name:
            raise self.fail("a case has a name: 'case NAME'")
        if any(case.name == name for case in self.cases):
            raise self.fail(f"two cases have the same name: {name}")
        self.finish_case()
        self.cases.append(replace(self.common, name=name, line=self.line, steps=[]))
        self.case.setup = list(self.common.setup)

    def directive(self, word: str, rest: str) -> None:
        if word == "levels":
            if not re.fullmatch(LEVEL_LIST, rest):
                raise self.fail(f"not a list of levels ({', '.join(LEVELS)}): {rest}")
            self.case.levels = self.levels(rest)
        elif word == "timeout":
            if not re.fullmatch(r"\d+(\.\d+)?", rest):
                raise self.fail(f"a timeout is a number of seconds: {rest}")
            self.case.timeout = float(rest)
        else:
            if rest:
                raise self.fail("the SQL of a setup stands below it, indented")
            self.in_setup = True

    def levels(self, text: str) -> tuple[Level, ...]:
        names = [name.strip() for name in text.split(",")]
        if len(set(names)) < len(names):
            raise self.fail(f"a level is named twice: {text}")
        return tuple(name for name in LEVELS if name in names)

    def step(self, line: str) -> None:
        levels = self.case.levels
        prefix = PREFIX.fullmatch(line)
        if prefix is not None:
            levels, line = self.levels(prefix[1]), prefix[2]
            for level in levels:
                if level not in self.case.levels:
                    raise self.fail(f"the case does not run at {level}")
        sql = SQL_STEP.fullmatch(line)
        other = OTHER_STEP.fullmatch(line)
        if sql is None and other is None:
            raise self.fail(f"not a step, a directive or a comment: {line}")
        if not self.cases:
            raise self.fail("a step before the first 'case NAME'")
        self.finish_step()
        step = Step(self.line, "", "runs", "", levels, {})
        if sql is not None:
            step.connection, step.sql = sql.groups()
            found = EXPECTED.search(step.sql)
            almost = ALMOST_EXPECTED.search(step.sql)
            if found is not None:
                step.sql = step.sql[: found.start()].strip()
                step.expected = dict.fromkeys(levels, self.whole_expectation(found[1]))
            elif almost is not None:
                raise self.fail(f"not an expectation: {almost[1]}")
            if not step.sql:
                raise self.fail("a step without SQL")
        elif other is not None:
            step.connection, action, rest = other.groups()
            step.action = action  # type: ignore[assignment]
            if rest:
                if action != "resumes":
                    raise self.fail(f"'{action}' expects nothing: {rest}")
                step.expected = dict.fromkeys(levels, self.whole_expectation(rest))
        self.case.steps.append(step)

    def whole_expectation(self, text: str) -> Expectation:
        match = EXPECTED.fullmatch(text)
        if match is None:
            raise self.fail(f"not an expectation: {text}")
        try:
            return parse_expectation(match[1])
        except ValueError as error:
            raise self.fail(f"not a row: {error}") from None

    def finish_step(self) -> None:
        """A step that says nothing succeeds; one that speaks of some levels speaks of all."""
        if not self.case.steps:
            return
        step = self.case.steps[-1]
        missing = [level for level in step.levels if level not in step.expected]
        if step.expected and missing:
            text = f"the step does not say what it does at {', '.join(missing)}"
            raise self.fail(text, step.line)
        for level in missing:
            step.expected[level] = Expectation()
        if step.action == "resumes" and Expectation("waits") in step.expected.values():
            raise self.fail("what resumes does not wait", step.line)

    def finish_case(self) -> None:
        self.finish_step()
        if self.cases and not self.case.steps:
            raise self.fail(f"a case without steps: {self.case.name}", self.case.line)

    def check_waits(self, case: Case, level: str) -> None:
        """At each level whoever waits resumes, and does nothing in between."""
        waiting: dict[str, Step] = {}
        closed = set()
        for step in case.steps:
            if level not in step.levels:
                continue
            name = step.connection
            if name in closed:
                raise self.fail(f"{name} is closed, at {level}", step.line)
            if step.action in ("runs", "closes") and name in waiting:
                raise self.fail(f"{name} waits, at {level}, and can't do that", step.line)
            if step.action == "runs":
                if step.expected[level].kind == "waits":
                    waiting[name] = step
            elif step.action in ("resumes", "is interrupted") and name not in waiting:
                raise self.fail(f"{name} does not wait, at {level}", step.line)
            elif step.action == "resumes":
                del waiting[name]
            elif step.action == "closes":
                closed.add(name)
        for name, step in waiting.items():
            raise self.fail(f"{name} waits, at {level}, and never resumes", step.line)


def parse(path: Path, text: str | None = None) -> list[Case]:
    """The cases of a file, or of that text. Raises ScenarioError."""
    parser = Parser(path)
    return parser.parse(path.read_text(encoding="utf-8") if text is None else text)
