"""Files, logs and paths that are no database to be opened: why, and that nothing changes then."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import tupelo
from programs import run


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
