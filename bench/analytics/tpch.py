"""bench/analytics/tpch.py: the 22 queries of TPC-H on Tupelo, DuckDB and sqlite3.

Data come from the generator tpchgen-cli. No database but sqlite3, which can join by keys alone, has
keys.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import runs

from rivals import Tables, read_statements

HERE = Path(__file__).parent / "tpch"
KEYS = {
    "region": "r_regionkey",
    "nation": "n_nationkey",
    "supplier": "s_suppkey",
    "part": "p_partkey",
    "partsupp": "ps_partkey, ps_suppkey",
    "customer": "c_custkey",
    "orders": "o_orderkey",
    "lineitem": "l_orderkey, l_linenumber",
}


def make_data(scale: str, directory: Path) -> None:
    if all((directory / f"{table}.csv").exists() for table in KEYS):
        return
    program = shutil.which("tpchgen-cli") or str(Path(sys.executable).parent / "tpchgen-cli")
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run([program, "csv", "-s", scale, "--output-dir", str(directory)], check=True)


def main() -> int:
    queries = [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("queries/q*.sql"))]
    parser = runs.parser((__doc__ or "").split("\n\n")[0], len(queries))
    parser.add_argument("--sf", default="1", help="scale factor (default: %(default)s)")
    options = parser.parse_args()
    directory = options.data or Path("build/tpch") / f"sf{options.sf}"
    make_data(options.sf, directory)
    tables = Tables(directory.resolve(), read_statements(HERE / "schema.sql"), KEYS)
    return runs.run(tables, queries, options)


if __name__ == "__main__":
    sys.exit(main())
