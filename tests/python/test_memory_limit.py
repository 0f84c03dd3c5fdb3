"""Databases in files that are larger than what is read of them, or than what may be in memory."""

import contextlib
import random
import shutil
from pathlib import Path

import pytest
import tupelo
from programs import FILL, POINT, run


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.db"
    run(FILL, path, 600_000)
    return path


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("SELECT n FROM t WHERE id = 314159", [(314159 * 1000003,)]),
        ("SELECT id FROM t WHERE name = 'name 7919" + "-" * 40 + "'", [(1,)]),
        ("SELECT COUNT(*) FROM t", [(600_000,)]),
        ("SELECT MAX(id) FROM t", [(600_000,)]),
    ],
)
def test_a_query_of_little_reads_little(large, query, result):
    printed, read = run(POINT, large, query).splitlines()
    assert printed == str(result)
    assert large.stat().st_size > 10_000_000
    assert int(read) < 1_000_000


def test_a_scan_of_one_column_reads_its_blocks_alone(large):
    printed, read = run(POINT, large, "SELECT COUNT(*) FROM t WHERE n + 0 > 0").splitlines()
    assert printed == "[(600000,)]"
    assert int(read) < large.stat().st_size / 2


def test_a_database_larger_than_its_limit_works(tmp_path):
    path = tmp_path / "app.db"
    run(FILL, path, 300_000)
    con = tupelo.connect(path, memory_limit="4MB", synchronous="off")
    sums = "SELECT COUNT(*), SUM(n), MIN(name), COUNT(x) FROM t"
    before = con.execute(sums).fetchone()
    assert con.execute(sums).fetchone() == before
    choose = random.Random(5)
    expected = {}
    for step in range(2000):
        key = choose.randint(1, 300_000)
        n = expected.get(key, key * 1000003)
        assert con.execute("SELECT n FROM t WHERE id = ?", (key,)).fetchone() == (n,)
        if step % 3 == 0:
            expected[key] = -step
            con.execute("UPDATE t SET n = ? WHERE id = ?", (-step, key))
        if step % 100 == 0:
            con.commit()
        if step % 500 == 0:
            con.checkpoint()
    con.execute("DELETE FROM t WHERE MOD(id, 10) = 3")
    con.commit()
    con.execute("UPDATE t SET name = UPPER(name) WHERE MOD(id, 7) = 0")
    con.rollback()
    con.execute("SET memory_limit = '2MB'")
    after = con.execute(sums).fetchone()
    con.close()
    con = tupelo.connect(path, memory_limit=2_000_000)
    assert con.execute(sums).fetchone() == after
    for key, n in expected.items():
        row = con.execute("SELECT n FROM t WHERE id = ?", (key,)).fetchone()
        assert row == (None if key % 10 == 3 else (n,))
    con.close()


@pytest.mark.parametrize("limit", ["12", "1000kB", 5, "much"])
def test_a_limit_that_is_none_is_refused(tmp_path, limit):
    with pytest.raises(tupelo.Error, match="memory_limit is a size"):
        tupelo.connect(tmp_path / "app.db", memory_limit=limit)


def test_a_limit_of_another_type_is_refused(tmp_path):
    with pytest.raises(TypeError, match="memory_limit must be"):
        tupelo.connect(tmp_path / "app.db", memory_limit=1.5)


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def test_damage_that_is_found_late_fails_the_statement_alone(tmp_path):
    sound = tmp_path / "sound.db"
    run(FILL, sound, 100_000)
    pages = sound.stat().st_size // 4096
    failed = 0
    for page in range(3, pages, max(1, pages // 40)):
        path = tmp_path / f"{page}.db"
        shutil.copy(sound, path)
        flip(path, page * 4096 + 100)
        try:
            con = tupelo.connect(path)
        except tupelo.DatabaseError as error:
            assert error.sqlstate == "XX001"
            continue
        for query in ["SELECT SUM(n), SUM(x), MAX(CHAR_LENGTH(name)) FROM t",
                      "SELECT COUNT(*) FROM t WHERE id > 0 AND name >= ''"]:  # fmt: skip
            try:
                con.execute(query).fetchone()
            except tupelo.DatabaseError as error:
                assert error.sqlstate == "XX001"
                assert path.name in str(error)
                failed += 1
                assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (100_000,)
        with contextlib.suppress(tupelo.DatabaseError):  # it writes a checkpoint
            con.close()
        path.unlink()
    assert failed > 5
