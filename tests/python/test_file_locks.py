"""Who has a database file: its lock, children made by fork, and all names of the file."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
import tupelo
from programs import writer

HOLD = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1])
    con.execute("CREATE TABLE IF NOT EXISTS held (id INTEGER)")
    con.commit()
    print("open")
    input()
"""


def refusal(path: Path, **options: object) -> tupelo.OperationalError:
    with pytest.raises(tupelo.OperationalError) as raised:
        tupelo.connect(path, **options)
    assert raised.value.sqlstate == "55006"
    return raised.value


def test_who_wants_to_write_waits_as_long_as_it_is_told_to(path, start):
    holder = start(HOLD + "    import time; time.sleep(0.4); con.close()", path)
    assert holder.hear() == "open"
    begin = time.monotonic()
    assert str(holder.process.pid) in str(refusal(path))
    assert time.monotonic() < begin + 2
    begin = time.monotonic()
    assert str(holder.process.pid) in str(refusal(path, timeout=0.25))
    assert 0.2 < time.monotonic() - begin < 5
    holder.tell()
    with contextlib.closing(tupelo.connect(path, timeout=60)) as con:
        assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            tupelo.connect(path, timeout=wrong)
    with contextlib.closing(tupelo.connect(path, timeout=float("inf"))):
        pass


def test_waiting_ends_with_a_signal(path, start):
    with writer(path):
        waiting = start("""
            import signal, sys, tupelo
            # Who was started in the background may have inherited that it is ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            print("ready")
            try:
                tupelo.connect(sys.argv[1], timeout=100)
            except KeyboardInterrupt:
                print("interrupted")
        """, path)  # fmt: skip
        assert waiting.hear() == "ready"
        time.sleep(0.3)
        waiting.process.send_signal(signal.SIGINT)
        assert waiting.end() == "interrupted"


def test_a_lock_goes_with_its_process(path, start):
    holder = start(HOLD, path)
    assert holder.hear() == "open"
    refusal(path)
    holder.kill()
    with writer(path) as con:
        assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)


def test_a_lock_does_not_live_on_in_a_child(path, start):
    holder = start("""
        import os, subprocess, sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE held (id INTEGER)")
        con.commit()
        started = subprocess.Popen(["sleep", "100"])
        there, tell = os.pipe()
        forked = os.fork()
        if forked == 0:
            import time
            os.write(tell, b"!")  # it has let go of what it does not inherit
            time.sleep(100)
        os.read(there, 1)
        print(forked, started.pid)
        input()
    """, path)  # fmt: skip
    children = [int(pid) for pid in holder.hear().split()]
    try:
        refusal(path)
        holder.process.kill()
        holder.process.wait()
        for child in children:
            os.kill(child, 0)  # it is there
        with writer(path) as con:
            assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def test_a_lock_is_not_lost_by_reading_the_file(path, start):
    holder = start("""
        import shutil, sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE held (id INTEGER)")
        con.commit()
        open(sys.argv[1], "rb").read()
        shutil.copy(sys.argv[1], sys.argv[1] + ".copy")
        tupelo.connect(sys.argv[1], read_only=True).close()
        print("open")
        input()
    """, path)  # fmt: skip
    assert holder.hear() == "open"
    assert str(holder.process.pid) in str(refusal(path))


@pytest.mark.parametrize("read_only", [False, True])
def test_a_child_made_by_fork_can_not_use_the_database(path, start, read_only):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
    parent = start("""
        import os, sys, tupelo
        read_only = sys.argv[2] == "True"
        memory = tupelo.connect(":memory:name")
        memory.execute("CREATE TABLE m (a INTEGER)")
        memory.execute("INSERT INTO m VALUES (1)")
        memory.commit()
        con = tupelo.connect(sys.argv[1], read_only=read_only)
        cursor = con.execute("SELECT id FROM t")
        con.execute("SELECT n FROM t WHERE id = 1").fetchall()
        if not read_only:
            con.execute("INSERT INTO t VALUES (2, 2, 'two')")
        statement = con.prepare("SELECT COUNT(*) FROM t")
        if os.fork() == 0:
            said = []
            def state(call):
                try:
                    return call()
                except tupelo.Error as error:
                    assert "fork" in str(error) or error.sqlstate != "55000"
                    return error.sqlstate
            said.append(state(lambda: con.execute("SELECT n FROM t WHERE id = 1")))
            said.append(state(lambda: con.execute("SELECT 1")))
            said.append(state(statement))
            said.append(state(con.commit))
            said.append(state(con.connect))
            said.append(state(lambda: tupelo.connect(sys.argv[1]).close()))
            said.append(state(lambda: len(tupelo.connect(sys.argv[1], read_only=True).execute(
                "SELECT * FROM t").fetchall())))
            said.append(state(memory.execute("SELECT a FROM m").fetchall))
            said.append(state(con.close))
            del cursor, statement, con
            print(*said)
            sys.stdout.flush()
            sys.exit()
        os.wait()
        print(os.getpid(), cursor.fetchall())
        con.commit()
        print(con.execute("SELECT COUNT(*) FROM t").fetchone())
        con.close()
    """, path, read_only)  # fmt: skip
    child = parent.hear()
    if read_only:  # nobody writes
        assert child == "55000 55000 55000 55000 55000 None 1 [(1,)] None"
    else:
        assert child == "55000 55000 55000 55000 55000 55006 1 [(1,)] None"
    assert parent.hear() == f"{parent.process.pid} [(1,)]"
    assert parent.end() == ("(1,)" if read_only else "(2,)")
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1 if read_only else 2,)


def test_all_names_of_a_file_are_one_database(path, monkeypatch):
    with writer(path) as con:
        monkeypatch.chdir(path.parent)
        (path.parent / "soft.db").symlink_to(path)
        os.link(path, path.parent / "hard.db")
        (path.parent / "folder").symlink_to(path.parent)
        names = ["app.db", "./app.db", "../" + path.parent.name + "/app.db", "soft.db", "hard.db",
                 "folder/app.db", b"app.db", Path("folder") / "hard.db"]  # fmt: skip
        for i, name in enumerate(names):
            for read_only in (False, True):
                with contextlib.closing(tupelo.connect(name, read_only=read_only)) as other:
                    if not read_only:
                        other.execute("INSERT INTO t VALUES (?, 1, NULL)", (i,))
                        other.commit()
                    assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (i + 1,)
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (len(names),)
    with contextlib.closing(tupelo.connect("hard.db", read_only=True)) as other:
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (len(names),)


def test_a_file_that_was_put_in_the_place_of_an_open_one_is_not_taken_for_it(path):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        for removed in (False, True):
            if removed:
                path.unlink()
            else:
                path.rename(path.parent / "old.db")
                path.write_bytes(b"")
            with pytest.raises(tupelo.OperationalError, match="removed or replaced") as raised:
                tupelo.connect(path)
            assert raised.value.sqlstate == "55006"
        (path.parent / "old.db").rename(path)
        with contextlib.closing(tupelo.connect(path)) as other:
            assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_a_reader_moves_on_to_a_file_that_was_put_in_the_place_of_its_own(path):
    for name, rows in (("app.db", 1), ("new.db", 2)):
        with writer(path.parent / name) as con:
            con.executemany("INSERT INTO t VALUES (?, 1, NULL)", [(i,) for i in range(rows)])
    with contextlib.closing(tupelo.connect(path, read_only=True, autocommit=True)) as con:
        os.replace(path.parent / "new.db", path)
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        with contextlib.closing(tupelo.connect(path, read_only=True)) as other:
            assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)
        con.refresh()
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)
