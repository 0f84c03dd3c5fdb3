"""How parameters are passed, and which values are taken."""

import collections
import datetime
import decimal
import enum
import fractions
import types
import zoneinfo

import pytest
import tupelo

D = decimal.Decimal


def alone(con, value):
    return con.execute("SELECT ?", (value,)).fetchone()[0]


@pytest.mark.parametrize("parameters", [(1, 2), [1, 2], range(1, 3), collections.deque([1, 2])])
def test_sequences(con, parameters):
    assert con.execute("SELECT ?, ?", parameters).fetchone() == (1, 2)


def test_mappings(con):
    sql = "SELECT :a, :b, :a"
    for mapping in (
        {"a": 1, "b": 2, "extra": 3},
        collections.ChainMap({"a": 1}, {"b": 2}),
        types.MappingProxyType({"a": 1, "b": 2}),
    ):
        assert con.execute(sql, mapping).fetchone() == (1, 2, 1)


def test_missing_of_a_dict_subclass_is_used(con):
    class Default(dict):
        def __missing__(self, key):
            return key

    assert con.execute("SELECT :name", Default()).fetchone() == ("name",)


@pytest.mark.parametrize("parameters", [(), (1,), (1, 2, 3), [1], range(5)])
def test_wrong_number(con, parameters):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        con.execute("SELECT ?, ?", parameters)
    assert caught.value.sqlstate == "07001"
    assert "2 parameters" in str(caught.value) and str(len(parameters)) in str(caught.value)


@pytest.mark.parametrize("parameters", ["ab", b"ab", {1, 2}, 5, iter([1, 2]), {"a": 1, "b": 2}])
def test_wrong_containers(con, parameters):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        con.execute("SELECT ?, ?", parameters)
    assert caught.value.sqlstate == "07001"


@pytest.mark.parametrize("parameters", [(1,), [1], "a", 5])
def test_names_need_a_mapping(con, parameters):
    with pytest.raises((tupelo.ProgrammingError, TypeError)):
        con.execute("SELECT :a", parameters)


def test_missing_name(con):
    with pytest.raises(tupelo.ProgrammingError, match=":b") as caught:
        con.execute("SELECT :a, :b", {"a": 1})
    assert caught.value.sqlstate == "42P02"


def test_no_parameters(con):
    for nothing in ((), [], {}, None):
        assert con.execute("SELECT 1", nothing).fetchone() == (1,)


def test_numbers_of_other_types(con):
    class Flag(enum.IntEnum):
        ON = 3

    assert alone(con, Flag.ON) == 3
    assert alone(con, fractions.Fraction(1, 4)) == 0.25
    assert alone(con, 2**63) == 2**63
    assert alone(con, -(10**38) + 1) == -(10**38) + 1
    assert alone(con, D("1E+5")) == 100000
    assert alone(con, D("-1.50")) == D("-1.50")
    assert alone(con, D("0E+50")) == 0
    assert alone(con, D("1." + "0" * 60)) == 1


def test_numpy_scalars(con):
    np = pytest.importorskip("numpy")
    for value, wanted in [
        (np.int8(-3), -3),
        (np.int64(2**62), 2**62),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.float16(1.5), 1.5),
        (np.bool_(True), True),
        (np.bool_(False), False),
        (np.str_("x"), "x"),
        (np.bytes_(b"x"), b"x"),
    ]:
        assert alone(con, value) == wanted
    assert alone(con, np.bool_(True)) is True
    for value in (np.array(3), np.array([1]), np.timedelta64(1), np.datetime64(1, "s")):
        with pytest.raises(tupelo.ProgrammingError):
            alone(con, value)


@pytest.mark.parametrize(
    ("value", "sqlstate"),
    [
        (float("nan"), "22003"),
        (float("inf"), "22003"),
        (-float("inf"), "22003"),
        (D("NaN"), "22003"),
        (D("sNaN"), "22003"),
        (D("-Infinity"), "22003"),
        (10**38, "22003"),
        pytest.param(10**5000, "22003", id="huge"),
        (D("1E+38"), "22003"),
        (D("1E-39"), "22003"),
        (D("1E+999999"), "22003"),
        ("\ud800", "22021"),
        ("abc\udfff", "22021"),
        (datetime.timedelta.max, "22015"),
        (
            datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(seconds=1))),
            "22009",
        ),
        (
            datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=15))),
            "22009",
        ),
        (
            datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
            "22008",
        ),
    ],
)
def test_values_that_sql_does_not_have(con, value, sqlstate):
    with pytest.raises(tupelo.DataError) as caught:
        alone(con, value)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize("value", [1j, object(), [1], (1,), {}, {1}, print, type])
def test_types_that_are_unknown(con, value):
    with pytest.raises(tupelo.ProgrammingError, match="parameter 2") as caught:
        con.execute("SELECT ?, ?", (1, value))
    assert caught.value.sqlstate == "07006"
    assert type(value).__name__ in str(caught.value)


def test_zones(con):
    berlin = (
        zoneinfo.ZoneInfo("Europe/Berlin")
        if "Europe/Berlin" in (zoneinfo.available_timezones())
        else datetime.timezone(datetime.timedelta(hours=2))
    )
    moment = datetime.datetime(2024, 7, 1, 12, tzinfo=berlin)
    found = alone(con, moment)
    assert found == moment and found.utcoffset() == datetime.timedelta(hours=2)
    # A time of day alone has no displacement in such a zone.
    if isinstance(berlin, zoneinfo.ZoneInfo):
        assert alone(con, datetime.time(12, tzinfo=berlin)) == datetime.time(12)


def test_subclasses_are_taken_as_their_base(con):
    class Liar(D):
        def __str__(self):
            return "7"

    class Text(str):
        def encode(self, *_):
            raise AssertionError

    class Stamp(datetime.datetime):
        pass

    assert alone(con, Liar("1.5")) == D("1.5")
    assert alone(con, Text("x")) == "x"
    assert alone(con, Stamp(2024, 1, 2)) == datetime.datetime(2024, 1, 2)


def test_exact_comparison_with_any_number(con):
    con.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, b BIGINT)")
    con.execute("INSERT INTO t VALUES (1, 9007199254740993)")

    def count(column, operator, value):
        sql = f"SELECT COUNT(*) FROM t WHERE {column} {operator} ?"
        return con.execute(sql, (value,)).fetchone()[0]

    assert count("i", "=", 1.0) == 1
    assert count("i", "=", 1.5) == 0 and count("i", "<", 1.5) == 1
    assert count("i", "=", D("1.0")) == 1
    assert count("i", "<", 10**30) == 1
    assert count("b", "=", 9007199254740992.0) == 0
    assert count("b", ">", 9007199254740992.0) == 1


def test_str_is_never_a_number_or_boolean(con):
    con.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, b BOOLEAN, s VARCHAR(9))")
    for sql, value in [
        ("SELECT * FROM t WHERE i = ?", "1"),
        ("SELECT * FROM t WHERE b = ?", "true"),
        ("SELECT * FROM t WHERE s = ?", 1),
        ("SELECT * FROM t WHERE i = ?", True),
        ("SELECT * FROM t WHERE b = ?", 1),
        ("INSERT INTO t (i) VALUES (?)", "1"),
        ("INSERT INTO t (i, s) VALUES (1, ?)", 1),
    ]:
        with pytest.raises(tupelo.DataError) as caught:
            con.execute(sql, (value,))
        assert caught.value.sqlstate == "22018"


def test_str_is_read_where_a_datetime_is_wanted(con):
    con.execute("CREATE TABLE t (d DATE, ts TIMESTAMP, ti TIME(3))")
    con.execute(
        "INSERT INTO t VALUES (?, ?, ?)", ("2024-02-29", "2024-02-29 01:02:03.5", "01:02:03.25")
    )
    assert con.execute("SELECT * FROM t WHERE d = ?", ("2024-02-29",)).fetchone() == (
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 1, 2, 3, 500000),
        datetime.time(1, 2, 3, 250000),
    )
    with pytest.raises(tupelo.DataError) as caught:
        con.execute("SELECT * FROM t WHERE d = ?", ("yesterday",))
    assert caught.value.sqlstate == "22007"
