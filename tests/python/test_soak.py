"""A few seconds of the soak test, and that it finds what it looks for."""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "soak"))

import soak  # noqa: E402
import workload  # noqa: E402
from flatness import Sample, judge  # noqa: E402
from lives import Heard, Life  # noqa: E402
from verification import Failure, check_contents, check_size, verify  # noqa: E402

TRANSACTIONS = 60  # of each writer
STEPS = 3  # of the definitions: then there are table, index and column
MIB = 1 << 20


def test_a_short_soak_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--seconds", "5", "--seed", "3"]) == 0
    assert "passed" in capsys.readouterr().out


# --- what a database may not be -------------------------------------------------------------------


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Any]:
    """A connection to a database on which each worker has worked."""
    path = tmp_path / "soak.db"
    workload.make(path)
    con = tupelo.connect(path)
    chance = random.Random(1)
    for n in range(TRANSACTIONS):
        for writer in range(workload.WRITERS):
            workload.write(con, writer, n, chance)
    for n in range(STEPS):
        workload.define(con, n)
    yield con
    if not con.closed:
        con.rollback()
        con.close()


def check(con: Any, acknowledged: dict[int, int] | None = None, lives: int = 1) -> None:
    """With all that was done acknowledged, and what `acknowledged` says instead."""
    before = dict.fromkeys(range(workload.WORKERS), 0)
    done = dict.fromkeys(range(workload.WRITERS), TRANSACTIONS - 1) | {workload.DEFINER: STEPS - 1}
    check_contents(con, done | (acknowledged or {}), before, lives, serializable=True)


def test_what_the_workload_leaves_is_accepted(worked: Any) -> None:
    check(worked)


# (what is changed, what is said of it)
FAULTS = [
    ("UPDATE account SET balance = balance + 1 WHERE id = 7", "sum of the balances"),
    ("UPDATE ledger SET amount = amount + 1 WHERE writer = 1 AND number = 30", "explains each"),
    ("DELETE FROM ledger WHERE writer = 2 AND number = 59", "explains each balance"),
    ("UPDATE ledger SET number = 60 WHERE writer = 2 AND number = 59", "ends where its writer"),
    ("UPDATE duty SET present = FALSE WHERE pair = 2", "on duty"),
    ("UPDATE document SET body = 'x' WHERE writer = 0 AND number = 5", "wrong are [5]"),
    ("DELETE FROM document WHERE writer = 0 AND number = 59", "wrong are [59]"),
    ("UPDATE document SET revision = 0 WHERE writer = 1 AND number = 9", "wrong are [9]"),
    ("DELETE FROM progress WHERE worker = 1", "workers: [0, 2, 3]"),
    ("UPDATE progress SET n = 59 WHERE worker = 0", "worker 0 is at 59"),
    ("UPDATE progress SET n = 62 WHERE worker = 0", "worker 0 is at 62"),
    ("DROP TABLE scratch", "table scratch"),
    ("DELETE FROM scratch WHERE id = 3", "scratch has 19 rows"),
    ("DROP INDEX document_by_revision", "index"),
    ("ALTER TABLE document DROP COLUMN extra", "columns of document"),
    ("UPDATE document SET extra = 8 WHERE writer = 0 AND number = 5", "the added column"),
]


@pytest.mark.parametrize(("fault", "said"), FAULTS)
def test_a_fault_is_found(worked: Any, fault: str, said: str) -> None:
    worked.execute(fault)
    with pytest.raises(Failure) as failure:
        check(worked)
    assert said in str(failure.value)


def test_an_acknowledged_transaction_that_is_lost_is_found(worked: Any) -> None:
    with pytest.raises(Failure, match="worker 1 is at 60, and acknowledged 61"):
        check(worked, {1: TRANSACTIONS})


def test_each_life_may_end_before_it_says_what_it_did(worked: Any) -> None:
    unsaid = {0: TRANSACTIONS - 3, 2: TRANSACTIONS - 2}
    check(worked, unsaid, lives=2)
    with pytest.raises(Failure, match="worker 0 is at 60, and acknowledged 58"):
        check(worked, unsaid, lives=1)


def test_a_file_that_is_much_larger_than_its_contents_is_found(worked: Any, tmp_path: Path) -> None:
    worked.commit()
    path = tmp_path / "soak.db"
    small = check_size(worked, path)
    assert 0 < small < MIB
    worked.execute("CREATE TABLE filler (body BLOB)")
    chance = random.Random(1)
    worked.executemany(
        "INSERT INTO filler VALUES (?)", [(chance.randbytes(MIB),) for _ in range(12)]
    )
    worked.commit()
    assert check_size(worked, path) > 12 * MIB
    worked.execute("DROP TABLE filler")
    worked.commit()
    # Its room in the file is free from then on, but only VACUUM must give it back.
    with pytest.raises(Failure, match="the file has"):
        check_size(worked, path)


def test_a_damaged_file_is_found(worked: Any, tmp_path: Path) -> None:
    worked.commit()
    worked.close()
    path = tmp_path / "soak.db"
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, len(data), 512):
        data[place] ^= 0xFF
    path.write_bytes(data)
    before = dict.fromkeys(range(workload.WORKERS), 0)
    with pytest.raises((Failure, tupelo.Error)):
        verify(path, {}, before, 1, serializable=False)


def test_what_a_child_says_is_kept() -> None:
    heard = Heard()
    for line in ["A 0 5 0\n", "A 1 7 2\n", "A 0 6 1\n", "V violated: the sum\n"]:
        heard.take(line)
    assert heard.acknowledged == {0: 6, 1: 7}
    assert (heard.transactions, heard.retries) == (3, 3)
    assert heard.complaints == ["violated: the sum"]


def live(path: Path) -> None:
    Life(path, "1", {}, serializable=False).run(1.0)


def test_a_reader_of_the_child_that_sees_a_fault_is_heard(worked: Any, tmp_path: Path) -> None:
    worked.execute("UPDATE account SET balance = balance - 1 WHERE id = 7")
    worked.commit()
    worked.close()
    with pytest.raises(Failure, match="the child .*sum of the balances"):
        live(tmp_path / "soak.db")


def test_a_child_that_ends_by_itself_is_noticed(worked: Any, tmp_path: Path) -> None:
    worked.execute("DROP TABLE duty")
    worked.execute("DROP TABLE document")
    worked.commit()
    worked.close()
    with pytest.raises(Failure, match="(table|index) not found"):
        live(tmp_path / "soak.db")


# --- what grows -----------------------------------------------------------------------------------


def series(size_at: Callable[[int], float]) -> list[Sample]:
    """Of five minutes, with some noise."""
    chance = random.Random(1)
    return [
        Sample(second, int(size_at(second) * MIB) + chance.randrange(MIB)) for second in range(300)
    ]


GROWING = {
    "a line": lambda second: 100 + second * 0.15,
    "a step": lambda second: 100 if second < 180 else 130,
    "a saw that climbs": lambda second: 100 + second % 20 + second // 20 * 4,
}
FLAT = {
    "no change": lambda second: 100,
    "a start": lambda second: min(200, 20 + second * 4),
    "a saw": lambda second: 100 + second % 20,
    "one peak": lambda second: 400 if 200 < second < 230 else 100,
    "less": lambda second: 200 - second * 0.2,
}


@pytest.mark.parametrize("name", GROWING)
def test_memory_that_grows_is_found(name: str) -> None:
    growth = judge(series(GROWING[name]))
    assert growth is not None and growth.grows


@pytest.mark.parametrize("name", FLAT)
def test_memory_that_does_not_grow_is_accepted(name: str) -> None:
    growth = judge(series(FLAT[name]))
    assert growth is not None and not growth.grows


def test_too_short_a_series_is_not_judged() -> None:
    assert judge(series(GROWING["a line"])[:30]) is None
    assert judge([]) is None
