"""The comparison of random transactions with their serial orders: it tells what has one from what
has none; and short runs have nothing but at the level that allows it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "isolation"))

import serial_orders  # noqa: E402
from scenario import Level  # noqa: E402
from serial_orders import NO_ORDER, Attempt, Gave, Observed, Tables  # noqa: E402
from serial_programs import Case, Statement, draw  # noqa: E402

DEFINITIONS = (
    "CREATE TABLE a (id INTEGER PRIMARY KEY, k INTEGER)",
    "CREATE TABLE b (id INTEGER PRIMARY KEY, v INTEGER)",
    "CREATE TABLE c (x INTEGER, y INTEGER, PRIMARY KEY (x, y))",
)
COUNT = "SELECT COUNT(*) FROM a WHERE k = 1"
FIRST = "UPDATE a SET k = 0 WHERE id = 1"
SECOND = "UPDATE a SET k = 0 WHERE id = 2"
# Of two transactions that begin together.
BESIDE = (0, 1, 0, 1, 0, 1)


def case_of(*programs: list[str], order: tuple[int, ...], level: Level = "SERIALIZABLE") -> Case:
    """On a table with two rows."""
    rows = (("a", "(1, 1)"), ("a", "(2, 1)"))
    statements = tuple(tuple(map(Statement, program)) for program in programs)
    return Case(0, level, DEFINITIONS, rows, statements, order)


SKEW = case_of([COUNT, FIRST], [COUNT, SECOND], order=BESIDE)


def committed(*gave: Gave) -> Attempt:
    return Attempt(list(gave), committed=True)


def failed(sqlstate: str, *gave: Gave) -> Attempt:
    return Attempt(list(gave), sqlstate=sqlstate)


def tables(*a: tuple[int, int]) -> Tables:
    return {"a": list(a), "b": [], "c": []}


def fault_of(case: Case, attempts: list[Attempt], end: Tables) -> str:
    """Of what did not happen, but might have."""
    return serial_orders.judge(case, Observed(attempts, end)).fault


def test_write_skew_has_no_serial_order() -> None:
    attempts = [committed([(2,)], 1), committed([(2,)], 1)]
    verdict = serial_orders.judge(SKEW, Observed(attempts, tables((1, 0), (2, 0))))
    assert verdict.fault == NO_ORDER
    assert verdict.disagreements == {
        (0, 1): f"t2: {COUNT} -> (1)",
        (1, 0): f"t1: {COUNT} -> (1)",
    }


@pytest.mark.parametrize("counts", [(2, 1), (1, 2)])
def test_either_order_will_do(counts: tuple[int, int]) -> None:
    attempts = [committed([(count,)], 1) for count in counts]
    assert fault_of(SKEW, attempts, tables((1, 0), (2, 0))) == ""


def test_what_failed_is_left_out() -> None:
    attempts = [committed([(2,)], 1), failed("40001", [(2,)], 1)]
    assert fault_of(SKEW, attempts, tables((1, 0), (2, 1))) == ""
    # Nothing of it may be in the tables.
    assert fault_of(SKEW, attempts, tables((1, 0), (2, 0))) == NO_ORDER
    assert fault_of(SKEW, [failed("40001"), failed("23505")], tables((1, 1), (2, 1))) == ""


def test_a_lost_update_has_no_serial_order() -> None:
    add = "UPDATE a SET k = k + 1 WHERE id = 1"
    case = case_of([add], [add], order=(0, 1, 0, 1))
    attempts = [committed(1), committed(1)]
    assert fault_of(case, attempts, tables((1, 3), (2, 1))) == ""
    assert fault_of(case, attempts, tables((1, 2), (2, 1))) == NO_ORDER


def test_counts_of_changed_rows_are_compared() -> None:
    case = case_of(["DELETE FROM a WHERE k = 0"], [FIRST], order=(0, 1, 0, 1))
    attempts = [committed(0), committed(1)]
    assert fault_of(case, attempts, tables((1, 0), (2, 1))) == ""
    assert fault_of(case, attempts, tables((2, 1))) == NO_ORDER
    assert fault_of(case, [committed(1), committed(1)], tables((2, 1))) == ""


def test_what_is_undone_has_been_seen() -> None:
    """The third sees what it does itself until it is undone, and all or nothing of the others."""
    undone = ["SAVEPOINT p", SECOND, "SELECT k FROM a ORDER BY id", "ROLLBACK TO p"]
    case = case_of([FIRST], [SECOND, COUNT], undone, order=(0, 1, 2, 0, 1, 2, 1, 2, 2, 2))
    ends = tables((1, 0), (2, 0))
    others = [committed(1), committed(1, [(0,)])]
    for seen, fault in (((0, 0), ""), ((1, 0), ""), ((0, 1), NO_ORDER)):
        rows = [(k,) for k in seen]
        assert fault_of(case, [*others, committed(-1, 1, rows, -1)], ends) == fault


@pytest.mark.parametrize(
    ("sqlstate", "program", "fault"),
    [
        ("40001", [COUNT, FIRST], ""),
        ("40P01", [COUNT, FIRST], ""),
        ("23505", [COUNT, FIRST], ""),
        ("23503", [COUNT, FIRST], "t1 fails 23503: "),
        ("XX000", [COUNT, FIRST], "t1 fails XX000: "),
        ("40001", [COUNT, "SELECT id FROM a FOR UPDATE"], ""),
        ("40001", [COUNT, COUNT], "t1, which only reads, fails 40001"),
    ],
)
def test_how_a_transaction_may_fail(sqlstate: str, program: list[str], fault: str) -> None:
    case = case_of(program, [SECOND], order=(0, 1, 0, 1, 0))
    attempts = [failed(sqlstate, [(2,)]), committed(1)]
    assert fault_of(case, attempts, tables((1, 1), (2, 0))) == fault


def test_a_case_runs_step_by_step() -> None:
    observed = serial_orders.observe(SKEW)
    assert observed.attempts[0] == committed([(2,)], 1)
    second = observed.attempts[1]
    assert (second.gave, second.committed, second.sqlstate) == ([[(2,)], 1], False, "40001")
    assert observed.tables == tables((1, 0), (2, 1))


def test_a_case_that_fails_is_reduced(capsys: pytest.CaptureFixture[str]) -> None:
    insert = "INSERT INTO b VALUES (1, 1)"
    order = (2, 2, 0, 1, 1, *BESIDE)
    case = case_of(
        [COUNT, FIRST], [insert, COUNT, SECOND], [insert], order=order, level="REPEATABLE READ"
    )
    serial_orders.show(case, NO_ORDER)
    steps = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert steps[steps.index(f"t1: {COUNT} -> (2)") :] == [
        f"t1: {COUNT} -> (2)",
        f"t2: {COUNT} -> (2)",
        f"t1: {FIRST} changes 1",
        f"t2: {SECOND} changes 1",
        "t1: COMMIT",
        "t2: COMMIT",
        "a in the end -> (1, 0) (2, 0)",
        "b in the end -> none",
        "c in the end -> none",
        f"with t1, t2 first: t2: {COUNT} -> (1)",
        f"with t2, t1 first: t1: {COUNT} -> (1)",
    ]


def test_a_seed_always_draws_the_same() -> None:
    assert draw(7, 3, "SERIALIZABLE") == draw(7, 3, "SERIALIZABLE")
    assert draw(7, 3, "SERIALIZABLE") != draw(8, 3, "SERIALIZABLE")


@pytest.mark.parametrize(("transactions", "cases"), [(2, 1000), (3, 600)])
def test_serializable_transactions_have_an_order(transactions: int, cases: int) -> None:
    given = ["--seed", "1", "--transactions", str(transactions), "--cases", str(cases)]
    assert serial_orders.main(given) == 0


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--seed", "1", "--cases", "200", "--level", "REPEATABLE READ"]
    assert serial_orders.main([*given, "--expect-anomalies"]) == 0
    assert "without a serial order" in capsys.readouterr().out
    assert serial_orders.main(given) == 1
    assert "at REPEATABLE READ: no serial order" in capsys.readouterr().out
    assert serial_orders.main(["--seed", "1", "--cases", "20", "--expect-anomalies"]) == 1
    assert "EXPECTED and not found: a case" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        serial_orders.main(["--transactions", "1"])
    with pytest.raises(SystemExit):
        serial_orders.main(["--cases", "0"])
