"""Databases in files, as programs of their own see them."""

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import tupelo
from programs import run

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
