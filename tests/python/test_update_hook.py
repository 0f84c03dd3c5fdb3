"""set_update_hook: which rows it is told of, and what comes of it when it raises."""

from collections.abc import Iterator
from typing import Any

import pytest
import tupelo
from hooks import Calls, Changes, count


def test_update_hook(t):
    changes = Changes()
    t.set_update_hook(changes)
    t.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    assert [change[:3] for change in changes] == [("INSERT", "PUBLIC", "t")] * 2
    first, second = (change[3] for change in changes)
    assert first != second
    changes.clear()
    t.execute("UPDATE t SET name = 'c' WHERE id = 2")
    t.execute("UPDATE t SET name = 'c' WHERE id = 7")
    t.execute("DELETE FROM t WHERE id = 1")
    assert changes == [("UPDATE", "PUBLIC", "t", second), ("DELETE", "PUBLIC", "t", first)]


def test_update_hook_tells_of_many_rows(t):
    changes = Changes()
    t.set_update_hook(changes)
    t.execute("INSERT INTO t SELECT g, 'x' FROM GENERATE_SERIES(1, 10000) AS s (g)")
    assert len(changes) == len({row_id for *_, row_id in changes}) == 10000
    changes.clear()
    t.execute("UPDATE t SET name = 'y' WHERE MOD(id, 3) = 0")
    assert changes.names() == [("UPDATE", "t")] * 3333
    changes.clear()
    t.execute("DELETE FROM t")
    assert len({row_id for *_, row_id in changes}) == 10000


def test_update_hook_with_referential_actions(con):
    con.executescript("""
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE);
        CREATE TABLE c (id INTEGER REFERENCES a ON DELETE SET NULL);
        INSERT INTO a VALUES (1), (2);
        INSERT INTO b VALUES (1), (1), (2);
        INSERT INTO c VALUES (1);
    """)
    changes = Changes()
    con.set_update_hook(changes)
    con.execute("DELETE FROM a WHERE id = 1")
    assert changes.names()[0] == ("DELETE", "a")
    assert sorted(changes.names()) == [
        ("DELETE", "a"),
        ("DELETE", "b"),
        ("DELETE", "b"),
        ("UPDATE", "c"),
    ]
    changes.clear()
    con.execute("UPDATE a SET id = 3")
    assert changes.names() == [("UPDATE", "a"), ("UPDATE", "b")]


def test_update_hook_of_statements_that_do_several_things(t):
    t.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    changes = Changes()
    t.set_update_hook(changes)
    t.execute("INSERT INTO t VALUES (2, 'c'), (3, 'd') ON CONFLICT (id) DO UPDATE SET name = 'e'")
    assert changes.names() == [("UPDATE", "t"), ("INSERT", "t")]
    changes.clear()
    t.execute("INSERT INTO t VALUES (3, 'd'), (4, 'd') ON CONFLICT DO NOTHING")
    assert changes.names() == [("INSERT", "t")]
    changes.clear()
    t.execute("INSERT OR REPLACE INTO t VALUES (4, 'f')")
    assert changes.names() == [("DELETE", "t"), ("INSERT", "t")]
    changes.clear()
    t.execute(
        "MERGE INTO t USING (VALUES (1), (9)) AS s (n) ON id = n "
        "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (n, 'm')"
    )
    assert sorted(changes.names()) == [("DELETE", "t"), ("INSERT", "t")]
    changes.clear()
    assert t.execute("DELETE FROM t WHERE id = 9 RETURNING name").fetchall() == [("m",)]
    assert changes.names() == [("DELETE", "t")]


def test_update_hook_is_not_called_by_statements_that_fail(t):
    t.execute("INSERT INTO t VALUES (1, 'a')")
    changes = Changes()
    t.set_update_hook(changes)
    with pytest.raises(tupelo.IntegrityError):
        t.execute("INSERT INTO t VALUES (2, 'b'), (1, 'c')")
    with pytest.raises(tupelo.IntegrityError):
        t.executemany("INSERT INTO t VALUES (?, ?)", [(2, "b"), (1, "c")])
    assert changes == []
    t.execute("INSERT INTO t VALUES (3, 'b')")
    assert changes.names() == [("INSERT", "t")]


def test_update_hook_and_executemany(t):
    changes = Changes()
    t.set_update_hook(changes)
    seen: list[int] = []

    def rows() -> Iterator[tuple[int, str]]:
        for i in range(5000):
            seen.append(len(changes))
            yield i, "x"

    t.executemany("INSERT INTO t VALUES (?, ?)", rows())
    assert set(seen) == {0}
    assert changes.names() == [("INSERT", "t")] * 5000
    changes.clear()
    t.executemany("UPDATE t SET name = ? WHERE id = ?", [("a", 1), ("b", 1), ("c", -1)])
    assert changes.names() == [("UPDATE", "t")] * 2
    assert changes[0] == changes[1]


def test_update_hook_and_copy(t, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("1,a\n2,b\n")
    changes = Changes()
    t.set_update_hook(changes)
    t.execute("COPY t FROM ?", (str(file),))
    assert changes.names() == [("INSERT", "t")] * 2
    t.execute("COPY t TO ?", (str(tmp_path / "out.csv"),))
    assert len(changes) == 2


def test_update_hook_hears_nothing_of_definitions(t):
    t.execute("INSERT INTO t VALUES (1, 'a')")
    changes = Changes()
    t.set_update_hook(changes)
    t.execute("CREATE TABLE u AS SELECT * FROM t")
    t.execute("ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 5")
    t.execute("TRUNCATE TABLE t")
    t.execute("DROP TABLE u")
    assert changes == []


def test_update_hook_tells_of_temporary_tables(con):
    con.execute("CREATE SCHEMA s")
    con.execute('CREATE TABLE s."My Table" (a INTEGER)')
    con.execute("CREATE TEMPORARY TABLE x (a INTEGER)")
    con.execute("CREATE GLOBAL TEMPORARY TABLE g (a INTEGER)")
    changes = Changes()
    con.set_update_hook(changes)
    for table in ['s."My Table"', "x", "g"]:
        con.execute(f"INSERT INTO {table} VALUES (1)")
    assert [change[1:3] for change in changes] == [
        ("s", "My Table"),
        ("PG_TEMP", "x"),
        ("PUBLIC", "g"),
    ]


def test_update_hook_that_raises_undoes_the_statement(t):
    t.execute("INSERT INTO t VALUES (1, 'a')")
    calls = 0

    def hook(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyError("enough")

    t.set_update_hook(hook)
    with pytest.raises(KeyError, match="enough"):
        t.execute("INSERT INTO t VALUES (2, 'b'), (3, 'c'), (4, 'd')")
    assert calls == 2
    assert count(t) == 1
    calls = 0
    with pytest.raises(KeyError, match="enough"):
        t.executemany("INSERT INTO t VALUES (?, ?)", [(i, "b") for i in range(2, 3000)])
    assert count(t) == 1
    calls = 1
    with pytest.raises(KeyError):
        t.execute("DELETE FROM t RETURNING id")
    t.set_update_hook(None)
    t.commit()
    assert t.execute("SELECT * FROM t").fetchall() == [(1, "a")]


def test_update_hook_that_raises_with_autocommit(auto):
    rollbacks = Calls()
    commits = Calls()
    auto.set_rollback_hook(rollbacks)
    auto.set_commit_hook(commits)

    def hook(*_: Any) -> None:
        raise KeyError("no")

    auto.set_update_hook(hook)
    with pytest.raises(KeyError):
        auto.execute("INSERT INTO t VALUES (1, 'a')")
    assert (commits.count, rollbacks.count) == (0, 1)
    assert count(auto) == 0


def test_an_update_hook_may_take_itself_away(t):
    seen: list[int] = []

    def hook(*change: Any) -> None:
        seen.append(change[3])
        t.set_update_hook(None)

    t.set_update_hook(hook)
    t.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    t.execute("INSERT INTO t VALUES (3, 'a')")
    assert len(seen) == 1
    assert count(t) == 3
