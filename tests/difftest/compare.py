"""difftest/compare.py: whether two engines gave the same rows.

By the type of the values: integers, text and truth values are equal or not; so are exact numbers,
but for averages, which may differ by one unit of the last place of the less precise one;
approximate numbers may differ relatively by 1e-9.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
APPROXIMATE = 1e-9
# Averages as text are compared to so many digits where one engine has a float.
ROUGH = Decimal("0.000002")


def same_value(a: Any, b: Any) -> bool:
    if a == b:
        return True
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return False
    if isinstance(a, int) and isinstance(b, int):
        return False
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        left, right = as_decimal(a), as_decimal(b)
        if not left.is_finite() or not right.is_finite():
            return False
        return abs(left - right) <= max(unit(a), unit(b), ROUGH if mixed(a, b) else Decimal(0))
    return bool(abs(a - b) <= APPROXIMATE * max(abs(a), abs(b), 1e-9))


def mixed(a: Any, b: Any) -> bool:
    return isinstance(a, float) or isinstance(b, float)


def as_decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def unit(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        return Decimal(0)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -4:
        return Decimal(1).scaleb(exponent)
    return Decimal(0)


def same_row(a: Row, b: Row) -> bool:
    return len(a) == len(b) and all(map(same_value, a, b))


def sort_key(row: Row) -> list[tuple[int, Any]]:
    keys: list[tuple[int, Any]] = []
    for value in row:
        if value is None:
            keys.append((0, 0))
        elif isinstance(value, str):
            keys.append((2, value))
        else:
            keys.append((1, round(float(value), 5)))
    return keys


def same_rows(a: list[Row], b: list[Row], ordered: bool) -> bool:
    if len(a) != len(b):
        return False
    if a == b:
        return True
    if ordered:
        return all(map(same_row, a, b))
    if Counter(a) == Counter(b):
        return True
    left, right = sorted(a, key=sort_key), sorted(b, key=sort_key)
    if all(map(same_row, left, right)):
        return True
    return len(a) <= 500 and matched(left, right)


def matched(left: list[Row], right: list[Row]) -> bool:
    """Rounding may have torn apart in order what is equal: each row looks for its partner."""
    rest = list(right)
    for row in left:
        for index, other in enumerate(rest):
            if same_row(row, other):
                del rest[index]
                break
        else:
            return False
    return True
