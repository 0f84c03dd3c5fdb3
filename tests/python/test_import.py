"""tupelo import: sqlite3 databases, with whatever sqlite3 lets stand in them."""

import datetime
import pathlib
import sqlite3
from decimal import Decimal
from typing import Any

import pytest
import tupelo
from tupelo.command import main


class Source:
    """An sqlite3 database to be imported, and what came of it."""

    def __init__(self, directory: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self.target = directory / "file.sqlite", directory / "app.db"
        self.con = sqlite3.connect(self.path)
        self._capsys = capsys
        self.report: list[str] = []

    def run(self, script: str) -> None:
        self.con.executescript(script)

    def imported(self, *options: str) -> tupelo.Connection:
        self.con.commit()
        self.con.close()
        status = main(["import", "-q", *options, str(self.path), str(self.target)])
        captured = self._capsys.readouterr()
        self.report = captured.out.splitlines()
        assert status == 0, captured.err
        return tupelo.connect(self.target, autocommit=True)

    def remarks(self) -> list[str]:
        return self.report[:-1]


@pytest.fixture
def source(tmp_path, capsys) -> Source:
    return Source(tmp_path, capsys)


def types(con: tupelo.Connection, table: str) -> dict[str, str]:
    return {
        name: str(code.name) for name, code, *_ in con.execute(f"SELECT * FROM {table}").description
    }


def rows(con: tupelo.Connection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def test_a_typical_database(source):
    source.run("""
        PRAGMA foreign_keys = ON;
        CREATE TABLE artist (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
        CREATE TABLE album (id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL DEFAULT 'it''s',
            artist INTEGER REFERENCES artist ON DELETE CASCADE, price DECIMAL(8, 2) DEFAULT 9.5,
            released DATE, added TIMESTAMP DEFAULT CURRENT_TIMESTAMP, weight REAL,
            sold BOOLEAN DEFAULT 0);
        CREATE INDEX by_title ON album (title, released DESC);
        CREATE UNIQUE INDEX one_price ON album (price);
        CREATE VIEW titles AS SELECT title, name FROM album JOIN artist ON artist = artist.id;
        CREATE VIEW upper_titles AS SELECT upper(title) AS t FROM titles;
        INSERT INTO artist (id, name) VALUES (1, 'Ada'), (5, 'Grace'), (9, 'gone');
        DELETE FROM artist WHERE id = 9;
        INSERT INTO album VALUES (1, 'One', 1, 12.34, '2024-02-29', '2024-01-01 12:30:00', 1.5, 1),
            (3, 'Three', 5, 7, NULL, '2024-01-01T12:30:00.25', NULL, 0);""")
    con = source.imported()
    assert source.report == ["2 tables, 4 rows; 0 remarks"]
    assert rows(con, "SELECT * FROM artist ORDER BY id") == [(1, "Ada"), (5, "Grace")]
    assert rows(con, "SELECT * FROM album ORDER BY id") == [
        (1, "One", 1, Decimal("12.34"), datetime.date(2024, 2, 29),
         datetime.datetime(2024, 1, 1, 12, 30), 1.5, True),
        (3, "Three", 5, Decimal("7.00"), None,
         datetime.datetime(2024, 1, 1, 12, 30, 0, 250000), None, False),
    ]  # fmt: skip
    assert types(con, "album") == {
        "id": "BIGINT", "title": "CHARACTER VARYING", "artist": "BIGINT", "price": "DECIMAL",
        "released": "DATE", "added": "TIMESTAMP", "weight": "DOUBLE PRECISION", "sold": "BOOLEAN",
    }  # fmt: skip
    con.execute("INSERT INTO artist (name) VALUES ('next')")
    con.execute("INSERT INTO album (artist) VALUES (10)")
    assert rows(con, "SELECT id FROM artist WHERE name = 'next'") == [(10,)]  # AUTOINCREMENT
    added = rows(con, "SELECT id, title, price, sold FROM album WHERE artist = 10")
    assert added == [(4, "it's", Decimal("9.50"), False)]
    assert rows(con, "SELECT * FROM upper_titles ORDER BY t")[1] == ("ONE",)
    for sql in (
        "INSERT INTO artist (name) VALUES ('Ada')",
        "INSERT INTO artist (name) VALUES (NULL)",
        "INSERT INTO album (artist) VALUES (77)",
        "INSERT INTO album (price) VALUES (7)",
        "INSERT INTO album (id) VALUES (1)",
    ):
        with pytest.raises(tupelo.IntegrityError):
            con.execute(sql)
    con.execute("DELETE FROM artist WHERE id = 1")
    assert rows(con, "SELECT COUNT(*) FROM album WHERE id = 1") == [(0,)]
    con.close()


def test_loose_values_decide_the_type_and_are_reported(source):
    source.run("""
        CREATE TABLE t (i INTEGER, s VARCHAR(3), d DATE, b BOOLEAN, r REAL, o BLOB, n DECIMAL(4, 2),
                        small SMALLINT, inf REAL);
        INSERT INTO t VALUES (1, 'abc', '2024-01-01', 1, 1.5, x'00', 1.25, 1, 1.0);
        INSERT INTO t VALUES ('many', 'abcd', 'tomorrow', 2, 'big', 'text', 1.255, 40000, 9e999);
        INSERT INTO t VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);""")
    con = source.imported()
    assert types(con, "t") == {
        "i": "CHARACTER VARYING", "s": "CHARACTER VARYING", "d": "CHARACTER VARYING",
        "b": "BIGINT", "r": "CHARACTER VARYING", "o": "BINARY LARGE OBJECT",
        "n": "DOUBLE PRECISION", "small": "BIGINT", "inf": "CHARACTER VARYING",
    }  # fmt: skip
    assert rows(con, "SELECT * FROM t") == [
        ("1", "abc", "2024-01-01", 1, "1.5", b"\0", 1.25, 1, "1.0"),
        ("many", "abcd", "tomorrow", 2, "big", b"text", 1.255, 40000, "inf"),
        (None,) * 9,
    ]
    assert source.remarks() == [
        "t.i, rowid 2: 'many' does not fit; the column is VARCHAR",
        "t.s, rowid 2: 'abcd' does not fit; the column is VARCHAR",
        "t.d, rowid 2: 'tomorrow' does not fit; the column is VARCHAR",
        "t.b, rowid 2: 2 does not fit; the column is BIGINT",
        "t.r, rowid 2: 'big' does not fit; the column is VARCHAR",
        "t.o, rowid 2: 'text' does not fit; the column is BLOB",
        "t.n, rowid 2: 1.255 does not fit; the column is DOUBLE PRECISION",
        "t.small, rowid 2: 40000 does not fit; the column is BIGINT",
        "t.inf, rowid 2: inf does not fit; the column is VARCHAR",
    ]
    con.close()


def test_columns_without_a_type_get_that_of_their_values(source):
    source.run("""
        CREATE TABLE t (i, r, s, o, mixed, none, odd FANTASY, num NUMERIC);
        INSERT INTO t VALUES (1, 1.5, 'a', x'01', 1, NULL, 'x', 5),
            (2, 2, 'b', x'02', 'a', NULL, 'y', 1.5);""")
    con = source.imported()
    assert list(types(con, "t").values()) == [
        "BIGINT", "DOUBLE PRECISION", "CHARACTER VARYING", "BINARY LARGE OBJECT",
        "CHARACTER VARYING", "CHARACTER VARYING", "CHARACTER VARYING", "DOUBLE PRECISION",
    ]  # fmt: skip
    assert rows(con, "SELECT * FROM t")[0] == (1, 1.5, "a", b"\1", "1", None, "x", 5.0)
    assert source.remarks() == []
    con.close()


def test_dates_and_times(source):
    source.run("""
        CREATE TABLE t (day DATE, clock TIME, stamp DATETIME, zoned TIMESTAMP, two DATE,
                        epoch DATETIME);
        INSERT INTO t VALUES ('2024-02-29', '23:59:59.5', '2024-02-29 01:02',
                              '2024-02-29T01:02:03Z', '2024-02-29', 1700000000);
        INSERT INTO t VALUES (NULL, '01:02', '2024-02-29', '2024-02-29 01:02:03.5-05:30',
                              '2024-02-29 10:00:00', 1700000001);""")
    con = source.imported()
    assert list(types(con, "t").values()) == [
        "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "BIGINT",
    ]  # fmt: skip
    zone = datetime.timezone(-datetime.timedelta(hours=5, minutes=30))
    assert rows(con, "SELECT clock, stamp, zoned, two FROM t")[1] == (
        datetime.time(1, 2), datetime.datetime(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 1, 2, 3, 500000, zone), datetime.datetime(2024, 2, 29, 10),
    )  # fmt: skip
    con.close()


def test_keys(source):
    source.run("""
        CREATE TABLE pair (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;
        INSERT INTO pair VALUES ('x', 1, NULL), ('y', 1, 'c');
        CREATE TABLE nulls (k TEXT PRIMARY KEY, v);
        INSERT INTO nulls VALUES ('a', 1), (NULL, 2), (NULL, 3);
        CREATE TABLE quirk (id INTEGER PRIMARY KEY DESC);
        INSERT INTO quirk VALUES (1), (NULL);
        CREATE TABLE mixed (k PRIMARY KEY);
        INSERT INTO mixed VALUES (1), ('1');""")
    con = source.imported()
    assert rows(con, "SELECT * FROM pair ORDER BY a") == [("x", 1, None), ("y", 1, "c")]
    for sql in ("INSERT INTO pair VALUES ('x', 1, 'd')", "INSERT INTO pair VALUES ('x', NULL, 'd')",
                "INSERT INTO nulls VALUES ('a', 2)"):  # fmt: skip
        with pytest.raises(tupelo.IntegrityError):
            con.execute(sql)
    con.execute("INSERT INTO nulls VALUES (NULL, 4)")
    text = "\n".join(source.remarks())
    assert "nulls, primary key (k): there are nulls in it; it is a UNIQUE constraint" in text
    assert "quirk, primary key (id)" in text
    assert "mixed, ADD PRIMARY KEY (k): left out:" in text and "23505" in text
    assert rows(con, "SELECT * FROM mixed") == [("1",), ("1",)]
    con.close()


def test_text_that_is_none(source):
    source.run("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)")
    source.con.execute(
        "INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT)), (2, 'ü'), (3, 'a' || char(0))"
    )
    con = source.imported()
    assert rows(con, "SELECT s FROM t ORDER BY id") == [(b"\xff",), ("ü".encode(),), (b"a\0",)]
    assert len(source.remarks()) == 2 and "rowid 1" in source.remarks()[0]
    con.close()


def test_numbers_at_the_ends(source):
    source.run("""
        CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, two NUMERIC);
        INSERT INTO t VALUES (9223372036854775807, 1.7976931348623157e308, 9007199254740993);
        INSERT INTO t VALUES (-9223372036854775808, 5e-324, 0.5);""")
    con = source.imported()
    assert rows(con, "SELECT * FROM t ORDER BY id") == [
        (-(2**63), 5e-324, "0.5"), (2**63 - 1, 1.7976931348623157e308, "9007199254740993"),
    ]  # fmt: skip
    con.close()


def test_what_cannot_be_taken_over_is_reported(source):
    source.run("""
        CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT);
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE,
            b INTEGER CHECK (b > 0), c TEXT DEFAULT (lower('X')),
            g INTEGER GENERATED ALWAYS AS (b * 2), orphan INTEGER REFERENCES parent (id),
            missing INTEGER REFERENCES nowhere (id),
            code TEXT REFERENCES parent (code), n INTEGER DEFAULT (-7), e INTEGER DEFAULT 'text');
        CREATE INDEX part ON t (b) WHERE b > 5;
        CREATE INDEX expression ON t (b + 1);
        CREATE TRIGGER act AFTER INSERT ON t BEGIN DELETE FROM parent; END;
        CREATE VIEW strange AS SELECT json_object('a', b) FROM t;
        INSERT INTO t (a, b, orphan, e) VALUES ('A', 3, 99, NULL);""")
    con = source.imported()
    text = "\n".join(source.remarks())
    for part in (
        "compares by code point, without collation NOCASE", "t.c: the default is left out",
        "t.e: the default is left out", "t.g: it is generated",
        "t, FOREIGN KEY (orphan): left out:",
        "t, FOREIGN KEY (missing): left out: there is no table",
        "t, FOREIGN KEY (code): left out:", "index part: left out: it is of some rows only",
        "index expression: left out", "trigger act: left out", "view strange: left out",
        "table t: CHECK clauses are left out", "table t: COLLATE clauses are left out",
    ):  # fmt: skip
        assert part in text, part
    con.execute("INSERT INTO t (a) VALUES ('a')")
    assert rows(con, "SELECT g, n, orphan FROM t WHERE b = 3") == [(6, -7, 99)]
    con.close()


def test_names(source):
    source.run("""
        CREATE TABLE "Order" ("select" INTEGER, "a ""b" TEXT, Camel TEXT, größe REAL);
        INSERT INTO "Order" VALUES (1, 'x', 'y', 2.5);
        CREATE INDEX "i-1" ON "Order" ("select");""")
    con = source.imported()
    assert rows(con, 'SELECT "select", "a ""b", camel, größe FROM "Order"') == [(1, "x", "y", 2.5)]
    assert list(types(con, '"Order"')) == ["select", 'a "b', "Camel", "größe"]
    con.close()


def test_circles_and_references_to_itself(source):
    source.run("""
        CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b, parent REFERENCES A (id));
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a ON UPDATE SET NULL);
        INSERT INTO a VALUES (1, 2, NULL), (2, NULL, 1);
        INSERT INTO b VALUES (2, 1);""")
    con = source.imported()
    assert source.remarks() == []
    with pytest.raises(tupelo.IntegrityError):
        con.execute("DELETE FROM b")
    con.close()


def test_many_values_are_counted(source):
    source.run("CREATE TABLE t (i INTEGER)")
    source.con.executemany("INSERT INTO t VALUES (?)", [(f"x{i}",) for i in range(3000)])
    con = source.imported()
    assert len(source.remarks()) == 11
    assert source.remarks()[-1] == "t.i: 2990 more values do not fit"
    assert rows(con, "SELECT COUNT(*) FROM t") == [(3000,)]
    con.close()


def test_strict_imports_nothing_that_does_not_fit(source, capsys):
    source.run("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES ('x');")
    source.con.close()
    assert main(["import", "-q", "--strict", str(source.path), str(source.target)]) == 1
    captured = capsys.readouterr()
    assert "'x' does not fit" in captured.out and "--strict" in captured.err
    assert not source.target.exists()


def test_virtual_tables_are_left_out(source):
    try:
        source.run("CREATE VIRTUAL TABLE search USING fts5 (body); CREATE TABLE t (i);")
    except sqlite3.OperationalError:
        pytest.skip("this sqlite3 has no FTS5")
    con = source.imported()
    assert source.remarks() == ["table search: left out: it is a virtual table"]
    assert rows(con, "SELECT COUNT(*) FROM t") == [(0,)]
    con.close()


def test_bad_input(tmp_path, capsys):
    (tmp_path / "text").write_text("no database " * 500)
    (tmp_path / "folder").mkdir()
    sqlite3.connect(tmp_path / "good").executescript("CREATE TABLE t (i)")
    con = tupelo.connect(tmp_path / "full.db")
    con.execute("CREATE TABLE mine (i INTEGER)")
    con.commit()
    con.close()
    for source, target, part in (
        ("missing", "a.db", "No such file"), ("text", "a.db", "not a database"),
        ("folder", "a.db", "directory"), ("good", "full.db", "--force"),
        ("good", "folder", "directory"), ("good", "no/a.db", "no/a.db"),
    ):  # fmt: skip
        assert main(["import", str(tmp_path / source), str(tmp_path / target)]) == 1, source
        assert part in capsys.readouterr().err
        assert not (tmp_path / "a.db").exists()
    assert main(["import", "--force", str(tmp_path / "good"), str(tmp_path / "full.db")]) == 0


def test_progress_goes_to_the_standard_error(tmp_path, capsys, monkeypatch):
    from tupelo.command import progress

    monkeypatch.setattr(progress, "SECONDS", 0.0)
    con = sqlite3.connect(tmp_path / "a")
    con.execute("CREATE TABLE t (i)")
    con.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(2500)])
    con.commit()
    con.close()
    assert main(["import", str(tmp_path / "a"), str(tmp_path / "a.db")]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == "t: 5000 of 5000 rows, 100 %"
    assert captured.out == "1 tables, 2500 rows; 0 remarks\n"
