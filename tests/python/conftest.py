"""What the Python tests share."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tupelo
from programs import Program

# What its asserts compare is shown, as if they stood in a test.
pytest.register_assert_rewrite("backups")


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


@pytest.fixture
def t(con: tupelo.Connection) -> tupelo.Connection:
    """A connection to a database with an empty committed table."""
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    con.commit()
    return con


@pytest.fixture
def auto() -> Iterator[tupelo.Connection]:
    """A connection in autocommit mode to a database with an empty table."""
    connection = tupelo.connect(":memory:", autocommit=True)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    yield connection
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where there is no database yet."""
    return tmp_path / "app.db"


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """Starts programs, and ends those that are left."""
    programs = []

    def make(code: str, *arguments: object) -> Program:
        programs.append(Program(code, *arguments))
        return programs[-1]

    yield make
    for program in programs:
        program.kill()


@pytest.fixture(params=["memory", "file"])
def source(request: pytest.FixtureRequest, tmp_path: Path):
    """A connection to an empty database to be copied, in autocommit mode."""
    location = ":memory:" if request.param == "memory" else tmp_path / "source.db"
    with contextlib.closing(tupelo.connect(location, autocommit=True)) as con:
        yield con


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where its copy may go."""
    return tmp_path / "copy.db"
