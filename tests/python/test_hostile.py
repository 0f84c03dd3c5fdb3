"""Python objects that misbehave: nothing crashes, nothing leaks, the statement is undone."""

import decimal
import gc
import numbers
import sys
import tracemalloc

import pytest
import tupelo


class Hostile:
    """An integer that does `action` when it is asked for its value."""

    def __init__(self, action):
        self.action = action

    def __index__(self):
        return self.action()


numbers.Integral.register(Hostile)


def fail():
    raise LookupError("mine")


@pytest.fixture
def t(con):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
    con.commit()
    return con


def test_index_that_raises(t):
    with pytest.raises(LookupError):
        t.execute("INSERT INTO t VALUES (?, ?)", (1, Hostile(fail)))
    with pytest.raises(LookupError):
        t.executemany("INSERT INTO t VALUES (?, ?)", [(1, 1), (2, Hostile(fail))])
    assert t.execute("SELECT * FROM t").fetchall() == []


def test_index_that_gives_no_int(t):
    with pytest.raises(TypeError):
        t.execute("INSERT INTO t VALUES (1, ?)", (Hostile(lambda: "x"),))


def test_index_that_executes_on_the_same_connection(t):
    def insert():
        t.execute("INSERT INTO t VALUES (?, ?)", (5, 50))
        return 10

    t.execute("INSERT INTO t VALUES (?, ?)", (1, Hostile(insert)))
    assert t.execute("SELECT * FROM t ORDER BY id").fetchall() == [(1, 10), (5, 50)]


def test_index_that_uses_the_same_cursor(t):
    cur = t.cursor()
    with pytest.raises(tupelo.ProgrammingError, match="in use"):
        cur.execute("SELECT ?", (Hostile(lambda: cur.execute("SELECT 1")),))
    with pytest.raises(tupelo.ProgrammingError, match="in use"):
        cur.execute("SELECT ?", (Hostile(cur.close),))
    assert cur.execute("SELECT 1").fetchone() == (1,)


def test_index_that_closes_the_connection(t):
    with pytest.raises(tupelo.ProgrammingError) as caught:
        t.execute("INSERT INTO t VALUES (1, ?)", (Hostile(lambda: t.close() or 1),))
    assert caught.value.sqlstate == "08003"


def test_index_that_drops_the_table(t):
    def drop():
        t.execute("DROP TABLE t")
        return 1

    with pytest.raises(tupelo.ProgrammingError):
        t.execute("INSERT INTO t VALUES (1, ?)", (Hostile(drop),))


def test_list_that_shrinks_under_the_hand(t):
    parameters = [1, 2]
    parameters[0] = Hostile(lambda: parameters.clear() or 7)
    with pytest.raises(tupelo.ProgrammingError):
        t.execute("INSERT INTO t VALUES (?, ?)", parameters)


class Sequence:
    """A sequence whose length and items are given by functions."""

    def __init__(self, length, item):
        self.length, self.item = length, item

    def __len__(self):
        return self.length()

    def __getitem__(self, index):
        return self.item(index)


@pytest.mark.parametrize(
    ("sequence", "error"),
    [
        (Sequence(fail, lambda i: i), LookupError),
        (Sequence(lambda: 2, lambda i: fail()), LookupError),
        (Sequence(lambda: 10**10, lambda i: i), tupelo.ProgrammingError),
        (Sequence(lambda: -1, lambda i: i), ValueError),
        (Sequence(lambda: 2**70, lambda i: i), OverflowError),
        (Sequence(lambda: "x", lambda i: i), TypeError),
    ],
)
def test_sequences_that_misbehave(t, sequence, error):
    with pytest.raises(error):
        t.execute("INSERT INTO t VALUES (?, ?)", sequence)
    assert t.execute("SELECT * FROM t").fetchall() == []


def test_keys_that_misbehave(t):
    class Key(str):
        __slots__ = ()

        def __eq__(self, other):
            raise LookupError("mine")

        def __hash__(self):
            return hash("a")

    class Mapping:
        def __getitem__(self, key):
            raise ZeroDivisionError

    for parameters, error in ((Mapping(), ZeroDivisionError), ({Key("a"): 1}, LookupError)):
        with pytest.raises(error):
            t.execute("SELECT :a", parameters)


def test_offset_that_misbehaves(con):
    import datetime

    class Zone(datetime.tzinfo):
        def __init__(self, action):
            self.action = action

        def utcoffset(self, when):
            return self.action()

    for action, error in ((fail, LookupError), (lambda: 5, TypeError)):
        with pytest.raises(error):
            con.execute("SELECT ?", (datetime.datetime(2024, 1, 1, tzinfo=Zone(action)),))


def test_finalizer_that_closes_the_connection_while_rows_are_made():
    con = tupelo.connect()
    con.execute("CREATE TABLE n (i INTEGER, s VARCHAR(40))")
    con.executemany(
        "INSERT INTO n VALUES (?, ?)", ((i, f"a text of some length {i}") for i in range(5000))
    )
    con.commit()

    class Closer:
        def __init__(self):
            self.cycle = self

        def __del__(self):
            con.close()

    cur = con.execute("SELECT * FROM n")
    Closer()
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        rows = []
        with pytest.raises(tupelo.ProgrammingError):
            for row in cur:
                rows.append([row])
            cur.fetchone()
    finally:
        gc.set_threshold(*threshold)
    assert con.closed


def one_round(con):
    """One of everything that could leak."""
    con.execute("SELECT id, v FROM t").fetchone()
    con.execute("SELECT id, v FROM t").fetchmany(2)
    list(con.execute("SELECT ?, ?, ?", (1.5, "x" * 50, decimal.Decimal("1.25"))))
    con.prepare("SELECT :a")(a=b"bytes")
    con.executemany("UPDATE t SET v = ? WHERE id = ?", [(1, 1), (2, 2)])
    for factory in (tupelo.Row, tupelo.dict_row, tupelo.namedtuple_row, lambda c, r: [r]):
        cur = con.cursor()
        cur.row_factory = factory
        cur.execute("SELECT id, v FROM t").fetchall()
        assert cur.description
    for sql, parameters in (
        ("SELEC", ()),
        ("SELECT ?", ()),
        ("SELECT ?", (1j,)),
        ("SELECT ?", (Hostile(fail),)),
        ("INSERT INTO t VALUES (1, 1)", ()),
        ("SELECT :a", {}),
    ):
        with pytest.raises((tupelo.Error, LookupError)):
            con.execute(sql, parameters)
    other = con.connect()
    with other.profile():
        other.execute("SELECT 1").fetchall()
    other.close()
    con.rollback()


def filled(con):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
    con.executemany("INSERT INTO t VALUES (?, ?)", [(i, i) for i in range(10)])
    con.commit()


def test_nothing_leaks(con):
    filled(con)
    for _ in range(20):
        one_round(con)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        one_round(con)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


def test_reference_counts_stay(con):
    filled(con)
    text, number, blob = "a text " * 10, 12345678901234567890, b"blob" * 20
    parameters = (text, number, blob)
    sql = "".join(["SELECT ?", ", ?, ?"])
    for _ in range(3):
        con.execute(sql, parameters).fetchall()

    def counts():
        return [sys.getrefcount(x) for x in (text, number, blob, parameters, sql, None, True)]

    before = counts()
    for _ in range(1000):
        con.execute(sql, parameters).fetchall()
        con.execute("SELECT NULL, TRUE").fetchall()
    after = counts()
    assert before[:5] == after[:5]
    assert all(abs(b - a) < 200 for a, b in zip(before[5:], after[5:], strict=True))
