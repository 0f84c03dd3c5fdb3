"""set_commit_hook and set_rollback_hook."""

import gc
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo
from hooks import Calls, count

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
