"""executemany: one statement over many rows."""

import pytest
import tupelo


@pytest.fixture
def t(con):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR(10))")
    con.commit()
    return con


def rows(con):
    return con.execute("SELECT id, v FROM t ORDER BY id").fetchall()


@pytest.mark.parametrize("count", [0, 1, 2047, 2048, 2049, 10_000])
def test_lists_and_generators(t, count):
    wanted = [(i, str(i)) for i in range(count)]
    assert t.executemany("INSERT INTO t VALUES (?, ?)", wanted).rowcount == count
    assert rows(t) == wanted
    t.rollback()
    cur = t.cursor()
    assert cur.executemany("INSERT INTO t VALUES (?, ?)", iter(wanted)) is cur
    assert cur.rowcount == count and rows(t) == wanted


def test_types_may_change_from_row_to_row(t):
    t.execute("CREATE TABLE n (x DOUBLE PRECISION)")
    values = [1, 2.5, None, 3, None, 4.5, 10**20] * 3
    t.executemany("INSERT INTO n VALUES (?)", [(value,) for value in values])
    assert [row[0] for row in t.execute("SELECT x FROM n")] == values


def test_named_parameters(t):
    t.executemany("INSERT INTO t VALUES (:id, :v)", [{"id": 1, "v": "a"}, {"v": "b", "id": 2}])
    assert rows(t) == [(1, "a"), (2, "b")]


def test_update_and_delete(t):
    t.executemany("INSERT INTO t VALUES (?, ?)", [(i, "x") for i in range(10)])
    assert t.executemany("UPDATE t SET v = ? WHERE id < ?", [("a", 5), ("b", 3)]).rowcount == 8
    assert t.executemany("DELETE FROM t WHERE id = ?", [(1,), (1,), (20,), (2,)]).rowcount == 2


def test_queries_are_refused(t):
    with pytest.raises(tupelo.Error):
        t.executemany("SELECT ?", [(1,)])


@pytest.mark.parametrize("at", [1, 2000, 2047, 2048, 5000])
def test_an_error_of_the_database_undoes_all(t, at):
    t.execute("INSERT INTO t VALUES (-1, 'kept')")
    with pytest.raises(tupelo.IntegrityError):
        t.executemany(
            "INSERT INTO t VALUES (?, ?)", ((i if i != at else 0, "x") for i in range(at + 10))
        )
    assert rows(t) == [(-1, "kept")]


@pytest.mark.parametrize("at", [0, 1, 2047, 2048, 5000])
def test_an_error_of_the_iterator_undoes_all(t, at):
    def broken():
        for i in range(at):
            yield (i, "x")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        t.executemany("INSERT INTO t VALUES (?, ?)", broken())
    assert rows(t) == []
    t.execute("INSERT INTO t VALUES (1, 'after')")
    assert rows(t) == [(1, "after")]


def test_a_wrong_row_says_which(t):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        t.executemany("INSERT INTO t VALUES (?, ?)", [(1, "a"), (2,)])
    assert any("row 2" in note for note in caught.value.__notes__)
    assert rows(t) == []


def test_what_is_not_iterable(t):
    with pytest.raises(TypeError):
        t.executemany("INSERT INTO t VALUES (?, ?)", 5)
    with pytest.raises(tupelo.ProgrammingError):
        t.executemany("INSERT INTO t VALUES (?, ?)", [5])


def test_the_iterator_may_read_through_the_connection(t):
    def reading():
        for i in range(5000):
            if i % 1000 == 0:
                assert t.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
            yield (i, "x")

    assert t.executemany("INSERT INTO t VALUES (?, ?)", reading()).rowcount == 5000


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (-1, 'x')",
        "DELETE FROM t",
        "COMMIT",
        "ROLLBACK",
        "CREATE TABLE u (a INTEGER)",
    ],
)
def test_the_iterator_may_not_write_through_the_connection(t, sql):
    def writing():
        yield (1, "x")
        t.execute(sql)
        yield (2, "x")

    with pytest.raises(tupelo.ProgrammingError) as caught:
        t.executemany("INSERT INTO t VALUES (?, ?)", writing())
    assert caught.value.sqlstate == "25000"
    assert rows(t) == []


def test_the_iterator_may_not_end_the_transaction(t):
    for end in (t.commit, t.rollback):
        with pytest.raises(tupelo.ProgrammingError):
            t.executemany("INSERT INTO t VALUES (?, ?)", ((i, str(end())) for i in range(3)))
        assert rows(t) == []


def test_the_iterator_may_not_execute_many(t):
    def nested():
        yield (1, "x")
        t.executemany("INSERT INTO t VALUES (?, ?)", [(2, "y")])

    with pytest.raises(tupelo.ProgrammingError):
        t.executemany("INSERT INTO t VALUES (?, ?)", nested())
    assert rows(t) == []


def test_the_iterator_may_close_the_connection(t):
    def closing():
        yield (1, "x")
        t.close()
        yield (2, "x")

    with pytest.raises(tupelo.ProgrammingError) as caught, pytest.warns(ResourceWarning):
        t.execute("INSERT INTO t VALUES (9, 'x')")
        t.executemany("INSERT INTO t VALUES (?, ?)", closing())
    assert caught.value.sqlstate == "08003"


def test_a_list_that_shrinks_and_grows_meanwhile(t):
    class Shrinking(int):
        pass

    class Hostile:
        def __init__(self, rows):
            self.rows = rows

        def __index__(self):
            self.rows.clear()
            return 5

    import numbers

    numbers.Integral.register(Hostile)
    data: list = []
    data.extend([(1, "a"), (Hostile(data), "b"), (3, "c")])
    t.executemany("INSERT INTO t VALUES (?, ?)", data)
    assert rows(t) == [(1, "a"), (5, "b")]


def test_self_reference_within_the_statement(t):
    t.execute("CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree)")
    t.executemany("INSERT INTO tree VALUES (?, ?)", [(1, 2), (2, 1)])
    with pytest.raises(tupelo.IntegrityError):
        t.executemany("INSERT INTO tree VALUES (?, ?)", [(3, 4), (5, 6)])
    assert t.execute("SELECT COUNT(*) FROM tree").fetchone() == (2,)
