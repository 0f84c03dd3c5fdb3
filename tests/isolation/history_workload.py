"""isolation/history_workload.py: random transactions over lists of a table, on several threads.

Keys come in blocks, and all work is done in a few blocks at a time, which move on: lists stay
short, and conflicts stay likely. In each block the first half of the keys are born, the others
mortal (see observations.py).
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import tupelo
from observations import Append, Delete, Element, History, Key, Read, Shorter, Transaction
from scenario import Level

SCHEMA = """
CREATE TABLE lists (
  k INTEGER PRIMARY KEY, block INTEGER NOT NULL, length INTEGER NOT NULL,
  elements VARCHAR(8000) NOT NULL);
CREATE INDEX lists_block ON lists (block)
"""
TRANSACTIONS_PER_BLOCK = 60
# Of the interpreter, which would let a thread run several transactions before another one's turn.
SWITCH_SECONDS = 1e-5
DATABASES = itertools.count(1)


@dataclass(frozen=True)
class Settings:
    """What is run."""

    level: Level
    transactions: int
    threads: int = 4
    seed: str = "1"
    workload: str = "append"
    timeout: float = 5.0

    @property
    def keys_per_block(self) -> int:
        """Write skew needs many rows of which transactions that overlap change different ones."""
        return 8 if self.workload == "append" else 32


@dataclass
class Outcome:
    """The history, and how long it took to make."""

    history: History
    seconds: float
    done: int  # transactions that were committed in the end, retried or not


def parse_list(text: str) -> tuple[Element, ...]:
    """As the column has it: each element with a space after it."""
    return tuple(map(int, text.split()))


class Client:
    """One session: its operations run statements and note what they see."""

    def __init__(self, settings: Settings, number: int, connection: tupelo.Connection) -> None:
        self.settings, self.number, self.connection = settings, number, connection
        self.random = random.Random(f"{settings.seed}/{number}")
        self.history: list[Transaction] = []
        self.now = Transaction(number)
        # No two sessions make the same.
        self._elements = itertools.count(number, settings.threads)
        self.done = 0

    def execute(self, sql: str, *parameters: object) -> tuple[list[tuple[object, ...]], int]:
        """All rows and the count; often another thread's turn comes then, as it would elsewhere."""
        with self.connection.execute(sql, parameters) as cursor:
            rows = cursor.fetchall() if cursor.description is not None else []
            count = cursor.rowcount
        if self.random.random() < 0.3:
            time.sleep(0)
        return rows, count

    # --- what may be done -------------------------------------------------------------------

    def is_mortal(self, key: Key) -> bool:
        size = self.settings.keys_per_block
        return key % size >= size // 2

    def note_absent(self, key: Key) -> None:
        self.now.operations.append(Read(key, None if self.is_mortal(key) else ()))

    def note_rows(self, rows: list[tuple[object, ...]]) -> set[Key]:
        found = set()
        for key, elements in rows:
            assert isinstance(key, int) and isinstance(elements, str)
            self.now.operations.append(Read(key, parse_list(elements)))
            found.add(key)
        return found

    def keys(self, block: int) -> range:
        size = self.settings.keys_per_block
        return range(block * size, (block + 1) * size)

    def random_key(self, block: int) -> Key:
        return self.random.choice(self.keys(block))

    def read(self, block: int) -> None:
        key = self.random_key(block)
        rows, _ = self.execute("SELECT k, elements FROM lists WHERE k = ?", key)
        if not self.note_rows(rows):
            self.note_absent(key)

    def read_block(self, block: int) -> None:
        """A predicate of a range of the key, or of a column with an index."""
        keys = self.keys(block)
        if self.random.random() < 0.5:
            sql = "SELECT k, elements FROM lists WHERE k BETWEEN ? AND ?"
            rows, _ = self.execute(sql, keys[0], keys[-1])
        else:
            rows, _ = self.execute("SELECT k, elements FROM lists WHERE block = ?", block)
        for key in set(keys) - self.note_rows(rows):
            self.note_absent(key)

    def read_long(self, block: int) -> None:
        """A predicate that rows come to meet by being updated."""
        length = self.random.randint(1, 6)
        sql = "SELECT k, elements FROM lists WHERE block = ? AND length >= ?"
        found = self.note_rows(self.execute(sql, block, length)[0])
        for key in set(self.keys(block)) - found:
            if not self.is_mortal(key):  # else it may be too short, or deleted
                self.now.operations.append(Shorter(key, length))

    def append(self, block: int) -> None:
        """Computed by the database, so that nothing is lost at any level."""
        self.now.is_writer = True
        key, element = self.random_key(block), next(self._elements)
        sql = "UPDATE lists SET elements = elements || ?, length = length + 1 WHERE k = ?"
        returning = self.random.random() < 0.3
        if returning:
            sql += " RETURNING k, elements"
        rows, count = self.execute(sql, f"{element} ", key)
        if (len(rows) if returning else count) == 0:
            self.note_absent(key)
            if self.is_mortal(key):
                return
            sql = "INSERT INTO lists VALUES (?, ?, 1, ?)"
            # Noted before it is known to succeed: nobody may see it when it doesn't.
            self.now.operations.append(Append(key, element))
            self.execute(sql, key, block, f"{element} ")
        else:
            self.now.operations.append(Append(key, element))
            self.note_rows(rows)

    def read_and_append(self, block: int) -> None:
        """Computed here, of what was read. READ COMMITTED needs a lock for that."""
        self.now.is_writer = True
        key = self.random_key(block)
        sql = "SELECT elements FROM lists WHERE k = ?"
        if self.settings.level == "READ COMMITTED" or self.random.random() < 0.2:
            sql += " FOR UPDATE"
        rows, _ = self.execute(sql, key)
        if not rows:
            self.note_absent(key)
            return
        text = rows[0][0]
        assert isinstance(text, str)
        elements = parse_list(text)
        self.now.operations.append(Read(key, elements))
        element = next(self._elements)
        sql = "UPDATE lists SET elements = ?, length = ? WHERE k = ?"
        _, count = self.execute(sql, f"{text}{element} ", len(elements) + 1, key)
        if count == 0:  # which is an anomaly: it was there just now
            self.note_absent(key)
        else:
            self.now.operations.append(Append(key, element))

    def delete(self, block: int) -> None:
        self.now.is_writer = True
        keys = self.keys(block)
        key = self.random.choice(keys[len(keys) // 2 :])
        rows, _ = self.execute("DELETE FROM lists WHERE k = ? RETURNING elements", key)
        if rows:
            text = rows[0][0]
            assert isinstance(text, str)
            self.now.operations.append(Delete(key, parse_list(text)))
        else:
            self.note_absent(key)

    # --- transactions ------------------------------------------------------------------------

    def plan(self) -> list[Callable[[int], None]]:
        """What a transaction does, in this order."""
        readers = [self.read, self.read_block, self.read_long]
        if self.settings.workload == "skew":
            return [self.read_block] if self.random.random() < 0.1 else [
                self.read_block, self.append
            ]  # fmt: skip
        if self.random.random() < 0.25:
            return self.random.choices(readers, (2, 1, 1), k=self.random.randint(1, 4))
        writers = [self.append, self.read_and_append, self.delete]
        return self.random.choices(
            [*readers, *writers], (4, 2, 2, 6, 3, 0.3), k=self.random.randint(1, 5)
        )

    def transact(self, number: int) -> None:
        """Tries until it commits."""
        plan = self.plan()
        block = number // TRANSACTIONS_PER_BLOCK
        blocks = [max(0, block - (self.random.random() < 0.2)) for _ in plan]
        while not self.attempt(plan, blocks):
            time.sleep(self.random.random() * 1e-4)
        self.done += 1

    def attempt(self, plan: list[Callable[[int], None]], blocks: list[int]) -> bool:
        self.now = Transaction(self.number)
        try:
            for operation, block in zip(plan, blocks, strict=True):
                operation(block)
            self.connection.commit()
            self.now.committed = True
        except tupelo.Error as error:
            self.now.sqlstate = error.sqlstate or ""
            self.connection.rollback()
            # A key that two insert is the other thing that goes away by trying again.
            if self.now.sqlstate[:2] != "40" and self.now.sqlstate != "23505":
                raise
        self.history.append(self.now)
        return self.now.committed


@contextmanager
def short_turns() -> Iterator[None]:
    """Threads take turns often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def load(connection: tupelo.Connection, settings: Settings) -> None:
    """The table, with an empty list for each key that is mortal."""
    connection.executescript(SCHEMA)
    size = settings.keys_per_block
    blocks = settings.transactions // TRANSACTIONS_PER_BLOCK + 1
    connection.executemany(
        "INSERT INTO lists VALUES (?, ?, 0, '')",
        [(key, key // size) for key in range(blocks * size) if key % size >= size // 2],
    )
    connection.commit()


def run(settings: Settings) -> Outcome:
    """Runs all transactions. Raises what a thread raises."""

    def connect() -> tupelo.Connection:
        return tupelo.connect(name, isolation_level=settings.level, timeout=settings.timeout)

    name = f":memory:history {next(DATABASES)}"
    keeper = connect()
    load(keeper, settings)
    numbers = itertools.count()
    failures: list[BaseException] = []

    def work(client: Client) -> None:
        try:
            while (number := next(numbers)) < settings.transactions and not failures:
                client.transact(number)
        except BaseException as error:
            failures.append(error)

    clients = [Client(settings, number, connect()) for number in range(settings.threads)]
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    start = time.monotonic()
    with short_turns():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seconds = time.monotonic() - start
    final = {
        key: parse_list(text)
        for key, text in keeper.execute("SELECT k, elements FROM lists").fetchall()
    }
    keeper.rollback()
    for connection in [keeper, *(client.connection for client in clients)]:
        connection.close()
    if failures:
        raise failures[0]
    history = History([one for client in clients for one in client.history], final)
    return Outcome(history, seconds, sum(client.done for client in clients))
