"""difftest/ctes.py: WITH clauses, recursive ones too."""

from __future__ import annotations

from .literals import random_literal
from .scope import Maker
from .tree import Node, Part, Sequence


def with_clause(m: Maker) -> Node:
    """Its names are in reach of what is made next."""
    recursive = m.has("recursive") and m.chance(0.35)
    elements = [recursive_element(m)] if recursive else []
    for _ in range(m.random.choice([1, 1, 2]) - len(elements)):
        elements.append(plain_element(m))
    word = "WITH RECURSIVE " if recursive else "WITH "
    return Node("with", [word, Sequence(elements), " "])


def plain_element(m: Maker) -> Node:
    from .selects import query

    kinds = [m.random.choice(["int", "int", "text", "dec", "date"]) for _ in range(3)]
    kinds = kinds[: m.random.randint(1, 3)]
    with m.nested():
        of = query(m, [], kinds)
    name = m.name("cte")
    columns = [f"{name}_{i}" for i in range(len(kinds))]
    m.named.append((name, list(zip(columns, kinds, strict=True)), max(of.rows, 1)))
    return Node("element", [f"{name} ({', '.join(columns)}) AS (", of, ")"])


def recursive_element(m: Maker) -> Node:
    """Steps upwards, so that it ends."""
    name = m.name("cte")
    n, t = f"{name}_0", f"{name}_1"
    step = m.random.randint(1, 3)
    table = m.random.choice(m.tables)
    small = len(table.rows) <= 10
    date = random_literal(m.random, "date")
    start: list[Part] = [str(m.random.randint(-3, 3)), ", ", date]
    if small and m.chance(0.5):
        start = ["CAST(s.k AS INTEGER), ", date, f" FROM {table.name} AS s"]
    union = "UNION"
    next_text = f"r.{t}"
    source, where = f"{name} AS r", f"r.{n} < {m.random.randint(2, 8)}"
    if small and m.chance(0.5):
        source += f" JOIN {table.name} AS j ON r.{n} = j.k"
    elif m.chance(0.5):
        union = "UNION ALL"
    if m.chance(0.3):
        next_text = f"CASE WHEN r.{n} > 1 THEN r.{t} END"
    body: list[Part] = [
        "SELECT ", *start,
        f" {union} SELECT r.{n} + {step}, {next_text} FROM {source} WHERE {where}",
    ]  # fmt: skip
    m.named.append((name, [(n, "int"), (t, "date")], 40))
    return Node("element", [f"{name} ({n}, {t}) AS (", *body, ")"])
