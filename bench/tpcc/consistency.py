"""bench/tpcc/consistency.py: the twelve consistency conditions (3.3.2.1 to 3.3.2.12).

Each is a query for what violates it, so a sound database gives no row. Sums of money are compared
with half a cent to spare: exact fractions differ by a cent or not at all, and sqlite3 adds floats.
"""

from .engines import Session

SHOWN = 3  # violations of a condition

CONDITIONS = {
    # W_YTD is the sum of D_YTD.
    1: """SELECT w_id, w_ytd, s FROM warehouse LEFT JOIN
        (SELECT d_w_id, SUM(d_ytd) AS s FROM district GROUP BY d_w_id) AS d ON d_w_id = w_id
        WHERE s IS NULL OR ABS(w_ytd - s) > 0.005""",
    # D_NEXT_O_ID - 1 is the greatest O_ID, and the greatest NO_O_ID where there is any.
    2: """SELECT d_w_id, d_id, d_next_o_id, o, n FROM district
        LEFT JOIN (SELECT o_w_id, o_d_id, MAX(o_id) AS o FROM orders GROUP BY o_w_id, o_d_id) AS a
        ON o_w_id = d_w_id AND o_d_id = d_id
        LEFT JOIN (SELECT no_w_id, no_d_id, MAX(no_o_id) AS n FROM new_order
        GROUP BY no_w_id, no_d_id) AS b ON no_w_id = d_w_id AND no_d_id = d_id
        WHERE o IS NULL OR o <> d_next_o_id - 1 OR n <> d_next_o_id - 1""",
    # The numbers of a district's new orders have no gap.
    3: """SELECT no_w_id, no_d_id, MIN(no_o_id), MAX(no_o_id), COUNT(*) FROM new_order
        GROUP BY no_w_id, no_d_id HAVING MAX(no_o_id) - MIN(no_o_id) + 1 <> COUNT(*)""",
    # The sum of O_OL_CNT is the number of a district's order lines.
    4: """SELECT d_w_id, d_id, o, l FROM district
        LEFT JOIN (SELECT o_w_id, o_d_id, SUM(o_ol_cnt) AS o FROM orders
        GROUP BY o_w_id, o_d_id) AS a ON o_w_id = d_w_id AND o_d_id = d_id
        LEFT JOIN (SELECT ol_w_id, ol_d_id, COUNT(*) AS l FROM order_line
        GROUP BY ol_w_id, ol_d_id) AS b ON ol_w_id = d_w_id AND ol_d_id = d_id
        WHERE COALESCE(o, 0) <> COALESCE(l, 0)""",
    # O_CARRIER_ID is null where, and only where, there is a row in NEW-ORDER.
    5: """SELECT o_w_id, o_d_id, o_id, o_carrier_id, no_o_id FROM orders LEFT JOIN new_order
        ON no_w_id = o_w_id AND no_d_id = o_d_id AND no_o_id = o_id
        WHERE (o_carrier_id IS NULL AND no_o_id IS NULL)
        OR (o_carrier_id IS NOT NULL AND no_o_id IS NOT NULL)""",
    # O_OL_CNT is the number of the order's lines.
    6: """SELECT o_w_id, o_d_id, o_id, o_ol_cnt, l FROM orders LEFT JOIN
        (SELECT ol_w_id, ol_d_id, ol_o_id, COUNT(*) AS l FROM order_line
        GROUP BY ol_w_id, ol_d_id, ol_o_id) AS a
        ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
        WHERE o_ol_cnt <> COALESCE(l, 0)""",
    # OL_DELIVERY_D is null where, and only where, the order's O_CARRIER_ID is.
    7: """SELECT ol_w_id, ol_d_id, ol_o_id, ol_number, ol_delivery_d, o_carrier_id FROM order_line
        LEFT JOIN orders ON o_w_id = ol_w_id AND o_d_id = ol_d_id AND o_id = ol_o_id
        WHERE o_id IS NULL OR (ol_delivery_d IS NULL AND o_carrier_id IS NOT NULL)
        OR (ol_delivery_d IS NOT NULL AND o_carrier_id IS NULL)""",
    # W_YTD is the sum of the warehouse's H_AMOUNT.
    8: """SELECT w_id, w_ytd, s FROM warehouse LEFT JOIN
        (SELECT h_w_id, SUM(h_amount) AS s FROM history GROUP BY h_w_id) AS h ON h_w_id = w_id
        WHERE s IS NULL OR ABS(w_ytd - s) > 0.005""",
    # D_YTD is the sum of the district's H_AMOUNT.
    9: """SELECT d_w_id, d_id, d_ytd, s FROM district LEFT JOIN
        (SELECT h_w_id, h_d_id, SUM(h_amount) AS s FROM history GROUP BY h_w_id, h_d_id) AS h
        ON h_w_id = d_w_id AND h_d_id = d_id WHERE s IS NULL OR ABS(d_ytd - s) > 0.005""",
    # C_BALANCE is the sum of OL_AMOUNT of the customer's delivered lines, less that of H_AMOUNT.
    10: """SELECT c_w_id, c_d_id, c_id, c_balance, a, h FROM customer
        LEFT JOIN (SELECT o_w_id, o_d_id, o_c_id, SUM(ol_amount) AS a FROM orders JOIN order_line
        ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
        WHERE ol_delivery_d IS NOT NULL GROUP BY o_w_id, o_d_id, o_c_id) AS x
        ON o_w_id = c_w_id AND o_d_id = c_d_id AND o_c_id = c_id
        LEFT JOIN (SELECT h_c_w_id, h_c_d_id, h_c_id, SUM(h_amount) AS h FROM history
        GROUP BY h_c_w_id, h_c_d_id, h_c_id) AS y
        ON h_c_w_id = c_w_id AND h_c_d_id = c_d_id AND h_c_id = c_id
        WHERE ABS(c_balance - (COALESCE(a, 0) - COALESCE(h, 0))) > 0.005""",
    # A district has as many orders without a row in NEW-ORDER as it has delivered. (3.3.2.11 names
    # the 2,100 of the first contents; Delivery makes more of them, each with a carrier.)
    11: """SELECT d_w_id, d_id, o, n, c FROM district
        LEFT JOIN (SELECT o_w_id, o_d_id, COUNT(*) AS o, COUNT(o_carrier_id) AS c FROM orders
        GROUP BY o_w_id, o_d_id) AS a ON o_w_id = d_w_id AND o_d_id = d_id
        LEFT JOIN (SELECT no_w_id, no_d_id, COUNT(*) AS n FROM new_order
        GROUP BY no_w_id, no_d_id) AS b ON no_w_id = d_w_id AND no_d_id = d_id
        WHERE COALESCE(o, 0) - COALESCE(n, 0) <> COALESCE(c, 0)""",
    # C_BALANCE + C_YTD_PAYMENT is the sum of OL_AMOUNT of the customer's delivered lines.
    12: """SELECT c_w_id, c_d_id, c_id, c_balance, c_ytd_payment, a FROM customer
        LEFT JOIN (SELECT o_w_id, o_d_id, o_c_id, SUM(ol_amount) AS a FROM orders JOIN order_line
        ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
        WHERE ol_delivery_d IS NOT NULL GROUP BY o_w_id, o_d_id, o_c_id) AS x
        ON o_w_id = c_w_id AND o_d_id = c_d_id AND o_c_id = c_id
        WHERE ABS(c_balance + c_ytd_payment - COALESCE(a, 0)) > 0.005""",
}


def violations(session: Session) -> dict[int, list[str]]:
    """Of each condition that does not hold, the first rows that show it."""
    found = {}
    for number, query in CONDITIONS.items():
        rows = session.prepare(query + f" LIMIT {SHOWN}")()
        if rows:
            found[number] = [", ".join(map(str, row)) for row in rows]
    session.rollback()
    return found
