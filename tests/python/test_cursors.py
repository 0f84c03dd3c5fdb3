"""Open cursors: they stream, and see the database as it was when they began."""

import gc
import tracemalloc
import weakref

import pytest
import tupelo

ROWS = 20_000


@pytest.fixture
def big(con):
    con.execute("CREATE TABLE big (id INTEGER PRIMARY KEY, v VARCHAR(40))")
    con.executemany(
        "INSERT INTO big VALUES (?, ?)", ((i, f"value number {i}") for i in range(ROWS))
    )
    con.commit()
    return con


def test_a_cursor_sees_no_later_change_of_its_transaction(big):
    cur = big.execute("SELECT id, v FROM big ORDER BY id")
    first = cur.fetchmany(10)
    big.execute("UPDATE big SET v = 'changed'")
    big.execute("DELETE FROM big WHERE id >= 5000")
    rest = cur.fetchall()
    assert first + rest == [(i, f"value number {i}") for i in range(ROWS)]
    assert big.execute("SELECT COUNT(*) FROM big WHERE v = 'changed'").fetchone() == (5000,)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_cursor_outlives_its_transaction(big, end):
    big.execute("DELETE FROM big WHERE id < 100")
    cur = big.execute("SELECT id FROM big ORDER BY id")
    assert cur.fetchone() == (100,)
    getattr(big, end)()
    big.execute("DELETE FROM big")
    assert len(cur.fetchall()) == ROWS - 101


def test_many_cursors_of_one_statement(big):
    sql = "SELECT id FROM big WHERE id >= ? ORDER BY id"
    cursors = [big.execute(sql, (i,)) for i in range(50)]
    for _ in range(3):
        for i, cur in enumerate(cursors):
            assert cur.fetchone()[0] >= i
    assert [next(cur)[0] for cur in cursors] == [i + 3 for i in range(50)]


def test_executing_again_drops_what_was_left(big):
    cur = big.execute("SELECT id FROM big ORDER BY id")
    cur.fetchmany(3)
    assert cur.execute("SELECT 7").fetchall() == [(7,)]
    cur.execute("SELECT id FROM big ORDER BY id")
    with pytest.raises(tupelo.ProgrammingError):
        cur.execute("SELEC")


def test_a_cursor_holds_one_set_of_rows(con):
    con.execute("CREATE TABLE n (i INTEGER)")
    con.executemany("INSERT INTO n VALUES (?)", ((i,) for i in range(1000)))
    cur = con.execute("SELECT a.i, b.i FROM n AS a CROSS JOIN n AS b")
    cur.fetchone()
    tracemalloc.start()
    count = sum(1 for _ in cur)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 999_999
    assert peak < 1_000_000


def test_fetching_in_uneven_parts(big):
    cur = big.execute("SELECT id FROM big ORDER BY id")
    got = []
    for size in (1, 2, 3, 100, 127, 128, 129, 2047, 2048, 2049, 5000):
        got += cur.fetchmany(size)
        got.append(cur.fetchone())
    got += cur.fetchall()
    assert got == [(i,) for i in range(ROWS)]
    assert cur.rowcount == ROWS


def test_rows_are_not_tracked_by_the_collector(big):
    row = big.execute("SELECT * FROM big").fetchone()
    assert not gc.is_tracked(row)


def test_a_cursor_keeps_its_connection():
    cur = tupelo.connect().execute("VALUES (1), (2)")
    gc.collect()
    assert cur.fetchall() == [(1,), (2,)]


def test_cursors_and_connections_take_part_in_collection():
    con = tupelo.connect()
    cur = con.cursor()
    cur.row_factory = lambda cursor, row, keep=cur: row
    con.row_factory = lambda cursor, row, keep=con: row
    con_gone, cur_gone = weakref.ref(con), weakref.ref(cur)
    del con, cur
    gc.collect()
    assert con_gone() is None and cur_gone() is None


def test_dropping_in_any_order(big):
    other = big.connect()
    cursors = [other.execute("SELECT * FROM big") for _ in range(3)]
    statement = other.prepare("SELECT 1")
    del other
    cursors.pop(0)
    assert statement() == [(1,)]
    assert len(cursors[1].fetchall()) == ROWS
    del statement
    cursors.clear()


def test_closing_the_connection_with_open_cursors(big):
    other = big.connect()
    cursors = [other.execute("SELECT * FROM big") for _ in range(3)]
    cursors[0].fetchone()
    other.close()
    for cur in cursors:
        with pytest.raises(tupelo.ProgrammingError):
            cur.fetchone()
        cur.close()
