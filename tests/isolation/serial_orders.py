"""isolation/serial_orders.py: compares transactions that ran interleaved with all serial orders.

    python tests/isolation/serial_orders.py --cases 20000 --transactions 3 --seed 1

Small random transactions (serial_programs.py) run step by step, on a connection each. Then those
that were committed are run one after the other, on a new database with the same rows, in one order
after another, until one is found in which each statement gives what it gave and the tables are the
same in the end. If there is none, the transactions were not serializable: that is what the word
means, that they are equivalent to some serial execution. Nothing is known of how the database
keeps its promise, and any statement may be drawn.

What is equivalent here is what can be seen. View serializability has each read see the same write
as in the serial execution, and the last write of everything be the same; final-state
serializability only compares the tables in the end. This is the latter with what statements gave
counted as part of the state: all that is view serializable passes, and what passes and is not
differs in nothing that the transactions or anybody after them could tell, as where two writes
wrote the same. Conflict serializability, which history.py looks for, is stricter than both. View
serializability is NP-complete to decide (Papadimitriou 1979), so transactions are few here.

A statement that a constraint refuses has changed nothing, and its transaction goes on: that it was
refused is what it gave. Transactions that failed were rolled back, and are left out: nothing of
them may be seen. At
READ COMMITTED and REPEATABLE READ there are cases without a serial order, which must be found.

The exit status is 1 when a case is not as it has to be. With the seed that is printed, and
--cases 1, it runs again.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import tupelo
from scenario import LEVELS, Row
from serial_programs import TABLES, Case, Program, Statement, draw, row


class Refused(str):
    """What a statement gave that a constraint has refused: the SQLSTATE."""


Gave = int | list[Row] | Refused
Tables = dict[str, list[Row]]
Order = tuple[int, ...]

# So many cases are shown of those that are not as they have to be.
SHOWN = 3
DATABASES = itertools.count(1)


@dataclass
class Attempt:
    """What the statements of a transaction gave, and how it ended."""

    gave: list[Gave] = field(default_factory=list)
    committed: bool = False
    sqlstate: str = ""
    message: str = ""


@dataclass
class Observed:
    """What came of a case."""

    attempts: list[Attempt]
    tables: Tables

    @property
    def committed(self) -> Order:
        return tuple(number for number, one in enumerate(self.attempts) if one.committed)


@dataclass
class Verdict:
    """What is wrong with a case, if anything is; and why each order is none."""

    fault: str = ""
    disagreements: dict[Order, str] = field(default_factory=dict)


NO_ORDER = "no serial order"
FOREIGN_KEY = ("23503", "23001")  # the latter is that of RESTRICT


def shown(gave: Gave) -> str:
    """As .iso files have it."""
    if isinstance(gave, Refused):
        return f"fails {gave}"
    if isinstance(gave, int):
        return f"changes {gave}" if gave >= 0 else "succeeds"
    return f"-> {' '.join(row(*one) for one in gave) or 'none'}"


# --- running ------------------------------------------------------------------------------------


def execute(connection: tupelo.Connection, statement: Statement) -> Gave:
    """Its rows or its count. RETURNING has no order."""
    try:
        cursor = connection.execute(statement.sql, statement.parameters)
    except tupelo.IntegrityError as error:
        return Refused(error.sqlstate)
    if cursor.description is None:
        return cursor.rowcount
    rows = cursor.fetchall()
    return rows if statement.is_query else sorted(rows, key=repr)


def define(connection: tupelo.Connection, case: Case) -> None:
    for statement in case.setup():
        connection.execute(statement)
    connection.commit()


def read_tables(connection: tupelo.Connection) -> Tables:
    tables = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY {keys}").fetchall()
        for table, keys in TABLES.items()
    }
    connection.rollback()
    return tables


def step(connection: tupelo.Connection, program: Program, attempt: Attempt) -> None:
    """Runs the next statement of a transaction, or its COMMIT; nothing more when it has failed."""
    if attempt.sqlstate:
        return
    try:
        if len(attempt.gave) < len(program):
            attempt.gave.append(execute(connection, program[len(attempt.gave)]))
        else:
            connection.commit()
            attempt.committed = True
    except tupelo.Error as error:
        attempt.sqlstate, attempt.message = error.sqlstate or "none", str(error)
        connection.rollback()


def observe(case: Case) -> Observed:
    """Runs the transactions interleaved, in this thread: nobody waits for anybody."""
    name = f":memory:serial orders {next(DATABASES)}"
    with closing(tupelo.connect(name)) as keeper:
        define(keeper, case)
        connections = [tupelo.connect(name, isolation_level=case.level) for _ in case.programs]
        attempts = [Attempt() for _ in case.programs]
        for number in case.order:
            step(connections[number], case.programs[number], attempts[number])
        for connection in connections:
            connection.close()
        return Observed(attempts, read_tables(keeper))


# --- looking for an order -----------------------------------------------------------------------


def run_serially(case: Case, observed: Observed, order: Order) -> tuple[int, str]:
    """How many transactions were run, and what the last of them, or the end, has different."""
    with closing(tupelo.connect(":memory:", isolation_level=case.level)) as connection:
        define(connection, case)
        for done, number in enumerate(order, 1):
            for statement, gave in zip(
                case.programs[number], observed.attempts[number].gave, strict=True
            ):
                try:
                    now = execute(connection, statement)
                except tupelo.Error as error:
                    return done, f"t{number + 1}: {statement} fails {error.sqlstate}"
                if now != gave:
                    return done, f"t{number + 1}: {statement} {shown(now)}"
            connection.commit()
        tables = read_tables(connection)
    different = (table for table in TABLES if tables[table] != observed.tables[table])
    return len(order), ", ".join(
        f"{table} in the end {shown(tables[table])}" for table in different
    )


def likely_order(case: Case, observed: Observed) -> Order:
    """Of writers the order of their commits; who only reads stands where its snapshot was taken."""
    places = {}
    for number in observed.committed:
        steps = [place for place, other in enumerate(case.order) if other == number]
        only_reads = all(statement.only_reads for statement in case.programs[number])
        places[number] = steps[0] if only_reads else steps[-1]
    return tuple(sorted(places, key=places.__getitem__))


def orders(case: Case, observed: Observed) -> Iterator[Order]:
    likely = likely_order(case, observed)
    yield likely
    for order in itertools.permutations(observed.committed):
        if order != likely:
            yield order


def look_for_order(case: Case, observed: Observed) -> Verdict:
    """Without a fault where there is one. What begins as an order that disagreed is not run."""
    disagreements: dict[Order, str] = {}
    for order in orders(case, observed):
        if any(order[:length] in disagreements for length in range(1, len(order) + 1)):
            continue
        done, disagreement = run_serially(case, observed, order)
        if not disagreement:
            return Verdict()
        disagreements[order[:done]] = disagreement
    return Verdict(NO_ORDER, disagreements)


def is_expected(case: Case, sqlstate: str) -> bool:
    return sqlstate == "23505" or (sqlstate in FOREIGN_KEY and case.has_foreign_key)


def unexpected(case: Case, number: int, attempt: Attempt) -> str:
    """What may not happen whatever the others do."""
    for gave in attempt.gave:
        if isinstance(gave, Refused) and not is_expected(case, gave):
            return f"t{number + 1} is refused: {gave}"
    state = attempt.sqlstate
    if state[:2] == "40":
        # A transaction that has changed nothing has a place in any order.
        if all(statement.only_reads for statement in case.programs[number]):
            return f"t{number + 1}, which only reads, fails {state}"
    elif state and not is_expected(case, state):
        return f"t{number + 1} fails {state}: {attempt.message}"
    return ""


def judge(case: Case, observed: Observed) -> Verdict:
    for number, attempt in enumerate(observed.attempts):
        if fault := unexpected(case, number, attempt):
            return Verdict(fault)
    return look_for_order(case, observed)


# --- a case that is not as it has to be ---------------------------------------------------------


def without_transaction(case: Case, number: int) -> Case:
    programs = case.programs[:number] + case.programs[number + 1 :]
    order = tuple(one - (one > number) for one in case.order if one != number)
    return replace(case, programs=programs, order=order)


def with_program(case: Case, number: int, program: Program) -> Case:
    programs = list(case.programs)
    programs[number] = program
    return replace(case, programs=tuple(programs))


def without_statement(case: Case, number: int, place: int) -> Case:
    program = case.programs[number]
    steps = [at for at, one in enumerate(case.order) if one == number]
    order = case.order[: steps[place]] + case.order[steps[place] + 1 :]
    rest = program[:place] + program[place + 1 :]
    return with_program(replace(case, order=order), number, rest)


def smaller(case: Case) -> Iterator[Case]:
    """All that have less, if often only one thing."""
    for number, program in enumerate(case.programs):
        yield without_transaction(case, number)
        for place in range(len(program)):
            yield without_statement(case, number, place)
        if any(statement.parameters for statement in program):
            literals = tuple(statement.with_literals() for statement in program)
            yield with_program(case, number, literals)
    for place, definition in enumerate(case.definitions):
        if not definition.startswith("CREATE TABLE"):
            rest = case.definitions[:place] + case.definitions[place + 1 :]
            yield replace(case, definitions=rest)
    for size in (16, 4, 1):
        for place in range(0, len(case.rows), size):
            yield replace(case, rows=case.rows[:place] + case.rows[place + size :])


def has_fault(case: Case, fault: str) -> bool:
    try:
        return judge(case, observe(case)).fault == fault
    except tupelo.Error:  # of a definition, which needs the one that was left out
        return False


def reduce(case: Case, fault: str) -> Case:
    """What is left when nothing can be left out without the fault being another."""
    while one := next((one for one in smaller(case) if has_fault(one, fault)), None):
        case = one
    return case


def describe(case: Case, observed: Observed, verdict: Verdict) -> str:
    """The case as it ran: the setup and the steps as .iso files have them."""
    lines = ["setup:", *(f"  {statement};" for statement in case.setup())]
    begun = Counter[int]()
    for number in case.order:
        attempt, program, place = observed.attempts[number], case.programs[number], begun[number]
        if place > len(attempt.gave):
            continue  # it has failed before
        begun[number] += 1
        text = str(program[place]) if place < len(program) else "COMMIT"
        if place < len(attempt.gave):
            text += f" {shown(attempt.gave[place])}"
        elif attempt.sqlstate:
            text += f" fails {attempt.sqlstate}"
        lines.append(f"t{number + 1}: {text}")
    lines += [f"{table} in the end {shown(rows)}" for table, rows in observed.tables.items()]
    for order, disagreement in verdict.disagreements.items():
        names = ", ".join(f"t{number + 1}" for number in order)
        lines.append(f"with {names} first: {disagreement}")
    return "\n".join(f"    {line}" for line in lines)


def show(case: Case, fault: str) -> None:
    print(f"  seed {case.seed}, at {case.level}: {fault}")
    small = reduce(case, fault)
    observed = observe(small)
    print(describe(small, observed, judge(small, observed)))


# --- the command --------------------------------------------------------------------------------


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--cases", type=int, help="(20000; with --seconds, as many as there can be)"
    )
    parser.add_argument("--seconds", type=float, help="none begins after so many")
    parser.add_argument("--transactions", type=int, choices=(2, 3, 4), default=2, help="(2)")
    parser.add_argument("--level", choices=LEVELS, default="SERIALIZABLE", help="(SERIALIZABLE)")
    parser.add_argument("--seed", type=int, help="of the first case; without it the time is taken")
    parser.add_argument(
        "--expect-anomalies",
        action="store_true",
        help="cases without a serial order have to be found, instead of none",
    )
    options = parser.parse_args(given)
    if options.cases is None:
        options.cases = 20_000 if options.seconds is None else sys.maxsize
    if options.cases < 1:
        parser.error("there is at least one case")
    if options.seed is None:
        options.seed = int(time.time())
    return options


def run(options: argparse.Namespace) -> Counter[str]:
    """How many cases, transactions and faults there were; prints the first faults."""
    counts: Counter[str] = Counter()
    end = float("inf") if options.seconds is None else time.monotonic() + options.seconds
    for seed in range(options.seed, options.seed + options.cases):
        case = draw(seed, options.transactions, options.level)
        observed = observe(case)
        counts["cases"] += 1
        counts["committed"] += len(observed.committed)
        for one in observed.attempts:
            counts["refused statements"] += sum(isinstance(gave, Refused) for gave in one.gave)
            counts.update([f"failed with {one.sqlstate}"] if one.sqlstate else [])
        fault = judge(case, observed).fault
        if fault:
            kind = "without a serial order" if fault == NO_ORDER else "unexpected"
            counts[kind] += 1
            if counts[kind] <= (1 if options.expect_anomalies else SHOWN):
                show(case, fault)
        if time.monotonic() >= end:
            break
    return counts


def main(given: list[str] | None = None) -> int:
    """Runs the cases; the exit status says whether they are as they have to be."""
    options = arguments(given)
    print(f"{options.transactions} transactions, {options.level}, seed {options.seed}", flush=True)
    start = time.monotonic()
    counts = run(options)
    seconds = time.monotonic() - start
    print(f"  {counts['cases']} cases in {seconds:.1f} s, {counts['cases'] / seconds:.0f}/s")
    print("  " + ", ".join(f"{n} {what}" for what, n in counts.most_common() if what != "cases"))
    anomalies = counts["without a serial order"]
    if options.expect_anomalies and not anomalies:
        print("  EXPECTED and not found: a case without a serial order")
    return 1 if counts["unexpected"] or bool(anomalies) != options.expect_anomalies else 0


if __name__ == "__main__":
    sys.exit(main())
