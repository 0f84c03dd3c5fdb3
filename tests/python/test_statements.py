"""The statement cache, prepared statements and profiles."""

import threading

import pytest
import tupelo


def test_the_same_str_is_found_by_identity(con):
    sql = "SELECT 1 + ?"
    before = con.cache_info()
    for i in range(10):
        con.execute(sql, (i,))
    after = con.cache_info()
    assert after.misses - before.misses == 1
    assert after.identity_hits - before.identity_hits == 9
    assert after.hits - before.hits == 9


def test_an_equal_str_is_found_by_hash(con):
    con.execute("SELECT 1")
    before = con.cache_info()
    con.execute("".join(["SELECT", " 1"]))
    after = con.cache_info()
    assert (after.hits - before.hits, after.identity_hits - before.identity_hits) == (1, 0)


def test_the_least_recently_used_goes_first():
    con = tupelo.connect(cached_statements=3)
    for n in (1, 2, 3):
        con.execute(f"SELECT {n}")
    con.execute("SELECT 1")
    con.execute("SELECT 4")  # puts 2 out
    info = con.cache_info()
    assert (info.size, info.max_size, info.evictions) == (3, 3, 1)
    con.execute("SELECT 1")
    assert con.cache_info().misses == info.misses
    con.execute("SELECT 2")
    assert con.cache_info().misses == info.misses + 1


def test_no_cache():
    con = tupelo.connect(cached_statements=0)
    for _ in range(3):
        assert con.execute("SELECT 1").fetchone() == (1,)
    assert con.cache_info().size == 0 and con.cache_info().misses == 3
    with pytest.raises(ValueError):
        tupelo.connect(cached_statements=-1)


def test_many_statements_through_a_small_cache():
    con = tupelo.connect(cached_statements=7)
    for i in range(1000):
        n = i * i % 23
        assert con.execute(f"SELECT {n}").fetchone() == (n,)
    assert con.cache_info().size == 7


def test_a_cached_statement_follows_changed_definitions(con):
    sql = "SELECT * FROM t"
    con.execute("CREATE TABLE t (a INTEGER)")
    con.execute("INSERT INTO t VALUES (1)")
    assert con.execute(sql).fetchall() == [(1,)]
    con.execute("ALTER TABLE t ADD COLUMN b INTEGER")
    assert con.execute(sql).fetchall() == [(1, None)]
    con.execute("DROP TABLE t")
    with pytest.raises(tupelo.ProgrammingError):
        con.execute(sql)
    con.execute("CREATE TABLE t (s VARCHAR(3))")
    assert con.execute(sql).fetchall() == []


def test_one_statement_with_parameters_of_many_types(con):
    for value in (1, "x", None, 1.5, True, b"b", 2, "y"):
        assert con.execute("SELECT ?", (value,)).fetchone() == (value,)


def test_prepared_statement(people):
    find = people.prepare("SELECT name FROM people WHERE id = ?")
    assert find.sql == "SELECT name FROM people WHERE id = ?"
    assert find.parameter_count == 1 and find.parameter_names == ()
    assert find.connection is people
    assert find(1) == [("Ada",)] and find(9) == []
    first, second = find.execute((1,)), find.execute([2])
    assert (first.fetchone(), second.fetchone()) == (("Ada",), ("Grace",))
    assert repr(find) == f"<tupelo.PreparedStatement {find.sql!r}>"


def test_prepared_statement_that_changes(people):
    change = people.prepare("UPDATE people SET height = ? WHERE id >= ?")
    assert change(1.0, 2) == 2
    assert change.execute((1.0, 9)).rowcount == 0
    insert = people.prepare("INSERT INTO people (id, name) VALUES (?, ?)")
    assert insert.executemany((i, str(i)) for i in range(10, 15)).rowcount == 5
    assert people.prepare("CREATE TABLE other (a INTEGER)")() == -1


def test_prepared_statement_with_names(people):
    find = people.prepare("SELECT :a + :b - :a")
    assert find.parameter_names == ("a", "b") or find.parameter_names == ("A", "B")
    names = find.parameter_names
    assert find(**dict(zip(names, (5, 7), strict=True))) == [(7,)]
    assert find.execute(dict(zip(names, (5, 7), strict=True))).fetchone() == (7,)
    with pytest.raises(tupelo.ProgrammingError):
        find(5, 7)
    with pytest.raises(tupelo.ProgrammingError):
        people.prepare("SELECT ?")(a=1)


def test_prepared_statement_of_a_cursor(people):
    cur = people.cursor()
    find = cur.prepare("SELECT id FROM people WHERE id = ?")
    assert find.execute((3,)) is cur
    assert cur.fetchone() == (3,)
    cur.close()
    with pytest.raises(tupelo.ProgrammingError):
        find(3)


def test_preparing_raises_for_what_is_no_statement(con):
    with pytest.raises(tupelo.ProgrammingError):
        con.prepare("SELEC")
    with pytest.raises(TypeError):
        con.prepare(5)


def test_prepared_statement_keeps_its_connection():
    find = tupelo.connect().prepare("SELECT ?")
    assert find(1) == [(1,)]


def test_profile(people):
    with people.profile() as profile:
        for _ in range(3):
            people.execute("SELECT * FROM people").fetchall()
        people.execute("UPDATE people SET height = ?", (1.0,))
        with pytest.raises(tupelo.ProgrammingError), people.profile():
            pass
    by_sql = {statement.sql: statement for statement in profile.statements}
    select = by_sql["SELECT * FROM people"]
    assert (select.runs, select.rows) == (3, 9)
    assert select.execute_ns > 0 and select.convert_ns > 0 and select.parse_ns >= 0
    assert by_sql["UPDATE people SET height = ?"].rows == 3
    assert profile.total_ns >= select.execute_ns
    people.execute("SELECT 1")
    assert len(profile.statements) == 2


def test_profile_ends_when_the_connection_does(con):
    with con.profile() as profile:
        con.execute("SELECT 1").fetchall()
        con.close()
    assert profile.statements[0].runs == 1


def test_profile_that_is_dropped_while_on(con):
    con.profile().__enter__()
    with con.profile():
        pass


def test_threads_share_the_cache(con):
    failures = []

    def work():
        try:
            for i in range(300):
                assert con.execute(f"SELECT {i % 40}").fetchone() == (i % 40,)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
