"""The history checker: it finds each anomaly in a history made by hand, nothing in what is in
order; and short runs of random transactions have nothing that their level forbids."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import tupelo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "isolation"))

import history  # noqa: E402
from anomalies import Report, analyse  # noqa: E402
from dependencies import strongly_connected  # noqa: E402
from history_workload import Settings, run  # noqa: E402
from observations import (  # noqa: E402
    Append,
    Delete,
    History,
    Operation,
    Read,
    Shorter,
    Transaction,
)
from scenario import LEVELS  # noqa: E402

X, Y, Z = 1, 2, 3


def transaction(*operations: Operation, session: int = -1) -> Transaction:
    """A committed one; without a number its session has no other."""
    return Transaction(session, list(operations), committed=True, is_writer=True)


def aborted(*operations: Operation) -> Transaction:
    return Transaction(-1, list(operations), sqlstate="40001", is_writer=True)


def report_of(
    transactions: Sequence[Transaction], final: dict[int, tuple[int, ...]] | None = None
) -> Report:
    for number, one in enumerate(transactions):
        if one.session < 0:
            one.session = 1000 + number
    return analyse(History(list(transactions), final or {}))


# Each with a history that has it and, but for what is said, nothing else; and the lists at the end.
ANOMALIES = {
    "G0": (
        [
            transaction(Append(X, 1), Append(Y, 1_0)),
            transaction(Append(X, 2), Append(Y, 2_0)),
        ],
        {X: (1, 2), Y: (20, 10)},
    ),
    "G1a": ([aborted(Append(X, 1)), transaction(Read(X, (1,)))], {}),
    "G1b": (
        [transaction(Append(X, 1), Append(X, 2)), transaction(Read(X, (1,)))],
        {X: (1, 2)},
    ),
    "G1c": (
        [
            transaction(Append(X, 1), Read(Y, (2,))),
            transaction(Append(Y, 2), Read(X, (1,))),
        ],
        {X: (1,), Y: (2,)},
    ),
    "internal": ([transaction(Append(X, 1), Read(X, ()))], {X: (1,)}),
    "incompatible order": (
        [
            transaction(Append(X, 1)),
            transaction(Append(X, 2)),
            transaction(Read(X, (2, 1))),
        ],
        {X: (1, 2)},
    ),
    "lost append": ([transaction(Append(X, 1)), transaction(Append(X, 2))], {X: (2,)}),
    "lost update": (
        [
            transaction(Read(X, ()), Append(X, 1)),
            transaction(Read(X, ()), Append(X, 2)),
        ],
        {X: (1, 2)},
    ),
    "G-single": (
        [
            transaction(Append(X, 1), Append(Y, 2)),
            transaction(Read(X, ()), Read(Y, (2,))),
        ],
        {X: (1,), Y: (2,)},
    ),
    # The long fork of snapshots: each reader sees one of two writes and not the other.
    "G-nonadjacent": (
        [
            transaction(Append(X, 1)),
            transaction(Append(Y, 2)),
            transaction(Read(X, (1,)), Read(Y, ())),
            transaction(Read(X, ()), Read(Y, (2,))),
        ],
        {X: (1,), Y: (2,)},
    ),
    "G2": (
        [
            transaction(Read(X, ()), Read(Y, ()), Append(X, 1)),
            transaction(Read(X, ()), Read(Y, ()), Append(Y, 2)),
        ],
        {X: (1,), Y: (2,)},
    ),
    "read-only failure": ([Transaction(0, [Read(X, ())], sqlstate="40001")], {}),
}
# What one of these cannot be without.
ALSO = {"G1b": {"G-single"}, "lost update": {"G-single"}}


@pytest.mark.parametrize("name", ANOMALIES)
def test_an_anomaly_is_found(name: str) -> None:
    transactions, final = ANOMALIES[name]
    report = report_of(transactions, final)
    assert name in report.counts
    assert set(report.counts) - {name} <= ALSO.get(name, set())
    assert report.examples[name]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ANOMALIES)
def test_which_level_forbids_it(name: str, level: str) -> None:
    allowed = {"SERIALIZABLE": set(), "REPEATABLE READ": {"G2"}}.get(
        level, {"G2", "G-single", "G-nonadjacent", "lost update"}
    )
    report = report_of(*ANOMALIES[name])
    assert (name in report.violations(level)) == (name not in allowed)


def test_a_serial_history_has_none() -> None:
    report = report_of(
        [
            transaction(Read(X, ()), Read(Y, ()), Shorter(Z, 1), Append(X, 1), session=1),
            transaction(Read(X, (1,)), Append(X, 2), Read(X, (1, 2)), session=2),
            aborted(Read(X, (1, 2)), Append(Y, 3)),
            transaction(Append(Y, 4), Append(Y, 5), Read(Y, (4, 5)), session=1),
            transaction(Read(Y, (4, 5)), Append(Z, 6), session=2),
            transaction(Delete(X, (1, 2)), Read(Z, (6,)), session=1),
            transaction(Read(X, None), Read(Y, (4, 5)), Shorter(Z, 2), session=2),
        ],
        {Y: (4, 5), Z: (6,)},
    )
    assert report.counts == {}


def test_a_history_that_is_serial_in_another_order_has_none() -> None:
    """Those who read before a change come before it, whenever they commit."""
    report = report_of(
        [
            transaction(Append(X, 1), Append(Y, 2)),
            transaction(Read(X, ()), Read(Y, ())),
            transaction(Read(X, ()), Append(Z, 3)),
        ],
        {X: (1,), Y: (2,), Z: (3,)},
    )
    assert report.counts == {}


def test_phantoms_that_are_born() -> None:
    """Absence is a version: each predicate misses what the other transaction inserts."""
    report = report_of(
        [
            transaction(Read(X, ()), Read(Y, ()), Append(X, 1)),
            transaction(Shorter(X, 1), Append(Y, 2)),
        ],
        {X: (1,), Y: (2,)},
    )
    assert set(report.counts) == {"G2"}


def test_phantoms_that_a_change_makes() -> None:
    """A list grows into the predicate: it was seen to be shorter than two elements."""
    transactions = [
        transaction(Append(X, 1)),
        transaction(Read(Y, ()), Append(X, 2)),
        transaction(Shorter(X, 2), Append(Y, 3)),
    ]
    assert set(report_of(transactions, {X: (1, 2), Y: (3,)}).counts) == {"G2"}
    transactions[2] = transaction(Shorter(X, 3), Append(Y, 3))
    assert report_of(transactions, {X: (1, 2), Y: (3,)}).counts == {}


def test_phantoms_that_are_deleted() -> None:
    """Each sees the list alive that the other deletes."""
    report = report_of(
        [
            transaction(Read(Y, ()), Delete(X, ())),
            transaction(Read(X, ()), Delete(Y, ())),
        ]
    )
    assert set(report.counts) == {"G2"}


def test_a_deleted_list_is_seen_by_those_who_come_later_only() -> None:
    """One that sees the list gone, and not what its deleter did besides."""
    report = report_of(
        [transaction(Delete(X, ()), Append(Y, 1)), transaction(Read(X, None), Read(Y, ()))],
        {Y: (1,)},
    )
    assert set(report.counts) == {"G-single"}


def test_deleted_by_nobody_or_twice() -> None:
    assert set(report_of([transaction(Read(X, None))]).counts) == {"G1a"}
    twice = report_of([transaction(Delete(X, ())), transaction(Delete(X, ()))])
    assert "incompatible order" in twice.counts


def test_an_append_behind_a_delete_is_lost() -> None:
    report = report_of([transaction(Delete(X, ())), transaction(Append(X, 1))])
    assert "lost append" in report.counts


def test_a_session_that_does_not_see_its_own_past() -> None:
    """Serializable, if the second came before the first; but they are of one session."""
    transactions = [transaction(Append(X, 1), session=1), transaction(Read(X, ()), session=1)]
    assert set(report_of(transactions, {X: (1,)}).counts) == {"G-single-session"}
    assert report_of(transactions, {X: (1,)}).violations("REPEATABLE READ")
    transactions[1].session = 2
    assert report_of(transactions, {X: (1,)}).counts == {}


def test_the_read_only_anomaly_is_g2() -> None:
    """Fekete, O'Neil and O'Neil (SIGMOD Record 2004): serializable without its reader."""
    writers = [
        transaction(Read(X, ()), Read(Y, ()), Append(X, 1)),
        transaction(Read(Y, ()), Append(Y, 2)),
    ]
    reader = transaction(Read(X, ()), Read(Y, (2,)))
    final = {X: (1,), Y: (2,)}
    assert report_of(writers, final).counts == {}
    assert set(report_of([*writers, reader], final).counts) == {"G2"}


def test_components() -> None:
    edges = {1: [2], 2: [3], 3: [1, 4], 4: [5], 5: [4], 6: [1], 7: []}
    found = strongly_connected(edges, lambda node: edges[node])
    assert sorted(map(sorted, found)) == [[1, 2, 3], [4, 5]]


def test_components_of_a_long_chain() -> None:
    """Longer than a recursion could be."""
    size = 100_000
    found = strongly_connected(range(size), lambda node: [(node + 1) % size])
    assert len(found) == 1 and len(found[0]) == size


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("workload", ["append", "skew"])
def test_random_transactions(level: str, workload: str) -> None:
    """Where write skew is allowed it has to be found, else transactions did not meet at all."""
    outcome = run(Settings(level, 6_000, threads=4, seed="test", workload=workload))
    report = analyse(outcome.history)
    assert outcome.done == 6_000
    assert {name: report.examples[name] for name in report.violations(level)} == {}
    if level == "REPEATABLE READ":
        assert report.counts["G2"] > 0


def test_transactions_that_are_none_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With autocommit each statement sees what others have changed since the one before."""
    connect = tupelo.connect
    monkeypatch.setattr(tupelo, "connect", lambda *a, **kw: connect(*a, **kw, autocommit=True))
    report = analyse(run(Settings("REPEATABLE READ", 3_000, seed="test")).history)
    assert {"lost update", "G-single"} <= set(report.violations("REPEATABLE READ"))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--transactions", "2000", "--workload", "skew", "--seed", "test"]
    assert history.main([*options, "--level", "REPEATABLE READ", "--expect", "G2"]) == 0
    assert "allowed: G2" in capsys.readouterr().out
    assert history.main([*options, "--level", "REPEATABLE READ", "--expect", "G0"]) == 1
    assert "EXPECTED and not found: G0" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        history.main([*options, "--expect", "P5"])


def test_the_exit_status_tells_of_a_violation(capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(*ANOMALIES["G2"])
    assert history.judge(report, "REPEATABLE READ", ["G2"]) == 0
    assert history.judge(report, "SERIALIZABLE", ["G2"]) == 1
    assert "VIOLATION: G2: 1, as T" in capsys.readouterr().out
