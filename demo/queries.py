"""demo/queries.py: eight questions about the flights, each in SQL."""

from typing import NamedTuple


class Query(NamedTuple):
    title: str
    sql: str


QUERIES = [
    Query(
        "Who flies most, and how late? (join, GROUP BY, FILTER)",
        """\
SELECT a.name AS airline,
       COUNT(*) AS flights,
       COUNT(*) FILTER (WHERE f.dep_time IS NULL) AS cancelled,
       CAST(AVG(f.arr_delay) AS DECIMAL(5, 1)) AS mean_delay
FROM flights AS f JOIN airlines AS a ON a.carrier = f.carrier
GROUP BY a.name
ORDER BY flights DESC
FETCH FIRST 8 ROWS ONLY""",
    ),
    Query(
        "Which large destinations are reached late as a rule? (HAVING)",
        """\
SELECT p.name AS airport,
       COUNT(*) AS arrivals,
       CAST(AVG(f.arr_delay) AS DECIMAL(5, 1)) AS mean_delay,
       MAX(f.arr_delay) AS worst
FROM flights AS f JOIN airports AS p ON p.faa = f.dest
WHERE f.arr_delay IS NOT NULL
GROUP BY p.name
HAVING COUNT(*) >= 1000 AND AVG(f.arr_delay) > 12
ORDER BY mean_delay DESC""",
    ),
    Query(
        "Where does each airline's longest flight go? (correlated subquery)",
        """\
SELECT DISTINCT a.name AS airline, f.origin, f.dest, f.distance
FROM flights AS f JOIN airlines AS a ON a.carrier = f.carrier
WHERE f.distance = (SELECT MAX(g.distance)
                    FROM flights AS g
                    WHERE g.carrier = f.carrier)
ORDER BY f.distance DESC, airline, f.origin
FETCH FIRST 8 ROWS ONLY""",
    ),
    Query(
        "How did the year go? (EXTRACT, CASE)",
        """\
SELECT EXTRACT(MONTH FROM flight_date) AS month_of_year,
       COUNT(*) AS flights,
       SUM(CASE WHEN dep_time IS NULL THEN 1 ELSE 0 END) AS cancelled,
       SUM(CASE WHEN dep_delay > 60 THEN 1 ELSE 0 END) AS over_an_hour_late,
       CAST(AVG(dep_delay) AS DECIMAL(5, 1)) AS mean_delay
FROM flights
GROUP BY EXTRACT(MONTH FROM flight_date)
ORDER BY month_of_year""",
    ),
    Query(
        "What did the blizzard of 8 February do? (dates and intervals)",
        """\
SELECT flight_date,
       flight_date - DATE '2013-02-08' AS after_it_began,
       COUNT(*) AS flights,
       COUNT(*) - COUNT(dep_time) AS cancelled,
       MIN(dep_time) AS first_departure
FROM flights
WHERE flight_date BETWEEN DATE '2013-02-08' - INTERVAL '2' DAY
                      AND DATE '2013-02-08' + INTERVAL '3' DAY
GROUP BY flight_date
ORDER BY flight_date""",
    ),
    Query(
        "What does rain cost? (join by time stamp, decimals)",
        """\
SELECT sky,
       COUNT(*) AS departures,
       CAST(AVG(dep_delay) AS DECIMAL(5, 1)) AS mean_delay,
       MAX(precip) AS most_inches,
       CAST(AVG(visib) AS DECIMAL(4, 2)) AS mean_visibility
FROM (SELECT CASE WHEN w.precip = 0 THEN 'dry'
                  WHEN w.precip < 0.10 THEN 'some rain'
                  ELSE 'heavy rain' END AS sky,
             f.dep_delay, w.precip, w.visib
      FROM flights AS f
      JOIN weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
      WHERE f.dep_delay IS NOT NULL) AS departed
GROUP BY sky
ORDER BY mean_delay""",
    ),
    Query(
        "Who built the planes? Not all are registered. (LEFT JOIN, DISTINCT)",
        """\
SELECT COALESCE(p.manufacturer, 'not registered') AS manufacturer,
       COUNT(*) AS flights,
       COUNT(DISTINCT f.tailnum) AS planes,
       MIN(p.year_built) AS oldest,
       MAX(p.seats) AS most_seats
FROM flights AS f LEFT JOIN planes AS p ON p.tailnum = f.tailnum
GROUP BY p.manufacturer
ORDER BY flights DESC
FETCH FIRST 6 ROWS ONLY""",
    ),
    Query(
        "Where can one go from Newark alone? (EXCEPT, LEFT JOIN)",
        """\
SELECT only_newark.dest, COALESCE(p.name, 'not among the airports') AS airport
FROM (SELECT dest FROM flights WHERE origin = 'EWR'
      EXCEPT
      SELECT dest FROM flights WHERE origin IN ('JFK', 'LGA')) AS only_newark
LEFT JOIN airports AS p ON p.faa = only_newark.dest
ORDER BY only_newark.dest""",
    ),
]
