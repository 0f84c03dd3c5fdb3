"""Constraints that are checked when the transaction ends."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tupelo
from dumps import dump, made_anew

DEFINITIONS = """
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY,
    parent INTEGER CONSTRAINT of_parent REFERENCES parent INITIALLY DEFERRED);
CREATE TABLE place (name VARCHAR(10) PRIMARY KEY,
    number INTEGER CONSTRAINT one_each UNIQUE DEFERRABLE INITIALLY DEFERRED);
"""


@pytest.fixture
def late(con: tupelo.Connection) -> tupelo.Connection:
    con.executescript(DEFINITIONS)
    con.commit()
    return con


def number_of(con: tupelo.Connection, table: str) -> int:
    return con.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def refused(error: type[tupelo.Error], sqlstate: str, act: Callable[[], object]) -> tupelo.Error:
    with pytest.raises(error) as raised:
        act()
    assert raised.value.sqlstate == sqlstate
    return raised.value


class Acting(threading.Thread):
    """Does something that has to wait, and keeps the SQLSTATE that it ends with."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act
        self.sqlstate: str | None = ""
        self.start()

    def run(self) -> None:
        try:
            self.act()
        except tupelo.Error as error:
            self.sqlstate = error.sqlstate

    def is_waiting(self) -> bool:
        time.sleep(0.2)
        return self.is_alive()

    def ended(self) -> str | None:
        self.join(60)
        assert not self.is_alive()
        return self.sqlstate


@pytest.mark.parametrize("count", [1, 2048, 5000])
def test_children_may_come_before_their_parents(late, count):
    late.executemany("INSERT INTO child VALUES (?, ?)", [(i, i) for i in range(count)])
    late.executemany("INSERT INTO parent VALUES (?)", [(i,) for i in range(count)])
    late.commit()
    late.rollback()
    assert number_of(late, "child") == number_of(late, "parent") == count


def test_a_commit_that_fails_leaves_nothing(late):
    late.executemany("INSERT INTO child VALUES (?, ?)", [(i, i) for i in range(3000)])
    late.executemany("INSERT INTO parent VALUES (?)", [(i,) for i in range(2999)])
    error = refused(tupelo.IntegrityError, "23503", late.commit)
    assert (error.constraint, error.table) == ("of_parent", "child")
    assert number_of(late, "child") == number_of(late, "parent") == 0
    late.execute("INSERT INTO parent VALUES (1)")
    late.commit()
    late.rollback()
    assert number_of(late, "parent") == 1


def test_with_says_that_the_commit_failed(late):
    with pytest.raises(tupelo.IntegrityError), late:
        late.execute("INSERT INTO child VALUES (1, 1)")
    assert number_of(late, "child") == 0


def test_setting_autocommit_commits(late):
    def set_autocommit() -> None:
        late.autocommit = True

    late.execute("INSERT INTO child VALUES (1, 1)")
    refused(tupelo.IntegrityError, "23503", set_autocommit)
    assert late.autocommit is False and number_of(late, "child") == 0


def test_executemany_of_updates_exchanges_keys(late):
    late.executemany("INSERT INTO place VALUES (?, ?)", [("a", 1), ("b", 2), ("c", 3)])
    late.commit()
    late.executemany("UPDATE place SET number = ? WHERE name = ?", [(2, "a"), (3, "b"), (1, "c")])
    late.commit()
    numbers = late.execute("SELECT number FROM place ORDER BY name").fetchall()
    assert numbers == [(2,), (3,), (1,)]
    late.execute("SET CONSTRAINTS one_each IMMEDIATE")
    exchange = [(3, "a"), (2, "b")]
    refused(
        tupelo.IntegrityError, "23505",
        lambda: late.executemany("UPDATE place SET number = ? WHERE name = ?", exchange),
    )  # fmt: skip


def test_executemany_that_is_a_transaction(late):
    late.autocommit = True
    rows = [(str(i), i % 2999) for i in range(3000)]
    refused(
        tupelo.IntegrityError, "23505",
        lambda: late.executemany("INSERT INTO place VALUES (?, ?)", rows),
    )  # fmt: skip
    assert number_of(late, "place") == 0
    assert late.executemany("INSERT INTO place VALUES (?, ?)", rows[:2999]).rowcount == 2999
    assert number_of(late, "place") == 2999


def test_executemany_at_once_is_checked_at_its_end_when_it_is_immediate(late):
    late.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rows = [(str(i), i % 2999) for i in range(3000)]
    refused(
        tupelo.IntegrityError, "23505",
        lambda: late.executemany("INSERT INTO place VALUES (?, ?)", rows),
    )  # fmt: skip
    late.commit()
    assert number_of(late, "place") == 0


def test_an_open_result_outlives_a_commit_that_fails(late):
    late.executemany("INSERT INTO parent VALUES (?)", [(i,) for i in range(5000)])
    late.execute("INSERT INTO child VALUES (1, -1)")
    cursor = late.execute("SELECT id FROM parent ORDER BY id")
    assert cursor.fetchone() == (0,)
    refused(tupelo.IntegrityError, "23503", late.commit)
    assert len(cursor.fetchall()) == 4999
    assert number_of(late, "parent") == 0


def test_an_interrupt_of_before_does_not_end_the_commit(late):
    late.execute("INSERT INTO child VALUES (1, 1)")
    late.execute("INSERT INTO parent VALUES (1)")
    late.interrupt()
    late.commit()
    assert number_of(late, "child") == 1


def test_what_is_not_committed_is_no_finding(late):
    late.executemany("INSERT INTO place VALUES (?, ?)", [("a", 1), ("b", 1)])
    late.execute("INSERT INTO child VALUES (1, 1)")
    assert late.connect().check() == []
    late.rollback()
    assert late.check() == []


@pytest.mark.parametrize("autocommit", [False, True])
@pytest.mark.parametrize("first_commits", [False, True])
def test_the_check_waits_for_the_transaction_that_has_the_key(late, autocommit, first_commits):
    other = late.connect()
    other.execute("SET lock_timeout = 60000")
    other.autocommit = autocommit
    late.execute("INSERT INTO place VALUES ('a', 1)")

    def insert() -> None:
        other.execute("INSERT INTO place VALUES ('b', 1)")
        other.commit()

    waiting = Acting(insert)
    assert waiting.is_waiting()
    if first_commits:
        late.commit()
    else:
        late.rollback()
    assert waiting.ended() == ("23505" if first_commits else "")
    assert number_of(other, "place") == 1


def test_set_constraints_waits_too(late):
    other = late.connect()
    other.execute("SET lock_timeout = 60000")
    late.execute("INSERT INTO place VALUES ('a', 1)")
    other.execute("INSERT INTO place VALUES ('b', 1)")
    waiting = Acting(lambda: other.execute("SET CONSTRAINTS one_each IMMEDIATE"))
    assert waiting.is_waiting()
    late.rollback()
    assert waiting.ended() == ""
    other.commit()
    assert number_of(late, "place") == 1


def test_a_wait_ends_after_a_while(late):
    other = late.connect()
    other.autocommit = True
    other.execute("SET lock_timeout = 1000")
    late.execute("INSERT INTO place VALUES ('a', 1)")
    begin = time.monotonic()
    error = refused(
        tupelo.OperationalError, "40001",
        lambda: other.execute("INSERT INTO place VALUES ('b', 1)"),
    )  # fmt: skip
    assert "1000 ms" in str(error) and time.monotonic() - begin < 1.9
    late.commit()
    assert number_of(other, "place") == 1


def test_of_two_that_wait_for_each_other_one_goes_on(late):
    late.execute("INSERT INTO parent VALUES (1)")
    late.commit()
    other = late.connect()
    for con in (late, other):
        con.execute("SET lock_timeout = 60000")
    late.execute("INSERT INTO child VALUES (1, 1)")
    other.execute("DELETE FROM parent")
    both = [Acting(late.commit), Acting(other.commit)]
    assert sorted(one.ended() for one in both) == ["", "40P01"]
    # It has rolled back, and begins anew with the next statement.
    for con in (late, other):
        con.rollback()
        assert number_of(con, "parent") == number_of(con, "child")


def test_a_dump_says_when_constraints_are_checked(con):
    con.executescript(
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY, CONSTRAINT p_u UNIQUE (id) DEFERRABLE);
        CREATE TABLE c (id INTEGER CONSTRAINT c_id PRIMARY KEY INITIALLY DEFERRED,
            a INTEGER CONSTRAINT c_a REFERENCES p (id) ON DELETE SET NULL DEFERRABLE,
            b INTEGER CONSTRAINT c_b REFERENCES p (id) MATCH FULL INITIALLY DEFERRED);
        INSERT INTO p VALUES (1);
        INSERT INTO c VALUES (1, 1, 1);
        """
    )
    con.commit()
    text = dump(con)
    for part in (
        "CONSTRAINT p_pkey PRIMARY KEY (id),",
        "CONSTRAINT p_u UNIQUE (id) DEFERRABLE\n",
        "CONSTRAINT c_id PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED\n",
        "FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET NULL DEFERRABLE;",
        "FOREIGN KEY (b) REFERENCES p (id) MATCH FULL DEFERRABLE INITIALLY DEFERRED;",
    ):
        assert part in text, part
    assert made_anew(text) == text


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_file_keeps_when_constraints_are_checked(tmp_path: Path, checkpoint: bool) -> None:
    path = tmp_path / "late.db"
    with contextlib.closing(tupelo.connect(path)) as con:
        con.executescript(DEFINITIONS)
        con.execute("CREATE TABLE now (id INTEGER PRIMARY KEY DEFERRABLE)")
        con.commit()
        if checkpoint:
            con.checkpoint()
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.check() == []
        con.execute("INSERT INTO now VALUES (1)")
        refused(tupelo.IntegrityError, "23505", lambda: con.execute("INSERT INTO now VALUES (1)"))
        con.execute("SET CONSTRAINTS ALL DEFERRED")
        con.execute("INSERT INTO now VALUES (1)")
        refused(tupelo.IntegrityError, "23505", con.commit)
        con.execute("INSERT INTO child VALUES (1, 1)")
        con.executemany("INSERT INTO place VALUES (?, 1)", [("a",), ("b",)])
        con.execute("INSERT INTO parent VALUES (1)")
        con.execute("DELETE FROM place WHERE name = 'b'")
        con.commit()
        assert number_of(con, "child") == number_of(con, "place") == 1
        refused(
            tupelo.NotSupportedError, "0A000",
            lambda: con.execute("CREATE TABLE t (a INTEGER CHECK (a > 0) DEFERRABLE)"),
        )  # fmt: skip
