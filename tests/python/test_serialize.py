"""Databases as bytes: serialize and deserialize."""

import contextlib

import pytest
import tupelo
from backups import DEFINITIONS, ROWS, check_definitions, database


def test_bytes_have_all_that_is_defined(source):
    source.executescript(DEFINITIONS)
    data = source.serialize()
    assert isinstance(data, bytes)
    assert data[:8] == b"TupeloDB"
    with contextlib.closing(tupelo.connect()) as copy:
        assert copy.deserialize(data) is None
        check_definitions(copy)
    with contextlib.closing(tupelo.connect()) as copy:
        copy.deserialize(memoryview(bytearray(data)), name="main")
        again = copy.serialize(name="main")
    with contextlib.closing(tupelo.connect()) as copy:
        copy.deserialize(again)
        check_definitions(copy)


def test_a_file_of_the_same_numbers_is_no_matter(tmp_path):
    """Files made by other processes have tables of the same numbers as those here."""
    data = database("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1)").serialize()
    for _ in range(3):
        with database("CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER)") as con:
            con.deserialize(data)
            con.execute("CREATE TABLE c (x INTEGER)")
            data = con.serialize()
            assert con.execute("SELECT x FROM t").fetchall() == [(1,)]
            con.execute("DROP TABLE c")
            data = con.serialize()


def test_bytes_that_are_damaged_leave_the_database_as_it_was():
    data = database(DEFINITIONS, ROWS).serialize()
    con = database("CREATE TABLE old (x INTEGER)", "INSERT INTO old VALUES (42)")

    def refused(wrong: bytes) -> tupelo.Error:
        with pytest.raises(tupelo.Error) as raised:
            con.deserialize(wrong)
        assert con.execute("SELECT x FROM old").fetchall() == [(42,)]
        return raised.value

    for wrong, words in (
        (b"", "not a Tupelo database"),
        (b"short", "not a Tupelo database"),
        (b"SQLite format 3\0" + bytes(9000), "not a Tupelo database"),
        (data[:100], "truncated"),
        (data[:5000], "truncated"),
        (data[: len(data) // 2], "truncated"),
    ):
        error = refused(wrong)
        assert error.sqlstate == "XX001"
        assert words in str(error)
        assert "the bytes to deserialize" in str(error)
    newer = bytearray(data)
    newer[8] = 99
    assert refused(bytes(newer)).sqlstate in ("XX001", "0A000")
    damaged = bytearray(data)
    found = set()
    for at in range(4096 * 3 + 50, len(data), 4096 * 5):
        damaged[at] ^= 1
        try:
            con.deserialize(damaged)
            con = database("CREATE TABLE old (x INTEGER)", "INSERT INTO old VALUES (42)")
        except tupelo.Error as error:
            assert error.sqlstate == "XX001"
            assert "byte" in str(error)
            found.add(str(error))
            assert con.execute("SELECT x FROM old").fetchall() == [(42,)]
        damaged[at] ^= 1
    assert len(found) > 3
    con.deserialize(data)
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (40000,)


def test_bytes_of_a_file(tmp_path):
    path = tmp_path / "app.db"
    with contextlib.closing(database(ROWS, location=path)) as con:
        con.checkpoint()
        con.execute("DELETE FROM t WHERE id = 1")
        open_bytes = path.read_bytes()
        with pytest.raises(tupelo.ProgrammingError) as raised:
            con.deserialize(con.serialize())
        assert raised.value.sqlstate == "55000"
    with contextlib.closing(tupelo.connect()) as copy:
        with pytest.raises(tupelo.Error, match="goes on in its log"):
            copy.deserialize(open_bytes)
        copy.deserialize(path.read_bytes())
        assert copy.execute("SELECT COUNT(*) FROM t").fetchone() == (39999,)
        data = copy.serialize()
    path.unlink()
    path.write_bytes(data)
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (39999,)


def test_arguments_of_serialize_and_deserialize():
    con = database()
    for call in (lambda: con.serialize("main"), lambda: con.deserialize(),
                 lambda: con.deserialize("text"), lambda: con.deserialize(7),
                 lambda: con.deserialize(data=b""), lambda: con.serialize(name=3)):  # fmt: skip
        with pytest.raises(TypeError):
            call()
    for call in (lambda: con.serialize(name="temp"), lambda: con.deserialize(b"", name="x")):
        with pytest.raises(tupelo.NotSupportedError, match="main"):
            call()


def test_the_error_handler_hears_of_it():
    con = database()
    heard = []
    con.errorhandler = lambda *about: heard.append(about[2])
    assert con.deserialize(b"wrong") is None
    assert heard == [tupelo.InternalError]


def test_a_new_connection_from_bytes():
    data = database(DEFINITIONS).serialize()
    with contextlib.closing(tupelo.deserialize(memoryview(data), autocommit=True)) as copy:
        assert copy.autocommit
        check_definitions(copy)
    with pytest.raises(tupelo.InternalError, match="not a Tupelo database"):
        tupelo.deserialize(b"something else")
    with pytest.raises(TypeError):
        tupelo.deserialize(data, no_such_option=1)
