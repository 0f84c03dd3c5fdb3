"""Time zones by region against those of the standard library, which reads the same files."""

import datetime
import os
import random
import subprocess
import sys
import zoneinfo

import pytest
import tupelo

SOME = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Gaza",
        "Africa/Casablanca", "America/St_Johns", "Pacific/Apia", "Europe/Dublin", "Asia/Tehran"]
AVAILABLE = zoneinfo.available_timezones()
ZONES = [name for name in SOME if name in AVAILABLE]
MINUTE = datetime.timedelta(minutes=1)

pytestmark = pytest.mark.skipif(not ZONES, reason="this system has no time zones")


def instants(seed: int, count: int, first: int, last: int) -> list[datetime.datetime]:
    """Random ones in UTC, from one year to another."""
    chosen = random.Random(seed)
    start = datetime.datetime(first, 1, 2, tzinfo=datetime.UTC)
    seconds = int((datetime.datetime(last, 12, 30, tzinfo=datetime.UTC) - start)
                  .total_seconds())
    return [start + datetime.timedelta(seconds=chosen.randrange(seconds)) for _ in range(count)]


def around_changes(zone: zoneinfo.ZoneInfo, first: int, last: int) -> list[datetime.datetime]:
    """Instants before, at and after the zone's changes, found by halving days."""
    found = []
    day = datetime.datetime(first, 1, 1, tzinfo=datetime.UTC)
    while day.year <= last:
        low, high = day, day + datetime.timedelta(days=1)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > datetime.timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found += [low, high]
            found += [high + step * 20 * MINUTE for step in range(-6, 7)]
        day += datetime.timedelta(days=1)
    return found


@pytest.fixture
def con():
    connection = tupelo.connect(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize("name", ZONES)
def test_an_instant_has_the_displacement_of_the_region(con, name):
    zone = zoneinfo.ZoneInfo(name)
    times = instants(1, 400, 1972, 2100) + instants(2, 200, 2100, 9998)
    times += around_changes(zone, 2009, 2026) + around_changes(zone, 2436, 2440)
    con.execute("CREATE TABLE t (id INTEGER, z TIMESTAMP(0) WITH TIME ZONE)")
    con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(times)))
    rows = con.execute(f"SELECT z AT TIME ZONE '{name}' FROM t ORDER BY id").fetchall()
    for time, (given,) in zip(times, rows, strict=True):
        expected = time.astimezone(zone)
        assert given.astimezone(datetime.UTC) == time
        assert given.utcoffset() == expected.utcoffset(), time


@pytest.mark.parametrize("name", ZONES)
def test_a_local_time_is_that_of_the_session_s_region(con, name):
    zone = zoneinfo.ZoneInfo(name)
    times = instants(3, 400, 1972, 2100) + around_changes(zone, 2009, 2026)
    times += around_changes(zone, 2436, 2440)
    local = [time.astimezone(zone).replace(tzinfo=None, fold=0) for time in times]
    # Times that clocks skip, too.
    local += [time + 40 * MINUTE for time in local]
    con.execute(f"SET TIME ZONE '{name}'")
    con.execute("CREATE TABLE t (id INTEGER, z TIMESTAMP(0) WITH TIME ZONE)")
    con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(local)))
    rows = con.execute("SELECT z FROM t ORDER BY id").fetchall()
    for time, (given,) in zip(local, rows, strict=True):
        # Skipped: the displacement before the change. Twice: that after it. Both are the lesser.
        offset = min(time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        instant = (time - offset).replace(tzinfo=datetime.UTC)
        assert given == instant, time
        assert given.utcoffset() == instant.astimezone(zone).utcoffset(), time


def test_every_region_of_the_system_is_known(con):
    july = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
    names = sorted(name for name in AVAILABLE if name != "localtime")
    con.execute("CREATE TABLE t (name VARCHAR(60))")
    con.executemany("INSERT INTO t VALUES (?)", [(name,) for name in names])
    sql = "SELECT CAST(? AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE name FROM t"
    rows = con.execute(sql, (july,))
    for name, (given,) in zip(names, rows.fetchall(), strict=True):
        assert given.utcoffset() == july.astimezone(zoneinfo.ZoneInfo(name)).utcoffset(), name


def test_a_datetime_of_a_region_keeps_its_displacement(con):
    zone = zoneinfo.ZoneInfo(ZONES[0])
    july = datetime.datetime(2024, 7, 1, 12, tzinfo=zone)
    (given,) = con.execute("SELECT CAST(? AS TIMESTAMP WITH TIME ZONE)", (july,)).fetchone()
    assert given == july
    assert given.utcoffset() == july.utcoffset()


WITHOUT_FILES = """
import sys, tupelo
con = tupelo.connect(":memory:")
con.execute("SET TIME ZONE 'UTC'")
try:
    con.execute("SET TIME ZONE 'Europe/Berlin'")
except tupelo.DataError as error:
    print(error.sqlstate, error)
"""


def test_without_files_a_region_is_an_error_that_says_so(tmp_path):
    """In a process of its own: regions that were read once are kept."""
    environment = {**os.environ, "TZDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT_FILES], env=environment,
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.startswith("22023 ")
    assert "tzdata" in done.stdout and str(tmp_path) in done.stdout
