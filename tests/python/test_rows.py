"""Row factories, and the Row type."""

import collections.abc
import pickle

import pytest
import tupelo


@pytest.fixture
def cur(con):
    cursor = con.cursor()
    cursor.row_factory = tupelo.Row
    return cursor.execute('SELECT 1 AS "id", \'x\' AS "Name", 2.5e0 AS "id2"')


def test_tuples_are_the_default(con):
    assert con.row_factory is None
    row = con.execute("SELECT 1, 'x'").fetchone()
    assert type(row) is tuple and row == (1, "x")
    con.row_factory = tupelo.tuple_row
    assert type(con.execute("SELECT 1").fetchone()) is tuple


def test_row_by_number_name_and_slice(cur):
    row = cur.fetchone()
    assert isinstance(row, tupelo.Row) and isinstance(row, collections.abc.Sequence)
    assert (row[0], row[-1], row["id"], row["Name"]) == (1, 2.5, 1, "x")
    assert row["NAME"] == row["name"] == "x"
    assert row[:2] == (1, "x") and row[::-1] == (2.5, "x", 1)
    assert len(row) == 3 and list(row) == [1, "x", 2.5] and "x" in row
    assert row.keys() == ["id", "Name", "id2"]
    assert dict(row) == {"id": 1, "Name": "x", "id2": 2.5}
    assert repr(row) == "Row(id=1, Name='x', id2=2.5)"


def test_row_raises_for_what_it_has_not(cur):
    row = cur.fetchone()
    with pytest.raises(KeyError):
        row["nothing"]
    with pytest.raises(IndexError):
        row[3]
    with pytest.raises(TypeError):
        row[1.5]


def test_row_name_that_fits_twice_without_regard_to_case(con):
    con.row_factory = tupelo.Row
    row = con.execute('SELECT 1 AS "a", 2 AS "A"').fetchone()
    assert (row["a"], row["A"]) == (1, 2)
    row = con.execute('SELECT 1 AS "ab", 2 AS "Ab"').fetchone()
    with pytest.raises(KeyError):
        row["AB"]


def test_row_equality_and_hash(con):
    con.row_factory = tupelo.Row
    first = con.execute("SELECT 1 AS a, 2 AS b").fetchone()
    same = con.execute("SELECT 1 AS a, 2 AS b").fetchone()
    other_name = con.execute("SELECT 1 AS a, 2 AS c").fetchone()
    other_value = con.execute("SELECT 1 AS a, 3 AS b").fetchone()
    assert first == same and hash(first) == hash(same)
    assert first != other_name and first != other_value and first != (1, 2)


def test_row_matches_as_a_sequence(cur):
    match cur.fetchone():
        case [one, _, half]:
            assert (one, half) == (1, 2.5)
        case _:
            raise AssertionError


def test_dict_rows(con):
    con.row_factory = tupelo.dict_row
    assert con.execute('SELECT 1 AS "a", 2 AS "b"').fetchall() == [{"a": 1, "b": 2}]


def test_named_tuples(con):
    con.row_factory = tupelo.namedtuple_row
    cur = con.execute("VALUES (1, 2)")
    assert tuple(cur.fetchone()) == (1, 2)
    row = con.execute('SELECT 1 AS "a", 2 AS "not a name", 3 AS "a"').fetchone()
    assert row._fields == ("a", "_1", "_2")
    assert row == (1, 2, 3) and row.a == 1 and hash(row) == hash((1, 2, 3))


def test_any_callable(con):
    cur = con.cursor()
    cur.row_factory = lambda cursor, row: (cursor.description[0][0], row[0])
    assert cur.execute('SELECT 5 AS "x"').fetchall() == [("x", 5)]


def test_factories_can_be_called(con):
    cur = con.execute('SELECT 1 AS "a"')
    row = cur.fetchone()
    assert tupelo.dict_row(cur, row) == {"a": 1}
    assert tupelo.namedtuple_row(cur, row).a == 1
    assert tupelo.tuple_row(cur, row) == (1,)
    assert tupelo.Row(cur, row)["a"] == 1
    with pytest.raises(ValueError):
        tupelo.Row(cur, (1, 2))
    with pytest.raises(TypeError):
        tupelo.Row(cur)
    with pytest.raises(tupelo.ProgrammingError):
        tupelo.dict_row(con.cursor(), row)


def test_cursors_take_over_the_connections_factory(con):
    con.row_factory = tupelo.dict_row
    cur = con.cursor()
    con.row_factory = None
    assert cur.row_factory is tupelo.dict_row
    assert con.cursor().row_factory is None
    cur.row_factory = None
    assert cur.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(TypeError):
        con.row_factory = 5


def test_an_exception_of_a_factory_goes_through(con):
    con.row_factory = lambda cursor, row: 1 // 0
    for fetch in ("fetchone", "fetchall", "fetchmany"):
        with pytest.raises(ZeroDivisionError):
            getattr(con.execute("SELECT 1"), fetch)()
    with pytest.raises(ZeroDivisionError):
        list(con.execute("SELECT 1"))


def test_a_factory_cannot_use_its_cursor_to_execute(con):
    con.row_factory = lambda cursor, row: cursor.execute("SELECT 2")
    with pytest.raises(tupelo.ProgrammingError):
        con.execute("SELECT 1").fetchone()


def test_factories_can_be_pickled():
    for factory in (tupelo.dict_row, tupelo.namedtuple_row, tupelo.tuple_row):
        assert pickle.loads(pickle.dumps(factory)) is factory
