"""What all hooks have in common: the connections they may use, how long they are kept, threads."""

import gc
import threading
import weakref
from typing import Any

import pytest
import tupelo
from hooks import Calls, Changes, count


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
