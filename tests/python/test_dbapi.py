"""PEP 249: the module, connections and cursors."""

import datetime
import pathlib
import re
import time

import pytest
import tupelo

EXCEPTIONS = [
    "Warning",
    "Error",
    "InterfaceError",
    "DatabaseError",
    "DataError",
    "OperationalError",
    "IntegrityError",
    "InternalError",
    "ProgrammingError",
    "NotSupportedError",
]


def test_module_globals():
    assert (tupelo.apilevel, tupelo.threadsafety, tupelo.paramstyle) == ("2.0", 2, "qmark")


def test_version_is_that_of_the_project():
    project = pathlib.Path(__file__).parents[2] / "pyproject.toml"
    assert re.search(r'^version = "(.*)"$', project.read_text(), re.M)[1] == tupelo.__version__


def test_exception_tree():
    assert issubclass(tupelo.Warning, Exception)
    assert not issubclass(tupelo.Warning, tupelo.Error)
    assert issubclass(tupelo.InterfaceError, tupelo.Error)
    assert not issubclass(tupelo.InterfaceError, tupelo.DatabaseError)
    for name in EXCEPTIONS[4:]:
        assert issubclass(getattr(tupelo, name), tupelo.DatabaseError)
        assert getattr(tupelo, name).__module__ == "tupelo"


def test_exceptions_are_attributes_of_connections(con):
    for name in EXCEPTIONS:
        assert getattr(con, name) is getattr(tupelo, name)


def test_constructors():
    assert tupelo.Date(2024, 2, 29) == datetime.date(2024, 2, 29)
    assert tupelo.Time(1, 2, 3) == datetime.time(1, 2, 3)
    assert tupelo.Timestamp(2024, 2, 29, 1, 2, 3) == datetime.datetime(2024, 2, 29, 1, 2, 3)
    assert tupelo.Binary(b"x") == b"x"
    ticks = time.mktime((2024, 2, 29, 13, 14, 15, 0, 0, -1))
    assert tupelo.DateFromTicks(ticks) == datetime.date(2024, 2, 29)
    assert tupelo.TimeFromTicks(ticks) == datetime.time(13, 14, 15)
    assert tupelo.TimestampFromTicks(ticks) == datetime.datetime(2024, 2, 29, 13, 14, 15)


@pytest.mark.parametrize("location", [":memory:", b":memory:", pathlib.PurePath(":memory:")])
def test_connect_takes_str_bytes_and_paths(location):
    with tupelo.connect(location) as con:
        assert con.execute("SELECT 1").fetchone() == (1,)


def test_connect_without_arguments_is_memory():
    assert tupelo.connect().execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("location", [1, None, 1.5])
def test_connect_refuses_other_types(location):
    with pytest.raises(TypeError):
        tupelo.connect(location)


def test_cursor_executes_and_is_returned(con):
    cur = con.cursor()
    assert cur.connection is con
    assert cur.execute("SELECT 1") is cur
    assert cur.fetchone() == (1,)
    assert cur.fetchone() is None


def test_connection_execute_returns_a_cursor(con):
    cur = con.execute("SELECT ?", (5,))
    assert isinstance(cur, tupelo.Cursor)
    assert cur.fetchall() == [(5,)]


def test_description(con):
    con.execute(
        'CREATE TABLE t (id INTEGER NOT NULL, "Name" VARCHAR(20), price DECIMAL(10, 2), '
        "at TIMESTAMP, b BLOB, ok BOOLEAN, x DOUBLE PRECISION)"
    )
    cur = con.execute("SELECT * FROM t")
    names = [column[0] for column in cur.description]
    assert [name.upper() for name in names] == ["ID", "NAME", "PRICE", "AT", "B", "OK", "X"]
    assert names[1] == "Name"
    assert all(len(column) == 7 for column in cur.description)
    codes = [column[1] for column in cur.description]
    assert codes[0] == tupelo.NUMBER and codes[0] != tupelo.STRING
    assert codes[1] == tupelo.STRING
    assert codes[2] == tupelo.NUMBER
    assert codes[3] == tupelo.DATETIME
    assert codes[4] == tupelo.BINARY
    assert [code == tupelo.ROWID for code in codes] == [False] * 7
    assert (codes[2].name, codes[2].precision, codes[2].scale) == ("DECIMAL", 10, 2)
    assert (codes[1].name, codes[1].length) == ("CHARACTER VARYING", 20)
    assert str(codes[2]) == "DECIMAL(10, 2)"
    assert cur.description[2][4:6] == (10, 2)
    assert cur.description[0][6] is False
    assert cur.description[1][6] is True
    assert hash(codes[0]) == hash(tupelo.NUMBER)


def test_description_uses_aliases_and_is_none_without_rows(con):
    cur = con.execute('SELECT 1 AS "One", 2 AS two')
    assert [column[0].upper() for column in cur.description] == ["ONE", "TWO"]
    assert cur.description[0][0] == "One"
    cur.fetchall()
    assert len(cur.description) == 2
    cur.execute("CREATE TABLE t (a INTEGER)")
    assert cur.description is None
    assert con.cursor().description is None


def test_description_follows_a_changed_table(con):
    con.execute("CREATE TABLE t (a INTEGER)")
    assert len(con.execute("SELECT * FROM t").description) == 1
    con.execute("ALTER TABLE t ADD COLUMN b INTEGER")
    assert len(con.execute("SELECT * FROM t").description) == 2


def test_rowcount(people):
    cur = people.cursor()
    assert cur.rowcount == -1
    assert cur.execute("UPDATE people SET height = 2 WHERE id > 1").rowcount == 2
    assert cur.execute("DELETE FROM people WHERE id = 9").rowcount == 0
    assert cur.execute("INSERT INTO people VALUES (4, 'x', 1), (5, 'y', 1)").rowcount == 2
    assert cur.execute("CREATE TABLE other (a INTEGER)").rowcount == -1
    cur.execute("SELECT * FROM people")
    assert cur.rowcount == -1
    cur.fetchall()
    assert cur.rowcount == 5


def test_lastrowid_is_the_last_identity(con):
    con.execute("CREATE TABLE t (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a INTEGER)")
    con.execute("CREATE TABLE plain (a INTEGER)")
    assert con.cursor().lastrowid is None
    assert con.execute("INSERT INTO t (a) VALUES (7)").lastrowid == 1
    first = con.execute("INSERT INTO t (a) VALUES (8), (9)")
    assert first.lastrowid == 3
    assert con.execute("INSERT INTO plain VALUES (1)").lastrowid is None
    assert con.executemany("INSERT INTO t (a) VALUES (?)", [(1,), (2,)]).lastrowid == 5
    assert first.lastrowid == 3
    assert con.execute("SELECT 1").lastrowid is None


def test_fetching_in_parts(people):
    cur = people.execute("SELECT id FROM people ORDER BY id")
    assert cur.arraysize == 1
    assert cur.fetchmany() == [(1,)]
    cur.arraysize = 5
    assert cur.rownumber == 1
    assert cur.fetchmany(0) == []
    assert cur.fetchmany(size=1) == [(2,)]
    assert cur.fetchmany() == [(3,)]
    assert cur.fetchmany() == [] and cur.fetchall() == [] and cur.fetchone() is None


def test_arraysize_must_be_positive(con):
    cur = con.cursor()
    for wrong in (0, -1):
        with pytest.raises(ValueError):
            cur.arraysize = wrong
    with pytest.raises(TypeError):
        cur.arraysize = "1"
    with pytest.raises(ValueError):
        con.execute("SELECT 1").fetchmany(-1)


def test_iteration(people):
    assert [row[0] for row in people.execute("SELECT id FROM people ORDER BY id")] == [1, 2, 3]
    cur = people.execute("SELECT id FROM people ORDER BY id")
    assert next(cur) == (1,) and cur.next() == (2,) and cur.fetchone() == (3,)
    with pytest.raises(StopIteration):
        cur.next()


def test_fetching_before_a_query_raises(con):
    cur = con.cursor()
    for fetch in (cur.fetchone, cur.fetchall, cur.fetchmany, cur.next, lambda: list(cur)):
        with pytest.raises(tupelo.ProgrammingError) as caught:
            fetch()
        assert caught.value.sqlstate == "24000"
    cur.execute("CREATE TABLE t (a INTEGER)")
    with pytest.raises(tupelo.ProgrammingError):
        cur.fetchone()
    cur.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(tupelo.ProgrammingError):
        cur.fetchone()


def test_scroll_goes_forward(people):
    cur = people.execute("SELECT id FROM people ORDER BY id")
    cur.scroll(1)
    assert cur.fetchone() == (2,)
    cur.scroll(2, "absolute")
    assert cur.fetchone() == (3,)
    with pytest.raises(tupelo.NotSupportedError):
        cur.scroll(0, "absolute")
    with pytest.raises(IndexError):
        cur.scroll(1)
    with pytest.raises(ValueError):
        cur.scroll(1, "sideways")


def test_what_is_optional_or_does_nothing(con):
    cur = con.cursor()
    assert cur.setinputsizes([1, 2]) is None
    assert cur.setoutputsize(100) is None and cur.setoutputsize(100, 1) is None
    assert cur.nextset() is None
    assert cur.messages == [] and con.messages == []
    with pytest.raises(tupelo.NotSupportedError):
        cur.callproc("p")


def test_closed_cursor_raises(con):
    cur = con.execute("SELECT 1")
    cur.close()
    cur.close()
    for use in (cur.fetchone, cur.fetchall, lambda: cur.execute("SELECT 1"), lambda: next(cur)):
        with pytest.raises(tupelo.ProgrammingError):
            use()
    with pytest.raises(tupelo.ProgrammingError), cur:
        pass


def test_cursor_is_a_context_manager(con):
    with con.cursor() as cur:
        assert cur.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(tupelo.ProgrammingError):
        cur.fetchone()


def test_closed_connection_raises(con):
    cur = con.execute("SELECT 1")
    prepared = con.prepare("SELECT 1")
    con.close()
    con.close()
    assert con.closed
    uses = [
        con.cursor,
        con.commit,
        con.rollback,
        con.connect,
        con.profile,
        con.interrupt,
        prepared,
        prepared.execute,
        cur.fetchone,
        lambda: con.execute("SELECT 1"),
        lambda: con.executemany("SELECT 1", []),
        lambda: con.executescript("SELECT 1"),
        lambda: con.prepare("SELECT 1"),
        lambda: cur.execute("SELECT 1"),
        lambda: con.in_transaction,
        lambda: con.autocommit,
        lambda: con.__enter__(),
    ]
    for use in uses:
        with pytest.raises(tupelo.ProgrammingError) as caught:
            use()
        assert caught.value.sqlstate == "08003"


def test_types_cannot_be_made_by_hand():
    for kind in (tupelo.Connection, tupelo.Cursor, tupelo.PreparedStatement, tupelo.Type):
        with pytest.raises(TypeError):
            kind()


def test_statement_must_be_str(con):
    for wrong in (b"SELECT 1", 1, None):
        with pytest.raises(TypeError):
            con.execute(wrong)
    with pytest.raises(TypeError):
        con.execute()
    with pytest.raises(TypeError):
        con.execute("SELECT 1", (), ())


def test_subclass_of_str_is_a_statement(con):
    class Text(str):
        def __hash__(self):
            raise AssertionError("not to be called")

        def __eq__(self, other):
            raise AssertionError("not to be called")

    assert con.execute(Text("SELECT 1")).fetchone() == (1,)


def test_executescript(con):
    con.executescript(
        """CREATE TABLE t (a INTEGER);  -- first; of all
        INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);;
        SELECT * FROM t"""
    )
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)
    con.rollback()
    with pytest.raises(tupelo.ProgrammingError):
        con.execute("SELECT * FROM t")


def test_executescript_stops_at_an_error_and_says_where(con):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        con.executescript("CREATE TABLE t (a INTEGER);\n\nSELECT 1; SELECT nothing FROM t;")
    assert caught.value.position == (3, 18)
    assert con.execute("SELECT * FROM t").fetchall() == []
    assert con.executescript(" ; -- nothing\n") is not None


def test_error_handler_takes_errors(con):
    seen = []
    con.errorhandler = lambda *arguments: seen.append(arguments)
    cur = con.cursor()
    assert cur.execute("SELEC 1") is None
    assert seen[0][0] is con and seen[0][1] is cur
    assert seen[0][2] is tupelo.ProgrammingError and seen[0][3].sqlstate == "42601"
    assert con.execute("SELEC 1") is None
    assert seen[1][1] is None

    def raise_other(connection, cursor, kind, error):
        raise RuntimeError("mine") from error

    cur.errorhandler = raise_other
    with pytest.raises(RuntimeError, match="mine"):
        cur.execute("SELEC 1")
    cur.errorhandler = con.errorhandler = None
    with pytest.raises(tupelo.ProgrammingError):
        cur.execute("SELEC 1")
    with pytest.raises(TypeError):
        cur.errorhandler = 5
