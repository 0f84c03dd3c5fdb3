"""COPY: CSV files in and out, plain and compressed."""

import datetime
import gzip
import os
import threading
from decimal import Decimal

import pytest
import tupelo


@pytest.fixture
def t(con):
    con.execute("CREATE TABLE t (id INTEGER, name VARCHAR(20), price DECIMAL(8, 2), day DATE)")
    con.commit()
    return con


def write(tmp_path, text, name="in.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def rows(con, table="t"):
    return con.execute(f"SELECT * FROM {table}").fetchall()


def copy_in(con, tmp_path, text, options="", columns=""):
    cur = con.execute(f"COPY t {columns} FROM ? {options}", (write(tmp_path, text),))
    return cur.rowcount


def test_values_of_each_column(t, tmp_path):
    assert copy_in(t, tmp_path, "1,pen,1.5,2024-02-29\n-2,,,\n") == 2
    day = datetime.date(2024, 2, 29)
    assert rows(t) == [(1, "pen", Decimal("1.50"), day), (-2, None, None, None)]


def test_the_path_may_stand_in_the_statement(t, tmp_path):
    path = write(tmp_path, "1,a,2,2024-01-01\n")
    assert t.execute(f"COPY t FROM '{path}'").rowcount == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(t, tmp_path, end):
    assert copy_in(t, tmp_path, f"1,a,,{end}2,b,,{end}3,c,,") == 3
    assert [row[:2] for row in rows(t)] == [(1, "a"), (2, "b"), (3, "c")]


def test_quotes(t, tmp_path):
    text = '1,"a,b",,\n2,"say ""hi""",,\n3,"two\nlines",,\n4,"",,\n5,mid"d,l"e,,\n"6","x","7.5",\n'
    assert copy_in(t, tmp_path, text) == 6
    assert [row[1] for row in rows(t)] == ["a,b", 'say "hi"', "two\nlines", "", "midd,le", "x"]


def test_options(t, tmp_path):
    text = "id|name|price|day\n1|'a|b'|NIL|2024-01-01\n2|'it\\'s'|3|NIL\n"
    options = "WITH (FORMAT csv, HEADER, DELIMITER '|', QUOTE '''', ESCAPE '\\', NULL 'NIL')"
    assert copy_in(t, tmp_path, text, options) == 2
    assert [row[1:3] for row in rows(t)] == [("a|b", None), ("it's", Decimal("3.00"))]


def test_tabs_and_a_delimiter_at_the_end_of_the_line(t, tmp_path):
    assert copy_in(t, tmp_path, "1\ta\t\t\n", "(DELIMITER '\\t')") == 1
    assert copy_in(t, tmp_path, "1|a|2|2024-01-01|\n2|b|3|2024-01-01|\n", "(DELIMITER '|')") == 2


def test_columns_defaults_and_identity(con, tmp_path):
    con.execute(
        "CREATE TABLE t (id INTEGER GENERATED ALWAYS AS IDENTITY, a INTEGER DEFAULT 7, b INTEGER)"
    )
    assert copy_in(con, tmp_path, "1\n2\n", columns="(b)") == 2
    assert copy_in(con, tmp_path, "90,1,1\n") == 1
    assert rows(con) == [(1, 7, 1), (2, 7, 2), (90, 1, 1)]


def test_header_that_must_match(t, tmp_path):
    text = "ID,name,Price,day\n1,a,2,2024-01-01\n"
    assert copy_in(t, tmp_path, text, "(HEADER MATCH)") == 1
    with pytest.raises(tupelo.DataError, match="name column NAME|name column name"):
        copy_in(t, tmp_path, "id,nom,price,day\n", "(HEADER MATCH)")


def test_every_type(con, tmp_path):
    con.execute(
        "CREATE TABLE t (b BOOLEAN, s SMALLINT, l BIGINT, d DECIMAL(30, 3), r REAL,"
        " f DOUBLE PRECISION, c CHARACTER(4), x CLOB, y BLOB, i TIME, p TIMESTAMP,"
        " z TIMESTAMP WITH TIME ZONE,"
        " m INTERVAL YEAR TO MONTH, e INTERVAL DAY TO SECOND)"
    )
    text = (
        "t,-7,9000000000,12345678901234567890.125,1.5,1e300,ab,long text,\\x00ff,10:11:12,"
        "2024-01-31 10:11:12.25,2024-01-31 10:11:12+02:00,1-6,3 04:05:06\n"
        "FALSE,+7, 8 ,1,2,3,äöüß,é,\\x,23:59:59,2024-01-31 00:00:00,2024-01-31 10:11:12+00:00,"
        "0-0,0 00:00:00\n"
    )
    assert copy_in(con, tmp_path, text) == 2
    before = rows(con)
    assert before[0][:6] == (True, -7, 9000000000, Decimal("12345678901234567890.125"), 1.5, 1e300)
    assert before[0][6:9] == ("ab  ", "long text", b"\x00\xff")
    assert before[1][6:9] == ("äöüß", "é", b"")
    path = str(tmp_path / "out.csv")
    assert con.execute("COPY t TO ?", (path,)).rowcount == 2
    con.execute("DELETE FROM t")
    con.execute("COPY t FROM ?", (path,))
    assert rows(con) == before


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, 30_000])
def test_sizes(t, tmp_path, size):
    text = "".join(f"{i},name {i},{i}.25,2024-01-01\n" for i in range(size))
    assert copy_in(t, tmp_path, text) == size
    assert [row[0] for row in rows(t)] == list(range(size))


def test_fields_longer_than_a_buffer(con, tmp_path):
    con.execute("CREATE TABLE t (a INTEGER, b CLOB)")
    big = "x" * 3_000_000
    assert copy_in(con, tmp_path, f'1,{big}\n2,"{big},""\n"\n3,y\n') == 3
    assert rows(con) == [(1, big), (2, big + ',"\n'), (3, "y")]


@pytest.mark.parametrize(
    ("text", "state", "place"),
    [
        ("1,a,2,2024-01-01\nx,b,2,2024-01-01\n", "22018", "line 2, column 1"),
        ("1,a,2,2024-01-01\n2,b,zwei,2024-01-01\n", "22018", "line 2, column 5"),
        ("1,a,2,2024-02-30\n", "22", "line 1, column 7"),
        ("1,é,2,2024-02-30\n", "22", "line 1, column 7"),
        ("1," + "n" * 21 + ",2,\n", "22001", "line 1, column 3"),
        ("1,a,1234567.5,\n", "22003", "line 1, column 5"),
        ("99999999999,a,,\n", "22003", "line 1, column 1"),
        ('1,"a\nb",2,\n2,"c\nd",z,\n', "22018", "line 4, column 4"),
        ("1,a,2\n", "22P04", "line 1"),
        ("1,a,2,,\n2,b,,,x\n", "22P04", "line 2"),
        ("1,a,,\n\n2,b,,\n", "22P04", "line 2"),
        ('1,"a,2,\n', "22P04", "line 1"),
        (b"1,a,,\n2,\xff,,\n", "22021", "line 2"),
    ],
)
def test_bad_files_name_the_place(t, tmp_path, text, state, place):
    with pytest.raises(tupelo.DataError) as caught:
        copy_in(t, tmp_path, text)
    assert caught.value.sqlstate.startswith(state)
    assert place in str(caught.value)
    assert rows(t) == []  # undone as a whole
    assert copy_in(t, tmp_path, "1,a,,\n") == 1  # usable


def test_errors_name_the_column(t, tmp_path):
    with pytest.raises(tupelo.DataError) as caught:
        copy_in(t, tmp_path, "1,a,b,\n")
    assert (caught.value.table.lower(), caught.value.column.lower()) == ("t", "price")


def test_constraints_hold(con, tmp_path):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER NOT NULL CHECK (v > 0))")
    con.commit()
    for text in ("1,1\n1,2\n", "1,\n", "1,0\n"):
        with pytest.raises(tupelo.IntegrityError):
            copy_in(con, tmp_path, text)
    assert rows(con) == []


def test_files_that_are_not_there(t, tmp_path):
    with pytest.raises(tupelo.OperationalError) as caught:
        t.execute("COPY t FROM ?", (str(tmp_path / "none.csv"),))
    assert caught.value.sqlstate == "58P01"
    with pytest.raises(tupelo.OperationalError):
        t.execute("COPY t FROM ?", (str(tmp_path),))
    with pytest.raises(tupelo.OperationalError):
        t.execute("COPY t TO ?", (str(tmp_path / "none" / "out.csv"),))


def test_gzip_and_zstd_both_ways(t, tmp_path):
    t.execute("INSERT INTO t (id, name) SELECT 1, 'a,b' FROM (VALUES (1), (2)) AS v (x)")
    for name in ("out.csv.gz", "out.csv.zst"):
        path = str(tmp_path / name)
        assert t.execute("COPY t TO ?", (path,)).rowcount == 2
        assert t.execute("COPY t FROM ?", (path,)).rowcount == 2
        t.execute("DELETE FROM t")
        t.execute("INSERT INTO t (id, name) SELECT 1, 'a,b' FROM (VALUES (1), (2)) AS v (x)")
    head = (tmp_path / "out.csv.gz").read_bytes()[:2]
    assert head == b"\x1f\x8b"
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == b'1,"a,b",,\n' * 2
    assert (tmp_path / "out.csv.zst").read_bytes()[:4] == b"\x28\xb5\x2f\xfd"


def test_compressed_files_are_known_by_their_first_bytes(t, tmp_path):
    text = "".join(f"{i},n,,\n" for i in range(50_000)).encode()
    assert copy_in(t, tmp_path, gzip.compress(text)) == 50_000
    members = gzip.compress(text[:3000]) + gzip.compress(text[3000:])
    assert copy_in(t, tmp_path, members) == 50_000


def test_damaged_compressed_files(t, tmp_path):
    whole = gzip.compress(b"1,a,,\n" * 10_000)
    for damaged in (whole[:-20], whole[:60] + b"\0\0\0\0" + whole[64:]):
        with pytest.raises(tupelo.OperationalError) as caught:
            copy_in(t, tmp_path, damaged)
        assert caught.value.sqlstate == "58030"
    assert rows(t) == []


def test_copy_to(t, tmp_path):
    t.execute("INSERT INTO t VALUES (1, 'a,b', 1.5, DATE '2024-01-31'), (2, '', NULL, NULL)")
    path = tmp_path / "out.csv"
    t.execute(f"COPY t TO '{path}' (HEADER)")
    assert path.read_text() == 'id,name,price,day\n1,"a,b",1.50,2024-01-31\n2,"",,\n'
    t.execute(f"COPY (SELECT name, id + 1 AS next FROM t ORDER BY id DESC) TO '{path}'")
    assert path.read_text() == '"",3\n"a,b",2\n'
    t.execute(f"COPY t (day, id) TO '{path}' (DELIMITER ';', NULL '-')")
    assert path.read_text() == "2024-01-31;1\n-;2\n"


def test_copy_to_leaves_no_half_file(t, tmp_path):
    t.execute("INSERT INTO t (id) VALUES (1), (0)")
    path = tmp_path / "out.csv"
    with pytest.raises(tupelo.DataError):
        t.execute(f"COPY (SELECT 1 / id FROM t) TO '{path}'")
    assert not path.exists()


LONG = 60_000  # lines: more than are read before another thread goes on


@pytest.fixture(params=[1, 2], ids=["1 thread", "2 threads"])
def threads(request, t):
    t.execute(f"SET threads = {request.param}")
    return request.param


def long_lines(changed=None):
    lines = [f'{i},"name ""{i}""",{i % 1000}.25,2024-01-{i % 28 + 1:02}\n' for i in range(LONG)]
    for place, line in (changed or {}).items():
        lines[place] = line
    return "".join(lines)


def test_long_files_come_whole_and_in_order(t, tmp_path, threads):
    assert copy_in(t, tmp_path, long_lines()) == LONG
    assert rows(t) == [
        (i, f'name "{i}"', Decimal(f"{i % 1000}.25"), datetime.date(2024, 1, i % 28 + 1))
        for i in range(LONG)
    ]
    out = tmp_path / "out.csv"
    t.execute(f"COPY t TO '{out}'")
    assert copy_in(t, tmp_path, out.read_text()) == LONG  # the statement again


def test_text_that_is_padded_cast_or_null_in_long_files(con, tmp_path, threads):
    con.execute("CREATE TABLE s (a CHAR(20), b VARCHAR, c CLOB, d BLOB, e BOOLEAN)")
    lines = [f"a{i},Straße und mehr {i},\"c\nd {i}\",\\x{i:06x},{i % 2}\n" for i in range(LONG)]
    lines[LONG // 2] = ",,,,\n"
    assert con.execute("COPY s FROM ?", (write(tmp_path, "".join(lines)),)).rowcount == LONG
    found = rows(con, "s")
    assert found[LONG // 2] == (None,) * 5
    for i in (0, 1, 2047, 2048, 40_000, LONG - 1):
        name = f"a{i}".ljust(20)
        number = bytes.fromhex(f"{i:06x}")
        assert found[i] == (name, f"Straße und mehr {i}", f"c\nd {i}", number, i % 2 == 1)


@pytest.mark.parametrize("line", [3, 20_000, 50_000, LONG - 1])
def test_errors_far_down_name_the_place(t, tmp_path, threads, line):
    bad = {line: "1,name,x,2024-01-01\n", min(line + 9000, LONG - 1): "y,name,2,2024-01-01\n"}
    with pytest.raises(tupelo.DataError) as caught:
        copy_in(t, tmp_path, long_lines({**bad, line: "1,name,x,2024-01-01\n"}))
    assert f"line {line + 1}, column 8" in str(caught.value)
    assert rows(t) == []
    assert copy_in(t, tmp_path, long_lines()) == LONG


def test_a_row_that_may_not_be_ends_it_while_others_are_read(con, tmp_path, threads):
    con.execute("CREATE TABLE u (id INTEGER PRIMARY KEY, name VARCHAR, price REAL, day DATE)")
    con.commit()
    text = long_lines({30_000: "5,name,2,2024-01-01\n"})
    for _ in range(3):
        with pytest.raises(tupelo.IntegrityError):
            con.execute("COPY u FROM ?", (write(tmp_path, text),))
    con.rollback()
    assert rows(con, "u") == []


def test_a_slow_source_can_be_interrupted(t, tmp_path, threads):
    """A named pipe of which nothing comes for a while."""
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    go_on = threading.Event()

    def feed():
        with open(pipe, "w") as out:
            out.write(long_lines())
            out.flush()
            t.interrupt()
            go_on.wait(10)

    feeder = threading.Thread(target=feed)
    feeder.start()
    release = threading.Timer(0.5, go_on.set)
    release.start()
    with pytest.raises(tupelo.OperationalError) as caught:
        t.execute("COPY t FROM ?", (pipe,))
    assert caught.value.sqlstate == "57014"
    feeder.join()
    release.join()
    assert rows(t) == []


def test_progress(t, tmp_path):
    seen = []
    t.copy_progress = lambda *so_far: seen.append(so_far)
    text = "".join(f"{i},a name,1.25,2024-01-01\n" for i in range(400_000))
    copy_in(t, tmp_path, text)
    assert len(seen) > 1 and seen == sorted(seen)
    assert seen[-1] == (400_000, len(text), len(text))
    t.copy_progress = None
    assert t.copy_progress is None


def test_progress_may_end_it(t, tmp_path):
    def stop(*_):
        raise KeyError("enough")

    t.copy_progress = stop
    with pytest.raises(KeyError):
        copy_in(t, tmp_path, "1,a,,\n")
    t.copy_progress = None
    assert rows(t) == []


def test_progress_may_not_use_the_connection(t, tmp_path):
    errors = []

    def use(*_):
        for call in (lambda: t.execute("SELECT 1"), t.commit, t.rollback):
            try:
                call()
            except tupelo.Error as error:
                errors.append(error.sqlstate)

    t.copy_progress = use
    assert copy_in(t, tmp_path, "1,a,,\n") == 1
    assert errors and set(errors) == {"25000"}
    assert t.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_interrupt(t, tmp_path):
    text = "".join(f"{i},a name,1.25,2024-01-01\n" for i in range(200_000))
    t.copy_progress = lambda *_: threading.Thread(target=t.interrupt).start()
    path = write(tmp_path, text * 4)
    with pytest.raises(tupelo.OperationalError):
        t.execute("COPY t FROM ?", (path,))
    t.copy_progress = None
    assert rows(t) == []


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ("(FORMAT text)", "0A000"),
        ("(FORMAT binary)", "0A000"),
        ("(ENCODING 'LATIN1')", "0A000"),
        ("(DELIMITER '||')", "22023"),
        ("(DELIMITER '\"')", "22023"),
        ("(NULL 'a,b')", "22023"),
        ("(HEADER maybe)", "22023"),
        ("(FORCE_NULL true)", "0A000"),
        ("(NOTHING)", "42601"),
        ("(HEADER, HEADER)", "42601"),
        ("(COMPRESSION 'zip')", "22023"),
        ("WHERE id > 1", "0A000"),
    ],
)
def test_options_that_do_not_work(t, tmp_path, options, state):
    with pytest.raises(tupelo.Error) as caught:
        copy_in(t, tmp_path, "", options)
    assert caught.value.sqlstate == state


def test_read_only_transactions_may_copy_out(t, tmp_path):
    t.execute("SET TRANSACTION READ ONLY")
    t.execute("COPY t TO ?", (str(tmp_path / "out.csv"),))
    with pytest.raises(tupelo.ProgrammingError):
        copy_in(t, tmp_path, "1,a,,\n")
