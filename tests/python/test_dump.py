"""Connection.iterdump: a database that is made anew from it is the same."""

import datetime

import pytest
import tupelo
from dumps import FEATURES, dump, fresh, made_anew, run


def test_an_empty_database_has_an_empty_dump(con):
    assert list(con.iterdump()) == ["BEGIN TRANSACTION;", "COMMIT;"]


def test_a_dump_of_every_feature_makes_the_same_database(con):
    text = dump(run(con, FEATURES))
    assert made_anew(text) == text


def test_the_definitions_are_there(con):
    text = dump(run(con, FEATURES))
    for part in (
        "CREATE SEQUENCE counter AS INTEGER START WITH 10 INCREMENT BY 5 MINVALUE 1 MAXVALUE 1000",
        "SELECT setval('counter', 15, TRUE);",
        "SELECT setval('spent', 2, TRUE);",
        "SELECT setval('\"Odd schema\".\"S''1\"', 77, FALSE);",
        "id INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 2 MINVALUE 1) NOT NULL",
        "ALTER TABLE plain ALTER COLUMN id RESTART WITH 11;",
        "number BIGINT DEFAULT nextval('counter')",
        "octets BYTEA DEFAULT DECODE('00FF', 'hex')",
        "OVERRIDING SYSTEM VALUE VALUES",
        "REFERENCES circle_b (a, c) MATCH FULL;",
        "ON DELETE CASCADE ON UPDATE SET NULL;",
        "odd_nulls ON plain (number NULLS FIRST, created DESC NULLS LAST, id);",
        'CREATE TABLE "ANALYZE" (',
        "größe",
        "WITH LOCAL CHECK OPTION;",
        "WITH CASCADED CHECK OPTION;",
    ):
        assert part.replace(" MINVALUE 1", "") in text, part


def test_rows_and_behaviour_are_the_same(con):
    text = dump(run(con, FEATURES))
    queries = ["SELECT * FROM plain ORDER BY id", 'SELECT * FROM "Mixed case" ORDER BY 1',
               "SELECT * FROM other.child ORDER BY id", "SELECT * FROM first",
               'SELECT * FROM "Odd schema"."V"', "SELECT * FROM numbers", "SELECT * FROM derived",
               "SELECT nextval('counter')", "SELECT nextval('down')"]  # fmt: skip
    with fresh() as other:
        other.executescript(text)
        for query in queries:
            theirs, ours = other.execute(query), con.execute(query)
            assert theirs.fetchall() == ours.fetchall(), query
            assert [c[0] for c in theirs.description] == [c[0] for c in ours.description], query
        for one in (con, other):
            with pytest.raises(tupelo.DataError):
                one.execute("SELECT nextval('spent')").fetchall()
            with pytest.raises(tupelo.IntegrityError):
                one.execute("INSERT INTO above (name) VALUES ('bad')")


def test_many_rows_become_few_statements(con):
    con.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, s VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?, ?)", ((i, f"row {i}") for i in range(5000)))
    statements = list(con.iterdump())
    assert sum(s.startswith("INSERT") for s in statements) == 5
    with fresh() as other:
        other.executescript("".join(statements))
        assert other.execute("SELECT COUNT(*), SUM(i) FROM t").fetchone() == (5000, 12497500)


def test_a_long_row_ends_a_statement(con):
    con.execute("CREATE TABLE t (s VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?)", [("x" * 300_000,)] * 3)
    assert sum(s.startswith("INSERT") for s in con.iterdump()) == 3


@pytest.mark.parametrize("autocommit", [False, True])
def test_it_is_one_state_whatever_happens_meanwhile(autocommit):
    con = tupelo.connect(":memory:", autocommit=autocommit)
    con.execute("CREATE TABLE a (i INTEGER)")
    con.execute("CREATE TABLE b (i INTEGER)")
    con.execute("INSERT INTO a VALUES (1)")
    con.execute("INSERT INTO b VALUES (1)")
    expected = list(con.iterdump())
    statements = con.iterdump()
    taken = [next(statements)]
    con.execute("UPDATE b SET i = 2")
    con.execute("DELETE FROM a")
    con.execute("DROP TABLE a")
    if not autocommit:
        con.commit()
    assert taken + list(statements) == expected
    assert con.in_transaction is not autocommit
    con.close()


def test_uncommitted_changes_of_the_connection_are_in_it(con):
    con.execute("CREATE TABLE t (i INTEGER)")
    con.execute("INSERT INTO t VALUES (42)")
    assert "(42)" in dump(con)
    other = con.connect()
    assert "42" not in dump(other)
    other.close()


def test_row_factories_do_not_matter(con):
    con.execute("CREATE TABLE t (i INTEGER)")
    con.execute("INSERT INTO t VALUES (42)")
    con.row_factory = tupelo.dict_row
    assert "(42)" in dump(con)


def test_temporary_tables_are_left_out(con):
    run(con, """CREATE TEMPORARY TABLE mine (i INTEGER); CREATE VIEW reads AS SELECT * FROM mine;
                CREATE TEMPORARY TABLE hides (i INTEGER); INSERT INTO hides VALUES (1);
                CREATE TABLE public.hides (j INTEGER); INSERT INTO public.hides VALUES (2);
                CREATE GLOBAL TEMPORARY TABLE everyone (i INTEGER) ON COMMIT PRESERVE ROWS;
                INSERT INTO everyone VALUES (3);""")  # fmt: skip
    text = dump(con)
    assert "mine" not in text and "(1)" not in text and "(3)" not in text
    assert "(2)" in text and "CREATE GLOBAL TEMPORARY TABLE everyone" in text
    assert made_anew(text) == text


def test_a_filter_chooses_by_name(con):
    run(con, "CREATE TABLE log_a (i INTEGER); CREATE TABLE other (i INTEGER);"
             'CREATE TABLE "Log_b" (i INTEGER); CREATE SCHEMA s;'
             "CREATE SEQUENCE s.log_c")  # fmt: skip
    text = dump(con, filter="LOG_%")
    assert "log_a" in text and '"Log_b"' in text and "s.log_c" in text and "other" not in text
    assert dump(con, filter="") == "BEGIN TRANSACTION;\nCOMMIT;\n"
    with pytest.raises(TypeError):
        con.iterdump(filter=3)
    with pytest.raises(TypeError):
        con.iterdump("log")


def test_names_differing_by_case_alone_stay_apart(con):
    run(con, 'CREATE TABLE t (i INTEGER, "i" INTEGER); CREATE TABLE "t" ("I" INTEGER);'
             'INSERT INTO t VALUES (1, 2); CREATE VIEW v AS SELECT i, "i" AS j FROM t')  # fmt: skip
    text = dump(con)
    assert made_anew(text) == text


def test_views_of_views_of_the_system(con):
    run(con, """
        CREATE TABLE t (a INTEGER);
        CREATE VIEW v AS SELECT s.name, tupelo.indexes.columns
            FROM tupelo.tables AS s, tupelo.indexes;
        CREATE VIEW w AS SELECT v.*, t.a FROM v, tupelo.settings, t;
        ALTER TABLE t RENAME TO u""")  # fmt: skip
    text = dump(con)
    with fresh() as again:
        again.executescript(text)
        assert dump(again) == text
        assert again.execute("SELECT name FROM v").fetchall() == []


def test_views_keep_their_meaning_when_things_were_renamed(con):
    run(
        con,
        """
        CREATE TABLE t (a INTEGER, b INTEGER, gone INTEGER);
        INSERT INTO t VALUES (1, 2, 3);
        CREATE VIEW one AS SELECT a, t.b, public.t.a AS c FROM t WHERE a < 5;
        CREATE VIEW other AS SELECT x, y FROM t AS q (x, y, z);
        CREATE VIEW star AS SELECT a, b FROM t;
        CREATE VIEW natural_one AS SELECT * FROM star NATURAL JOIN (VALUES (1, 'v')) AS w (a, word);
        CREATE VIEW table_one AS TABLE star;
        CREATE VIEW all_of_it AS SELECT * FROM star;
        ALTER TABLE t RENAME COLUMN a TO renamed;
        ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 100;
        ALTER TABLE t RENAME TO new_name;
        CREATE OR REPLACE VIEW star AS SELECT renamed AS a, b, 7 AS word FROM new_name;""",
    )
    views = ["one", "other", "star", "natural_one", "table_one", "all_of_it"]
    text = dump(con)
    with fresh() as again:
        again.executescript(text)
        assert dump(again) == text
        for view in views:
            ours, theirs = (c.execute(f"SELECT * FROM {view}") for c in (con, again))
            assert ours.fetchall() == theirs.fetchall()
            assert ours.description == theirs.description
        again.execute("UPDATE one SET a = 4, b = 5")
        again.execute("UPDATE all_of_it SET a = a + 1")
        assert again.execute("SELECT renamed, b, a FROM new_name").fetchall() == [(5, 5, 100)]


def test_a_database_in_a_file(tmp_path):
    path = tmp_path / "app.db"
    run(tupelo.connect(path), FEATURES).commit()
    con = tupelo.connect(path)
    text = dump(con)
    con.close()
    assert made_anew(text) == text


def test_a_closed_connection(con):
    con.close()
    with pytest.raises(tupelo.ProgrammingError):
        con.iterdump()


def test_rows_go_when_the_iterator_goes(con):
    con.execute("CREATE TABLE t (i INTEGER)")
    con.commit()
    statements = con.iterdump()
    next(statements)
    del statements
    con.execute("DROP TABLE t")
    con.commit()


def test_dates_of_python_come_back(con):
    con.execute("CREATE TABLE t (d TIMESTAMP WITH TIME ZONE)")
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=45))
    value = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, zone)
    con.execute("INSERT INTO t VALUES (?)", (value,))
    with fresh() as other:
        other.executescript(dump(con))
        (got,) = other.execute("SELECT d FROM t").fetchone()
        assert got == value and got.utcoffset() == value.utcoffset()


def test_a_character_that_no_literal_can_have(con):
    con.execute("CREATE TABLE t (s VARCHAR)")
    con.execute("INSERT INTO t VALUES (?)", ("a\0b",))
    with pytest.raises(tupelo.DataError) as caught:
        list(con.iterdump())
    assert caught.value.sqlstate == "22021" and "INTO t" in str(caught.value)
