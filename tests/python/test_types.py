"""Values of each SQL type, to Python and back."""

import datetime
import decimal
import pickle
import uuid

import pytest
import tupelo

D = decimal.Decimal
HALF_PAST_FIVE = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
MINUS = datetime.timezone(-datetime.timedelta(hours=3, minutes=30))

ROUND_TRIPS = [
    ("BOOLEAN", [True, False]),
    ("SMALLINT", [0, -(2**15), 2**15 - 1]),
    ("INTEGER", [0, -(2**31), 2**31 - 1]),
    ("BIGINT", [0, -(2**63), 2**63 - 1]),
    ("DECIMAL(5, 2)", [D("0.00"), D("-999.99"), D("999.99"), D("0.05")]),
    ("NUMERIC(18)", [D(10**18 - 1), D(-(10**18) + 1)]),
    ("DECIMAL(38, 10)", [D("9" * 28 + "." + "9" * 10), D("-0.0000000001")]),
    ("DECIMAL(38)", [D(10**38 - 1), D(-(10**38) + 1)]),
    ("REAL", [0.0, 1.5, -0.25, 2.0**100]),
    ("DOUBLE PRECISION", [0.0, -1.5, 0.1, 1e308, 5e-324]),
    ("CHAR(3)", ["abc", "a  ", "   ", "é€😀"]),
    ("VARCHAR(2000)", ["", "a", "é", "é€😀", "twelve bytes", "thirteen byte", "x" * 2000, "a\0b"]),
    ("CLOB", ["", "x" * 100_000, "é" * 5000]),
    ("BLOB", [b"", b"\0\xff", bytes(range(256)) * 100]),
    ("DATE", [datetime.date.min, datetime.date.max, datetime.date(2024, 2, 29)]),
    ("TIME(6)", [datetime.time.min, datetime.time.max, datetime.time(1, 2, 3, 4)]),
    (
        "TIMESTAMP",
        [
            datetime.datetime.min,
            datetime.datetime.max,
            datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
        ],
    ),
    (
        "TIME(6) WITH TIME ZONE",
        [
            datetime.time(1, 2, 3, 4, tzinfo=HALF_PAST_FIVE),
            datetime.time(23, 59, tzinfo=datetime.UTC),
        ],
    ),
    (
        "TIMESTAMP WITH TIME ZONE",
        [
            datetime.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=HALF_PAST_FIVE),
            datetime.datetime(2024, 1, 1, tzinfo=MINUS),
            datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC),
        ],
    ),
    (
        "INTERVAL YEAR(4) TO MONTH",
        [tupelo.YearMonth(), tupelo.YearMonth(12, 11), tupelo.YearMonth(-3, -1)],
    ),
    (
        "INTERVAL DAY(6) TO SECOND(6)",
        [
            datetime.timedelta(),
            datetime.timedelta(-1, 1, 1),
            datetime.timedelta(999_999, 86399, 999_999),
        ],
    ),
]


@pytest.mark.parametrize(("sql_type", "values"), ROUND_TRIPS, ids=[t for t, _ in ROUND_TRIPS])
def test_values_come_back_as_they_went_in(con, sql_type, values):
    con.execute(f"CREATE TABLE t (n INTEGER PRIMARY KEY, v {sql_type})")
    values = [*values, None]
    con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(values)))
    for number, value in enumerate(values):
        found = con.execute("SELECT v FROM t WHERE n = ?", (number,)).fetchone()[0]
        assert found == value and type(found) is type(value)
        if isinstance(value, datetime.datetime | datetime.time):
            assert found.utcoffset() == value.utcoffset()
    in_bulk = [row[0] for row in con.execute("SELECT v FROM t ORDER BY n")]
    assert in_bulk == values
    for value in values[:-1]:
        count = con.execute("SELECT COUNT(*) FROM t WHERE v = ?", (value,)).fetchone()[0]
        assert count == values.count(value)


def test_char_is_padded(con):
    con.execute("CREATE TABLE t (c CHAR(3))")
    con.execute("INSERT INTO t VALUES (?)", ("a",))
    assert con.execute("SELECT c FROM t").fetchone() == ("a  ",)


def test_uuid_goes_in_as_text(con):
    con.execute("CREATE TABLE t (u CHAR(36))")
    key = uuid.UUID("12345678-1234-5678-1234-567812345678")
    con.execute("INSERT INTO t VALUES (?)", (key,))
    assert con.execute("SELECT u FROM t WHERE u = ?", (key,)).fetchone() == (str(key),)


def test_buffers_are_binary(con):
    con.execute("CREATE TABLE t (b BLOB)")
    con.executemany(
        "INSERT INTO t VALUES (?)",
        [(b"abc",), (bytearray(b"abc"),), (memoryview(b"abc"),), (memoryview(b"axbxcx")[::2],)],
    )
    assert con.execute("SELECT b FROM t").fetchall() == [(b"abc",)] * 4


def test_decimals_keep_their_scale(con):
    rows = con.execute("SELECT 1.50, 100.00, CAST(7 AS DECIMAL(9, 3))").fetchone()
    assert [str(value) for value in rows] == ["1.50", "100.00", "7.000"]


def test_many_rows_of_every_kind(con):
    con.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, s VARCHAR(30), d DECIMAL(9, 2), b BOOLEAN)")
    wanted = [
        (i, None if i % 7 == 0 else f"näme{i % 100}" * (i % 4), D(i) / 100, i % 3 == 0)
        for i in range(10_000)
    ]
    con.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", wanted)
    assert con.execute("SELECT * FROM t ORDER BY i").fetchall() == wanted
    assert list(con.execute("SELECT * FROM t WHERE i >= 5000 ORDER BY i")) == wanted[5000:]


def test_year_month():
    span = tupelo.YearMonth(years=1, months=6)
    assert (span.years, span.months, span.total_months) == (1, 6, 18)
    assert span == tupelo.YearMonth(months=18) and hash(span) == hash(tupelo.YearMonth(0, 18))
    assert (-span).total_months == -18 and (-span).years == -1 and (-span).months == -6
    assert span + span == 2 * span == span * 2 and span - span == tupelo.YearMonth()
    assert not span - span and span and abs(-span) == +span
    assert span > tupelo.YearMonth(1) and sorted([span, -span]) == [-span, span]
    assert str(span) == "1-6" and str(-span) == "-1-6"
    assert repr(span) == "tupelo.YearMonth(years=1, months=6)"
    assert pickle.loads(pickle.dumps(-span)) == -span
    assert span != 18
    for wrong in (lambda: span + 1, lambda: span < 18, lambda: span * 1.5, lambda: span * span):
        with pytest.raises(TypeError):
            wrong()
    for too_large in (
        lambda: tupelo.YearMonth(10**10),
        lambda: span * 10**30,
        lambda: tupelo.YearMonth(2**62, 2**62),
    ):
        with pytest.raises(OverflowError):
            too_large()
