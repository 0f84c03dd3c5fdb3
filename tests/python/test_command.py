"""The command tupelo: its subcommands, run as programs."""

import contextlib
import os
import pathlib
import subprocess
import sys

import pytest
import tupelo
from tupelo.command import main, subcommands
from tupelo.command.script import Script, is_empty

PACKAGE = pathlib.Path(tupelo.__file__).parent.parent


def command(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(PACKAGE), "PYTHONUTF8": "0", "LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "tupelo", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, encoding="utf-8", env=environment,
    )  # fmt: skip


@pytest.fixture
def app(tmp_path) -> pathlib.Path:
    """A database in a file."""
    path = tmp_path / "app.db"
    con = tupelo.connect(path)
    con.executescript("""CREATE TABLE t (id INTEGER PRIMARY KEY, s VARCHAR);
        INSERT INTO t VALUES (1, 'one'), (2, 'zw€i; --'), (3, NULL);
        CREATE VIEW v AS SELECT s FROM t;""")
    con.commit()
    con.close()
    return path


def rows(
    path: pathlib.Path, query: str = "SELECT * FROM t ORDER BY id"
) -> list[tuple[object, ...]]:
    con = tupelo.connect(path)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def test_version_and_help():
    assert command("--version").stdout == f"tupelo {tupelo.__version__}\n"
    text = command("--help").stdout
    for name, subcommand in subcommands().items():
        assert name in text
        assert subcommand.__doc__.splitlines()[0] in command(name, "--help").stdout
    assert {"dump", "restore", "import"} <= subcommands().keys()


@pytest.mark.parametrize(
    "arguments", [(), ("nonsense",), ("dump",), ("restore", "x"), ("import",), ("dump", "a", "b")]
)
def test_wrong_usage_is_status_2(arguments):
    done = command(*arguments)
    assert done.returncode == 2 and "usage: tupelo" in done.stderr and done.stdout == ""


def test_a_database_that_is_written_is_dumped(app):
    before = command("dump", app).stdout
    with contextlib.closing(tupelo.connect(app)) as con:
        con.execute("CREATE TABLE uncommitted (a INTEGER)")
        done = command("dump", app)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", before)


def test_dump_and_restore(app, tmp_path):
    done = command("dump", app)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("BEGIN TRANSACTION;\n") and done.stdout.endswith("COMMIT;\n")
    file, other = tmp_path / "dump.sql", tmp_path / "other.db"
    assert command("dump", app, "-o", file).returncode == 0
    assert file.read_text("utf-8") == done.stdout
    restored = command("restore", file, other)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert rows(other) == rows(app)
    assert command("dump", other).stdout == done.stdout


def test_restore_reads_the_standard_input(app, tmp_path):
    text = command("dump", app).stdout
    assert command("restore", "-", tmp_path / "other.db", stdin=text).returncode == 0
    assert rows(tmp_path / "other.db") == rows(app)


def test_dump_has_a_filter(app):
    text = command("dump", app, "--filter", "V").stdout
    assert "VIEW v" in text and "CREATE TABLE" not in text


def test_dump_to_a_file_replaces_it_when_all_is_written(app, tmp_path):
    file = tmp_path / "dump.sql"
    file.write_text("old")
    assert command("dump", tmp_path / "missing.db", "-o", file).returncode == 1
    assert file.read_text() == "old"
    assert command("dump", app, "-o", file).returncode == 0
    assert file.read_text("utf-8").startswith("BEGIN")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["missing.db", "directory", "text.db"])
def test_dump_of_what_is_no_database(tmp_path, name):
    (tmp_path / "directory").mkdir()
    (tmp_path / "text.db").write_text("This is no database. " * 1000)
    done = command("dump", tmp_path / name)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("tupelo dump: ") and name in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "missing.db").exists()


def test_restore_refuses_a_database_with_something_in_it(app, tmp_path):
    file = tmp_path / "more.sql"
    file.write_text("CREATE TABLE more (i INTEGER);")
    done = command("restore", file, app)
    assert done.returncode == 1 and "--force" in done.stderr
    assert command("restore", "--force", file, app).returncode == 0
    assert rows(app, "SELECT * FROM more") == [] and len(rows(app)) == 3


def test_an_empty_file_makes_an_empty_database(tmp_path):
    (tmp_path / "empty.sql").write_text(" -- nothing\n")
    assert command("restore", tmp_path / "empty.sql", tmp_path / "a.db").returncode == 0
    assert command("restore", tmp_path / "empty.sql", tmp_path / "a.db").returncode == 0


@pytest.mark.parametrize(
    ("text", "place", "state"),
    [
        ("CREATE TABLE a (i INTEGER);\n\nCREATE TABLE b (\n i INTEGER,\n  j NO);", 5, "42704"),
        ("CREATE TABLE a (i INTEGER);\n-- b\n/* c\n; */ INSERT INTO a VALUES ('x');", 4, "42804"),
        ("CREATE TABLE a (i INTEGER PRIMARY KEY);\nINSERT INTO a\nVALUES (1), (1);\n", 2, "23505"),
        ("CREATE TABLE a (s VARCHAR);\nINSERT INTO a VALUES ('\n;\n'), ('open\n", 4, "42601"),
        ("CREATE TABLE a (i INTEGER);\nCOMMIT AND CHAIN;", 2, ""),
        ("CREATE TABLE a (i INTEGER);\n ROLLBACK;", 2, ""),
    ],
)  # fmt: skip
def test_errors_say_the_line_and_leave_nothing(tmp_path, text, place, state):
    file, database = tmp_path / "bad.sql", tmp_path / "a.db"
    file.write_text(text)
    done = command("restore", file, database)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file}:{place}:") and state in done.stderr
    assert not list(tmp_path.glob("a.db*"))


def test_a_failed_restore_leaves_an_old_database_as_it_was(app, tmp_path):
    (tmp_path / "bad.sql").write_text(
        "DELETE FROM t; BEGIN; INSERT INTO t VALUES (4); COMMIT; SELECT"
    )
    assert command("restore", "--force", tmp_path / "bad.sql", app).returncode == 1
    assert len(rows(app)) == 3


def test_restore_of_what_is_no_script(app, tmp_path):
    (tmp_path / "latin").write_bytes(b"SELECT '\xe9';")
    for source, part in (("missing", "No such file"), ("latin", "UTF-8"), (".", "directory")):
        done = command("restore", tmp_path / source, tmp_path / "new.db")
        assert done.returncode == 1 and part in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "new.db").exists()


def test_a_reader_that_has_enough_is_no_error(app):
    con = tupelo.connect(app)
    con.executemany("INSERT INTO t VALUES (?, ?)", ((i, "x" * 100) for i in range(10, 20_000)))
    con.commit()
    con.close()
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tupelo", "dump", str(app)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_main_returns_the_status(app, capsys):
    assert main(["dump", str(app)]) == 0
    assert capsys.readouterr().out.startswith("BEGIN")


class Pieces:
    """A file that is read in pieces of a few characters."""

    def __init__(self, text: str, size: int) -> None:
        self.text, self.size, self.place = text, size, 0

    def read(self, _: int) -> str:
        piece = self.text[self.place : self.place + self.size]
        self.place += self.size
        return piece


SCRIPT = """one; 'two;''; '';' ; "three;"";" ;-- four;
five /* ; /* ; */ -- ; */ six;/**/;
'--'; /*'*/ seven - - / * ; last"""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_script_is_cut_at_its_semicolons(size):
    found = [(one.line, one.text.strip()) for one in Script(Pieces(SCRIPT, size))]
    assert found == [
        (1, "one"), (1, "'two;''; '';'"), (1, '"three;"";"'),
        (1, "-- four;\nfive /* ; /* ; */ -- ; */ six"), (2, "/**/"), (2, "'--'"),
        (3, "/*'*/ seven - - / *"), (3, "last"),
    ]  # fmt: skip


def test_what_is_empty():
    for text in ("", " \n", "-- a", "-- a\n /* b /* c */ */ --", "/**/"):
        assert is_empty(text), text
    for text in ("a", "/* a", "/* a */ b", "-- a\nb", "/* /* */ a"):
        assert not is_empty(text), text
