"""Random queries on Tupelo and on other engines: what they give must be the same.

The way of a query: `schema` makes tables and rows, `selects` (with `expressions`, `relations`,
`subqueries`, ...) makes a tree of `tree.Node`s, which is spelled for each engine and run by
`engines`; `compare` compares the rows, `rules` knows where engines may differ, `reduce` makes what
is left small, `report` prints it. `metamorphic` needs no other engine. `faults` shows that bugs are
found, by planting some.
"""
