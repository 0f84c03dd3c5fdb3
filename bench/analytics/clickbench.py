"""bench/analytics/clickbench.py: the 43 queries of ClickBench on Tupelo and DuckDB.

The table has the columns and types of the original, and as many equal values; its rows are made up,
by DuckDB.
"""

import sys
from pathlib import Path

import runs

from rivals import Tables, read_statements

HERE = Path(__file__).parent / "clickbench"


def make_data(rows: int, directory: Path) -> None:
    file = directory / "hits.csv"
    if file.exists():
        return
    import duckdb

    directory.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET VARIABLE row_count = {rows}")
        for statement in read_statements(HERE / "hits.sql"):
            connection.execute(statement)
        connection.execute(f"COPY rows TO '{file}.part' (FORMAT csv, HEADER, NULL 'NULL')")
    file.with_name("hits.csv.part").rename(file)


def main() -> int:
    queries = read_statements(HERE / "queries.sql")
    parser = runs.parser((__doc__ or "").split("\n\n")[0], len(queries))
    parser.add_argument("--rows", type=int, default=1_000_000, help="(default: %(default)s)")
    parser.set_defaults(rivals=["tupelo", "duckdb"])
    options = parser.parse_args()
    directory = options.data or Path("build/clickbench") / str(options.rows)
    make_data(options.rows, directory)
    tables = Tables(directory.resolve(), read_statements(HERE / "schema.sql"), {"hits": ""})
    return runs.run(tables, queries, options)


if __name__ == "__main__":
    sys.exit(main())
