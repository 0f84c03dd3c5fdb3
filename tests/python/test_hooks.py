"""set_commit_hook, set_rollback_hook and set_update_hook."""

import gc
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo


@pytest.fixture
def t(con: tupelo.Connection) -> tupelo.Connection:
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    con.commit()
    return con


@pytest.fixture
def auto() -> Iterator[tupelo.Connection]:
    connection = tupelo.connect(":memory:", autocommit=True)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    yield connection
    connection.close()


class Changes(list[tuple[Any, ...]]):
    """An update hook that remembers what it was told."""

    def __call__(self, *change: Any) -> None:
        self.append(change)

    def names(self) -> list[tuple[str, str]]:
        return [(operation, table) for operation, _, table, _ in self]


class Calls:
    """A hook that counts its calls and gives `answer`, or raises it."""

    def __init__(self, answer: Any = None) -> None:
        self.count = 0
        self.answer = answer

    def __call__(self) -> Any:
        self.count += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def count(con: tupelo.Connection) -> int:
    return con.execute("SELECT COUNT(*) FROM t").fetchone()[0]


# Commit hooks


def test_commit_hook_is_called_before_changes_commit(t):
    hook = Calls()
    t.set_commit_hook(hook)
    t.execute("INSERT INTO t VALUES (1, 'a')")
    assert hook.count == 0
    t.commit()
    assert hook.count == 1
    t.execute("DELETE FROM t")
    t.execute("COMMIT")
    assert hook.count == 2


def test_commit_hook_is_not_called_without_changes(t):
    hook = Calls()
    t.set_commit_hook(hook)
    t.commit()
    t.execute("SELECT * FROM t").fetchall()
    t.commit()
    t.execute("DELETE FROM t")
    t.commit()
    with pytest.raises(tupelo.IntegrityError):
        t.execute("INSERT INTO t VALUES (1, 'a'), (1, 'b')")
    t.commit()
    assert hook.count == 0


def test_commit_hook_is_called_for_definitions(t):
    hook = Calls()
    t.set_commit_hook(hook)
    t.execute("CREATE TABLE u (a INTEGER)")
    t.commit()
    t.execute("ALTER TABLE u ADD CHECK (a > 0)")
    t.commit()
    t.execute("CREATE SCHEMA s")
    t.commit()
    assert hook.count == 3


def test_commit_hook_with_autocommit(auto):
    hook = Calls()
    auto.set_commit_hook(hook)
    auto.execute("INSERT INTO t VALUES (1, 'a')")
    assert hook.count == 1
    auto.execute("SELECT * FROM t").fetchall()
    assert hook.count == 1
    auto.executemany("INSERT INTO t VALUES (?, ?)", [(i, "x") for i in range(2, 5000)])
    assert hook.count == 2
    auto.executescript("INSERT INTO t VALUES (-1, 'b'); DELETE FROM t WHERE id = -1")
    assert hook.count == 4
    auto.execute("CREATE TABLE u (a INTEGER)")
    assert hook.count == 5


@pytest.mark.parametrize("answer", [True, 1, "no"])
def test_commit_hook_refuses_by_a_true_result(t, answer):
    t.set_commit_hook(Calls(answer))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(tupelo.OperationalError) as caught:
        t.commit()
    assert caught.value.sqlstate == "40000"
    assert count(t) == 0
    t.set_commit_hook(None)
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.commit()
    assert count(t) == 1


@pytest.mark.parametrize("answer", [False, 0, "", None, []])
def test_commit_hook_agrees_by_a_false_result(t, answer):
    t.set_commit_hook(Calls(answer))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.commit()
    t.rollback()
    assert count(t) == 1


def test_commit_hook_that_raises(t):
    t.set_commit_hook(Calls(KeyError("not now")))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(KeyError, match="not now"):
        t.commit()
    assert count(t) == 0
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(KeyError):
        t.execute("COMMIT")
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(KeyError), t:
        pass
    assert count(t) == 0


def test_commit_hook_whose_answer_has_no_truth(t):
    class Odd:
        def __bool__(self) -> bool:
            raise ZeroDivisionError

    t.set_commit_hook(lambda: Odd())
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(ZeroDivisionError):
        t.commit()
    assert count(t) == 0


@pytest.mark.parametrize("answer", [True, KeyError("no")])
def test_commit_hook_refuses_a_statement(auto, answer):
    auto.set_commit_hook(Calls(answer))
    error = tupelo.OperationalError if answer is True else KeyError
    with pytest.raises(error):
        auto.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(error):
        auto.executemany("INSERT INTO t VALUES (?, ?)", [(1, "a"), (2, "b")])
    with pytest.raises(error):
        auto.execute("INSERT INTO t VALUES (1, 'a') RETURNING id")
    with pytest.raises(error):
        auto.execute("CREATE TABLE u (a INTEGER)")
    with pytest.raises(error):
        auto.executescript("DELETE FROM t; INSERT INTO t VALUES (1, 'a')")
    assert count(auto) == 0
    auto.set_commit_hook(None)
    auto.execute("CREATE TABLE u (a INTEGER)")


def test_commit_hook_when_autocommit_is_switched_on(t):
    t.set_commit_hook(Calls(True))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(tupelo.OperationalError):
        t.autocommit = True
    assert t.autocommit is False
    assert count(t) == 0


def test_retry_does_not_insist(t):
    hook = Calls(True)
    t.set_commit_hook(hook)
    with pytest.raises(tupelo.OperationalError):
        t.retry(lambda: t.execute("INSERT INTO t VALUES (1, 'a')"))
    assert hook.count == 1


def test_commit_hook_of_a_file(tmp_path: Path):
    path = tmp_path / "app.db"
    con = tupelo.connect(path, autocommit=True)
    con.execute("CREATE TABLE t (id INTEGER)")
    refuse = False
    con.set_commit_hook(lambda: refuse)
    con.execute("INSERT INTO t VALUES (1)")
    refuse = True
    with pytest.raises(tupelo.OperationalError):
        con.execute("INSERT INTO t VALUES (2)")
    con.close()
    con = tupelo.connect(path)
    assert con.execute("SELECT id FROM t").fetchall() == [(1,)]
    con.close()


# Rollback hooks


def test_rollback_hook(t):
    hook = Calls()
    t.set_rollback_hook(hook)
    t.rollback()
    t.execute("SELECT * FROM t").fetchall()
    t.rollback()
    assert hook.count == 0
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.rollback()
    assert hook.count == 1
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.execute("ROLLBACK")
    assert hook.count == 2
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.execute("SAVEPOINT s")
    t.execute("DELETE FROM t")
    t.execute("ROLLBACK TO s")
    assert hook.count == 2
    t.commit()
    assert hook.count == 2
    t.execute("CREATE TABLE u (a INTEGER)")
    t.rollback()
    assert hook.count == 3


def test_rollback_hook_is_called_when_a_commit_fails(t):
    rollbacks = Calls()
    t.set_rollback_hook(rollbacks)
    t.set_commit_hook(Calls(True))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(tupelo.OperationalError):
        t.commit()
    assert rollbacks.count == 1
    # The exception that is on its way stays what it is.
    t.set_commit_hook(Calls(KeyError("first")))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(KeyError, match="first"):
        t.commit()
    assert rollbacks.count == 2


def test_rollback_hook_is_called_when_a_conflict_is_found_at_commit(t):
    other = t.connect()
    t.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    t.commit()
    rollbacks = Calls()
    t.set_rollback_hook(rollbacks)
    for con, mine in [(t, 1), (other, 2)]:
        con.execute("SELECT COUNT(*) FROM t WHERE name <> 'x'").fetchall()
        con.execute("UPDATE t SET name = 'x' WHERE id = ?", (mine,))
    other.commit()
    with pytest.raises(tupelo.OperationalError) as caught:
        t.commit()
    assert caught.value.sqlstate == "40001"
    assert rollbacks.count == 1
    other.close()


def test_rollback_hook_with_autocommit(auto):
    hook = Calls()
    auto.set_rollback_hook(hook)
    auto.execute("INSERT INTO t VALUES (1, 'a')")
    assert hook.count == 0
    with pytest.raises(tupelo.IntegrityError):
        auto.execute("INSERT INTO t VALUES (2, 'a'), (1, 'b')")
    assert hook.count == 1
    with pytest.raises(tupelo.IntegrityError):
        auto.executemany("INSERT INTO t VALUES (?, ?)", [(2, "a"), (1, "b")])
    assert hook.count == 2

    def rows() -> Iterator[tuple[int, str]]:
        yield from ((i, "x") for i in range(10, 5000))
        raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        auto.executemany("INSERT INTO t VALUES (?, ?)", rows())
    assert hook.count == 3
    with pytest.raises(tupelo.ProgrammingError):
        auto.execute("INSERT INTO nothing VALUES (1)")
    with pytest.raises(tupelo.ProgrammingError):
        auto.execute("CREATE TABLE t (a INTEGER)")
    assert hook.count == 3


def test_rollback_hook_is_called_by_close():
    con = tupelo.connect(":memory:")
    con.execute("CREATE TABLE t (a INTEGER)")
    con.commit()
    hook = Calls()
    con.set_rollback_hook(hook)
    con.execute("INSERT INTO t VALUES (1)")
    with pytest.warns(ResourceWarning):
        con.close()
    assert hook.count == 1
    con.close()
    assert hook.count == 1


def test_rollback_hook_is_called_when_the_connection_is_dropped():
    con = tupelo.connect(":memory:")
    con.execute("CREATE TABLE t (a INTEGER)")
    hook = Calls()
    con.set_rollback_hook(hook)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        del con
        gc.collect()
    assert hook.count == 1


def test_what_a_rollback_hook_raises(t, monkeypatch):
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: seen.append(what.exc_value))
    t.set_rollback_hook(Calls(KeyError("ignored")))
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.rollback()
    assert [str(error) for error in seen] == ["'ignored'"]
    assert count(t) == 0


# Update hooks


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


# All of them


def test_hooks_may_not_use_the_connection(t):
    states: list[str | None] = []

    def use(*_: Any) -> None:
        for call in (
            lambda: t.execute("SELECT 1"),
            t.commit,
            t.rollback,
            lambda: t.execute("INSERT INTO t VALUES (9, 'z')"),
        ):
            try:
                call()
            except tupelo.ProgrammingError as error:
                states.append(error.sqlstate)

    t.set_update_hook(use)
    t.execute("INSERT INTO t VALUES (1, 'a')")
    assert states == ["25000"] * 4
    t.set_update_hook(None)
    t.set_commit_hook(use)
    t.commit()
    assert states == ["25000"] * 8
    t.set_commit_hook(None)
    t.set_rollback_hook(use)
    t.execute("INSERT INTO t VALUES (2, 'a')")
    t.rollback()
    assert states == ["25000"] * 12
    assert count(t) == 1


def test_hooks_may_use_other_connections():
    con = tupelo.connect(":memory:")
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    con.execute("CREATE TABLE log (what VARCHAR(20), id BIGINT)")
    con.commit()
    other = con.connect()
    other.autocommit = True

    def log(operation: str, _schema: str, _table: str, row_id: int) -> None:
        other.execute("INSERT INTO log VALUES (?, ?)", (operation, row_id))

    con.set_update_hook(log)
    con.set_commit_hook(lambda: other.execute("INSERT INTO log VALUES ('commit', 0)") and None)
    con.execute("INSERT INTO t VALUES (1, 'a')")
    con.commit()
    rows = other.execute("SELECT what FROM log ORDER BY what").fetchall()
    assert rows == [("INSERT",), ("commit",)]
    assert count(other) == 1
    other.close()
    con.close()


def test_hooks_are_of_one_connection(t):
    other = t.connect()
    hook = Calls()
    changes = Changes()
    t.set_commit_hook(hook)
    t.set_rollback_hook(hook)
    t.set_update_hook(changes)
    other.execute("INSERT INTO t VALUES (1, 'a')")
    other.commit()
    other.execute("DELETE FROM t")
    other.rollback()
    assert hook.count == 0
    assert changes == []
    other.close()


def test_hooks_are_replaced_and_let_go(t):
    first, second = Calls(), Calls()
    kept = weakref.ref(first)
    t.set_commit_hook(first)
    t.set_commit_hook(second)
    del first
    assert kept() is None
    t.execute("INSERT INTO t VALUES (1, 'a')")
    t.commit()
    assert second.count == 1
    t.set_commit_hook(None)
    t.execute("DELETE FROM t")
    t.commit()
    assert second.count == 1


def test_hooks_that_refer_to_their_connection_are_collected():
    def connect():
        con = tupelo.connect(":memory:")
        con.set_commit_hook(lambda: con)
        con.set_rollback_hook(lambda: con)
        con.set_update_hook(lambda *_: con)
        return weakref.ref(con)

    gone = connect()
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", ["set_commit_hook", "set_rollback_hook", "set_update_hook"])
def test_what_hooks_must_be(t, name):
    set_hook = getattr(t, name)
    with pytest.raises(TypeError):
        set_hook(1)
    with pytest.raises(TypeError):
        set_hook()
    assert set_hook(None) is None
    closed = t.connect()
    closed.close()
    with pytest.raises(tupelo.ProgrammingError):
        getattr(closed, name)(None)


def test_hooks_with_threads(auto):
    changes = Changes()
    commits = Calls()
    auto.set_update_hook(changes)
    auto.set_commit_hook(commits)

    def write(first: int) -> None:
        for i in range(first, first + 100):
            auto.execute("INSERT INTO t VALUES (?, 'x')", (i,))

    threads = [threading.Thread(target=write, args=(1000 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(changes) == commits.count == count(auto) == 400
