"""isolation/serial_forms.py: the forms that serial_programs.py draws statements from.

A name in braces is replaced by a form of that name, or by what is drawn for it: {n}, {s} and {d}
are values, {bound} one to compare a decimal with, {new} a key that there may be already, {far} one
that there is not. Of the table that a statement is about, {t} is the name, {keys} the key, {key}
its first column, {down} the key in descending order, {col} a column, {num} one of numbers, and
{where} a condition.

Whatever a statement gives depends on nothing but the rows that it sees: where it has rows in an
order, they are ordered by all that tells them apart; and no form draws numbers, takes any one of
several rows, or skips what is locked.
"""

INDEXES = (
    "CREATE INDEX a_k ON a (k)",
    "CREATE INDEX a_d ON a (d)",
    "CREATE INDEX a_s_k ON a (s, k DESC)",
    "CREATE INDEX a_k_d_s ON a (k, d DESC, s)",
    "CREATE INDEX b_v ON b (v DESC)",
    "CREATE INDEX b_a_id_v ON b (a_id, v)",
    "CREATE UNIQUE INDEX b_v_id ON b (v, id)",
    "CREATE UNIQUE INDEX b_v_a_id ON b (v, a_id)",
    "CREATE INDEX c_v ON c (v)",
    "CREATE INDEX c_s_v ON c (s, v DESC NULLS FIRST)",
    "CREATE UNIQUE INDEX c_y_x ON c (y DESC, x)",
)
REFERENCES = (
    "",
    "",
    " REFERENCES a",
    " REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE",
    " REFERENCES a ON DELETE SET NULL ON UPDATE RESTRICT",
)

FORMS: dict[str, tuple[str, ...]] = {
    "few": ("1", "2", "3"),
    "value": ("{n}", "{n}", "{n}", "NULL"),
    "a_plain": (
        "id = {n}", "id > {n}", "id IN ({n}, {n}, {n})", "id < {n} AND k > {n}",
        "id BETWEEN {n} AND {n}", "MOD(id, 3) = {few}", "k + id > {n}",
        "k = {n}", "k > 2.5", "k BETWEEN {n} AND {n}", "k IN ({n}, {n})", "k <> {n}",
        "NOT (k = {n})", "k IS NULL", "k IS NOT NULL", "(s = {s} OR k = {n})",
        "s = {s}", "s LIKE 'x%'", "s LIKE '%1'", "s > 'y'", "s >= {s} AND s < {s}",
        "d > {bound}", "d >= {bound}", "d < {bound}", "d <= {bound}", "d = {bound}",
        "d BETWEEN {bound} AND {bound}", "d > {bound} AND d <= {bound}",
        "d >= {bound} AND d < {bound}", "k = {n} AND d < {bound}", "k IS NULL AND d <= {bound}",
        "(s, k) = ({s}, {n})", "s = {s} AND k < {n}", "s = {s} AND k >= {n}",
        "k = {n} AND d >= {bound} AND d < {bound}", "(k, d) > ({n}, {bound})",
    ),
    "a_deep": (
        "EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND b.v > {n})",
        "NOT EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND {b_plain})",
        "id IN (SELECT a_id FROM b WHERE {b_plain})",
        "id NOT IN (SELECT a_id FROM b WHERE a_id IS NOT NULL)",
        "k = {scalar}", "k < {scalar}", "k >= ALL (SELECT v FROM b WHERE {b_plain})",
        "(k, s) IN (SELECT x, s FROM c WHERE {c_plain})",
    ),
    "b_plain": (
        "id = {n}", "id >= {n} AND id < {n}", "id IN ({n}, {n})",
        "a_id = {n}", "a_id IN ({n}, {n})", "a_id IS NULL", "a_id = {n} AND v = {n}",
        "a_id = {n} AND v < {n}", "a_id = {n} AND v IS NOT NULL", "(a_id, v) >= ({n}, {n})",
        "v > {n}", "v <= {n}", "v = {n}", "v IS NULL", "v < 3.5", "v + a_id = {n}",
    ),
    "b_deep": (
        "EXISTS (SELECT 1 FROM a WHERE a.id = b.a_id AND a.k < {n})",
        "a_id IN (SELECT id FROM a WHERE {a_plain})",
        "a_id NOT IN (SELECT id FROM a WHERE {a_plain})",
        "v = {scalar}", "v > {scalar}", "v = ANY (SELECT k FROM a WHERE {a_plain})",
    ),
    "c_plain": (
        "x = {n}", "x > {n}", "x = {n} AND y = {n}", "x = {n} AND y > {n}", "x = {n} AND y <= {n}",
        "(x, y) > ({n}, {n})", "(x, y) <= ({n}, {n})", "(x, y) IN (({n}, {n}), ({n}, {n}))",
        "x IN ({n}, {n}) AND y < {n}", "x BETWEEN {n} AND {n}", "y = {n}", "y < {n} AND v > {n}",
        "v = {n}", "v >= {n}", "v IS NULL", "s = {s}", "s = {s} AND v > {n}", "s LIKE 'y%'",
    ),
    "c_deep": (
        "x IN (SELECT id FROM a WHERE {a_plain})", "v < {scalar}",
        "EXISTS (SELECT 1 FROM a WHERE a.id = c.x AND a.k = c.y)",
        "(x, y) NOT IN (SELECT a_id, v FROM b WHERE a_id IS NOT NULL AND v IS NOT NULL)",
    ),
    "a_where": ("{a_plain}",) * 4 + ("NOT ({a_plain})", "{a_plain} AND {a_plain}", "{a_deep}"),
    "b_where": ("{b_plain}",) * 4 + ("NOT ({b_plain})", "{b_plain} AND {b_plain}", "{b_deep}"),
    "c_where": ("{c_plain}",) * 4 + ("NOT ({c_plain})", "{c_plain} OR {c_plain}", "{c_deep}"),
    "scalar": (
        "(SELECT COUNT(*) FROM a WHERE {a_plain})", "(SELECT MIN(k) FROM a WHERE {a_plain})",
        "(SELECT k FROM a WHERE id = {n})", "(SELECT MAX(v) FROM b)", "(SELECT MAX(k) FROM a)",
        "(SELECT COUNT(*) FROM b WHERE {b_plain})", "(SELECT v FROM c WHERE x = {n} AND y = {n})",
        "(SELECT MAX(y) FROM c WHERE x = {n})",
    ),
    "read": (
        "SELECT COUNT(*) FROM {t}", "SELECT COUNT(*) FROM {t} WHERE {where}",
        "SELECT COUNT({col}), SUM({num}) FROM {t} WHERE {where}",
        "SELECT * FROM {t} WHERE {where} ORDER BY {keys}",
        "SELECT {keys}, {col} FROM {t} WHERE {where} ORDER BY {keys}",
        "SELECT MIN({num}) FROM {t}", "SELECT MAX({col}) FROM {t}", "SELECT MAX({key}) FROM {t}",
        "SELECT MAX({num}), MIN({col}) FROM {t} WHERE {where}",
        "SELECT {col}, COUNT(*) FROM {t} WHERE {where} GROUP BY {col} ORDER BY {col}",
        "SELECT {col}, MAX({num}) FROM {t} GROUP BY {col} HAVING COUNT(*) > {few} ORDER BY {col}",
        "SELECT {col} FROM {t} WHERE {where} GROUP BY {col} HAVING SUM({num}) > {n} ORDER BY 1",
        "SELECT {keys} FROM {t} WHERE {where} ORDER BY {col} DESC, {keys} LIMIT {few}",
        "SELECT {keys} FROM {t} WHERE {where} ORDER BY {col}, {keys} LIMIT {few} OFFSET {few}",
        "SELECT {col} FROM {t} WHERE {where} ORDER BY {col} LIMIT {few}",
        "SELECT {keys} FROM {t} ORDER BY {down} LIMIT 1", "SELECT {keys} FROM {t} ORDER BY {keys} "
        "OFFSET {few}", "SELECT {keys} FROM {t} WHERE {where} ORDER BY {down} LIMIT {few}",
        "SELECT {col} FROM {t} ORDER BY {col} DESC FETCH FIRST {few} ROWS WITH TIES",
        "SELECT DISTINCT {col} FROM {t} WHERE {where} ORDER BY {col}",
        "SELECT {keys}, ROW_NUMBER() OVER (ORDER BY {col}, {keys}) FROM {t} WHERE {where} "
        "ORDER BY {keys}",
        "SELECT {keys}, SUM({num}) OVER (PARTITION BY {col} ORDER BY {keys}) FROM {t} "
        "WHERE {where} ORDER BY {keys}",
        "WITH w AS (SELECT {num} AS z FROM {t} WHERE {where}) SELECT COUNT(*), SUM(z) FROM w",
        "SELECT {keys}, {scalar} FROM {t} WHERE {where} ORDER BY {keys}",
        "SELECT EXISTS (SELECT 1 FROM {t} WHERE {where})",
        "SELECT {keys}, {col} FROM {t} WHERE {where} ORDER BY {keys} FOR UPDATE",
        "SELECT {num} FROM {t} WHERE {where} ORDER BY {keys} FOR SHARE",
        "SELECT {keys} FROM {t} WHERE {where} ORDER BY {down} LIMIT {few} FOR UPDATE",
    ),
    "a_read": (
        "SELECT a.id, b.id FROM a JOIN b ON b.a_id = a.id ORDER BY a.id, b.id LIMIT {few}",
        "SELECT a.id, b.v FROM a JOIN b ON b.a_id = a.id WHERE a.k > {n} AND b.v < {n} "
        "ORDER BY 1, 2",
        "SELECT COUNT(*), SUM(b.v) FROM a LEFT JOIN b ON b.a_id = a.id AND b.v > {n} "
        "WHERE a.k = {n}",
        "SELECT a.id, b.id FROM a LEFT JOIN b ON b.a_id = a.id WHERE b.id IS NULL ORDER BY a.id",
        "SELECT p.id, q.id FROM (SELECT * FROM a WHERE {a_plain}) AS p FULL JOIN "
        "(SELECT * FROM b WHERE {b_plain}) AS q ON p.k = q.v ORDER BY p.id, q.id",
        "SELECT a.id FROM a JOIN c ON c.x = a.id AND c.y = a.k WHERE c.v < {n} ORDER BY 1",
        "SELECT k FROM a WHERE {a_where} UNION SELECT v FROM b WHERE {b_where} ORDER BY 1",
        "SELECT id FROM a WHERE {a_plain} EXCEPT SELECT a_id FROM b WHERE {b_plain} ORDER BY 1",
        "SELECT k FROM a WHERE {a_plain} INTERSECT SELECT y FROM c WHERE {c_plain} ORDER BY 1",
        "SELECT id, (SELECT COUNT(*) FROM b WHERE b.a_id = a.id) FROM a WHERE {a_where} ORDER BY 1",
        "SELECT s, k FROM a WHERE s = {s} ORDER BY k LIMIT {few}",
        "SELECT s, k FROM a WHERE s = {s} ORDER BY k DESC LIMIT {few}",
        "SELECT s, k FROM a WHERE s >= {s} ORDER BY s DESC, k LIMIT {few}",
        "SELECT k, d FROM a WHERE k = {n} ORDER BY d DESC LIMIT {few}",
        "SELECT k, d FROM a WHERE k = {n} AND d > {bound} ORDER BY d LIMIT {few}",
        "SELECT MAX(d), MIN(d) FROM a WHERE k = {n}",
    ),
    "b_read": (
        "SELECT a_id, v FROM b WHERE a_id = {n} ORDER BY v LIMIT {few}",
        "SELECT a_id, v FROM b WHERE a_id = {n} ORDER BY v DESC LIMIT {few}",
        "SELECT MAX(v) FROM b WHERE a_id = {n}", "SELECT MIN(v) FROM b WHERE a_id > {n}",
        "SELECT b.id, a.s FROM b LEFT JOIN a ON a.id = b.a_id WHERE b.v = {n} ORDER BY 1",
        "SELECT b.id, a.k FROM b JOIN a ON a.id = b.a_id AND a.k = b.v ORDER BY 1 FOR UPDATE",
        "SELECT v, COUNT(*) FROM b WHERE {b_where} GROUP BY v HAVING MAX(a_id) >= {n} ORDER BY v",
    ),
    "c_read": (
        "SELECT x, y FROM c WHERE x = {n} ORDER BY y LIMIT {few}",
        "SELECT x, y FROM c WHERE x = {n} ORDER BY y DESC LIMIT {few}",
        "SELECT x, y FROM c WHERE x = {n} AND y < {n} ORDER BY x DESC, y DESC LIMIT {few}",
        "SELECT x, y, v FROM c WHERE (x, y) > ({n}, {n}) ORDER BY x, y LIMIT {few}",
        "SELECT y, x FROM c WHERE y = {n} ORDER BY x DESC LIMIT {few}",
        "SELECT s, v FROM c WHERE s = {s} ORDER BY v DESC LIMIT {few}",
        "SELECT MAX(y) FROM c WHERE x = {n}", "SELECT MIN(y), COUNT(*) FROM c WHERE x < {n}",
        "SELECT x, COUNT(*) FROM c GROUP BY x HAVING COUNT(*) > {few} ORDER BY x OFFSET 1",
        "SELECT p.x, q.x FROM c AS p JOIN c AS q ON q.x = p.y AND q.y = p.x ORDER BY 1, 2",
    ),
    "write": (
        "UPDATE {t} SET {num} = {value} WHERE {where}",
        "UPDATE {t} SET {num} = {num} + 1 WHERE {where}",
        "UPDATE {t} SET {num} = {scalar} WHERE {where}",
        "UPDATE {t} SET {num} = {num} + {n} WHERE {where} RETURNING {keys}, {col}",
        "DELETE FROM {t} WHERE {where}", "DELETE FROM {t} WHERE {where} RETURNING *",
    ),
    "a_write": (
        "INSERT INTO a VALUES ({new}, {value}, {s}, {d})",
        "INSERT INTO a VALUES ({new}, {value}, {s}, {d})",
        "INSERT INTO a VALUES ({new}, {n}, {s}, {d}) ON CONFLICT DO NOTHING",
        "INSERT INTO a VALUES ({new}, {n}, {s}, {d}) ON CONFLICT (id) DO UPDATE SET k = a.k + 1",
        "INSERT INTO a VALUES ({new}, {n}, {s}, {d}) ON CONFLICT (id) DO UPDATE "
        "SET s = EXCLUDED.s WHERE a.k > {n} RETURNING id, s",
        "INSERT OR REPLACE INTO a VALUES ({new}, {n}, {s}, {d})",
        "INSERT INTO a SELECT COALESCE(MAX(id), 0) + 1, COUNT(*), 'x0', 1.5 FROM a",
        "UPDATE a SET s = {s} WHERE {a_where}", "UPDATE a SET d = {d} WHERE {a_where}",
        "UPDATE a SET (k, d) = ({value}, d + 0.5) WHERE {a_where}",
        "UPDATE a SET id = {new} WHERE id = {n}",
        "UPDATE a SET k = b.v FROM b WHERE b.id = a.id AND b.a_id > {n}",
        "UPDATE a SET k = {n} WHERE id IN (SELECT a_id FROM b WHERE {b_plain})",
        "DELETE FROM a WHERE id IN (SELECT a_id FROM b WHERE {b_plain})",
        "DELETE FROM a USING b WHERE b.a_id = a.id AND b.v > {n}",
        "MERGE INTO a USING (SELECT a_id, MAX(v) AS m FROM b WHERE a_id IS NOT NULL GROUP BY a_id) "
        "AS n ON a.id = n.a_id WHEN MATCHED AND a.k > {n} THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET k = n.m "
        "WHEN NOT MATCHED THEN INSERT (id, k) VALUES (a_id, m)",
    ),
    "b_write": (
        "INSERT INTO b VALUES ({new}, {value}, {value})",
        "INSERT INTO b VALUES ({new}, {value}, {value})",
        "INSERT INTO b VALUES ({new}, {n}, {n}) ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v",
        "INSERT INTO b SELECT id + {far}, id, k FROM a WHERE {a_where}",
        "INSERT INTO b SELECT {far}, MAX(id), COUNT(*) FROM a WHERE {a_plain}",
        "UPDATE b SET a_id = {value} WHERE {b_where}", "UPDATE b SET id = {new} WHERE id = {n}",
        "UPDATE b SET v = v - 1 WHERE a_id IN (SELECT id FROM a WHERE {a_plain})",
        "DELETE FROM b WHERE a_id IN (SELECT id FROM a WHERE {a_plain})",
        "MERGE INTO b USING a ON b.a_id = a.id WHEN MATCHED AND a.k = {n} THEN UPDATE SET v = a.k "
        "WHEN MATCHED AND b.v > {n} THEN DELETE",
    ),
    "c_write": (
        "INSERT INTO c VALUES ({n}, {n}, {s}, {value})",
        "INSERT INTO c VALUES ({n}, {n}, {s}, {value}), ({n}, {new}, {s}, {n})",
        "INSERT INTO c VALUES ({n}, {n}, {s}, {n}) ON CONFLICT (x, y) DO UPDATE SET v = EXCLUDED.v",
        "INSERT INTO c VALUES ({n}, {n}, {s}, {n}) ON CONFLICT DO NOTHING",
        "INSERT INTO c SELECT {n}, COALESCE(MAX(y), 0) + 1, 'y1', COUNT(*) FROM c WHERE x = {n}",
        "INSERT INTO c SELECT id, k, s, 1 FROM a WHERE k IS NOT NULL AND {a_plain} "
        "ON CONFLICT DO NOTHING",
        "UPDATE c SET y = y + 1 WHERE x = {n}", "UPDATE c SET x = {n} WHERE x = {n} AND y = {n}",
        "UPDATE c SET s = {s} WHERE {c_where}", "TRUNCATE TABLE c",
        "DELETE FROM c WHERE x IN (SELECT id FROM a WHERE {a_plain})",
        "MERGE INTO c USING a ON c.x = a.id AND c.y = a.k WHEN MATCHED THEN UPDATE SET v = c.v + 1 "
        "WHEN NOT MATCHED AND a.k < {n} THEN INSERT VALUES (a.id, a.k, a.s, 0)",
    ),
}  # fmt: skip
