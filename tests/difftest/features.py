"""difftest/features.py: what Tupelo is asked whether it can do it; queries use what it can."""

from __future__ import annotations

from .engines import Tupelo
from .schema import Column, Table

# What is not there yet ends with one of these; anything else is for the queries to find.
ABSENT = {"0A000", "42601"}

PROBES = {
    "with": "WITH a (x) AS (SELECT 1) SELECT x FROM a",
    "recursive": "WITH RECURSIVE a (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a WHERE x < 3) "
                 "SELECT x FROM a",
    "window": "SELECT ROW_NUMBER() OVER (ORDER BY x ROWS 1 PRECEDING EXCLUDE TIES) "
              "FROM (SELECT 1 AS x) AS a",
    "grouping sets": "SELECT x FROM (SELECT 1 AS x) AS a GROUP BY CUBE (x)",
    "lateral": "SELECT y FROM (SELECT 1 AS x) AS a, LATERAL (SELECT a.x AS y) AS b",
    "column list": "SELECT y FROM (SELECT 1 AS x) AS a (y)",
    "values": "SELECT y FROM (VALUES (1)) AS a (y)",
    "returning": "DELETE FROM probe RETURNING id",
    "on conflict": "INSERT INTO probe VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET k = excluded.k",
    "row in query": "SELECT (1, 2) < ANY (SELECT 1, 2)",
}  # fmt: skip


def features_of_tupelo() -> frozenset[str]:
    engine = Tupelo()
    columns = [Column("id", "int", "INTEGER", True, " PRIMARY KEY"),
               Column("k", "int", "INTEGER", False)]  # fmt: skip
    engine.load([Table("probe", columns, [], [])])
    found = {name for name, sql in PROBES.items() if engine.run(sql).sqlstate not in ABSENT}
    engine.close()
    return frozenset(found)
