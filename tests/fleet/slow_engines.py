"""ClickHouse, as the library chDB, and Spark in this process answer every question as DuckDB does.

Not part of `make test`, because both take a gigabyte and minutes: `make test-engines`.
"""

import random
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest

from support.fleet.engine_servers import clickhouse
from support.fleet.fleet_engines import (
    NAMES,
    NUMBERS,
    add_part,
    answers,
    copy_of,
    generated_store,
    merge_parts,
    odd_store,
)
from tipstaff_fleet.engines.choice import load_store, open_engine
from tipstaff_fleet.errors import (
    EngineAccessError,
    EngineError,
    NewerStoreError,
    NoStoreError,
    OtherStoreError,
    ReadOnlyEngineError,
)
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import EXPECTED, RUNS, STORED, Column, Table

# Before the client alone, which is in .venv; a variable of Python's does not reach Tipstaff.
SITE = Path(__file__).resolve().parent.parent.parent / ".engines/site"
sys.path.insert(0, str(SITE))
STORES = {"a fleet with a history": generated_store, "odd rows": odd_store}
SPARK = "spark:local[2]"
QUESTION = "SELECT run_seq, host_name FROM runs ORDER BY run_seq"


@pytest.fixture(scope="module", params=STORES.values(), ids=STORES)
def store(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def embedded(store):
    with open_engine("duckdb:", store) as engine:
        return answers(engine)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with clickhouse(tmp_path_factory.mktemp("clickhouse")) as port:
        yield f"clickhouse://fleet:right@127.0.0.1:{port}"


def run(address, *statements):
    """Run statements on a server as its owner."""
    from tipstaff_fleet.engines.http_client import Session, read_address

    with closing(Session(read_address(address))) as session:
        for statement in statements:
            session.run(statement)


@pytest.fixture
def database(server):
    """Give the address of a database without a fleet."""
    run(server, "DROP DATABASE IF EXISTS one SYNC")
    return f"{server}/one"


@pytest.fixture(scope="module")
def of_clickhouse(server, store):
    address = f"{server}/{'odd' if 'odd' in store.folder else 'alike'}{abs(hash(store.folder))}"
    load_store(address, store)
    with open_engine(address, store) as engine:
        return answers(engine)


@pytest.fixture(scope="module")
def of_spark(store):
    with open_engine(SPARK, store) as engine:
        return answers(engine)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return odd_store(tmp_path_factory.mktemp("odd"))


@pytest.fixture
def odd(made_once, tmp_path):
    """Give a store of odd rows that a test may change."""
    return Store(shutil.copytree(made_once.folder, tmp_path / "store"))


@pytest.mark.parametrize("name", NAMES)
def test_clickhouse_gives_the_rows_of_duckdb_in_their_order(name, embedded, of_clickhouse):
    assert of_clickhouse[name] == embedded[name]


@pytest.mark.parametrize("name", NAMES)
def test_spark_gives_the_rows_of_duckdb_in_their_order(name, embedded, of_spark):
    assert of_spark[name] == embedded[name]


def test_every_value_of_a_store_comes_back_from_clickhouse_as_it_is(database, odd):
    load_store(database, odd)

    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_every_value_of_a_store_comes_back_from_spark_as_it_is(odd):
    assert copy_of(SPARK, odd) == copy_of("duckdb:", odd)


def test_only_new_files_are_loaded_and_a_merged_one_doubles_no_row(database, odd):
    load_store(database, odd)
    assert load_store(database, odd).files == 0
    add_part(odd, random.Random(9), 3)
    assert load_store(database, odd).files == len(STORED)
    add_part(odd, random.Random(10), 4)
    merge_parts(odd)
    load_store(database, odd)

    assert copy_of(database, odd) == copy_of("duckdb:", odd)


CUTS = ("FORMAT Parquet", "INSERT INTO tipstaff_fresh", "ALTER TABLE", "INSERT INTO tipstaff_parts")


@pytest.mark.parametrize("cut", CUTS)
def test_a_load_that_ends_in_between_is_made_whole_by_the_next(cut, database, odd, monkeypatch):
    from tipstaff_fleet.engines.http_client import Session

    post, seen = Session._post, []

    def end(session, body, statement=""):
        text = statement or body.decode()
        answer = post(session, body, statement)
        if cut in text:
            seen.append(text)
        if len(seen) == 2:
            answer.close()
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(Session, "_post", end)
    with pytest.raises(KeyboardInterrupt):
        load_store(database, odd)
    monkeypatch.undo()
    load_store(database, odd)

    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_rows_come_one_by_one_as_they_come_at_once_while_other_questions_are_asked(database, odd):
    load_store(database, odd)
    with open_engine(database, odd) as engine:
        rows = engine.stream(QUESTION)
        found = [next(rows), *engine.ask(QUESTION)[1:2], *list(rows)[1:]]

        assert found == engine.ask(QUESTION)


def test_spark_gives_rows_one_by_one(odd):
    with open_engine(SPARK, odd) as engine:
        assert list(engine.stream(QUESTION)) == engine.ask(QUESTION)


def test_what_a_reader_defines_is_gone_for_the_next(database, odd):
    load_store(database, odd)
    with open_engine(database, odd) as engine:
        engine.load(EXPECTED, [("h", "h", "u")])
    with open_engine(database, odd) as engine, pytest.raises(EngineError, match="expected"):
        engine.ask("SELECT host_id FROM expected ORDER BY host_id")


def test_a_database_with_another_store_is_refused(database, odd, tmp_path):
    load_store(database, odd)

    with pytest.raises(OtherStoreError, match="another store"):
        load_store(database, odd_store(tmp_path / "other", seed=1))


def test_tables_of_a_newer_release_are_refused(database, odd):
    load_store(database, odd)
    run(
        database,
        "TRUNCATE TABLE one.tipstaff_store",
        "INSERT INTO one.tipstaff_store VALUES (2, 'x')",
    )

    with pytest.raises(NewerStoreError, match="format 2"):
        load_store(database, odd)


def test_a_database_without_a_fleet_says_how_one_is_loaded(database, odd):
    with pytest.raises(NoStoreError, match="tipstaff fleet ingest"), open_engine(database, odd):
        pass


def test_a_wrong_password_is_said_and_not_shown(server, odd):
    wrong = server.replace("right", "s3cr3tword")
    with (
        pytest.raises(EngineAccessError, match="CLICKHOUSE_PASSWORD") as caught,
        open_engine(wrong, odd),
    ):
        pass
    assert "s3cr3tword" not in str(caught.value)


def test_a_user_who_may_read_alone_is_told_so(database, odd):
    from tipstaff_fleet.engines import clickhouse as module

    load_store(database, odd)
    with module._connect(database) as session:
        session.run("SET readonly = 1")
        with pytest.raises(ReadOnlyEngineError, match="read alone"):
            module.ClickHouse(session).load(EXPECTED, [])


SEEN = Table(
    "seen", "what a worker made of a run", (*RUNS.columns[:1], Column("place", "text", ""))
)


def test_work_on_the_workers_of_spark_sees_every_row(odd):
    def count_places():  # the workers cannot import this file
        places = []

        def work(rows):
            for run_seq, name in rows:
                places.append(name)
                yield run_seq, f"{name}!"

        return work

    with open_engine(SPARK, odd) as engine:
        found = list(engine.map_rows(QUESTION, count_places, SEEN, "run_seq"))

        assert found == [(number, f"{name}!") for number, name in engine.ask(QUESTION)]


def test_a_simulation_on_the_workers_of_spark_ends_everybody_as_one_machine_does(tmp_path):
    from support.fleet.fleets import METHODS, shipment
    from tipstaff_fleet.simulation.batches import Simulator
    from tipstaff_fleet.simulation.fleet import define_people, simulate_fleet
    from tipstaff_fleet.simulation.on_spark import simulate_on_workers
    from tipstaff_fleet.simulation.tally import FleetTally

    store, shipments = generated_store(tmp_path), {"codex": shipment(METHODS)}
    here, there = (FleetTally(examples=3, canaries=5) for _ in range(2))
    with open_engine("duckdb:", store) as engine:
        engine.load(EXPECTED, [])
        apart = define_people(engine, NUMBERS)
        work = simulate_fleet(engine, Simulator(shipments), here, apart.people)
    with open_engine(SPARK, store) as engine:
        engine.load(EXPECTED, [])
        define_people(engine, NUMBERS)
        found = simulate_on_workers(engine, shipments, lambda *_: False, there)

    assert (there.outcomes, there.units) == (here.outcomes, here.units)
    assert there.choose() == here.choose()
    assert (found.classes, found.differing) == (work.classes, work.differing)
    assert len(here.outcomes) > 1
