"""TPC-C on a small database: the transactions run, and leave what the specification calls
consistent; each of its conditions finds what breaks it."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from tpcc.consistency import CONDITIONS, violations  # noqa: E402
from tpcc.driver import measure  # noqa: E402
from tpcc.engines import ENGINES, Engine, Settings  # noqa: E402
from tpcc.load import load  # noqa: E402
from tpcc.schema import Scale  # noqa: E402
from tpcc.transactions import MIX, Line, Terminal  # noqa: E402

SCALE = Scale(warehouses=2, down=100)

# For each condition a change that it has to find; several conditions may speak of one column.
BREAKS = {
    1: "UPDATE district SET d_ytd = d_ytd + 1 WHERE d_w_id = 1 AND d_id = 3",
    2: "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = 2 AND d_id = 10",
    3: "DELETE FROM new_order WHERE no_w_id = 1 AND no_d_id = 1 AND no_o_id = 25",
    4: "UPDATE orders SET o_ol_cnt = o_ol_cnt + 1 WHERE o_w_id = 1 AND o_d_id = 1 AND o_id = 1",
    5: "UPDATE orders SET o_carrier_id = 7 WHERE o_w_id = 1 AND o_d_id = 1 AND o_id = 30",
    6: "DELETE FROM order_line WHERE ol_w_id = 2 AND ol_d_id = 2 AND ol_o_id = 4 AND ol_number = 2",
    7: "UPDATE order_line SET ol_delivery_d = NULL WHERE ol_w_id = 1 AND ol_d_id = 5 "
    "AND ol_o_id = 1 AND ol_number = 5",
    8: "UPDATE warehouse SET w_ytd = w_ytd - 1 WHERE w_id = 2",
    9: "UPDATE history SET h_amount = h_amount + 0.01 WHERE h_w_id = 1 AND h_d_id = 4 "
    "AND h_c_id = 3",
    10: "UPDATE customer SET c_balance = c_balance + 0.01 WHERE c_w_id = 1 AND c_d_id = 1 "
    "AND c_id = 1",
    11: "DELETE FROM orders WHERE o_w_id = 1 AND o_d_id = 9 AND o_id = 29",
    12: "UPDATE customer SET c_ytd_payment = c_ytd_payment + 0.01 WHERE c_w_id = 2 AND c_d_id = 7 "
    "AND c_id = 30",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The first contents, which no test of those that take this changes for good."""
    engine = ENGINES["tupelo"](Settings(tmp_path_factory.mktemp("tpcc"), "off"))
    load(engine, SCALE)
    yield engine
    engine.close()


def test_the_first_contents_are_consistent(loaded: Engine) -> None:
    session = loaded.open_session()
    assert violations(session) == {}
    counts = session.prepare(
        "SELECT (SELECT COUNT(*) FROM stock), (SELECT COUNT(*) FROM customer), "
        "(SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM new_order)"
    )()
    session.close()
    assert counts == [(2_000, 600, 600, 180)]


@pytest.mark.parametrize("number", CONDITIONS)
def test_each_condition_finds_what_breaks_it(loaded: Engine, number: int) -> None:
    session = loaded.open_session()
    changed = session.prepare(BREAKS[number])()
    rows = session.prepare(CONDITIONS[number])()
    session.close()
    assert changed == 1
    assert len(rows) == 1


# What a transaction of the first warehouse changes: (a query, the change of its number).
EFFECTS = {
    "new_order": [("SELECT SUM(d_next_o_id) FROM district", 1), ("SELECT COUNT(*) FROM orders", 1)],
    "payment": [
        ("SELECT COUNT(*) FROM history", 1),
        ("SELECT SUM(c_payment_cnt) FROM customer", 1),
    ],
    "order_status": [],
    "delivery": [
        ("SELECT COUNT(*) FROM new_order", -10),
        ("SELECT SUM(c_delivery_cnt) FROM customer", 10),
    ],
    "stock_level": [],
}


@pytest.mark.parametrize("kind", MIX)
def test_each_transaction_does_its_work(loaded: Engine, kind: str) -> None:
    session = loaded.open_session()
    terminal = Terminal(loaded, session, SCALE, 1, random.Random(1))
    queries = [session.prepare(query) for query, _ in EFFECTS[kind]]
    before = [query()[0][0] for query in queries]
    assert terminal.draw(kind)()
    after = [query()[0][0] for query in queries]
    session.close()
    changes = [new - old for new, old in zip(after, before, strict=True)]
    assert changes == [change for _, change in EFFECTS[kind]]


def test_a_new_order_of_an_unknown_item_is_not_to_be_committed(loaded: Engine) -> None:
    session = loaded.open_session()
    terminal = Terminal(loaded, session, SCALE, 1, random.Random(1))
    lines = [Line(1, 1, 5), Line(SCALE.items + 1, 1, 1)]
    assert not terminal.run_new_order(1, 1, lines)
    session.close()


@pytest.mark.parametrize("name", ENGINES)
def test_two_threads_leave_a_consistent_database(name: str, tmp_path: Path) -> None:
    engine = ENGINES[name](Settings(tmp_path, "off"))
    load(engine, SCALE)
    tally = measure(engine, SCALE, threads=2, seconds=1.5, seed=1, warm_up_s=0)
    assert tally.latencies_ns["new_order"] and tally.latencies_ns["payment"]
    session = engine.open_session()
    assert violations(session) == {}
    ((orders,),) = session.prepare("SELECT COUNT(*) FROM orders")()
    session.close()
    # Each New-Order that was not rolled back is there.
    assert orders == 600 + len(tally.latencies_ns["new_order"]) - tally.rolled_back
    engine.close()
