"""bench/tpcc/random_values.py: random numbers and texts as the specification defines them.

NURand and its constants (2.1.6), last names (4.3.2.3), texts of letters or digits (4.3.2.2), zip
codes (4.3.2.7), texts with ORIGINAL in them (4.3.3.1).
"""

import random
import string
from dataclasses import dataclass

from .schema import Scale

SYLLABLES = ["BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"]

# The constants C of NURand. That of last names is another one when measuring than when loading; the
# difference is to be within 65 to 119, and neither 96 nor 112 (2.1.6.1).
C_LAST_LOAD, C_LAST_RUN = 157, 223
C_CUSTOMER, C_ITEM = 259, 7911

POOL_CHARACTERS = 1 << 16


@dataclass(frozen=True)
class CustomerNumbers:
    """Which customers and items are drawn; of a smaller database the ranges are smaller."""

    scale: Scale

    def customer(self, chance: random.Random) -> int:
        return nurand(chance, 1023, C_CUSTOMER, 1, self.scale.customers)

    def item(self, chance: random.Random) -> int:
        return nurand(chance, 8191, C_ITEM, 1, self.scale.items)

    def last_name(self, chance: random.Random, constant: int = C_LAST_RUN) -> str:
        return last_name(nurand(chance, 255, constant, 0, self.scale.last_names - 1))


def nurand(chance: random.Random, a: int, c: int, low: int, high: int) -> int:
    """NURand(A, x, y): some numbers of low to high far more often than others (2.1.6)."""
    both = uniform(chance, 0, a) | uniform(chance, low, high)
    return (both + c) % (high - low + 1) + low


def uniform(chance: random.Random, low: int, high: int) -> int:
    """As randint, which takes three times as long."""
    return low + int(chance.random() * (high - low + 1))


def last_name(number: int) -> str:
    """Three syllables, by the digits of a number up to 999."""
    return SYLLABLES[number // 100] + SYLLABLES[number // 10 % 10] + SYLLABLES[number % 10]


class Texts:
    """Texts are cut from a pool of random characters: drawing each character would take most of
    the time of loading, and an engine that does not look for repetitions notices nothing."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.pool = "".join(chance.choices(string.ascii_letters + string.digits, k=POOL_CHARACTERS))

    def letters(self, low: int, high: int) -> str:
        """Of low to high letters and digits (4.3.2.2)."""
        length = uniform(self.chance, low, high)
        start = int(self.chance.random() * (POOL_CHARACTERS - length))
        return self.pool[start : start + length]

    def digits(self, length: int) -> str:
        return f"{int(self.chance.random() * 10**length):0{length}}"

    def zip_code(self) -> str:
        """Four random digits, then 11111 (4.3.2.7)."""
        return self.digits(4) + "11111"

    def address(self) -> tuple[str, str, str, str, str]:
        """street_1, street_2, city, state, zip."""
        text = self.letters
        return text(10, 20), text(10, 20), text(10, 20), text(2, 2), self.zip_code()

    def data(self) -> str:
        """26 to 50 characters; a tenth of the texts have ORIGINAL in them (4.3.3.1)."""
        text = self.letters(26, 50)
        if self.chance.random() >= 0.1:
            return text
        place = uniform(self.chance, 0, len(text) - 8)
        return text[:place] + "ORIGINAL" + text[place + 8 :]
