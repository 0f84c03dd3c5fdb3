"""isolation/observations.py: a history: what each transaction did and saw, as it saw it itself.

The data are lists, each under a key, and a change appends an element that nobody else appends. Who
reads a list thus reads its whole past: which versions there were, in what order, and who made them.
This makes dependencies inferable without looking into the database: lists are recoverable and
traceable, in the terms of Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from
Experimental Observations" (VLDB 2020).

Predicates need versions for what is absent too. There are two kinds of keys, so that absence always
has one meaning: one that is born begins absent and never goes, one that is mortal begins with an
empty list and may be deleted, after which nothing comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Key = int
Element = int


@dataclass(frozen=True, slots=True)
class Read:
    """A list as it was seen; the elements are None where it was seen to be deleted."""

    key: Key
    elements: tuple[Element, ...] | None


@dataclass(frozen=True, slots=True)
class Shorter:
    """A predicate over the length has left out a list, which has thus fewer elements than that."""

    key: Key
    length: int


@dataclass(frozen=True, slots=True)
class Append:
    """An element was put at the end of a list, whatever the list was."""

    key: Key
    element: Element


@dataclass(frozen=True, slots=True)
class Delete:
    """A list was deleted; it was seen then."""

    key: Key
    elements: tuple[Element, ...]


Operation = Read | Shorter | Append | Delete


@dataclass(slots=True)
class Transaction:
    """One attempt: a transaction that is tried again is another one, with other elements."""

    session: int
    operations: list[Operation] = field(default_factory=list)
    committed: bool = False
    is_writer: bool = False  # it has tried at least to change or to lock something
    sqlstate: str = ""  # of the error that has ended it


@dataclass
class History:
    """All transactions, those of one session in their order, and the lists at the end."""

    transactions: list[Transaction]
    # The lists that are there in the end, read when nothing else ran.
    final: dict[Key, tuple[Element, ...]]
