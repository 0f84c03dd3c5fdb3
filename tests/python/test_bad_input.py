"""Input that is wrong or huge: a clear error or the right answer, never a crash or a hang."""

import time

import pytest
import tupelo


def test_a_statement_of_ten_megabytes(con):
    text = "x" * 10_000_000
    assert con.execute(f"SELECT '{text}'").fetchone() == (text,)
    start = time.monotonic()
    with pytest.raises(tupelo.ProgrammingError):
        con.execute("SELECT " + "1, " * 3_000_000 + "FROM")
    assert time.monotonic() - start < 30
    assert con.cache_info().size == 0


def test_ten_thousand_parameters(con):
    sql = "SELECT " + " + ".join("?" * 10_000)
    try:
        assert con.execute(sql, [1] * 10_000).fetchone() == (10_000,)
    except tupelo.OperationalError as error:
        assert error.sqlstate.startswith("54")
    con.execute("CREATE TABLE t (a INTEGER)")
    sql = "INSERT INTO t VALUES " + ", ".join(["(?)"] * 10_000)
    assert con.execute(sql, list(range(10_000))).rowcount == 10_000
    with pytest.raises(tupelo.ProgrammingError):
        con.execute(sql, [1] * 9_999)


@pytest.mark.parametrize("depth", [1000, 10_000, 1_000_000])
@pytest.mark.parametrize(
    ("left", "middle", "right"),
    [
        ("(", "1", ")"),
        ("NOT ", "TRUE", ""),
        ("-", "1", ""),
        ("ABS(", "1", ")"),
        ("(SELECT ", "1", ")"),
        ("1 + (", "1", ")"),
        ("CASE WHEN TRUE THEN ", "1", " END"),
        ("", "1", " + 1"),
        ("", "TRUE", " AND TRUE"),
    ],
)
def test_deep_nesting(con, depth, left, middle, right):
    try:
        con.execute("SELECT " + left * depth + middle + right * depth).fetchall()
    except tupelo.Error as error:
        assert error.sqlstate in ("54001", "54000", "42601")
    assert con.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("sql", ["SELECT 1\0", "\0", "SELECT '\0' || 'x', \0", "SELECT a\0b"])
def test_nul_bytes(con, sql):
    with pytest.raises(tupelo.DataError) as caught:
        con.execute(sql)
    assert caught.value.sqlstate == "22021"


def test_nul_in_text_is_a_character(con):
    assert con.execute("SELECT ?, CHARACTER_LENGTH(?)", ("a\0b", "a\0b")).fetchone() == ("a\0b", 3)


@pytest.mark.parametrize("sql", ["SELECT '\ud800'", "\udfff", "SELECT 1 -- \ud800"])
def test_lone_surrogates_in_a_statement(con, sql):
    for run in (con.execute, con.prepare, con.executescript):
        with pytest.raises(tupelo.DataError) as caught:
            run(sql)
        assert caught.value.sqlstate == "22021"


def test_text_after_a_statement(con):
    with pytest.raises(tupelo.ProgrammingError):
        con.execute("SELECT 1; SELECT 2")
    with pytest.raises(tupelo.ProgrammingError):
        con.execute("SELECT 1 nonsense nonsense")
    assert con.execute("SELECT 1; -- no more\n").fetchone() == (1,)


@pytest.mark.parametrize(
    "expression",
    [
        "9223372036854775807 + ?",
        "-9223372036854775807 - ? - 1",
        "9223372036854775807 * (? + 1)",
        "CAST(-9223372036854775808 AS BIGINT) / -?",
        "-CAST(-9223372036854775808 AS BIGINT) * ?",
        "ABS(CAST(-9223372036854775808 AS BIGINT)) * ?",
    ],
)
def test_integer_overflow(con, expression):
    try:
        value = con.execute(f"SELECT {expression}", (1,)).fetchone()[0]
    except tupelo.DataError as error:
        assert error.sqlstate == "22003"
    else:
        assert value == eval(
            expression.replace("CAST(", "(")
            .replace(" AS BIGINT", "")
            .replace("ABS", "abs")
            .replace("?", "1")
            .replace(" / ", " // ")
        )


def test_huge_limits(people):
    for limit in (2**31, 2**62, 2**63 - 1):
        assert len(people.execute(f"SELECT * FROM people LIMIT {limit}").fetchall()) == 3
        assert people.execute(f"SELECT * FROM people OFFSET {limit}").fetchall() == []
    assert len(people.execute("SELECT * FROM people").fetchmany(2**62)) == 3
    with pytest.raises(OverflowError):
        people.execute("SELECT * FROM people").fetchmany(2**64)
    with pytest.raises(tupelo.DataError):
        people.execute("SELECT * FROM people LIMIT ?", (-1,)).fetchall()


def test_long_names(con):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        con.execute(f"CREATE TABLE {'t' * 1000} (a INTEGER)")
    assert caught.value.sqlstate == "42622"


def test_statements_made_of_bytes(con):
    for i in range(256):
        text = bytes([i, 83, 69, i]).decode("latin-1")
        try:
            con.execute(text)
        except tupelo.Error as error:
            assert error.sqlstate
