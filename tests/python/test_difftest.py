"""A small part of `./dev difftest`: fixed random queries, and sqlite3 for comparison."""

import argparse
import io
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from difftest.engines import MOST_ROWS, Outcome  # noqa: E402
from difftest.faults import PATCHES, ROOT, Fuzzed, Fuzzer, misplaced  # noqa: E402
from difftest.judge import judge  # noqa: E402
from difftest.reduce import reduce_query, size  # noqa: E402
from difftest.tree import Node, spell  # noqa: E402
from difftest.worker import Worker  # noqa: E402

# Fixed, so that the queries are always the same.
FEATURES = frozenset({"column list", "values"})


@pytest.mark.parametrize("schema", range(6))
def test_random_queries_give_what_sqlite3_gives(schema: int) -> None:
    worker = Worker("test", FEATURES, ["tupelo", "sqlite3"], "", lambda *_: None)
    tally = worker.run_schema(schema)
    worker.close()
    assert tally.differences == []
    assert tally.compared["sqlite3"] > 20


def test_a_difference_is_found_and_reduced() -> None:
    """An engine that takes NOT IN for IN is caught, by a query of little more than that."""

    worker = Worker("test", FEATURES, ["tupelo", "sqlite3"], "", lambda *_: None)
    honest = worker.engines["sqlite3"].run
    worker.engines["sqlite3"].run = lambda sql: honest(sql.replace(" NOT IN (", " IN ("))
    found = [text for schema in range(6) for text in worker.run_schema(schema).differences]
    worker.close()
    assert found
    assert all("NOT IN" in text for text in found)
    assert min(len(text.splitlines()[-1]) for text in found) < 120


def test_reduction_keeps_what_matters() -> None:
    kept = Node("bool", ["kept"])
    noise = Node("bool", ["(", Node("bool", ["x"]), " AND ", kept, ")"])
    root = Node("query", ["SELECT 1 WHERE ", Node("bool", ["(NOT ", noise, ")"])])
    smaller = reduce_query(root, lambda tree: "kept" in spell(tree, "tupelo"))
    assert spell(smaller, "tupelo") == "SELECT 1 WHERE kept"
    assert size(smaller) == 2
    assert "NOT" in spell(root, "tupelo")


class Fixed:
    """An engine that gives so many rows, or the error that it is told."""

    def __init__(self, rows: int, sqlstate: str = "") -> None:
        large = rows > MOST_ROWS
        self.outcome = Outcome([(1,)] * (0 if large else rows), sqlstate, is_large=large)

    def run(self, _: str) -> Outcome:
        return self.outcome


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        (Fixed(MOST_ROWS + 1), Fixed(MOST_ROWS + 5), True),
        (Fixed(MOST_ROWS + 1), Fixed(0, "22012"), True),
        (Fixed(MOST_ROWS + 1), Fixed(MOST_ROWS), False),
        (Fixed(0), Fixed(MOST_ROWS + 1), False),
        (Fixed(MOST_ROWS), Fixed(MOST_ROWS), True),
    ],
)
def test_large_results_are_compared_by_being_large(ours: Fixed, theirs: Fixed, agree: bool) -> None:
    verdict = judge(Node("query", ["SELECT 1"]), {"tupelo": ours, "postgresql": theirs})
    assert verdict.wrong != agree


FAULTS = sorted(PATCHES.glob("*.patch"))


def test_there_are_faults_for_each_part_of_the_engine() -> None:
    texts = [path.read_text() for path in FAULTS]
    assert len(texts) >= 40
    for layer in ("functions", "exec", "plan", "txn"):
        assert any(f"+++ b/src/{layer}/" in text for text in texts)


@pytest.mark.parametrize("patch", FAULTS, ids=lambda path: path.stem)
def test_a_fault_can_still_be_planted(patch: Path) -> None:
    """`git diff` makes a patch anew after the sources around its place have changed."""
    assert not patch.read_text().startswith("diff "), "line one says what is broken"
    assert misplaced(patch, ROOT) == []


def test_a_patch_that_has_lost_its_place_is_noticed(tmp_path: Path) -> None:
    stale = tmp_path / "stale.patch"
    stale.write_text(FAULTS[0].read_text().replace("\n ", "\n no longer there: "))
    assert misplaced(stale, ROOT) != []


def test_differences_without_the_fault_do_not_count() -> None:
    """The healthy engine differs at 0/7, so that 3/1 is what finds the fault."""

    class Scripted(Fuzzer):
        def run(self, package: str, *arguments: str) -> Fuzzed:
            if package == "healthy":
                return Fuzzed(1 if "0/7" in arguments else 0, "")
            place = "3/1" if "0/7" in arguments else "0/7"
            check = "tupelo against duckdb" if place == "3/1" else "partitions"
            return Fuzzed(
                1,
                f"\ndifference at --seed s --at {place}: {check}\n"
                "300 queries in 9 s, of which 0 end with an error; 1 differences\n",
            )

    options = argparse.Namespace(queries=500, jobs=1, seed="s", engines="duckdb")
    result = Scripted(options, "", io.StringIO()).hunt("fault", "faulty")
    assert (result.check, result.place) == ("tupelo against duckdb", "3/1")
    assert result.queries == 300
    assert result.skipped == ["0/7"]
