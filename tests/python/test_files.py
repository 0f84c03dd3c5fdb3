"""Databases in files, as programs of their own see them."""

import concurrent.futures
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import tupelo


def run(code: str, *arguments: object) -> str:
    """What a program prints."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


WRITE = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1])
    con.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name VARCHAR(2000), "
                "price DECIMAL(10, 2), at TIMESTAMP)")
    first = con.execute("SELECT COUNT(*) FROM t").fetchone()[0]
    con.executemany("INSERT INTO t VALUES (?, ?, ?, TIMESTAMP '2026-01-01 00:00:00')",
                    [(first + i, "x" * (i % 1500), i) for i in range(5000)])
    con.commit()
    print(first)
"""
READ = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1])
    print(*con.execute("SELECT COUNT(*), SUM(price), SUM(CHAR_LENGTH(name)), MAX(id) FROM t"
                       ).fetchone())
"""


def test_a_program_finds_what_another_one_committed(path):
    assert run(WRITE, path) == "0\n"
    assert run(READ, path) == "5000 12497500.00 3497500 4999\n"
    assert run(WRITE, path) == "5000\n"
    assert run(READ, path) == "10000 24995000.00 6995000 9999\n"
    assert sorted(os.listdir(path.parent)) == ["app.db"]


@pytest.mark.parametrize("synchronous", ["full", "normal"])
def test_a_program_that_is_killed_loses_nothing_committed(path, synchronous):
    code = f"""
        import os, signal, sys, tupelo
        con = tupelo.connect(sys.argv[1], synchronous="{synchronous}")
        con.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
        con.execute("CREATE INDEX IF NOT EXISTS by_name ON t (name)")
        con.commit()
        count = con.execute("SELECT COUNT(*) FROM t").fetchone()[0]
        for i in range(count, count + 50):
            con.execute("INSERT INTO t VALUES (?, ?)", (i, f"name{{i}}"))
            con.commit()
        if count == 100:
            con.checkpoint()
        con.execute("INSERT INTO t VALUES (-1, 'not committed')")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)],
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == -signal.SIGKILL, done.stderr
    found = run("""
        import sys, tupelo
        con = tupelo.connect(sys.argv[1])
        print(con.execute("SELECT COUNT(*), MIN(id), MAX(id) FROM t").fetchone(),
              con.execute("SELECT id FROM t WHERE name = 'name123'").fetchall())
    """, path)  # fmt: skip
    assert found == "(200, 0, 199) [(123,)]\n"


def test_another_process_is_told_who_has_the_database(path):
    con = tupelo.connect(path)
    con.execute("CREATE TABLE t (id INTEGER)")
    con.commit()
    said = run("""
        import sys, tupelo
        try:
            tupelo.connect(sys.argv[1])
        except tupelo.OperationalError as error:
            print(error.sqlstate, error)
    """, path)  # fmt: skip
    assert said.startswith("55006 ")
    assert str(os.getpid()) in said and str(path) in said


def test_the_last_close_frees_the_file_whatever_is_kept_of_it(path):
    con = tupelo.connect(path)
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(2000), price DECIMAL(10, 2), "
                "at TIMESTAMP)")  # fmt: skip
    con.executemany("INSERT INTO t VALUES (?, 'n', 1, NULL)", [(i,) for i in range(5000)])
    con.commit()
    other = con.connect()
    begun = con.execute("SELECT id FROM t ORDER BY id")
    assert begun.fetchone() == (0,)
    point = other.execute("SELECT id FROM t WHERE id = 7")  # read to its end by nobody
    returned = other.execute("INSERT INTO t (id) VALUES (-1) RETURNING id")
    other.rollback()
    con.close()
    busy = run(WRITE.replace("import sys, tupelo", """import sys, tupelo
    try:
        tupelo.connect(sys.argv[1])
    except tupelo.OperationalError as error:
        print(error.sqlstate)
        sys.exit()"""), path)  # fmt: skip
    assert busy == "55006\n"
    other.close()
    assert os.listdir(path.parent) == ["app.db"]
    assert run(READ, path) == "5000 5000.00 5000 4999\n"
    for cursor in (begun, point, returned):
        with pytest.raises(tupelo.ProgrammingError):
            cursor.fetchall()
    again = tupelo.connect(path)
    assert again.execute("SELECT COUNT(*) FROM t").fetchone() == (5000,)
    for cursor in (begun, point, returned):
        cursor.close()
    with pytest.raises(tupelo.ProgrammingError):
        con.connect()
    assert again.execute("SELECT COUNT(*) FROM t WHERE id = 7").fetchone() == (1,)


def test_connections_come_and_go_in_threads(path):
    """Each open and close of the last connection opens and closes the file."""
    with contextlib.closing(tupelo.connect(path, autocommit=True)) as con:
        con.execute("CREATE TABLE t (worker INTEGER, i INTEGER)")

    def work(number):
        for i in range(20):
            with contextlib.closing(tupelo.connect(path, autocommit=True)) as con:
                con.execute("INSERT INTO t VALUES (?, ?)", (number, i))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, number) for number in range(4)]:
            done.result()
    assert os.listdir(path.parent) == ["app.db"]
    with tupelo.connect(path) as con:
        assert con.execute("SELECT worker, COUNT(*), SUM(i) FROM t GROUP BY worker ORDER BY worker"
                           ).fetchall() == [(number, 20, 190) for number in range(4)]  # fmt: skip


def test_an_empty_file_becomes_a_database(path):
    path.touch(mode=0o600)
    with contextlib.closing(tupelo.connect(path, autocommit=True)) as con:
        con.execute("CREATE TABLE t (id INTEGER)")
    assert path.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)


def test_connections_of_one_process_share_the_database_by_any_path(path):
    one = tupelo.connect(path)
    one.execute("CREATE TABLE t (id INTEGER)")
    one.execute("INSERT INTO t VALUES (1)")
    one.commit()
    (path.parent / "link.db").symlink_to(path)
    for other in (path.parent / "." / "app.db", path.parent / "link.db"):
        with tupelo.connect(other) as con:
            assert con.execute("SELECT id FROM t").fetchall() == [(1,)]


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All files in it, and when they were changed."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def refused(path: object, sqlstate: str, words: str, folder: Path) -> None:
    """Neither to be written nor to be read; and nothing has changed then."""
    before = contents(folder)
    for read_only in (False, True):
        with pytest.raises(tupelo.DatabaseError, match=words) as raised:
            tupelo.connect(path, read_only=read_only)
        assert raised.value.sqlstate == sqlstate
        assert os.fsencode(path).rsplit(b"/", 1)[-1].decode() in str(raised.value)
    assert contents(folder) == before


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A database of a process that was killed; with a log."""
    path = tmp_path / "crashed" / "app.db"
    path.parent.mkdir()
    code = """
        import os, signal, sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        con.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(1000)])
        con.commit()
        con.checkpoint()
        con.execute("INSERT INTO t VALUES (-1)")
        con.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)])
    assert (path.parent / "app.db-wal").exists()
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SQLite format 3\0" + bytes(5000), "not a Tupelo database"),
        (b"short", "not a Tupelo database"),
        (bytes(20000), "not a Tupelo database"),
        (b"TupeloDB" + bytes(20000), "damaged"),
    ],
)
def test_a_file_that_is_none_of_ours_is_left_alone(path, content, words):
    path.write_bytes(content)
    refused(path, "XX001", words, path.parent)


def test_a_truncated_file_is_refused(crashed):
    whole = crashed.read_bytes()
    for size in (8, 100, 4095, 4096, 8192, len(whole) - 1):
        crashed.write_bytes(whole[:size])
        refused(crashed, "XX001", "truncated", crashed.parent)
    crashed.write_bytes(whole)
    with contextlib.closing(tupelo.connect(crashed)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1001,)


def test_a_log_of_another_database_is_refused(crashed, tmp_path):
    other = tmp_path / "other" / "app.db"
    other.parent.mkdir()
    tupelo.connect(other).close()
    for log in ("app.db-wal", "app.db-wal2"):
        shutil.copy(crashed.parent / log, other.parent / log)
    refused(other, "XX001", "belongs to another database", other.parent)
    other.unlink()  # nor is a new database made beside it
    before = contents(other.parent)
    with pytest.raises(tupelo.InternalError, match="belongs to another database"):
        tupelo.connect(other)
    assert contents(other.parent) == before


def test_a_log_that_is_missing_is_noticed(crashed):
    for log in ("app.db-wal", "app.db-wal2"):
        (crashed.parent / log).unlink()
    refused(crashed, "XX001", "missing", crashed.parent)


def test_paths_that_can_not_be_opened(tmp_path):
    refused(tmp_path / "nowhere" / "app.db", "58P01", "nowhere", tmp_path)
    (tmp_path / "pipe.db").symlink_to("/dev/null")
    with pytest.raises(tupelo.OperationalError, match="regular file"):
        tupelo.connect(tmp_path / "pipe.db")
    for read_only in (False, True):
        with pytest.raises(tupelo.OperationalError, match="directory") as raised:
            tupelo.connect(tmp_path, read_only=read_only)
        assert raised.value.sqlstate == "58030"
    with pytest.raises(ValueError):
        tupelo.connect("a\0b")
    with pytest.raises(ValueError, match="synchronous"):
        tupelo.connect(tmp_path / "app.db", synchronous="maybe")
    with pytest.raises(tupelo.OperationalError, match="no database to read") as raised:
        tupelo.connect(tmp_path / "missing.db", read_only=True)
    assert raised.value.sqlstate == "58P01"
    assert not (tmp_path / "missing.db").exists()


def test_an_empty_file_is_no_database_to_read(path):
    path.touch()
    before = contents(path.parent)
    with pytest.raises(tupelo.DatabaseError, match="not a Tupelo database"):
        tupelo.connect(path, read_only=True)
    assert contents(path.parent) == before


# Says what comes of opening: as somebody whom permissions concern.
AS_NOBODY = """
    import os, sys, tupelo
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    for read_only in (False, True):
        try:
            con = tupelo.connect(sys.argv[1], read_only=read_only)
            print(con.execute("SELECT COUNT(*) FROM t").fetchone())
        except tupelo.Error as error:
            print(error.sqlstate, error)
"""


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that others than root can reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.parametrize("has_log", [False, True])
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "to_write", "to_read"),
    [
        (0o777, 0o000, "Permission denied", "Permission denied"),
        (0o777, 0o444, "Permission denied", "rows"),
        (0o555, 0o666, "Permission denied", "rows"),
        (0o555, 0o444, "Permission denied", "rows"),
        (0o000, 0o666, "Permission denied", "Permission denied"),
    ],
)
def test_permissions(crashed, reachable, has_log, folder_mode, file_mode, to_write, to_read):
    if not has_log:
        tupelo.connect(crashed).close()
    folder = reachable / "folder"
    folder.mkdir()
    for file in crashed.parent.iterdir():
        shutil.copy(file, folder / file.name)
        os.chmod(folder / file.name, file_mode)
    os.chmod(folder, folder_mode)
    try:
        before = contents(folder) if os.getuid() == 0 else None
        said = run(AS_NOBODY, folder / "app.db").splitlines()
        if before is not None:
            assert contents(folder) == before
    finally:
        os.chmod(folder, 0o777)
    for answer, expected in zip(said, (to_write, to_read), strict=True):
        if expected == "rows":
            assert answer == "(1001,)"
        else:
            assert answer.startswith("58030 ") and expected in answer and str(folder) in answer
    if to_read == "rows":
        assert "read-only" in said[0]


def test_a_full_disk_leaves_no_half_of_a_database(path):
    said = run("""
        import resource, signal, sys, tupelo
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for size in (0, 1000, 4096, 8192):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            try:
                tupelo.connect(sys.argv[1])
            except tupelo.OperationalError as error:
                print(error.sqlstate)
    """, path)  # fmt: skip
    assert said == "53100\n" * 4
    assert os.listdir(path.parent) == []


def test_a_path_may_have_odd_bytes(tmp_path):
    odd = os.fsencode(tmp_path) + b"/\xff\xe4 \n.db"
    with contextlib.closing(tupelo.connect(odd)) as con:
        con.execute("CREATE TABLE t (id INTEGER)")
        con.commit()
        with contextlib.closing(tupelo.connect(os.fsdecode(odd))) as other:
            assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff\xe4 \n.db"]
    with contextlib.closing(tupelo.connect(os.fsdecode(odd), read_only=True)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
    missing = os.fsdecode(b"\xfe/\xff.db")
    with pytest.raises(tupelo.OperationalError) as raised:
        tupelo.connect(missing)
    assert raised.value.sqlstate == "58P01"


def test_sequences_and_definitions_are_there_again(path):
    run("""
        import os, signal, sys, tupelo
        con = tupelo.connect(sys.argv[1], autocommit=True)
        con.execute("CREATE SEQUENCE s START WITH 10")
        con.execute("CREATE SCHEMA other")
        con.execute("CREATE TABLE other.parent (id INTEGER GENERATED ALWAYS AS IDENTITY "
                    "PRIMARY KEY, n INTEGER DEFAULT 7 CHECK (n > 0), "
                    "twice INTEGER GENERATED ALWAYS AS (n * 2))")
        con.execute("CREATE TABLE child (p INTEGER REFERENCES other.parent (id) ON DELETE CASCADE)")
        con.execute("CREATE VIEW v AS SELECT id, twice FROM other.parent")
        con.execute("CREATE GLOBAL TEMPORARY TABLE g (x INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO g VALUES (1)")
        con.execute("INSERT INTO other.parent (n) VALUES (1), (DEFAULT)")
        con.execute("INSERT INTO child VALUES (1), (2)")
        con.execute("ALTER TABLE child ADD COLUMN more VARCHAR(10) DEFAULT 'd'")
        con.execute("VALUES (NEXT VALUE FOR s)")
        if len(sys.argv) > 2:
            con.checkpoint()
    """, path)  # fmt: skip
    look = """
        import sys, tupelo
        con = tupelo.connect(sys.argv[1], autocommit=True)
        def state(sql):
            try:
                return con.execute(sql).fetchall()
            except tupelo.Error as error:
                return error.sqlstate
        con.execute("DELETE FROM other.parent WHERE id = 1")
        con.execute("INSERT INTO other.parent (n) VALUES (5)")
        print(state("VALUES (NEXT VALUE FOR s)"), state("SELECT * FROM v ORDER BY id"),
              state("SELECT * FROM child"), state("SELECT * FROM g"))
        try:
            con.execute("INSERT INTO other.parent (n) VALUES (-1)")
        except tupelo.IntegrityError as error:
            print(error.sqlstate)
        try:
            con.execute("INSERT INTO child (p) VALUES (99)")
        except tupelo.IntegrityError as error:
            print(error.sqlstate)
    """
    assert run(look, path) == (
        "[(11,)] [(2, 14), (3, 10)] [(2, 'd')] []\n23514\n23503\n"
    )


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("offset", [0, 8, 16, 24, 56, 500, 4095])
def test_no_damaged_root_leads_to_an_older_state(tmp_path: Path, page: int, offset: int) -> None:
    path = tmp_path / "app.db"
    with contextlib.closing(tupelo.connect(path, autocommit=True)) as con:
        con.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO t VALUES (1), (2)")
    data = bytearray(path.read_bytes())
    data[page * 4096 + offset] ^= 0x10
    path.write_bytes(data)
    try:
        with contextlib.closing(tupelo.connect(path)) as con:
            assert con.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (2,)]
    except tupelo.Error as error:
        assert error.sqlstate == "XX001"
