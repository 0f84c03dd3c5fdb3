"""Checks of databases, sound and damaged, and what is salvaged of them."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tupelo

PAGE = 4096


def make(path: Path) -> None:
    con = tupelo.connect(path, autocommit=True)
    con.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, n INTEGER)")
    con.execute("CREATE INDEX by_n ON item (n)")
    con.execute("CREATE TABLE part (item INTEGER REFERENCES item, text CLOB)")
    con.executemany(
        "INSERT INTO item VALUES (?, ?, ?)",
        [(i, f"name{i}", i * 7919 % 100003) for i in range(9000)],
    )
    con.executemany(
        "INSERT INTO part VALUES (?, ?)", [(i, "long text " * i) for i in range(0, 3000, 100)]
    )
    con.execute("CREATE VIEW few AS SELECT id FROM item WHERE n < 10")
    con.close()


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tupelo", *map(str, arguments)], capture_output=True, text=True
    )


def flip(path: Path, offset: int, mask: int = 0x10) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ mask]))


def extents(path: Path, kind: int) -> list[int]:
    """Offsets of the extents of that kind (docs/file_format.md), in a file written once."""
    data = path.read_bytes()
    found = []
    offset = 3 * PAGE
    while offset < len(data):
        if data[offset + 12] == kind:
            found.append(offset)
        offset += PAGE * max(1, int.from_bytes(data[offset + 14 : offset + 16], "little"))
    return found


def test_a_sound_database_in_memory_has_no_findings():
    con = tupelo.connect()
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE CHECK (n > 0))")
    con.executemany("INSERT INTO t VALUES (?, ?)", [(i, i + 1) for i in range(10000)])
    assert con.check() == []
    con.commit()
    assert con.check() == []
    assert con.in_transaction


def test_a_check_leaves_the_transaction_alone_and_sees_what_is_committed(path):
    con = tupelo.connect(path)
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    con.execute("INSERT INTO t VALUES (1)")
    con.commit()
    con.execute("INSERT INTO t VALUES (2)")
    assert con.check() == []
    con.rollback()
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
    con.close()
    with pytest.raises(tupelo.ProgrammingError):
        con.check()


def test_others_write_while_it_checks(path):
    make(path)
    con = tupelo.connect(path, autocommit=True)
    stop = threading.Event()

    def write() -> None:
        other = con.connect()
        i = 0
        while not stop.is_set():
            i += 1
            other.execute("UPDATE item SET n = ?, name = ? WHERE id = ?", (i, f"x{i}", i % 9000))
            other.execute("DELETE FROM part WHERE item = ?", (i % 3000,))
            other.execute("INSERT INTO part VALUES (?, 'new')", (i % 9000,))
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            assert con.check() == []
            con.checkpoint()
    finally:
        stop.set()
        thread.join()
    assert con.check() == []
    con.close()


def test_an_interrupt_ends_it():
    con = tupelo.connect(autocommit=True)
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)")
    con.execute("INSERT INTO t SELECT v, v FROM GENERATE_SERIES(1, 500000) AS s (v)")
    timer = threading.Timer(0.05, con.interrupt)
    timer.start()
    with pytest.raises(tupelo.OperationalError) as caught:
        con.check()
    timer.join()
    assert caught.value.sqlstate == "57014"
    assert con.check() == []


def test_the_command_says_that_a_file_is_sound(path):
    make(path)
    before = path.read_bytes()
    done = command("check", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{path}: sound\n"
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["app.db"]


def test_a_file_that_can_not_be_written_is_checked(path):
    make(path)
    path.chmod(0o444)
    assert tupelo.check_file(path) == []
    assert tupelo.check_file(str(path)) == []
    assert tupelo.check_file(os.fsencode(path)) == []


def test_a_log_is_checked_and_left_as_it_is(path):
    code = """
import os, sys, tupelo
con = tupelo.connect(sys.argv[1], autocommit=True)
con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
for i in range(20):
    con.execute("INSERT INTO t VALUES (?)", (i,))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    assert len(before) == 2
    assert tupelo.check_file(path) == []
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before
    flip(path.parent / "app.db-wal", 100)
    findings = tupelo.check_file(path)
    assert len(findings) == 1
    assert "app.db-wal" in findings[0].what


def test_all_damage_is_found_and_not_only_the_first(path):
    make(path)
    blocks = extents(path, 4)
    assert len(blocks) > 4
    for offset in blocks[:3]:
        flip(path, offset + 200)
    flip(path, PAGE + 20)  # a root
    findings = tupelo.check_file(path)
    places = {finding.where.removeprefix(f"{path}, byte ") for finding in findings}
    assert places == {str(PAGE), *(str(offset) for offset in blocks[:3])}
    done = command("check", path)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 4
    con = tupelo.connect(path, read_only=True)
    with pytest.raises(tupelo.DatabaseError) as caught:
        con.execute("SELECT * FROM item").fetchall()
    assert caught.value.sqlstate == "XX001"
    assert f"at byte {blocks[0]} of {path}" in str(caught.value)
    con.close()
    assert command("check", "--quiet", path).stdout == ""


@pytest.mark.parametrize(
    ("content", "state", "status"),
    [(b"not a database, but a text" * 200, "XX001", 1), (b"", "XX001", 1), (None, "58P01", 2)],
)
def test_what_is_no_database_can_not_be_checked(path, content, state, status):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(tupelo.Error) as caught:
        tupelo.check_file(path)
    assert caught.value.sqlstate == state
    done = command("check", path)
    assert (done.returncode, done.stdout) == (status, "")
    assert state in done.stderr
    assert str(path) in done.stderr


def rows(path: Path, table: str) -> list[tuple]:
    con = tupelo.connect(path)
    try:
        return con.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    finally:
        con.close()


def test_all_is_salvaged_of_a_sound_database(path, tmp_path):
    make(path)
    new = tmp_path / "new.db"
    report = tupelo.salvage(path, new)
    assert report.losses == []
    assert sorted(report.tables) == [("table item", 9000), ("table part", 30)]
    assert rows(new, "item") == rows(path, "item")
    assert rows(new, "part") == rows(path, "part")
    assert rows(new, "few") == rows(path, "few")
    assert tupelo.check_file(new) == []
    con = tupelo.connect(new, autocommit=True)
    with pytest.raises(tupelo.IntegrityError):
        con.execute("INSERT INTO item VALUES (5, 'again', 0)")
    with pytest.raises(tupelo.IntegrityError):
        con.execute("INSERT INTO part VALUES (-1, 'of nothing')")
    con.execute("INSERT INTO item VALUES (-1, 'more', 0)")
    con.close()


def test_a_damaged_block_loses_what_it_holds(path, tmp_path):
    make(path)
    expected = rows(path, "item")
    before = path.read_bytes()
    for number, offset in enumerate(extents(path, 4)):
        path.write_bytes(before)
        flip(path, offset + 100)
        new = tmp_path / f"new{number}.db"
        if number == 0:
            done = command("salvage", path, new)
            assert done.returncode == 1, done.stderr
            assert "lost" in done.stdout
        else:
            assert any("lost" in loss.what for loss in tupelo.salvage(path, new).losses)
        found = rows(new, "item")
        # Rows are there as they were, or without the value of one column, or not at all.
        by_id = {row[0]: row for row in expected}
        assert len(found) >= 9000 - 2048
        for row in found:
            whole = by_id[row[0]]
            assert row in (whole, (whole[0], whole[1], None))
        assert tupelo.check_file(new) == []


def test_nothing_is_overwritten(path, tmp_path):
    make(path)
    new = tmp_path / "new.db"
    new.write_bytes(b"mine")
    with pytest.raises(tupelo.ProgrammingError) as caught:
        tupelo.salvage(path, new)
    assert caught.value.sqlstate == "42710"
    assert new.read_bytes() == b"mine"
    assert command("salvage", path, new).returncode == 2
    with pytest.raises(tupelo.Error):
        tupelo.salvage(tmp_path / "missing.db", tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()


def test_a_damaged_header_is_no_obstacle(path, tmp_path):
    make(path)
    flip(path, 20)  # in the database's id
    with pytest.raises(tupelo.Error):
        tupelo.connect(path)
    assert [finding.where for finding in tupelo.check_file(path)] == [f"{path}, byte 0"]
    report = tupelo.salvage(path, tmp_path / "new.db")
    assert dict(report.tables) == {"table item": 9000, "table part": 30}


WRITER = """
import sys, tupelo
con = tupelo.connect(sys.argv[1], autocommit=True)
print("ready", flush=True)
i = 0
while True:
    i += 1
    con.execute("UPDATE item SET n = ?, name = ? WHERE id = ?", (i, f"x{i}", i * 7 % 9000))
    con.execute("DELETE FROM part WHERE item = ?", (i % 3000,))
    con.execute("INSERT INTO part VALUES (?, ?)", (i % 9000, "text " * (i % 500)))
    if i % 20 == 0:
        con.checkpoint()
"""


def test_a_file_that_another_process_writes_is_checked(path):
    make(path)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
        for _ in range(8):
            assert tupelo.check_file(path) == []
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    assert tupelo.check_file(path) == []  # as the kill has left it
    con = tupelo.connect(path, read_only=True)
    assert con.check() == []
    con.close()


def test_more_than_there_is_memory_for_is_checked(path):
    con = tupelo.connect(path, autocommit=True, memory_limit="8MB")
    con.execute(
        "CREATE TABLE large (id INTEGER PRIMARY KEY, text VARCHAR(200), n INTEGER UNIQUE, "
        "CHECK (id >= 0))"
    )
    con.executemany(
        "INSERT INTO large VALUES (?, ?, ?)",
        ((i, f"{i * 7919 % 100_003} with a text " + "0123456789" * 14, i * 7919 % 100_003)
         for i in range(100_000)),
    )  # fmt: skip
    con.close()
    con = tupelo.connect(path, autocommit=True, memory_limit="8MB")
    assert con.check() == []
    memory, entries = con.execute(
        "SELECT memory_bytes, (SELECT SUM(bytes) FROM tupelo.indexes) FROM tupelo.database"
    ).fetchone()
    assert memory < 16 << 20
    assert entries < 500_000  # bytes: no leaf of an index is in memory, of 200,000 entries
    con.execute("UPDATE large SET n = n + 200000 WHERE MOD(id, 3) = 0")
    assert con.check() == []
    con.close()
    assert tupelo.check_file(path) == []


@pytest.mark.parametrize("kind", [7, 8])
def test_the_trees_of_indexes_are_made_anew(path, tmp_path, kind):
    make(path)
    before = extents(path, kind)
    for offset in before:
        flip(path, offset + 60)
    findings = tupelo.check_file(path)
    assert len(findings) == len(before)
    con = tupelo.connect(path, read_only=True)
    if before:
        assert all("index" in finding.what for finding in findings)
        with pytest.raises(tupelo.DatabaseError) as caught:
            con.execute("SELECT id FROM item WHERE n = 5").fetchall()
        assert caught.value.sqlstate == "XX001"
    con.close()
    report = tupelo.salvage(path, tmp_path / "new.db")
    assert report.losses == []
    assert dict(report.tables) == {"table item": 9000, "table part": 30}
    assert tupelo.check_file(tmp_path / "new.db") == []


def test_roots_that_are_gone_are_no_obstacle(path, tmp_path):
    make(path)
    flip(path, PAGE + 20)
    flip(path, 2 * PAGE + 20)
    assert [f.where for f in tupelo.check_file(path)] == [
        f"{path}, byte {PAGE * i}" for i in (1, 2)
    ]
    done = command("salvage", path, tmp_path / "new.db")
    assert done.returncode == 1
    assert "neither of the roots checks out" in done.stdout
    assert rows(tmp_path / "new.db", "item") == [
        (i, f"name{i}", i * 7919 % 100003) for i in range(9000)
    ]


def test_of_a_damaged_log_what_comes_before_is_salvaged(path, tmp_path):
    code = """
import os, sys, tupelo
con = tupelo.connect(sys.argv[1], autocommit=True)
con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
for i in range(200):
    con.execute("INSERT INTO t VALUES (?)", (i,))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    log = path.with_name(path.name + "-wal")
    flip(log, 5000)
    assert command("check", path).returncode == 1
    report = tupelo.salvage(path, tmp_path / "new.db")
    assert len(report.losses) == 1
    found = rows(tmp_path / "new.db", "t")
    assert 20 < len(found) < 200
    assert found == [(i,) for i in range(len(found))]


def test_of_a_file_that_was_cut_off_the_rest_is_salvaged(path, tmp_path):
    make(path)
    size = path.stat().st_size
    os.truncate(path, size - size % PAGE - 10 * PAGE)
    assert any("truncated" in finding.what for finding in tupelo.check_file(path))
    report = tupelo.salvage(path, tmp_path / "new.db")
    assert report.losses
    assert tupelo.check_file(tmp_path / "new.db") == []
