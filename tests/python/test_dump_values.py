"""Values in dumps come back exactly, and PostgreSQL loads dumps too."""

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from dumps import FEATURES, OWN_VALUES, VALUES, dump, fresh, run, typed

CONFIRM = pathlib.Path(__file__).parent.parent / "confirm"


@pytest.mark.parametrize("kind", [*VALUES, *OWN_VALUES])
def test_values_come_back_exactly(con, kind):
    literals = {**VALUES, **OWN_VALUES}[kind]
    run(con, typed({kind: literals}))
    text = dump(con)
    with fresh() as other:
        other.executescript(text)
        assert dump(other) == text
        query = "SELECT v, CAST(v AS VARCHAR) FROM t0 ORDER BY i"
        if kind.startswith(("BLOB",)):
            query = "SELECT v FROM t0 ORDER BY i"
        ours, theirs = con.execute(query).fetchall(), other.execute(query).fetchall()
        assert repr(ours) == repr(theirs)


@pytest.fixture(scope="module")
def psql(tmp_path_factory) -> Iterator[object]:
    """Runs a file on a PostgreSQL server of its own; what `query` then prints."""
    if not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")) or not shutil.which(
        "psql"
    ):
        pytest.skip("PostgreSQL is not installed (Debian: postgresql-15)")
    sys.path.insert(0, str(CONFIRM))
    try:
        from server import Server
    finally:
        sys.path.remove(str(CONFIRM))
    numbers = iter(range(1000))
    with Server() as server:

        def load(text: str, query: str) -> str:
            name = f"d{next(numbers)}"
            base = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", server.directory,
                    "-U", "postgres"]  # fmt: skip
            subprocess.run([*base, "-d", "postgres", "-c", f"CREATE DATABASE {name}"], check=True,
                           env=server.environment)  # fmt: skip
            done = subprocess.run([*base, "-d", name], input=text + query, text=True,
                                  capture_output=True, env=server.environment)  # fmt: skip
            assert done.returncode == 0, done.stderr
            return done.stdout

        yield load


def test_postgresql_loads_every_feature(con, psql):
    text = dump(run(con, FEATURES))
    out = psql(text, "SELECT id, name, number FROM plain ORDER BY id; SELECT * FROM first;"
                     "SELECT nextval('counter'), nextval('down');"
                     "INSERT INTO plain (name) VALUES ('next') RETURNING id, number;")  # fmt: skip
    lines = out.splitlines()
    assert [line for line in lines if "|" in line][:3] == ["5|Ada|10", "7|O'Hara|15", "9|it's|"]
    assert lines[-1] == "11|25"


def test_postgresql_loads_every_value(con, psql):
    text = dump(run(con, typed(VALUES)))
    out = psql(text, "SET intervalstyle = sql_standard; SET timezone = 'UTC';" + "".join(
        f"SELECT v FROM t{i} ORDER BY i;" for i in range(len(VALUES))))  # fmt: skip
    for part in (
        "-9223372036854775808", "-123456789012345678901234567890123.00001", "-0", "0.1",
        "-1.7976931348623157e+308", "it's \\ \"quoted\"", "\\x00ff27", "0001-01-01", "-10-11",
        "-99 23:59:59.999999", "2023-12-31 18:30:00+00", "01:02:03.5+14", "日本語 𝄞",
    ):  # fmt: skip
        assert part in out, part


def test_postgresql_loads_renamed_views(con, psql):
    run(
        con,
        """CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2);
        CREATE VIEW v AS SELECT * FROM t WHERE a < 5 WITH CHECK OPTION;
        CREATE VIEW w AS SELECT t.a, x.b FROM t JOIN t AS x ON t.a < x.b;
        ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 9;
        ALTER TABLE t RENAME TO u;""",
    )
    out = psql(dump(con), "UPDATE v SET a = 3; SELECT * FROM v; SELECT * FROM w; SELECT * FROM u;")
    assert out.splitlines() == ["3|2", "3|2", "3|2|9"] or out.splitlines() == ["3|2", "3|2|9"]
