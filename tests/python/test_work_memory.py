"""Statements that collect more than memory_limit: they go on in temporary files."""

import os
import subprocess
import sys
import textwrap

import pytest
import tupelo

ROWS = 300_000
FILL = f"""
    CREATE TABLE t AS SELECT
        CAST(v AS INTEGER) AS id,
        MOD(CAST(v AS BIGINT) * 7919, 100003) AS n,
        MOD(v, 7) AS few,
        'text ' || CAST(MOD(CAST(v AS BIGINT) * 104729, 200003) AS VARCHAR(10)) || '-' ||
            REPEAT('x', MOD(v, 30)) AS s,
        CASE WHEN MOD(v, 11) = 0 THEN NULL ELSE CAST(v AS DOUBLE PRECISION) / 3 END AS x
    FROM GENERATE_SERIES(1, {ROWS}) AS g (v)
    WITH DATA
"""
QUERIES = {
    "sort": "SELECT n, s, id FROM t ORDER BY n, id",
    "sort by text, equal rows in their order": "SELECT s, few, x FROM t ORDER BY s DESC, few",
    "sort with a limit": "SELECT id, x FROM t ORDER BY x NULLS FIRST, id OFFSET 100000 ROWS "
                         "FETCH FIRST 150000 ROWS ONLY",
    "join": "SELECT a.id, b.s FROM t AS a JOIN t AS b ON a.id = b.n",
    "join by text": "SELECT COUNT(*), SUM(a.id), MAX(b.x) FROM t AS a JOIN t AS b ON a.s = b.s",
    "left join": "SELECT a.id, b.id, b.s FROM t AS a LEFT JOIN t AS b ON a.id = b.n AND b.few < 5",
    "full join": "SELECT a.id, b.x FROM t AS a FULL JOIN "
                 "(SELECT id + 1000 AS n, x FROM t) AS b ON a.id = b.n",
    "exists": "SELECT id FROM t AS a WHERE EXISTS (SELECT 1 FROM t AS b WHERE b.n = a.id)",
    "not in": "SELECT COUNT(*), SUM(id) FROM t WHERE id NOT IN (SELECT n FROM t)",
    "groups": "SELECT n, COUNT(*), SUM(id), MAX(x), MIN(s) FROM t GROUP BY n",
    "groups by text": "SELECT s, COUNT(x), MAX(id) FROM t GROUP BY s",
    "aggregates in order": "SELECT few, LISTAGG(s, ',') WITHIN GROUP (ORDER BY id), "
                           "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) FROM t GROUP BY few",
    "distinct": "SELECT DISTINCT s, few FROM t",
    "distinct values of an aggregate": "SELECT few, COUNT(DISTINCT s), SUM(DISTINCT n) FROM t "
                                       "GROUP BY few",
    "union": "SELECT n, s FROM t UNION SELECT id, s FROM t",
    "except": "SELECT id FROM t EXCEPT SELECT n FROM t",
    "windows": "SELECT id, SUM(x) OVER (PARTITION BY few ORDER BY id), "
               "RANK() OVER (ORDER BY n), LAG(s) OVER (PARTITION BY few ORDER BY id) FROM t",
    "a window of all rows": "SELECT id, COUNT(*) OVER (), MAX(s) OVER () FROM t",
    "with, twice": "WITH w AS MATERIALIZED (SELECT n, s FROM t) "
                   "SELECT COUNT(*), MIN(a.s), MAX(b.s) FROM w AS a JOIN w AS b ON a.n = b.n + 1",
    "recursion": "WITH RECURSIVE r (v, s) AS (SELECT id, s FROM t WHERE id <= 1000 UNION "
                 "SELECT v + 1000, s FROM r WHERE v < 150000) SELECT COUNT(*), SUM(v) FROM r",
    "a subquery of a text": "SELECT COUNT(DISTINCT v), MAX(v) FROM (SELECT (SELECT s || s || "
                            "CAST(r AS VARCHAR(20)) FROM (VALUES (RANDOM() * 0)) AS w (r) "
                            "WHERE id > 0) FROM t WHERE id < 20000) AS q (v)",
    "a subquery of many values": "SELECT COUNT(*) FROM t WHERE (n, few) IN "
                                 "(SELECT id, MOD(id, 7) FROM t)",
}  # fmt: skip


def made(**options) -> tupelo.Connection:
    con = tupelo.connect(options.pop("database", ":memory:"), autocommit=True, **options)
    con.execute(FILL)
    return con


@pytest.fixture(scope="module")
def plenty() -> tupelo.Connection:
    return made()


@pytest.fixture(scope="module")
def short() -> tupelo.Connection:
    return made(memory_limit="4MB")


def written(con: tupelo.Connection) -> int:
    return con.execute("SELECT temporary_bytes_written FROM tupelo.cache").fetchone()[0]


def in_files(con: tupelo.Connection) -> tuple[int, int]:
    sql = "SELECT statement_bytes, temporary_bytes FROM tupelo.cache"
    return con.execute(sql).fetchone()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", QUERIES)
def test_what_does_not_fit_goes_to_files(plenty, short, name, threads):
    for con in (plenty, short):
        con.execute(f"SET threads = {threads}")
    before = written(short)
    expected = plenty.execute(QUERIES[name]).fetchall()
    assert short.execute(QUERIES[name]).fetchall() == expected
    assert written(short) - before > 1_000_000
    assert in_files(short) == (0, 0)
    assert written(plenty) == 0


def test_rows_are_not_fetched_before_they_are_wanted(short):
    cursor = short.execute(QUERIES["sort"])
    assert [row[0] for row in cursor.fetchmany(3)] == [0, 0, 1]
    assert in_files(short)[1] > 0
    cursor.close()
    assert in_files(short) == (0, 0)


def test_an_interrupted_statement_leaves_nothing(short):
    short.execute("SET statement_timeout = 60")
    try:
        with pytest.raises(tupelo.OperationalError) as caught:
            short.execute(QUERIES["windows"]).fetchall()
        assert caught.value.sqlstate == "57014"
    finally:
        short.execute("SET statement_timeout = 0")
    assert in_files(short) == (0, 0)


def test_insertions_of_queries(short):
    short.execute("CREATE TABLE u AS SELECT s, COUNT(*) AS c FROM t GROUP BY s WITH DATA")
    assert short.execute("SELECT SUM(c) FROM u").fetchone() == (ROWS,)
    short.execute("UPDATE t SET few = few + 0 FROM (SELECT s AS key, c FROM u) AS v WHERE s = key")
    short.execute("DROP TABLE u")
    assert in_files(short) == (0, 0)


def test_the_files_are_beside_the_database_and_have_no_name(tmp_path):
    con = made(database=tmp_path / "app.db", memory_limit="4MB", synchronous="off")
    con.checkpoint()
    before = sorted(os.listdir(tmp_path))
    cursor = con.execute(QUERIES["sort"])
    cursor.fetchmany(10)
    assert in_files(con)[1] > 0
    with open("/proc/self/maps") as maps:
        mapped = [line for line in maps if str(tmp_path) in line]
    assert mapped
    assert all("(deleted)" in line for line in mapped)
    assert sorted(os.listdir(tmp_path)) == before
    cursor.close()
    con.close()


PEAK = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1], memory_limit="24MB", read_only=True)
    con.execute("SET threads = 2")
    def peak():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    con.execute("SELECT COUNT(*) FROM t WHERE id < 10").fetchall()
    before = peak()
    rows = 0
    cursor = con.execute(sys.argv[2])
    while some := cursor.fetchmany(1000):
        rows += len(some)
    print(rows, peak() - before)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("work") / "app.db"
    con = made(database=path, synchronous="off")
    for _ in range(2):
        con.execute("INSERT INTO t SELECT id + (SELECT MAX(id) FROM t), n, few, s || '+', x FROM t")
    con.close()
    return str(path)


@pytest.mark.skipif("TUPELO_SANITIZED" in os.environ, reason="sanitizers take memory of their own")
@pytest.mark.parametrize("name", ["sort", "groups by text", "distinct", "windows", "left join"])
def test_memory_does_not_grow_with_what_is_collected(file, name):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAK), file, QUERIES[name]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    rows, kilobytes = map(int, done.stdout.split())
    assert rows > 200_000
    assert kilobytes < 112 * 1024


# Of 1.2 million rows: not the rows of the result grow with them, but what is kept to make them.
STATES = {
    "texts": "SELECT few, CHAR_LENGTH(LISTAGG(s, ',') WITHIN GROUP (ORDER BY id)) FROM t "
             "GROUP BY few",
    "percentiles": "SELECT few, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY s), "
                   "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x) FROM t GROUP BY few",
    "long extremes": "SELECT n, MAX(CAST(s || REPEAT('y', 400) AS VARCHAR(500))) FROM t GROUP BY n",
}  # fmt: skip


@pytest.mark.skipif("TUPELO_SANITIZED" in os.environ, reason="sanitizers take memory of their own")
@pytest.mark.parametrize("name", STATES)
def test_memory_does_not_grow_with_states(file, name):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PEAK), file, STATES[name]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    rows, kilobytes = map(int, done.stdout.split())
    assert rows >= 7
    assert kilobytes < 140 * 1024  # without files three times as much
