"""TPC-C on Tupelo and sqlite3: `PYTHONPATH=bench python -m tpcc --help`.

After the "TPC Benchmark C Standard Specification", revision 5.11; numbers in parentheses are its
clauses.
"""
