"""A small part of `./dev difftest`: fixed random queries, and sqlite3 for comparison."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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
