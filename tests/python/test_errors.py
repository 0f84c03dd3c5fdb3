"""Errors: their class, SQLSTATE, position and the names they carry."""

import pickle

import pytest
import tupelo

SCHEMA = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, code VARCHAR(3) UNIQUE);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent,
  "Amount" DECIMAL(4, 2) NOT NULL CONSTRAINT positive CHECK ("Amount" > 0));
INSERT INTO parent VALUES (1, 'one')
"""

CASES = [
    ("SELEC 1", tupelo.ProgrammingError, "42601"),
    ("", tupelo.ProgrammingError, "42601"),
    ("SELECT 1; SELECT 2", tupelo.ProgrammingError, "42601"),
    ("SELECT nothing FROM parent", tupelo.ProgrammingError, "42703"),
    ("SELECT * FROM nothing", tupelo.ProgrammingError, "42P01"),
    ("CREATE TABLE parent (a INTEGER)", tupelo.ProgrammingError, "42P07"),
    ("SELECT 1 / 0", tupelo.DataError, "22012"),
    ("SELECT CAST('x' AS INTEGER)", tupelo.DataError, "22018"),
    ("SELECT CAST(99999 AS SMALLINT)", tupelo.DataError, "22003"),
    ("SELECT DATE '2024-02-30'", tupelo.DataError, "22007"),
    ("INSERT INTO parent VALUES (2, 'long')", tupelo.DataError, "22001"),
    ("INSERT INTO parent VALUES (1, 'x')", tupelo.IntegrityError, "23505"),
    ("INSERT INTO child VALUES (1, 9, 1)", tupelo.IntegrityError, "23503"),
    ("INSERT INTO child VALUES (1, 1, NULL)", tupelo.IntegrityError, "23502"),
    ("INSERT INTO child VALUES (1, 1, -1)", tupelo.IntegrityError, "23514"),
    ("SELECT (SELECT 1 UNION ALL SELECT 2)", tupelo.ProgrammingError, "21000"),
    ("ROLLBACK TO SAVEPOINT nothing", tupelo.ProgrammingError, "3B001"),
    ("START TRANSACTION", tupelo.ProgrammingError, "25001"),
]


@pytest.fixture
def schema(con):
    con.executescript(SCHEMA)
    return con


@pytest.mark.parametrize(("sql", "kind", "sqlstate"), CASES)
def test_class_and_sqlstate(schema, sql, kind, sqlstate):
    with pytest.raises(tupelo.Error) as caught:
        schema.execute(sql).fetchall()
    assert (type(caught.value), caught.value.sqlstate) == (kind, sqlstate)
    assert str(caught.value)


def test_position_is_line_and_column_in_characters(schema):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        schema.execute("SELECT 'é€😀',\n  nothing FROM parent")
    assert caught.value.position == (2, 3)
    with pytest.raises(tupelo.ProgrammingError) as caught:
        schema.execute("SELECT 'é€😀', nothing FROM parent")
    assert caught.value.position == (1, 15)


def test_names_of_table_column_and_constraint(schema):
    with pytest.raises(tupelo.IntegrityError) as caught:
        schema.execute("INSERT INTO child VALUES (1, 1, -1)")
    assert caught.value.table.upper() == "CHILD"
    assert caught.value.constraint.upper() == "POSITIVE"
    with pytest.raises(tupelo.IntegrityError) as caught:
        schema.execute("INSERT INTO child VALUES (1, 1, NULL)")
    assert caught.value.column == "Amount"


def test_a_value_that_does_not_fit_names_its_column(schema):
    for value in (1000, "x", True):
        with pytest.raises(tupelo.DataError) as caught:
            schema.execute("INSERT INTO child VALUES (1, 1, ?)", (value,))
        assert caught.value.column == "Amount"


def test_attributes_are_none_where_there_is_nothing():
    error = tupelo.Error("mine")
    assert (error.sqlstate, error.position, error.table) == (None, None, None)
    assert (error.column, error.constraint) == (None, None)


def test_errors_can_be_pickled(schema):
    with pytest.raises(tupelo.Error) as caught:
        schema.execute("INSERT INTO child VALUES (1, 1, -1)")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is tupelo.IntegrityError
    assert (copy.sqlstate, copy.constraint) == ("23514", caught.value.constraint)


def test_an_error_undoes_the_statement_only(schema):
    with pytest.raises(tupelo.IntegrityError):
        schema.execute("INSERT INTO parent VALUES (2, 'two'), (1, 'x')")
    assert schema.execute("SELECT COUNT(*) FROM parent").fetchone() == (1,)
