"""bench/tpcc/load.py: the first contents of the tables (4.3.3.1).

The same seed gives each engine the same rows, but for how it spells money and times.
"""

import random
from collections.abc import Iterator
from itertools import chain
from typing import Any

from .engines import Engine, Session
from .random_values import C_LAST_LOAD, CustomerNumbers, Texts, last_name, uniform
from .schema import DISTRICTS, INDEXES, TABLES, Scale

SEED = 20100211
Values = tuple[Any, ...]


class Loader:
    """Rows of each table, in the order of their keys."""

    def __init__(self, engine: Engine, scale: Scale) -> None:
        self.scale = scale
        self.chance = random.Random(SEED)
        self.texts = Texts(self.chance)
        self.numbers = CustomerNumbers(scale)
        self.money, self.fraction = engine.money, engine.fraction
        self.now = engine.now()

    def districts(self) -> Iterator[tuple[int, int]]:
        for warehouse in range(1, self.scale.warehouses + 1):
            for district in range(1, DISTRICTS + 1):
                yield warehouse, district

    def item(self) -> Iterator[Values]:
        for number in range(1, self.scale.items + 1):
            price = self.money(uniform(self.chance, 100, 10_000))
            image = uniform(self.chance, 1, 10_000)
            yield number, image, self.texts.letters(14, 24), price, self.texts.data()

    def warehouse(self) -> Iterator[Values]:
        ytd = self.money(self.scale.customers * DISTRICTS * 1_000)
        for number in range(1, self.scale.warehouses + 1):
            tax = self.fraction(uniform(self.chance, 0, 2_000))
            yield number, self.texts.letters(6, 10), *self.texts.address(), tax, ytd

    def stock(self) -> Iterator[Values]:
        letters = self.texts.letters
        for warehouse in range(1, self.scale.warehouses + 1):
            for item in range(1, self.scale.items + 1):
                quantity = uniform(self.chance, 10, 100)
                texts = [letters(24, 24) for _ in range(DISTRICTS)]
                yield item, warehouse, quantity, *texts, 0, 0, 0, self.texts.data()

    def district(self) -> Iterator[Values]:
        ytd = self.money(self.scale.customers * 1_000)
        for warehouse, number in self.districts():
            tax = self.fraction(uniform(self.chance, 0, 2_000))
            name, address = self.texts.letters(6, 10), self.texts.address()
            yield number, warehouse, name, *address, tax, ytd, self.scale.customers + 1

    def customer(self) -> Iterator[Values]:
        texts, chance, money = self.texts, self.chance, self.money
        limit, balance, paid = money(5_000_000), money(-1_000), money(1_000)
        for warehouse, district in self.districts():
            for number in range(1, self.scale.customers + 1):
                # The first thousand have all the names, so that each is found.
                if number <= self.scale.last_names:
                    name = last_name(number - 1)
                else:
                    name = self.numbers.last_name(chance, C_LAST_LOAD)
                credit = "BC" if chance.random() < 0.1 else "GC"
                discount = self.fraction(uniform(chance, 0, 5_000))
                yield (
                    number, district, warehouse, texts.letters(8, 16), "OE", name,
                    *texts.address(), texts.digits(16), self.now, credit, limit, discount,
                    balance, paid, 1, 0, texts.letters(300, 500),
                )  # fmt: skip

    def history(self) -> Iterator[Values]:
        amount = self.money(1_000)
        for warehouse, district in self.districts():
            for number in range(1, self.scale.customers + 1):
                text = self.texts.letters(12, 24)
                yield number, district, warehouse, district, warehouse, self.now, amount, text

    def orders(self) -> Iterator[Values]:
        for warehouse, district in self.districts():
            customers = list(range(1, self.scale.customers + 1))
            self.chance.shuffle(customers)
            for number, customer in enumerate(customers, 1):
                is_delivered = number <= self.scale.delivered
                carrier = uniform(self.chance, 1, 10) if is_delivered else None
                lines = uniform(self.chance, 5, 15)
                yield number, district, warehouse, customer, self.now, carrier, lines, 1

    def new_order(self) -> Iterator[Values]:
        for warehouse, district in self.districts():
            for number in range(self.scale.delivered + 1, self.scale.customers + 1):
                yield number, district, warehouse

    def order_line(self, orders: list[Values]) -> Iterator[Values]:
        nothing = self.money(0)
        for order, district, warehouse, _, entered, carrier, lines, _ in orders:
            is_delivered = carrier is not None
            for line in range(1, lines + 1):
                item = uniform(self.chance, 1, self.scale.items)
                amount = nothing if is_delivered else self.money(uniform(self.chance, 1, 999_999))
                delivered = entered if is_delivered else None
                yield (
                    order, district, warehouse, line, item, warehouse, delivered, 5, amount,
                    self.texts.letters(24, 24),
                )  # fmt: skip


def insert(session: Session, table: str, rows: Iterator[Values]) -> None:
    """All rows of a table in one transaction."""
    first = next(rows)
    places = ", ".join("?" * len(first))
    session.begin(writes=True)
    session.executemany(f"INSERT INTO {table} VALUES ({places})", chain([first], rows))
    session.commit()


def load(engine: Engine, scale: Scale) -> None:
    """Makes the tables, fills them, and then makes the indexes and the statistics."""
    session = engine.open_session()
    session.begin(writes=True)
    for definition in TABLES.values():
        session.execute(definition)
    session.commit()
    loader = Loader(engine, scale)
    orders = list(loader.orders())  # in memory, as their lines have to fit to them
    insert(session, "item", loader.item())
    insert(session, "warehouse", loader.warehouse())
    insert(session, "stock", loader.stock())
    insert(session, "district", loader.district())
    insert(session, "customer", loader.customer())
    insert(session, "history", loader.history())
    insert(session, "orders", iter(orders))
    insert(session, "new_order", loader.new_order())
    insert(session, "order_line", loader.order_line(orders))
    session.begin(writes=True)
    for definition in INDEXES:
        session.execute(definition)
    session.execute("ANALYZE")
    session.commit()
    session.checkpoint()
    session.close()
