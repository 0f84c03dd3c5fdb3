"""Parameters that are assigned to columns: the same rules whatever ran before."""

import decimal

import pytest
import tupelo

INSERT = "INSERT INTO t (small, n, name, long) VALUES (?, ?, ?, ?)"


@pytest.fixture
def con():
    with tupelo.connect(":memory:") as con:
        con.execute("CREATE TABLE t (small SMALLINT, n INTEGER, name VARCHAR(5), long CLOB)")
        yield con


def rows(con):
    return con.execute("SELECT small, n, name, long FROM t").fetchall()


def test_values_that_fit_are_stored_each_time(con):
    for i in range(4):
        con.execute(INSERT, (i, -i, "é" * i, "x" * (i * 20)))
    assert rows(con) == [(i, -i, "é" * i, "x" * (i * 20)) for i in range(4)]


@pytest.mark.parametrize("warm", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("values", "sqlstate", "column"),
    [
        ((32768, 0, "", ""), "22003", "small"),
        ((-32769, 0, "", ""), "22003", "small"),
        ((0, 2**31, "", ""), "22003", "n"),
        ((0, -(2**31) - 1, "", ""), "22003", "n"),
        ((0, 2**70, "", ""), "22003", "n"),
        ((0, 0, "abcdef", ""), "22001", "name"),
        ((0, 0, "ééé€€€", ""), "22001", "name"),
        ((0, 0, 7, ""), "22018", "name"),
        ((0, "7", "", ""), "22018", "n"),
        ((0, 1.5, "", ""), "22003", "n"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_whatever_ran_before(
    con, warm, values, sqlstate, column
):
    for _ in range(warm):
        con.execute(INSERT, (1, 2, "abc", "d"))
    with pytest.raises(tupelo.DataError) as error:
        con.execute(INSERT, values)
    assert error.value.sqlstate == sqlstate
    assert error.value.column.lower() == column
    assert len(rows(con)) == warm


def test_limits_and_kinds_of_values_alternate(con):
    given = [
        (32767, 2**31 - 1, "abcde", "x"),
        (None, None, None, None),
        (-32768, -(2**31), "éé", ""),
        (decimal.Decimal(7), 3.0, "éé€€€", "y" * 100),
        (True, 1, "a", "b"),
    ]
    for values in given[:4] * 2:
        con.execute(INSERT, values)
    assert rows(con) == [
        (32767, 2**31 - 1, "abcde", "x"),
        (None, None, None, None),
        (-32768, -(2**31), "éé", ""),
        (7, 3, "éé€€€", "y" * 100),
    ] * 2
    with pytest.raises(tupelo.DataError):
        con.execute(INSERT, given[4])


def test_many_rows_with_one_that_does_not_fit_leave_nothing(con):
    con.executemany(INSERT, [(1, 1, "a", "b")] * 3)
    with pytest.raises(tupelo.DataError) as error:
        con.executemany(INSERT, [(1, 1, "a", "b")] * 5000 + [(1, 2**40, "a", "b")])
    assert error.value.sqlstate == "22003"
    assert len(rows(con)) == 3


def test_a_parameter_used_twice_keeps_its_own_type(con):
    sql = "INSERT INTO t (n, long) VALUES (:a, CAST(:a * 2000000000 AS CLOB))"
    for _ in range(3):
        con.execute(sql, {"a": 3})
    assert [row[3] for row in rows(con)] == ["6000000000"] * 3


def test_the_column_may_get_another_type(con):
    sql = "UPDATE t SET n = ?, name = ?"
    con.execute(INSERT, (1, 1, "a", "b"))
    for _ in range(3):
        con.execute(sql, (5, "abcde"))
    con.commit()
    con.execute("ALTER TABLE t ALTER COLUMN n SET DATA TYPE BIGINT")
    con.execute("ALTER TABLE t ALTER COLUMN name SET DATA TYPE VARCHAR(10)")
    for number, name in ((6, "a"), (2**40, "abcdefghij"), (7, "b")):
        con.execute(sql, (number, name))
        assert rows(con) == [(1, number, name, "b")]
    with pytest.raises(tupelo.DataError):
        con.execute(sql, (2**70, "a"))


def test_an_assignment_in_update_and_merge(con):
    con.execute(INSERT, (1, 1, "a", "b"))
    merge = (
        "MERGE INTO t USING (VALUES (1)) AS s (small) ON t.small = s.small "
        "WHEN MATCHED THEN UPDATE SET n = ?"
    )
    for value in (10, 20, 30):
        con.execute(merge, (value,))
        assert rows(con)[0][1] == value
    with pytest.raises(tupelo.DataError) as error:
        con.execute(merge, (2**31,))
    assert error.value.sqlstate == "22003"
