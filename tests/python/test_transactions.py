"""Transactions through the Python API."""

import gc
import warnings

import pytest
import tupelo


def count(con):
    return con.execute("SELECT COUNT(*) FROM people").fetchone()[0]


def test_a_transaction_is_always_open_by_default(people):
    assert people.autocommit is False and people.in_transaction is True
    people.execute("DELETE FROM people")
    people.rollback()
    assert people.in_transaction is True
    assert count(people) == 3


def test_autocommit(people):
    other = people.connect()
    people.autocommit = True
    assert people.in_transaction is False
    people.execute("DELETE FROM people WHERE id = 1")
    assert count(other) == 2
    people.execute("START TRANSACTION")
    assert people.in_transaction is True
    people.execute("DELETE FROM people")
    people.execute("ROLLBACK")
    assert people.in_transaction is False and count(people) == 2


def test_switching_to_autocommit_commits(people):
    people.execute("DELETE FROM people")
    people.autocommit = True
    assert count(people.connect()) == 0
    people.autocommit = False
    assert people.in_transaction is True
    for wrong in (1, None, "yes"):
        with pytest.raises(TypeError):
            people.autocommit = wrong


def test_connect_with_autocommit():
    con = tupelo.connect(autocommit=True)
    assert con.autocommit is True
    assert con.connect().autocommit is True


def test_with_commits(people):
    with people as same:
        assert same is people
        people.execute("DELETE FROM people WHERE id = 1")
    people.rollback()
    assert count(people) == 2 and not people.closed


def test_with_rolls_back_on_an_exception(people):
    with pytest.raises(ZeroDivisionError), people:
        people.execute("DELETE FROM people")
        raise ZeroDivisionError
    assert count(people) == 3 and not people.closed


def test_with_and_a_connection_closed_inside(people):
    with people:
        people.close()


def test_two_connections_see_their_snapshots(people):
    other = people.connect()
    assert count(other) == 3
    people.execute("DELETE FROM people WHERE id = 1")
    people.commit()
    assert count(other) == 3
    other.rollback()
    assert count(other) == 2


def test_a_write_conflict_is_40001(people):
    other = people.connect()
    assert count(other) == 3
    people.execute("UPDATE people SET height = 1 WHERE id = 1")
    people.commit()
    with pytest.raises(tupelo.OperationalError) as caught:
        other.execute("UPDATE people SET height = 2 WHERE id = 1")
    assert caught.value.sqlstate == "40001"
    other.rollback()
    assert other.execute("UPDATE people SET height = 2 WHERE id = 1").rowcount == 1
    other.commit()


def test_named_memory_is_shared():
    first, second = tupelo.connect(":memory:shared"), tupelo.connect(":memory:shared")
    other = tupelo.connect(":memory:other")
    first.execute("CREATE TABLE t (a INTEGER)")
    first.commit()
    assert second.execute("SELECT * FROM t").fetchall() == []
    with pytest.raises(tupelo.ProgrammingError):
        other.execute("SELECT * FROM t")
    for con in (first, second, other):
        con.close()
    with pytest.raises(tupelo.ProgrammingError):
        tupelo.connect(":memory:shared").execute("SELECT * FROM t")


def test_close_warns_of_changes(people):
    people.execute("DELETE FROM people")
    other = people.connect()
    with pytest.warns(ResourceWarning, match="not committed"):
        people.close()
    assert count(other) == 3


def test_close_without_changes_does_not_warn(people):
    count(people)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        people.close()


def test_a_connection_that_is_dropped_warns_of_changes(people):
    other = people.connect()
    other.execute("DELETE FROM people")
    with pytest.warns(ResourceWarning, match="not committed"):
        del other
        gc.collect()
    assert count(people) == 3


def test_a_warning_turned_into_an_error_comes_after_closing(people):
    people.execute("DELETE FROM people")
    with warnings.catch_warnings(), pytest.raises(ResourceWarning):
        warnings.simplefilter("error")
        people.close()
    assert people.closed


def test_savepoints(people):
    people.execute("SAVEPOINT a")
    people.execute("DELETE FROM people")
    people.execute("ROLLBACK TO SAVEPOINT a")
    assert count(people) == 3


def test_settings_go_to_the_other_connection():
    con = tupelo.connect(cached_statements=5)
    con.row_factory = tupelo.dict_row
    other = con.connect()
    assert other.row_factory is tupelo.dict_row and other.cache_info().max_size == 5
