"""What the tests of hooks share: hooks that remember how they were called."""

from typing import Any

import tupelo


class Changes(list[tuple[Any, ...]]):
    """An update hook that remembers what it was told."""

    def __call__(self, *change: Any) -> None:
        self.append(change)

    def names(self) -> list[tuple[str, str]]:
        return [(operation, table) for operation, _, table, _ in self]


class Calls:
    """A hook that counts its calls and gives `answer`, or raises it."""

    def __init__(self, answer: Any = None) -> None:
        self.count = 0
        self.answer = answer

    def __call__(self) -> Any:
        self.count += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def count(con: tupelo.Connection) -> int:
    return con.execute("SELECT COUNT(*) FROM t").fetchone()[0]
