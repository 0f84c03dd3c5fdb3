"""difftest/judge.py: runs a query on the engines and says whether Tupelo is right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .changes import queries_after
from .compare import same_rows
from .engines import Outcome
from .rules import explanation
from .tree import Node, Shape, shape_of, spell

# SQLSTATEs of data: on these, engines that raise anything agree.
DATA_CLASSES = ("22", "21")


@dataclass
class Verdict:
    """differing: engines that gave something else, without an explanation."""

    differing: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    outvoted: list[str] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        return bool(self.differing)

    @property
    def signature(self) -> str:
        """What must stay the same while the query is made smaller."""
        tupelo = self.outcomes["tupelo"]
        others = [name for name in self.differing if self.outcomes[name].failed]
        return " ".join([tupelo.sqlstate, re.sub(r":.*|\d", "", tupelo.message), *others])


def is_ordered(query: Node) -> bool:
    return any(isinstance(p, Node) and p.kind == "by" for p in query.parts)


def agree(a: Outcome, b: Outcome, ordered: bool) -> bool:
    if a.is_large or b.is_large:  # an error may come behind the rows that were fetched
        return all(o.is_large or o.sqlstate.startswith(DATA_CLASSES) for o in (a, b))
    if a.failed and b.failed:
        return a.sqlstate.startswith(DATA_CLASSES) or a.sqlstate == b.sqlstate
    return not a.failed and not b.failed and same_rows(a.rows, b.rows, ordered)


def judge(query: Node, engines: dict[str, Any], shape: Shape | None = None) -> Verdict:
    """PostgreSQL, where it has an opinion, is right; else every other engine must agree."""
    shape = shape or shape_of(query)
    verdict = Verdict()
    ordered, after = is_ordered(query), queries_after(query)
    for name, engine in engines.items():
        if name not in shape.without:
            verdict.texts[name] = spell(query, name)
            text = verdict.texts[name]
            verdict.outcomes[name] = engine.run_change(text, after) if after else engine.run(text)
    tupelo = verdict.outcomes["tupelo"]
    agreeing = []
    for name, outcome in verdict.outcomes.items():
        if name == "tupelo":
            continue
        if agree(tupelo, outcome, ordered):
            agreeing.append(name)
        elif why := explanation(name, outcome, tupelo, shape.notes):
            verdict.explained.append(why)
        else:
            verdict.differing.append(name)
    if "postgresql" not in verdict.differing and agreeing:
        verdict.outvoted, verdict.differing = verdict.differing, []
    internal = tupelo.sqlstate.startswith("XX") or tupelo.sqlstate == "?"
    if internal and "tupelo" not in verdict.differing:
        verdict.differing.append("tupelo")
    return verdict
