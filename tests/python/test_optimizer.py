"""Rules of the optimizer: where they fire, where they must not, and that answers stay the same."""

import pytest
import tupelo


@pytest.fixture(scope="module")
def con():
    with tupelo.connect(":memory:") as con:
        con.execute("CREATE TABLE many (k INTEGER, v INTEGER, c CHAR(4), d DATE)")
        con.executemany(
            "INSERT INTO many VALUES (?, ?, ?, DATE '2020-01-01')",
            ((i % 20_000, i % 7, f"x{i % 10}") for i in range(60_000)),
        )
        con.execute("CREATE TABLE few (k INTEGER PRIMARY KEY, name VARCHAR(10))")
        con.executemany("INSERT INTO few VALUES (?, ?)", ((i * 50, f"n{i}") for i in range(100)))
        con.execute("ANALYZE")
        con.commit()
        yield con


def plan(con, sql):
    return "\n".join(row[0] for row in con.execute("EXPLAIN " + sql).fetchall())


def rules(con, sql):
    last = plan(con, sql).splitlines()[-1]
    return set(last.removeprefix("Rules: ").split(", ")) if last.startswith("Rules: ") else set()


CASES = {
    "reduce_groups": [
        "SELECT name FROM few WHERE 3 < (SELECT AVG(v) FROM many WHERE many.k = few.k)",
        "SELECT name, s FROM few JOIN (SELECT k, SUM(v) AS s FROM many GROUP BY k) g "
        "ON g.k = few.k",
    ],
    "choose_build_sides": [
        "SELECT name, v FROM few LEFT JOIN many ON many.k = few.k",
    ],
    "order_conditions": [
        "SELECT COUNT(*) FROM many WHERE c LIKE '%1' AND v = 3",
    ],
}


@pytest.mark.parametrize(
    ("rule", "sql"), [(rule, sql) for rule, queries in CASES.items() for sql in queries]
)
def test_a_rule_fires_and_changes_no_answer(con, rule, sql):
    assert rule in rules(con, sql)
    with_rule = sorted(con.execute(sql).fetchall(), key=repr)
    con.execute(f"SET optimizer_disabled_rules = '{rule}'")
    try:
        assert rule not in rules(con, sql)
        assert sorted(con.execute(sql).fetchall(), key=repr) == with_rule
    finally:
        con.execute("SET optimizer_disabled_rules = ''")
    assert with_rule


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        # The groups without a match are in the answer, or there are few.
        (
            "reduce_groups",
            "SELECT name, s FROM (SELECT k, SUM(v) AS s FROM many GROUP BY k) g "
            "LEFT JOIN few ON g.k = few.k",
        ),
        (
            "reduce_groups",
            "SELECT name, s FROM few JOIN (SELECT v, SUM(k) AS s FROM many GROUP BY v) g "
            "ON g.v = few.k",
        ),
        # What is kept whole is the larger side already.
        ("choose_build_sides", "SELECT name, v FROM many LEFT JOIN few ON many.k = few.k"),
        # The first guards the second.
        ("order_conditions", "SELECT COUNT(*) FROM many WHERE v <> 0 AND 12 / v > 3"),
    ],
)
def test_a_rule_does_not_fire(con, rule, sql):
    assert rule not in rules(con, sql)
