"""The table of Python and SQL types in docs/python.md, cell by cell."""

import datetime
import decimal
import pathlib
import uuid

import pytest
import tupelo

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"
ZONE = datetime.timezone(datetime.timedelta(hours=2))

# Row headings of the tables: the value that stands for each.
VALUES = {
    "None": None,
    "bool": True,
    "int": 7,
    "int beyond 64 bits": 10**20,
    "float, integral": 7.0,
    "float, fractional": 7.5,
    "Decimal, integral": decimal.Decimal("7"),
    "Decimal, two digits": decimal.Decimal("7.25"),
    "Decimal, three digits": decimal.Decimal("7.125"),
    "str": "text",
    "str of a date": "2024-02-29",
    "str of a time": "01:02:03",
    "str of a timestamp": "2024-02-29 01:02:03",
    "str of years and months": "1-6",
    "str of days and time": "3 04:05:06",
    "bytes": b"bytes",
    "date": datetime.date(2024, 2, 29),
    "time, naive": datetime.time(1, 2, 3),
    "time, aware": datetime.time(1, 2, 3, tzinfo=ZONE),
    "datetime, naive": datetime.datetime(2024, 2, 29, 1, 2, 3),
    "datetime, aware": datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=ZONE),
    "timedelta": datetime.timedelta(3, 14706),
    "YearMonth": tupelo.YearMonth(1, 6),
    "UUID": uuid.UUID("12345678-1234-5678-1234-567812345678"),
}

# Column headings: the declared type.
TYPES = {
    "BOOLEAN": "BOOLEAN",
    "SMALLINT": "SMALLINT",
    "INTEGER": "INTEGER",
    "BIGINT": "BIGINT",
    "DECIMAL": "DECIMAL(9, 2)",
    "REAL": "REAL",
    "DOUBLE": "DOUBLE PRECISION",
    "CHAR": "CHAR(40)",
    "VARCHAR": "VARCHAR(40)",
    "CLOB": "CLOB",
    "BLOB": "BLOB",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIME Z": "TIME WITH TIME ZONE",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP Z": "TIMESTAMP WITH TIME ZONE",
    "YEAR-MONTH": "INTERVAL YEAR(4) TO MONTH",
    "DAY-TIME": "INTERVAL DAY(4) TO SECOND(6)",
}


def tables() -> dict[str, dict[str, dict[str, str]]]:
    """Heading of its section -> row -> column -> cell, for each table of the page."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    section, columns = "", None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section, columns = line.lstrip("# "), None
        elif not line.startswith("|"):
            columns = None
        else:
            cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            if columns is None:
                columns = cells
            elif not set(cells[0]) <= {"-", ":", " "}:
                row = dict(zip(columns, cells, strict=True))
                found.setdefault(section, {})[row.pop(columns[0])] = row
    return found


TABLES = tables()


def outcome(run) -> str:
    """What a cell says: `ok`, or the SQLSTATE of the DataError."""
    try:
        run()
    except tupelo.DataError as error:
        return error.sqlstate
    return "ok"


def cells(section: str) -> list[tuple[str, str, str]]:
    return [
        (row, column, cell)
        for row, cells in TABLES.get(section, {}).items()
        for column, cell in cells.items()
    ]


# A row to change and to compare with.
ROW = {
    "BOOLEAN": True,
    "BLOB": b"",
    "DATE": "2024-01-01",
    "TIME": "00:00:00",
    "TIME Z": "00:00:00+00:00",
    "TIMESTAMP": "2024-01-01 00:00:00",
    "TIMESTAMP Z": "2024-01-01 00:00:00+00:00",
    "YEAR-MONTH": "1-0",
    "DAY-TIME": "1 00:00:00",
}


@pytest.fixture(scope="module")
def database():
    connection = tupelo.connect()
    columns = ", ".join(f"c{n} {name}" for n, name in enumerate(TYPES.values()))
    connection.execute(f"CREATE TABLE t ({columns})")
    values = [ROW.get(name, "x" if name in ("CHAR", "VARCHAR", "CLOB") else 1) for name in TYPES]
    connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(values))})", values)
    connection.commit()
    yield connection
    connection.close()


@pytest.fixture
def con(database):
    yield database
    database.rollback()


def test_the_tables_are_whole():
    for section in ("Assigned", "Compared"):
        assert list(TABLES[section]) == list(VALUES)
        for row in TABLES[section].values():
            assert list(row) == list(TYPES)
    assert list(TABLES["Alone"]) == list(VALUES)


@pytest.mark.parametrize(("value", "sql_type", "cell"), cells("Assigned"))
def test_assigned(con, value, sql_type, cell):
    column = f"c{list(TYPES).index(sql_type)}"
    given = VALUES[value]
    inserted = outcome(lambda: con.execute(f"INSERT INTO t ({column}) VALUES (?)", (given,)))
    updated = outcome(lambda: con.execute(f"UPDATE t SET {column} = ?", (given,)))
    many = outcome(lambda: con.executemany(f"INSERT INTO t ({column}) VALUES (?)", [(given,)]))
    assert (inserted, updated, many) == (cell, cell, cell)
    if cell != "ok":
        return
    con.execute("DELETE FROM t")
    con.execute(f"INSERT INTO t ({column}) VALUES (?)", (given,))
    found = con.execute(f"SELECT {column} FROM t").fetchone()[0]
    if isinstance(found, str):
        assert found.rstrip() == str(given)
    elif isinstance(given, str) or (given is not None and ("Z" in sql_type or "aware" in value)):
        assert found is not None
    elif sql_type == "REAL" and given is not None:
        assert found == pytest.approx(float(given), rel=1e-6)
    else:
        assert found == given


@pytest.mark.parametrize(("value", "sql_type", "cell"), cells("Compared"))
def test_compared(con, value, sql_type, cell):
    column = f"c{list(TYPES).index(sql_type)}"
    given = VALUES[value]
    for sql in (
        f"SELECT * FROM t WHERE {column} = ?",
        f"SELECT * FROM t WHERE ? < {column}",
        f"SELECT * FROM t WHERE {column} IN (?)",
        f"SELECT * FROM t WHERE {column} BETWEEN ? AND NULL",
    ):
        assert outcome(lambda sql=sql: con.execute(sql, (given,)).fetchall()) == cell


@pytest.mark.parametrize("value", VALUES)
def test_alone(con, value):
    given, row = VALUES[value], TABLES["Alone"][value]
    cur = con.execute("SELECT ? FROM t", (given,))
    assert str(cur.description[0][1]) == row["SQL type"]
    found = cur.fetchone()[0]
    assert type(found).__name__ == row["comes back as"]
    assert str(found) == str(given)
