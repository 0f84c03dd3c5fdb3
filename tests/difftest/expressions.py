"""difftest/expressions.py: a random expression of a type, of what is in scope."""

from __future__ import annotations

from collections.abc import Callable

from .scope import Builder, Maker, Scope
from .tree import Node

# kind -> (weight, builder); the modules of the families fill it when they are imported.
BUILDERS: dict[str, list[tuple[int, Builder]]] = {}
# Makers of what stands in place of all others sometimes: aggregates and window functions.
Chosen = Callable[[Maker, Scope, str], Node | None]
CALLS: dict[str, Chosen] = {}


def builder(*kinds: str, weight: int = 2) -> Callable[[Builder], Builder]:
    """Registers a maker of expressions of these kinds."""

    def register(function: Builder) -> Builder:
        for kind in kinds:
            BUILDERS.setdefault(kind, []).append((weight, function))
        return function

    return register


def make(m: Maker, scope: Scope, kind: str, depth: int) -> Node:
    """An expression of `kind` of at most `depth` levels."""
    if scope.arguments is not None and m.chance(0.5):
        call = CALLS["aggregate"](m, scope, kind)
        if call is not None:
            return call
    if scope.windows and m.has("window") and m.chance(0.3):
        call = CALLS["window"](m, scope, kind)
        if call is not None:
            return call
    if depth <= 0 or m.chance(0.3):
        return m.leaf(scope, kind)
    choices = BUILDERS[kind]
    chosen = m.random.choices(choices, [weight for weight, _ in choices])[0][1]
    return chosen(m, scope, depth - 1)
