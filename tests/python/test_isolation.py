"""The interleavings of tests/isolation, and that their runner finds what is wrong."""

import sys
import threading
from pathlib import Path

import pytest
import tupelo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "isolation"))

import runner  # noqa: E402
from scenario import LEVELS, Case, Level, ScenarioError, parse  # noqa: E402

CASES = [
    pytest.param(path, case, level, id=f"{path.stem}-{case.name}-{level}".replace(" ", "_"))
    for path in runner.all_files()
    for case in parse(path)
    for level in case.levels
]
HERE = Path("made_up.iso")
SETUP = """setup:
  CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);
  INSERT INTO t VALUES (1, 10)
"""


@pytest.mark.parametrize(("path", "case", "level"), CASES)
def test_an_interleaving(path: Path, case: Case, level: Level) -> None:
    failure = runner.run_case(path, case, level)
    assert not failure, failure


def failure_of(steps: str, level: Level = "REPEATABLE READ") -> str:
    """Of a case that consists of these steps, which begin at line 5."""
    (case,) = parse(HERE, f"{SETUP}case made up\n{steps}")
    return runner.run_case(HERE, case, level)


@pytest.mark.parametrize(
    ("step", "expected", "got"),
    [
        ("a: SELECT v FROM t -> (11)", "-> (11)", "-> (10)"),
        ("a: SELECT v FROM t -> none", "-> none", "-> (10)"),
        ("a: SELECT v FROM t -> (10) (10)", "-> (10) (10)", "-> (10)"),
        ("a: SELECT v FROM t WHERE id = 2 -> (10)", "-> (10)", "-> none"),
        ("a: SELECT v FROM t", "succeeds", "-> (10)"),
        ("a: SELECT v FROM t -> ('10')", "-> ('10')", "-> (10)"),
        ("a: SELECT v FROM t fails 40001", "fails 40001", "-> (10)"),
        ("a: SELECT w FROM t fails 40001", "fails 40001", "fails 42703"),
        ("a: SELECT w FROM t -> (10)", "-> (10)", "fails 42703"),
        ("a: DELETE FROM t changes 0", "changes 0", "changes 1"),
        ("a: DELETE FROM t -> (1)", "-> (1)", "changes 1"),
        ("a: INSERT INTO t VALUES (1, 1)", "succeeds", "fails 23505"),
        ("a: UPDATE t SET v = 1 waits\na resumes", "waits", "changes 1"),
        ("a: SELECT v FROM t waits\na resumes -> (10)", "waits", "-> (10)"),
    ],
)
def test_a_step_that_does_something_else_fails(step: str, expected: str, got: str) -> None:
    failure = failure_of(step + "\n")
    assert failure.startswith("made_up.iso:5: made up, at REPEATABLE READ: ")
    assert f"expected: {expected}; got: {got}" in failure


def test_rows_come_in_any_order() -> None:
    steps = "a: INSERT INTO t VALUES (2, NULL)\na: SELECT * FROM t -> (2, NULL) (1, 10)\n"
    assert failure_of(steps) == ""


def test_a_setup_that_fails() -> None:
    (case,) = parse(HERE, "setup:\n  CREATE NONSENSE\ncase c\na: COMMIT\n")
    assert runner.run_case(HERE, case, LEVELS[0]).startswith("made_up.iso:3: c, at READ COMMITTED")


def test_the_first_step_that_fails_is_named() -> None:
    failure = failure_of("a: COMMIT\n\n# why\na: DELETE FROM t changes 7\na: DELETE FROM u\n")
    assert failure.startswith("made_up.iso:8: ")


class Gate:
    """Stands in for a connection: `hold` waits until `open`, `spin` works until then."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.closed = False

    def execute(self, sql: str) -> tupelo.Cursor:
        if sql == "open":
            self.opened.set()
        elif sql == "hold":
            self.opened.wait()
        elif sql == "spin":
            while not self.opened.is_set():
                pass
        return tupelo.connect().execute("CREATE TABLE t (a INTEGER)")

    def interrupt(self) -> None:
        self.opened.set()

    def executescript(self, *_: str) -> None:
        pass

    commit = rollback = close = executescript


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """What all connections of a run are."""
    shared = Gate()
    monkeypatch.setattr(runner.CaseRun, "connect", lambda _: shared)
    return shared


@pytest.mark.usefixtures("gate")
def test_what_waits_passes_for_waiting() -> None:
    assert failure_of("a: hold waits\nb: nothing\nb: open\na resumes\n") == ""


@pytest.mark.usefixtures("gate")
def test_what_is_let_go_too_early_fails() -> None:
    failure = failure_of("a: hold waits\nb: open\nb: nothing\na resumes\n")
    assert failure.startswith("made_up.iso:5: ") and "too early" in failure


@pytest.mark.usefixtures("gate")
def test_what_waits_without_being_expected_to_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LIMIT_SECONDS", 0.2)
    failure = failure_of("a: hold\n")
    assert failure.startswith("made_up.iso:5: ") and "still runs" in failure


@pytest.mark.usefixtures("gate")
def test_what_waits_on_does_not_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LIMIT_SECONDS", 0.2)
    failure = failure_of("a: hold waits\nb: nothing\na resumes\n")
    assert failure.startswith("made_up.iso:7: ") and "waits on" in failure


@pytest.mark.usefixtures("gate")
def test_what_is_only_slow_does_not_pass_for_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LIMIT_SECONDS", 0.2)
    # It sleeps for the GIL now and then, but not so long.
    monkeypatch.setattr(runner, "ASLEEP_TIMES", 10_000)
    assert "neither ends nor sleeps" in failure_of("a: spin waits\nb: open\na resumes\n")


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "", "no case"),
        (1, "a: COMMIT", "before the first 'case"),
        (1, "case", "a case has a name"),
        (1, "case a\n", "a case without steps"),
        (2, "case a\nnonsense", "not a step"),
        (2, "case a\nA: COMMIT", "not a step"),
        (2, "case a\na:", "not a step"),
        (2, "case a\na: waits", "a step without SQL"),
        (3, "case a\na: COMMIT\ncase a", "the same name"),
        (1, "levels SNAPSHOT", "not a list of levels"),
        (1, "levels SERIALIZABLE, SERIALIZABLE", "named twice"),
        (1, "timeout soon", "a number of seconds"),
        (3, "case a\na: COMMIT\ntimeout 1", "before the steps"),
        (1, "setup: CREATE TABLE t (a INTEGER)", "indented"),
        (1, "  CREATE TABLE t (a INTEGER)", "neither a line of a setup"),
        (2, "case a\n  @SERIALIZABLE waits", "neither a line of a setup"),
        (2, "case a\na: COMMIT fails", "not an expectation: fails"),
        (2, "case a\na: COMMIT fails 4001", "not an expectation: fails 4001"),
        (2, "case a\na: DELETE FROM t changes one", "not an expectation"),
        (2, "case a\na: SELECT 1 -> 1", "not an expectation"),
        (2, "case a\na: SELECT 1 -> (1", "not an expectation"),
        (2, "case a\na: SELECT 1 -> (1 2)", "not a row: (1 2)"),
        (2, "case a\na: SELECT 1 -> (1) 2 (3)", "not a row: 2 (3)"),
        (2, "case a\na: SELECT 1 -> (one)", "not a row: (one)"),
        (3, "case a\na: COMMIT\n  @SNAPSHOT waits", "neither a line of a setup"),
        (3, "case a\na: COMMIT\n  @SERIALIZABLE breaks", "not an expectation: breaks"),
        (2, "case a\na: COMMIT\n  @SERIALIZABLE fails 40001", "at READ COMMITTED, REPEATABLE"),
        (3, "case a\na: COMMIT fails 40001\n  @SERIALIZABLE fails 40001", "said already"),
        (3, "case a\n@READ COMMITTED a: COMMIT\n  @SERIALIZABLE succeeds", "not done at SERIAL"),
        (3, "levels SERIALIZABLE\ncase a\n@READ COMMITTED a: COMMIT", "does not run at READ COM"),
        (2, "case a\na resumes", "does not wait"),
        (2, "case a\na is interrupted", "does not wait"),
        (2, "case a\na: COMMIT waits", "never resumes"),
        (3, "case a\na: COMMIT waits\na: COMMIT\na resumes", "a waits, at READ COMMITTED"),
        (3, "case a\na: COMMIT waits\na closes\na resumes", "a waits, at READ COMMITTED"),
        (3, "case a\na: COMMIT waits\na resumes waits", "what resumes does not wait"),
        (3, "case a\na closes\na: COMMIT", "a is closed"),
        (2, "case a\na closes fails 40001", "expects nothing"),
        (
            5,
            "case a\na: COMMIT\n  @READ COMMITTED waits\n"
            "  @REPEATABLE READ, SERIALIZABLE succeeds\na resumes",
            "a does not wait, at REPEATABLE READ",
        ),
    ],
)
def test_what_is_not_well_formed_is_refused(line: int, text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(HERE, text)
    assert str(caught.value).startswith(f"made_up.iso:{line}: ")
    assert message in str(caught.value)


def test_the_command_tells_by_its_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        "good": "case c\na: COMMIT\n",
        "bad": "case c\na: COMMIT fails 40001\n",
        "wrong": "case c\nnonsense\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert runner.main([str(tmp_path / "good")]) == 0
    assert runner.main([str(tmp_path / "good"), str(tmp_path / "bad")]) == 1
    assert f"{tmp_path / 'bad'}:2: c, at SERIALIZABLE: expected: fails" in capsys.readouterr().out
    assert runner.main([str(tmp_path / "wrong")]) == 1
    assert runner.main([str(tmp_path / "absent")]) == 1
    assert f"{tmp_path / 'wrong'}:2: not a step" in capsys.readouterr().out
