"""bench/tpcc/schema.py: the nine tables (1.3), and how many rows they have (1.2.1).

The text is the same for all engines. ORDER is a reserved word, so that table is called orders.
There are primary keys, and the two indexes that finding customers by name and their last orders
asks for; no foreign keys, which sqlite3 leaves unchecked unless asked.
"""

from dataclasses import dataclass

DISTRICTS = 10  # of a warehouse

# S_DIST_01 to S_DIST_10: a text for each district.
STOCK_TEXTS = [f"s_dist_{number:02}" for number in range(1, DISTRICTS + 1)]

TABLES = {
    "warehouse": """CREATE TABLE warehouse (
        w_id INTEGER PRIMARY KEY, w_name VARCHAR(10), w_street_1 VARCHAR(20),
        w_street_2 VARCHAR(20), w_city VARCHAR(20), w_state CHAR(2), w_zip CHAR(9),
        w_tax DECIMAL(4, 4), w_ytd DECIMAL(12, 2))""",
    "district": """CREATE TABLE district (
        d_id INTEGER, d_w_id INTEGER, d_name VARCHAR(10), d_street_1 VARCHAR(20),
        d_street_2 VARCHAR(20), d_city VARCHAR(20), d_state CHAR(2), d_zip CHAR(9),
        d_tax DECIMAL(4, 4), d_ytd DECIMAL(12, 2), d_next_o_id INTEGER,
        PRIMARY KEY (d_w_id, d_id))""",
    "customer": """CREATE TABLE customer (
        c_id INTEGER, c_d_id INTEGER, c_w_id INTEGER, c_first VARCHAR(16), c_middle CHAR(2),
        c_last VARCHAR(16), c_street_1 VARCHAR(20), c_street_2 VARCHAR(20), c_city VARCHAR(20),
        c_state CHAR(2), c_zip CHAR(9), c_phone CHAR(16), c_since TIMESTAMP, c_credit CHAR(2),
        c_credit_lim DECIMAL(12, 2), c_discount DECIMAL(4, 4), c_balance DECIMAL(12, 2),
        c_ytd_payment DECIMAL(12, 2), c_payment_cnt INTEGER, c_delivery_cnt INTEGER,
        c_data VARCHAR(500), PRIMARY KEY (c_w_id, c_d_id, c_id))""",
    "history": """CREATE TABLE history (
        h_c_id INTEGER, h_c_d_id INTEGER, h_c_w_id INTEGER, h_d_id INTEGER, h_w_id INTEGER,
        h_date TIMESTAMP, h_amount DECIMAL(6, 2), h_data VARCHAR(24))""",
    "new_order": """CREATE TABLE new_order (
        no_o_id INTEGER, no_d_id INTEGER, no_w_id INTEGER,
        PRIMARY KEY (no_w_id, no_d_id, no_o_id))""",
    "orders": """CREATE TABLE orders (
        o_id INTEGER, o_d_id INTEGER, o_w_id INTEGER, o_c_id INTEGER, o_entry_d TIMESTAMP,
        o_carrier_id INTEGER, o_ol_cnt INTEGER, o_all_local INTEGER,
        PRIMARY KEY (o_w_id, o_d_id, o_id))""",
    "order_line": """CREATE TABLE order_line (
        ol_o_id INTEGER, ol_d_id INTEGER, ol_w_id INTEGER, ol_number INTEGER, ol_i_id INTEGER,
        ol_supply_w_id INTEGER, ol_delivery_d TIMESTAMP, ol_quantity INTEGER,
        ol_amount DECIMAL(6, 2), ol_dist_info CHAR(24),
        PRIMARY KEY (ol_w_id, ol_d_id, ol_o_id, ol_number))""",
    "item": """CREATE TABLE item (
        i_id INTEGER PRIMARY KEY, i_im_id INTEGER, i_name VARCHAR(24), i_price DECIMAL(5, 2),
        i_data VARCHAR(50))""",
    "stock": f"""CREATE TABLE stock (
        s_i_id INTEGER, s_w_id INTEGER, s_quantity INTEGER,
        {", ".join(f"{name} CHAR(24)" for name in STOCK_TEXTS)},
        s_ytd INTEGER, s_order_cnt INTEGER, s_remote_cnt INTEGER, s_data VARCHAR(50),
        PRIMARY KEY (s_w_id, s_i_id))""",
}

INDEXES = [
    "CREATE INDEX customer_by_name ON customer (c_w_id, c_d_id, c_last, c_first)",
    "CREATE INDEX orders_by_customer ON orders (o_w_id, o_d_id, o_c_id, o_id)",
]


@dataclass(frozen=True)
class Scale:
    """How large the database is; `down` divides what the specification fixes, for tests."""

    warehouses: int = 2
    down: int = 1

    @property
    def items(self) -> int:
        return max(20, 100_000 // self.down)

    @property
    def customers(self) -> int:
        """Of a district, which has as many orders at first."""
        return max(10, 3_000 // self.down)

    @property
    def delivered(self) -> int:
        """Of a district's first orders; the others are new ones (4.3.3.1: 2,100 of 3,000)."""
        return self.customers * 7 // 10

    @property
    def last_names(self) -> int:
        """How many different last names there are in a district (4.3.3.1: 1,000)."""
        return min(1_000, self.customers)
