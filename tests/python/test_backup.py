"""Copies of whole databases by backup(): what they have, and where they may be made."""

import contextlib
import os
from pathlib import Path

import pytest
import tupelo
from backups import DEFINITIONS, ROWS, SUMS, check_definitions, database, state
from programs import POINT, run


def test_a_file_has_all_that_is_defined(source, target):
    source.executescript(DEFINITIONS)
    assert source.backup(target) is None
    with contextlib.closing(tupelo.connect(target)) as copy:
        check_definitions(copy)
    with contextlib.closing(tupelo.connect(target)) as copy:
        assert state(copy, "SELECT COUNT(*) FROM other.parent") == [(4,)]
    assert [name for name in os.listdir(target.parent) if "copy" in name] == ["copy.db"]
    assert state(source, "SELECT * FROM mine") == [(1,)]
    assert state(source, "SELECT * FROM g") == [(1,)]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_another_connection_has_all_that_is_defined(source, kind, target):
    source.executescript(DEFINITIONS)
    location = target if kind == "file" else ":memory:"
    old = """
        CREATE TABLE old (x INTEGER); INSERT INTO old VALUES (1); CREATE SEQUENCE s;
        CREATE TABLE child (p INTEGER); CREATE SCHEMA gone; CREATE TABLE gone.t (x INTEGER);
        CREATE GLOBAL TEMPORARY TABLE h (x INTEGER); INSERT INTO h VALUES (1);
        CREATE TEMPORARY TABLE temporary_one (x INTEGER);
    """
    with contextlib.closing(database(old, location=location)) as copy:
        prepared = copy.prepare("SELECT COUNT(*) FROM child")
        assert prepared() == [(0,)]
        source.backup(copy)
        assert prepared() == [(2,)]
        check_definitions(copy)
        for name in ("old", "h", "temporary_one"):
            assert state(copy, f"SELECT * FROM {name}") == "42P01"
        assert state(copy, "SELECT * FROM gone.t") == "3F000"
        assert prepared() == [(1,)]
        copy.checkpoint()
        source.backup(copy)
        check_definitions(copy)
        # Connections may come again, and other databases are none of its business.
        with contextlib.closing(copy.connect()) as other:
            assert state(other, "SELECT * FROM w") == [(4,)]
    if kind == "file":
        with contextlib.closing(tupelo.connect(target)) as copy:
            assert state(copy, "SELECT COUNT(*) FROM other.parent") == [(4,)]
            assert state(copy, "SELECT * FROM old") == "42P01"


def test_rows_come_back_and_uncommitted_ones_do_not(source, target):
    source.executescript(ROWS)
    sums = source.execute(SUMS).fetchone()
    other = source.connect()
    other.autocommit = False
    other.execute("UPDATE t SET name = 'changed' WHERE MOD(id, 7) = 0")
    other.execute("INSERT INTO t VALUES (-1, 'not committed')")
    other.execute("CREATE TABLE not_there (x INTEGER)")
    other.execute("ALTER TABLE t ADD COLUMN nor_this INTEGER")
    other.backup(target)  # not its own changes either
    data = other.serialize()
    other.rollback()
    with contextlib.closing(tupelo.connect(target)) as file, contextlib.closing(
        tupelo.connect()
    ) as memory:
        memory.deserialize(data)
        for copy in (file, memory):
            assert copy.execute(SUMS).fetchone() == sums
            assert copy.execute("SELECT * FROM t WHERE id = 7").fetchall() == [(7, "n7")]
            assert state(copy, "SELECT * FROM not_there") == "42P01"


def test_a_backup_is_a_new_file(source, target):
    source.execute("CREATE TABLE t (x INTEGER)")
    target.write_bytes(b"precious")
    with pytest.raises(tupelo.Error, match="new file") as raised:
        source.backup(target)
    assert raised.value.sqlstate == "42710"
    assert target.read_bytes() == b"precious"
    target.write_bytes(b"")
    target.chmod(0o600)
    source.backup(target)
    assert target.stat().st_mode & 0o777 == 0o600
    for wrong, kind in (
        (target.parent / "nowhere" / "copy.db", tupelo.OperationalError),
        (target.parent, tupelo.OperationalError),
        (":memory:", tupelo.DataError),
        ("", tupelo.DataError),
        ("a\0b", ValueError),
        (7, TypeError),
        (None, TypeError),
        (source, ValueError),
    ):
        with pytest.raises(kind):
            source.backup(wrong)
    with pytest.raises(TypeError, match="progress"):
        source.backup(target.with_name("other.db"), progress=3)
    with pytest.raises(TypeError):
        source.backup()
    with pytest.raises(TypeError):
        source.backup(target.with_name("other.db"), pages=5)
    assert not target.with_name("other.db").exists()


def test_who_may_not_read_the_database_may_not_read_its_copy(tmp_path, target):
    path = tmp_path / "source.db"
    path.touch(mode=0o600)
    with contextlib.closing(database("CREATE TABLE t (x INTEGER)", location=path)) as con:
        con.backup(target)
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_log_of_another_database_is_not_taken_for_the_copys(source, target):
    with contextlib.closing(database("CREATE TABLE t (x INTEGER)", location=target)) as con:
        log = Path(f"{target}-wal").read_bytes()
        con.execute("INSERT INTO t VALUES (1)")
    target.unlink()
    Path(f"{target}-wal").write_bytes(log)
    with pytest.raises(tupelo.Error, match="belongs to another database"):
        source.backup(target)
    assert not target.exists()


def test_a_connection_that_is_in_use_is_no_target(source):
    source.executescript(ROWS)
    with contextlib.closing(tupelo.connect(":memory:shared_target")) as copy:
        with contextlib.closing(copy.connect()), pytest.raises(tupelo.OperationalError) as raised:
            source.backup(copy)
        assert raised.value.sqlstate == "55006"
        copy.execute("CREATE TABLE old (x INTEGER)")
        data = source.serialize()
        for call in (lambda: source.backup(copy), lambda: copy.deserialize(data)):
            with pytest.raises(tupelo.ProgrammingError, match="commit or roll back") as refused:
                call()
            assert refused.value.sqlstate == "25001"
        copy.executemany("INSERT INTO old VALUES (?)", [(i,) for i in range(10000)])
        copy.commit()
        cursor = copy.execute("SELECT x FROM old ORDER BY x")
        assert cursor.fetchone() == (0,)
        copy.commit()
        for call in (lambda: source.backup(copy), lambda: copy.deserialize(data)):
            with pytest.raises(tupelo.OperationalError, match="result is open") as open_result:
                call()
            assert open_result.value.sqlstate == "55006"
        assert len(cursor.fetchall()) == 9999
        source.backup(copy)
        assert state(copy, "SELECT COUNT(*) FROM t") == [(40000,)]
        copy.commit()
        other = copy.connect()
        with pytest.raises(tupelo.Error, match="another database"):
            copy.backup(other)
        other.close()
    with pytest.raises(tupelo.ProgrammingError):
        source.backup(copy)
    copy = tupelo.connect()
    source.close()
    for call in (lambda: source.backup(copy), source.serialize, lambda: source.deserialize(data)):
        with pytest.raises(tupelo.ProgrammingError):
            call()


def test_a_database_does_not_go_over_itself(tmp_path):
    path = tmp_path / "app.db"
    with contextlib.closing(database(ROWS, location=path)) as con:
        os.symlink(path, tmp_path / "link.db")
        os.link(path, tmp_path / "hard.db")
        for name in ("app.db", "link.db", "hard.db"):
            with pytest.raises(tupelo.DataError, match="another database") as raised:
                con.backup(tmp_path / name)
            assert raised.value.sqlstate == "22023"
        assert con.execute(SUMS).fetchone()[0] == 40000


LARGE = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1], synchronous="off", autocommit=True)
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40), n BIGINT)")
    con.execute("CREATE INDEX by_n ON t (n)")
    con.execute("INSERT INTO t SELECT v, 'name ' || CAST(v AS VARCHAR(10)) || REPEAT('-', 20), "
                "CAST(v AS BIGINT) * 7919 FROM GENERATE_SERIES(1, 400000) AS s (v)")
    con.close()
"""
BACKUP = """
    import sys, tupelo
    def memory(field):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field))
    con = tupelo.connect(sys.argv[1], memory_limit="4MB", synchronous="off")
    con.execute("UPDATE t SET n = -1 WHERE id = 200000")
    con.commit()
    before = memory("VmRSS:")
    con.backup(sys.argv[2])
    if len(sys.argv) > 3:
        other = tupelo.connect(sys.argv[3], memory_limit="4MB")
        con.backup(other)
        other.close()
    print(memory("VmHWM:") - before)
"""


def test_a_database_larger_than_its_limit_is_copied(tmp_path):
    source, copy, other = (tmp_path / name for name in ("source.db", "copy.db", "other.db"))
    run(LARGE, source)
    grown = int(run(BACKUP, source, copy, other))
    if "TUPELO_SANITIZED" not in os.environ:  # they take memory of their own
        assert grown < 24_000  # KiB; the rows take more than twice as much
    for path in (copy, other):
        # What the copy is asked by a key it answers without reading its rows.
        for query, result in (
            ("SELECT name FROM t WHERE id = 31415", [("name 31415" + "-" * 20,)]),
            (f"SELECT id FROM t WHERE n = {7919 * 399999}", [(399999,)]),
            ("SELECT id FROM t WHERE n = -1", [(200000,)]),
            ("SELECT COUNT(*) FROM t", [(400000,)]),
        ):
            printed, read = run(POINT, path, query).splitlines()
            assert printed == str(result)
            assert int(read) < 1_000_000
        with contextlib.closing(tupelo.connect(path)) as con:
            sums = "SELECT COUNT(*), SUM(id), COUNT(DISTINCT n), MAX(name) FROM t"
            maximum = "name 99999" + "-" * 20
            assert con.execute(sums).fetchone() == (400000, 80000200000, 400000, maximum)
            with pytest.raises(tupelo.IntegrityError):
                con.execute("INSERT INTO t VALUES (400000, 'twice', 0)")


def test_a_read_only_connection_can_be_copied(tmp_path, target):
    path = tmp_path / "source.db"
    database(ROWS, location=path).close()
    before = path.read_bytes()
    with contextlib.closing(tupelo.connect(path, read_only=True)) as con:
        con.backup(target)
        data = con.serialize()
        with pytest.raises(tupelo.Error) as raised:
            database(ROWS).backup(con)
        assert raised.value.sqlstate == "25006"
        with pytest.raises(tupelo.Error) as raised:
            con.deserialize(data)
        assert raised.value.sqlstate == "55000"
    assert path.read_bytes() == before
    with contextlib.closing(tupelo.deserialize(data)) as memory:
        assert memory.execute(SUMS).fetchone()[0] == 40000
    with contextlib.closing(tupelo.connect(target)) as copy:
        assert copy.execute(SUMS).fetchone()[0] == 40000
