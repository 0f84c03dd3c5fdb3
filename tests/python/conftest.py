"""What the Python tests share."""

import warnings
from collections.abc import Iterator

import pytest
import tupelo


@pytest.fixture
def con() -> Iterator[tupelo.Connection]:
    """A connection to a database of its own."""
    connection = tupelo.connect(":memory:")
    yield connection
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        connection.close()


@pytest.fixture
def people(con: tupelo.Connection) -> tupelo.Connection:
    """A connection to a database with a small committed table."""
    con.execute(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20), height DOUBLE PRECISION)"
    )
    con.executemany(
        "INSERT INTO people VALUES (?, ?, ?)",
        [(1, "Ada", 1.65), (2, "Grace", None), (3, "Edsger", 1.8)],
    )
    con.commit()
    return con
