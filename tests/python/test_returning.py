"""RETURNING: rows of statements that write."""

import pytest
import tupelo


@pytest.fixture
def t(con):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR(10), n INTEGER DEFAULT 1)")
    con.commit()
    return con


def test_insert_gives_rows_description_and_count(t):
    cur = t.execute("INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b') RETURNING id AS key, v, n")
    assert [column[0] for column in cur.description] == ["key", "v", "n"]
    assert cur.rowcount == 2
    assert cur.fetchone() == (1, "a", 1)
    assert cur.fetchall() == [(2, "b", 1)]
    assert cur.fetchone() is None


def test_update_and_delete(t):
    t.execute("INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b')")
    cur = t.execute("UPDATE t SET n = n + ? RETURNING id, n", (5,))
    assert cur.rowcount == 2 and sorted(cur) == [(1, 6), (2, 6)]
    cur = t.execute("DELETE FROM t WHERE id = :id RETURNING *", {"id": 9})
    assert cur.rowcount == 0 and cur.fetchall() == [] and len(cur.description) == 3
    assert t.execute("DELETE FROM t RETURNING v").fetchmany(5) == [("a",), ("b",)]


def test_rows_stay_after_commit_rollback_and_later_statements(t):
    cur = t.execute("INSERT INTO t (id, v) VALUES (1, 'a') RETURNING id")
    t.commit()
    second = t.execute("UPDATE t SET id = 7 RETURNING id")
    t.rollback()
    t.execute("DELETE FROM t")
    assert cur.fetchall() == [(1,)] and second.fetchall() == [(7,)]


def test_the_same_statement_while_its_rows_are_open(t):
    sql = "INSERT INTO t (id) VALUES (?) RETURNING id"
    cursors = [t.execute(sql, (i,)) for i in range(5)]
    assert [cur.fetchall() for cur in cursors] == [[(i,)] for i in range(5)]


def test_nothing_is_lost_when_no_row_is_read(t):
    t.execute("INSERT INTO t (id) VALUES (1) RETURNING id")
    assert t.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_many_rows(t):
    t.execute("CREATE TABLE big (id INTEGER)")
    rows = [(i,) for i in range(10_000)]
    t.executemany("INSERT INTO big VALUES (?)", rows)
    cur = t.execute("INSERT INTO t (id, v) SELECT id, 'x' FROM big RETURNING id, v")
    assert cur.rowcount == 10_000 and sorted(cur) == [(i, "x") for i in range(10_000)]


@pytest.mark.parametrize("count", [1, 3, 5000])
def test_executemany_gives_the_rows_of_all(t, count):
    cur = t.cursor()
    cur.executemany("INSERT INTO t (id) VALUES (?) RETURNING id", [(i,) for i in range(count)])
    assert cur.rowcount == count and cur.fetchall() == [(i,) for i in range(count)]
    cur.executemany(
        "UPDATE t SET n = ? WHERE id = ? RETURNING id, n", [(i, 0) for i in range(count)]
    )
    assert cur.rowcount == count and cur.fetchall() == [(0, i) for i in range(count)]


def test_executemany_with_rows_of_several_types(t):
    cur = t.cursor()
    cur.executemany("INSERT INTO t (id, v) VALUES (?, ?) RETURNING v", [(1, "a"), (2, None)])
    assert sorted(cur.fetchall(), key=str) == [("a",), (None,)]
    with pytest.raises(tupelo.ProgrammingError, match="RETURNING"):
        cur.executemany("INSERT INTO t (id) VALUES (?) RETURNING ?", [(3, "a"), (4, 1.5)])
    assert t.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)


def test_upsert_through_executemany(t):
    cur = t.cursor()
    sql = "INSERT INTO t (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET n = t.n + 1 RETURNING n"
    cur.executemany(sql, [(1,), (1,), (2,), (1,)])
    assert cur.fetchall() == [(1,), (2,), (1,), (3,)] and cur.rowcount == 4
    cur.executemany("INSERT INTO t (id) VALUES (?) ON CONFLICT DO NOTHING", [(1,), (3,), (3,)])
    assert cur.rowcount == 1


def test_lastrowid(con):
    con.execute("CREATE TABLE i (id INTEGER GENERATED ALWAYS AS IDENTITY, v INTEGER)")
    cur = con.execute("INSERT INTO i (v) VALUES (1), (2) RETURNING id")
    assert cur.lastrowid == 2 and cur.fetchall() == [(1,), (2,)]


def test_an_error_in_returning_undoes_the_statement(t):
    with pytest.raises(tupelo.DataError):
        t.execute("INSERT INTO t (id) VALUES (1), (0) RETURNING 1 / id")
    assert t.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
