"""bench/tpcc/transactions.py: the five transactions (2.4 to 2.8), as SQL through Python.

A counter or balance is changed before it is read, by RETURNING: so each transaction is right at
every isolation level, READ COMMITTED too. Inputs are drawn first, and stay the same when a
transaction has to be run again.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .engines import Engine, Session
from .random_values import CustomerNumbers, uniform
from .schema import DISTRICTS, STOCK_TEXTS, Scale

# Of 100 transactions (5.2.3, where these are the least shares of all but New-Order).
MIX = {"new_order": 45, "payment": 43, "order_status": 4, "delivery": 4, "stock_level": 4}
READING = {"order_status", "stock_level"}

STATEMENTS = {
    "take_order_number": "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = ? "
    "AND d_id = ? RETURNING d_next_o_id - 1, d_tax",
    "warehouse_tax": "SELECT w_tax FROM warehouse WHERE w_id = ?",
    "customer_discount": "SELECT c_discount, c_last, c_credit FROM customer WHERE c_w_id = ? "
    "AND c_d_id = ? AND c_id = ?",
    "insert_order": "INSERT INTO orders (o_id, o_d_id, o_w_id, o_c_id, o_entry_d, o_ol_cnt, "
    "o_all_local) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "insert_new_order": "INSERT INTO new_order (no_o_id, no_d_id, no_w_id) VALUES (?, ?, ?)",
    "item": "SELECT i_price, i_name, i_data FROM item WHERE i_id = ?",
    "insert_line": "INSERT INTO order_line (ol_o_id, ol_d_id, ol_w_id, ol_number, ol_i_id, "
    "ol_supply_w_id, ol_quantity, ol_amount, ol_dist_info) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "pay_warehouse": "UPDATE warehouse SET w_ytd = w_ytd + ? WHERE w_id = ? "
    "RETURNING w_name, w_street_1, w_street_2, w_city, w_state, w_zip",
    "pay_district": "UPDATE district SET d_ytd = d_ytd + ? WHERE d_w_id = ? AND d_id = ? "
    "RETURNING d_name, d_street_1, d_street_2, d_city, d_state, d_zip",
    "customers_of_name": "SELECT c_id FROM customer WHERE c_w_id = ? AND c_d_id = ? "
    "AND c_last = ? ORDER BY c_first",
    "pay_customer": "UPDATE customer SET c_balance = c_balance - ?, "
    "c_ytd_payment = c_ytd_payment + ?, c_payment_cnt = c_payment_cnt + 1 "
    "WHERE c_w_id = ? AND c_d_id = ? AND c_id = ? RETURNING c_first, c_middle, c_last, c_street_1, "
    "c_street_2, c_city, c_state, c_zip, c_phone, c_since, c_credit, c_credit_lim, c_discount, "
    "c_balance",
    "customer_data": "SELECT c_data FROM customer WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
    "set_customer_data": "UPDATE customer SET c_data = ? WHERE c_w_id = ? AND c_d_id = ? "
    "AND c_id = ?",
    "insert_history": "INSERT INTO history (h_c_id, h_c_d_id, h_c_w_id, h_d_id, h_w_id, h_date, "
    "h_amount, h_data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "customer_balance": "SELECT c_balance, c_first, c_middle, c_last FROM customer "
    "WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
    "last_order": "SELECT o_id, o_entry_d, o_carrier_id FROM orders WHERE o_w_id = ? "
    "AND o_d_id = ? AND o_c_id = ? ORDER BY o_id DESC LIMIT 1",
    "lines_of_order": "SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d "
    "FROM order_line WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?",
    "oldest_new_order": "SELECT no_o_id FROM new_order WHERE no_w_id = ? AND no_d_id = ? "
    "ORDER BY no_o_id LIMIT 1",
    "delete_new_order": "DELETE FROM new_order WHERE no_w_id = ? AND no_d_id = ? AND no_o_id = ?",
    "set_carrier": "UPDATE orders SET o_carrier_id = ? WHERE o_w_id = ? AND o_d_id = ? "
    "AND o_id = ? RETURNING o_c_id",
    "deliver_lines": "UPDATE order_line SET ol_delivery_d = ? WHERE ol_w_id = ? AND ol_d_id = ? "
    "AND ol_o_id = ?",
    "amount_of_order": "SELECT SUM(ol_amount) FROM order_line WHERE ol_w_id = ? AND ol_d_id = ? "
    "AND ol_o_id = ?",
    "deliver_customer": "UPDATE customer SET c_balance = c_balance + ?, "
    "c_delivery_cnt = c_delivery_cnt + 1 WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
    "next_order": "SELECT d_next_o_id FROM district WHERE d_w_id = ? AND d_id = ?",
    "low_stock": "SELECT COUNT(DISTINCT s_i_id) FROM order_line, stock WHERE ol_w_id = ? "
    "AND ol_d_id = ? AND ol_o_id < ? AND ol_o_id >= ? AND s_w_id = ? AND s_i_id = ol_i_id "
    "AND s_quantity < ?",
}

# One for each district, whose text the line of the order gets. The new quantity is that of 2.4.2.2.
TAKE_STOCK = (
    "UPDATE stock SET s_quantity = CASE WHEN s_quantity >= ? THEN s_quantity - ? "
    "ELSE s_quantity + ? END, s_ytd = s_ytd + ?, s_order_cnt = s_order_cnt + 1, "
    "s_remote_cnt = s_remote_cnt + ? WHERE s_w_id = ? AND s_i_id = ? "
    "RETURNING s_quantity, {text}, s_data"
)


@dataclass(frozen=True)
class Line:
    item: int
    supplier: int  # the warehouse
    quantity: int


@dataclass(frozen=True)
class Customer:
    warehouse: int
    district: int
    number: int  # 0 where the customer is found by last name
    last_name: str


class Terminal:
    """A session that runs transactions of one warehouse. Each of the five methods draws the input
    and gives a function that runs the transaction with it: without the commit, and False where the
    transaction is to be rolled back."""

    def __init__(
        self, engine: Engine, session: Session, scale: Scale, warehouse: int, chance: random.Random
    ) -> None:
        self.engine, self.session, self.scale = engine, session, scale
        self.warehouse, self.chance = warehouse, chance
        self.numbers = CustomerNumbers(scale)
        self.district = uniform(chance, 1, DISTRICTS)  # of Stock-Level alone (2.8.1.1)
        self.sql = {name: session.prepare(text) for name, text in STATEMENTS.items()}
        self.take_stock = [session.prepare(TAKE_STOCK.format(text=text)) for text in STOCK_TEXTS]

    def draw(self, kind: str) -> Callable[[], bool]:
        drawn: Callable[[], bool] = getattr(self, kind)()
        return drawn

    def random_district(self) -> int:
        return uniform(self.chance, 1, DISTRICTS)

    def other_warehouse(self) -> int:
        """Any but the terminal's own; that one where it is the only one."""
        if self.scale.warehouses == 1:
            return self.warehouse
        other = uniform(self.chance, 1, self.scale.warehouses - 1)
        return other + (other >= self.warehouse)

    def random_customer(self, warehouse: int, district: int) -> Customer:
        """60 % by last name (2.5.1.2, 2.6.1.2)."""
        if self.chance.random() < 0.6:
            return Customer(warehouse, district, 0, self.numbers.last_name(self.chance))
        return Customer(warehouse, district, self.numbers.customer(self.chance), "")

    def find_customer(self, customer: Customer) -> int:
        """Of those with the last name the one in the middle, by first names (2.5.2.2)."""
        if customer.number:
            return customer.number
        found = self.sql["customers_of_name"](
            customer.warehouse, customer.district, customer.last_name
        )
        return int(found[(len(found) - 1) // 2][0])

    # --- New-Order (2.4) ------------------------------------------------------------------------

    def new_order(self) -> Callable[[], bool]:
        chance = self.chance
        district, customer = self.random_district(), self.numbers.customer(chance)
        lines = []
        for _ in range(uniform(chance, 5, 15)):
            supplier = self.other_warehouse() if chance.random() < 0.01 else self.warehouse
            lines.append(Line(self.numbers.item(chance), supplier, uniform(chance, 1, 10)))
        if chance.random() < 0.01:  # one that is not there (2.4.1.4, 2.4.1.5)
            lines[-1] = Line(self.scale.items + 1, self.warehouse, 1)
        return lambda: self.run_new_order(district, customer, lines)

    def run_new_order(self, district: int, customer: int, lines: list[Line]) -> bool:
        sql, warehouse = self.sql, self.warehouse
        ((order, district_tax),) = sql["take_order_number"](warehouse, district)
        ((warehouse_tax,),) = sql["warehouse_tax"](warehouse)
        ((discount, _, _),) = sql["customer_discount"](warehouse, district, customer)
        all_local = int(all(line.supplier == warehouse for line in lines))
        sql["insert_order"](
            order, district, warehouse, customer, self.engine.now(), len(lines), all_local
        )
        sql["insert_new_order"](order, district, warehouse)
        take_stock = self.take_stock[district - 1]
        total: Any = 0
        for number, line in enumerate(lines, 1):
            found = sql["item"](line.item)
            if not found:
                return False
            quantity = line.quantity
            ((_, text, _),) = take_stock(
                quantity + 10, quantity, 91 - quantity, quantity,
                int(line.supplier != warehouse), line.supplier, line.item,
            )  # fmt: skip
            amount = found[0][0] * quantity
            total += amount
            sql["insert_line"](
                order, district, warehouse, number, line.item, line.supplier, quantity, amount, text
            )
        total *= (1 - discount) * (1 + warehouse_tax + district_tax)  # what the terminal would show
        return True

    # --- Payment (2.5) --------------------------------------------------------------------------

    def payment(self) -> Callable[[], bool]:
        chance = self.chance
        district = self.random_district()
        if chance.random() < 0.85:
            customer = self.random_customer(self.warehouse, district)
        else:
            customer = self.random_customer(self.other_warehouse(), self.random_district())
        amount = self.engine.money(uniform(chance, 100, 500_000))
        return lambda: self.run_payment(district, customer, amount)

    def run_payment(self, district: int, customer: Customer, amount: Any) -> bool:
        sql, warehouse = self.sql, self.warehouse
        ((warehouse_name, *_),) = sql["pay_warehouse"](amount, warehouse)
        ((district_name, *_),) = sql["pay_district"](amount, warehouse, district)
        number = self.find_customer(customer)
        key = customer.warehouse, customer.district, number
        ((*_, credit, _, _, _),) = sql["pay_customer"](amount, amount, *key)
        if credit == "BC":
            ((data,),) = sql["customer_data"](*key)
            known = (number, customer.district, customer.warehouse, district, warehouse, amount)
            data = f"{' '.join(map(str, known))} {data}"[:500]
            sql["set_customer_data"](data, *key)
        sql["insert_history"](
            number, customer.district, customer.warehouse, district, warehouse, self.engine.now(),
            amount, f"{warehouse_name}    {district_name}",
        )  # fmt: skip
        return True

    # --- Order-Status (2.6) ---------------------------------------------------------------------

    def order_status(self) -> Callable[[], bool]:
        customer = self.random_customer(self.warehouse, self.random_district())
        return lambda: self.run_order_status(customer)

    def run_order_status(self, customer: Customer) -> bool:
        sql, key = self.sql, (customer.warehouse, customer.district)
        number = self.find_customer(customer)
        sql["customer_balance"](*key, number)
        ((order, _, _),) = sql["last_order"](*key, number)
        sql["lines_of_order"](*key, order)
        return True

    # --- Delivery (2.7) -------------------------------------------------------------------------

    def delivery(self) -> Callable[[], bool]:
        carrier = uniform(self.chance, 1, 10)
        return lambda: self.run_delivery(carrier)

    def run_delivery(self, carrier: int) -> bool:
        """Of all districts in one transaction, and at once (2.7.4.2 allows both). A district
        without new orders is left out."""
        sql, warehouse = self.sql, self.warehouse
        now = self.engine.now()
        for district in range(1, DISTRICTS + 1):
            order = self.take_new_order(district)
            if order is None:
                continue
            ((customer,),) = sql["set_carrier"](carrier, warehouse, district, order)
            sql["deliver_lines"](now, warehouse, district, order)
            ((amount,),) = sql["amount_of_order"](warehouse, district, order)
            sql["deliver_customer"](amount, warehouse, district, customer)
        return True

    def take_new_order(self, district: int) -> int | None:
        """The oldest one; at READ COMMITTED another delivery may have taken it meanwhile."""
        while found := self.sql["oldest_new_order"](self.warehouse, district):
            if self.sql["delete_new_order"](self.warehouse, district, found[0][0]) == 1:
                return int(found[0][0])
        return None

    # --- Stock-Level (2.8) ----------------------------------------------------------------------

    def stock_level(self) -> Callable[[], bool]:
        threshold = uniform(self.chance, 10, 20)
        return lambda: self.run_stock_level(threshold)

    def run_stock_level(self, threshold: int) -> bool:
        sql, warehouse, district = self.sql, self.warehouse, self.district
        ((order,),) = sql["next_order"](warehouse, district)
        sql["low_stock"](warehouse, district, order, order - 20, warehouse, threshold)
        return True
