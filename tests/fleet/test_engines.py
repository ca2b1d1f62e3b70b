"""DuckDB, PostgreSQL and Spark's protocol answer every question alike; the slower engines: slow_engines."""

import json
import random
import shutil
import subprocess
import sys
import tempfile

import pytest

from support.fleet.engine_servers import postgresql, postgresql_programs, sail
from support.fleet.fleet_engines import (
    ASKED,
    NAMES,
    NUMBERS,
    add_part,
    answers,
    copy_of,
    define_all,
    generated_store,
    merge_parts,
    missing_tables,
    odd_store,
    order_faults,
)
from support.fleet.fleets import METHODS, POLICIES, ROOT, shipment
from tipstaff_fleet.engines.choice import ENGINES, load_store, open_engine
from tipstaff_fleet.engines.embedded import Embedded
from tipstaff_fleet.errors import (
    EngineAccessError,
    EngineError,
    MissingLibraryError,
    NewerStoreError,
    NoStoreError,
    OtherStoreError,
    ReadOnlyEngineError,
    WorkersError,
)
from tipstaff_fleet.simulation import on_spark
from tipstaff_fleet.simulation.batches import Simulator
from tipstaff_fleet.simulation.fleet import define_people, simulate_fleet
from tipstaff_fleet.simulation.on_spark import Shipped, simulate_on_workers
from tipstaff_fleet.simulation.tally import FleetTally
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import EXPECTED, STORED
from tipstaff_policy.errors import UsageError

pytestmark = pytest.mark.xdist_group("engines")
STORES = {"a fleet with a history": generated_store, "odd rows": odd_store}
SECRET = "s3cr3t/word"


@pytest.fixture(scope="module", params=STORES.values(), ids=STORES)
def store(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def embedded(store):
    with open_engine("duckdb:", store) as engine:
        yield answers(engine)


@pytest.fixture(scope="module")
def server():
    """Give the address of a PostgreSQL server without a database."""
    if postgresql_programs() is None:
        pytest.skip("engine not run: PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="tip-") as folder, postgresql(folder) as port:
        yield f"postgresql://fleet:right@127.0.0.1:{port}"


@pytest.fixture(scope="module")
def one_database(server):
    return new_database(server, "one")


@pytest.fixture
def database(one_database):
    """Give the address of a database without a fleet."""
    run(one_database, "DROP SCHEMA IF EXISTS tipstaff CASCADE")
    return one_database


@pytest.fixture(scope="module")
def sail_address(tmp_path_factory):
    pytest.importorskip("pysail", reason="engine not run: Sail is not installed")
    with sail(tmp_path_factory.mktemp("sail")) as port:
        yield f"sc://127.0.0.1:{port}"


def new_database(server, name):
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


def run(address, *statements):
    """Run statements in a database as its owner."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        return [connection.execute(statement).statusmessage for statement in statements]


@pytest.fixture(scope="module")
def of_postgresql(server, store, tmp_path_factory):
    address = new_database(server, "alike")
    load_store(address, store)
    with open_engine(address, store) as engine:
        return answers(engine)


@pytest.fixture(scope="module")
def of_sail(sail_address, store):
    with open_engine(sail_address, store) as engine:
        return answers(engine)


def test_everything_that_a_question_reads_is_defined():
    assert missing_tables() == set()


@pytest.mark.parametrize("name", NAMES)
def test_postgresql_gives_the_rows_of_duckdb_in_their_order(name, embedded, of_postgresql):
    assert of_postgresql[name] == embedded[name]


@pytest.mark.parametrize("name", NAMES)
def test_sail_gives_the_rows_of_duckdb_in_their_order(name, embedded, of_sail):
    assert of_sail[name] == embedded[name]


@pytest.mark.parametrize("name", NAMES)
def test_values_are_whole_numbers_and_texts_alone(name, embedded):
    assert {type(value) for row in embedded[name] for value in row} <= {int, str}


def test_some_question_of_each_store_has_an_answer(embedded):
    assert sum(bool(rows) for rows in embedded.values()) > len(embedded) / 2


def test_no_two_rows_of_an_answer_share_a_place_and_none_has_no_place(store):
    with open_engine("duckdb:", store) as engine:
        define_all(engine)
        assert {name: order_faults(engine, name) for name in ASKED} == dict.fromkeys(ASKED, (0, 0))


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return odd_store(tmp_path_factory.mktemp("odd"))


@pytest.fixture
def odd(made_once, tmp_path):
    """Give a store of odd rows that a test may change."""
    return Store(shutil.copytree(made_once.folder, tmp_path / "store"))


def test_every_value_of_a_store_comes_back_from_postgresql_as_it_is(database, odd):
    load_store(database, odd)

    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_what_is_loaded_twice_is_there_once(database, odd):
    first = load_store(database, odd)
    before = copy_of(database, odd)

    assert (first.files, load_store(database, odd).files) == (3 * len(STORED), 0)
    assert copy_of(database, odd) == before


def test_only_new_files_are_loaded(database, odd):
    load_store(database, odd)
    add_part(odd, random.Random(9), 3)

    assert load_store(database, odd).files == len(STORED)
    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_a_file_that_replaced_loaded_and_new_ones_doubles_no_row(database, odd):
    load_store(database, odd)
    add_part(odd, random.Random(9), 3)
    merge_parts(odd)
    load_store(database, odd)

    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_a_load_that_ends_in_between_is_made_whole_by_the_next(database, odd, monkeypatch):
    from tipstaff_fleet.engines import postgresql as module

    whole, calls = module._load_file, []

    def cut(connection, file, exported):
        rows = whole(connection, file, exported)
        calls.append(file)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return rows

    monkeypatch.setattr(module, "_load_file", cut)
    with pytest.raises(KeyboardInterrupt):
        load_store(database, odd)
    monkeypatch.undo()

    assert load_store(database, odd).files == 3 * len(STORED) - 3
    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_a_reader_sees_nothing_of_a_load_that_comes_later(database, odd):
    load_store(database, odd)
    question = "SELECT count(*) AS n FROM runs ORDER BY n"
    with open_engine(database, odd) as engine:
        before = engine.ask(question)
        add_part(odd, random.Random(9), 3)
        load_store(database, odd)

        assert engine.ask(question) == before


def test_what_a_reader_defines_is_gone_for_the_next(database, odd):
    load_store(database, odd)
    with open_engine(database, odd) as engine:
        engine.load(EXPECTED, [("h", "h", "u")])
    with open_engine(database, odd) as engine, pytest.raises(EngineError, match="expected"):
        engine.ask("SELECT host_id FROM expected ORDER BY host_id")


STREAMING = {"duckdb": "embedded_address", "postgresql": "database", "sail": "sail_address"}


@pytest.fixture
def embedded_address():
    return "duckdb:"


@pytest.mark.parametrize("fixture", STREAMING.values(), ids=STREAMING)
def test_rows_come_one_by_one_as_they_come_at_once_while_other_questions_are_asked(
    fixture, odd, request
):
    address = request.getfixturevalue(fixture)
    load_store(address, odd)
    question = "SELECT run_seq, host_name FROM runs ORDER BY run_seq"
    with open_engine(address, odd) as engine:
        rows = engine.stream(question)
        found = [next(rows), *engine.ask(question)[1:2], *list(rows)[1:]]

        assert found == engine.ask(question)


def tipstaff(*words):
    """Run a command, and return how it ends and what it writes."""
    program = [sys.executable, "-m", "tipstaff_cli", "fleet", *words]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


COMMANDS = {
    "report": ("report", "--at", "2026-11-23", "--format", "json", "--fail-on", "never"),
    "diff": ("diff", "--since", "2026-11-20", "--until", "2026-11-23", "--format", "json"),
    "duplicates": ("duplicates", "--at", "2026-11-23", "--format", "json"),
    "rejected": ("rejected", "--format", "json"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_command_gives_the_same_document_from_a_server_without_a_store(words, database, odd):
    load_store(database, odd)
    embedded = tipstaff(*words, "--store", odd.folder)

    assert embedded[1]
    assert tipstaff(*words, "--engine", database) == embedded


SIMULATED = ("--silent-after", "3000d", "--gone-after", "3650d", "--canary", "5")


@pytest.fixture
def simulated(odd, tmp_path):
    """Return the words that simulate a policy on random rows and on a fleet with a history."""
    policy = tmp_path / "policy.toml"
    policy.write_text(ROOT + METHODS)
    store = generated_store(tmp_path)
    expected = tmp_path / "hosts.csv"
    expected.write_text("".join(f"host-{n:08},unit-{n % 3}\n" for n in range(0, 40, 2)))
    return ("simulate", policy, "--store", store.folder, "--expect", expected, *SIMULATED)


def without_judgements(found):
    """Return a document without what depends on how many judged, and on when."""
    document = json.loads(found)
    assert document.pop("silent_since") > document.pop("gone_since")
    assert document.pop("judgements") >= document["classes"] > 0
    return document


def test_a_simulation_on_workers_gives_the_document_of_one_machine(simulated, sail_address):
    words = (*simulated, "--format", "json", "--at", "2026-12-01")
    here, there = tipstaff(*words), tipstaff(*words, "--engine", sail_address)

    assert without_judgements(there[1]) == without_judgements(here[1])
    assert (there[0], there[2]) == (here[0], here[2])


def test_a_simulation_on_workers_lists_everybody_in_the_same_words(
    simulated, sail_address, tmp_path
):
    here, there = tmp_path / "here", tmp_path / "there"
    tipstaff(*simulated, "--each", here)
    tipstaff(*simulated, "--each", there, "--engine", sail_address)

    assert there.read_text() == here.read_text()
    assert there.read_text()


@pytest.fixture
def judged_by_workers(monkeypatch):
    """Return how a store is simulated by what a worker runs, here."""

    def judge(store, shipments):
        with open_engine("duckdb:", store) as engine:
            engine.load(EXPECTED, [])
            apart = define_people(engine, NUMBERS)
            tally = FleetTally(examples=3, canaries=5)
            work = simulate_on_workers(InOnePlace(engine), shipments, lambda *_: False, tally)
        return apart, tally, work

    return judge


class InOnePlace:
    """Runs a piece of work on batches of a few rows, each of which a worker of its own judges."""

    def __init__(self, engine):
        self._engine = engine

    def map_rows(self, text, make_work, table, order):
        rows = self._engine.ask(text)
        parts = [rows[at : at + 7] for at in range(0, len(rows), 7)]
        random.Random(1).shuffle(parts)
        made = [row for part in parts for row in make_work()(part)]
        place = table.names().index(order)
        return iter(sorted(map(tuple, made), key=lambda row: row[place]))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_however_many_workers_judge_what_is_counted_is_the_same(
    policy, made_once, tmp_path, judged_by_workers
):
    store, shipments = generated_store(tmp_path), {"codex": shipment(policy)}
    tally = FleetTally(examples=3, canaries=5)
    with open_engine("duckdb:", store) as engine:
        engine.load(EXPECTED, [])
        apart = define_people(engine, NUMBERS)
        work = simulate_fleet(engine, Simulator(shipments), tally, apart.people)

    _, found, done = judged_by_workers(store, shipments)

    assert counted(found) == counted(tally)
    assert done._replace(judgements=0) == work._replace(judgements=0)


def counted(tally):
    """Return all that is counted, in the order in which it is listed."""
    reasons = {
        outcome: [(key, entry.count, entry.examples) for key, entry in found.items()]
        for outcome, found in tally.reasons.items()
    }
    return (
        *(tally.outcomes, tally.new, tally.silent, reasons, tally.units, tally.methods),
        *(tally.workspaces, tally.without_environment, tally.unjudged, tally.may_lose),
        tally.choose(),
    )


def test_workers_without_tipstaff_are_named_and_this_host_judges(simulated, monkeypatch, capsys):
    from tipstaff_cli.commands.fleet import simulate
    from tipstaff_cli.main import main

    def refuse(*_):
        raise WorkersError("a worker has no Tipstaff", remedy="install it")

    monkeypatch.setattr(simulate, "Workers", Embedded)
    monkeypatch.setattr(simulate, "simulate_on_workers", refuse)
    monkeypatch.setattr(sys, "argv", ["tipstaff", "fleet", *map(str, simulated)])
    code = main()
    printed = capsys.readouterr()

    assert code == 0
    assert "a worker has no Tipstaff" in printed.err
    assert " users (" in printed.out


def test_a_worker_of_another_release_refuses():
    shipped = Shipped({}, lambda *_: False, lines=False, version="0.0.0")

    with pytest.raises(ModuleNotFoundError, match=r"tipstaff 0\.0\.0 is needed"):
        on_spark._begin(shipped)


def test_ingest_loads_the_engine_and_does_so_again_without_sources(database, odd):
    found = [tipstaff("ingest", "--store", odd.folder, "--engine", database) for _ in range(2)]

    assert [code for code, _, _ in found] == [0, 0]
    assert [text.split(" ")[0] for _, text, _ in found] == [str(3 * len(STORED)), "0"]
    assert copy_of(database, odd) == copy_of("duckdb:", odd)


def test_ingest_into_an_unknown_engine_ends_before_it_reads_anything(tmp_path):
    store = tmp_path / "store"
    code, _, said = tipstaff("ingest", str(tmp_path), "--store", str(store), "--engine", "x:y")

    assert (code, store.exists()) == (2, False)
    assert "of no known kind" in said


def test_ingest_of_nothing_into_no_engine_is_a_usage_error(tmp_path):
    assert tipstaff("ingest", "--store", str(tmp_path / "store"))[0] == 2


def test_the_engine_in_the_process_needs_a_store():
    code, _, said = tipstaff("report")

    assert code == 2
    assert "--store is missing" in said


def test_a_database_with_another_store_is_refused_and_stays_as_it_is(database, odd, tmp_path):
    load_store(database, odd)
    before = copy_of(database, odd)
    other = odd_store(tmp_path / "other", seed=1)

    with pytest.raises(OtherStoreError, match="another store"):
        load_store(database, other)
    assert copy_of(database, odd) == before


ACTIONS = {
    "to read": lambda address, store: open_engine(address, store).__enter__(),
    "to load": load_store,
}


@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)
def test_tables_of_a_newer_release_are_refused(act, database, odd):
    load_store(database, odd)
    run(database, "UPDATE tipstaff.tipstaff_store SET format = 2")

    with pytest.raises(NewerStoreError, match="format 2; this release reads format 1"):
        act(database, odd)


def test_a_database_without_a_fleet_says_how_one_is_loaded(database, odd):
    with pytest.raises(NoStoreError, match="tipstaff fleet ingest"), open_engine(database, odd):
        pass


def test_a_store_that_is_not_there_is_not_made(database, tmp_path):
    with pytest.raises(NoStoreError):
        load_store(database, Store(str(tmp_path / "none")))
    assert not (tmp_path / "none").exists()


def test_a_read_only_database_is_said_to_be_one(server, odd):
    database = new_database(server, "read_only")
    load_store(database, odd)
    run(database, "ALTER DATABASE read_only SET default_transaction_read_only = on")

    with (
        pytest.raises(ReadOnlyEngineError, match="read-only"),
        open_engine(database, odd) as engine,
    ):
        engine.load(EXPECTED, [])
    add_part(odd, random.Random(9), 3)
    with pytest.raises(ReadOnlyEngineError, match="read-only"):
        load_store(database, odd)


def test_a_user_without_the_right_to_load_is_told_which(server, database, odd):
    run(database, "DROP ROLE IF EXISTS weak", f"CREATE ROLE weak LOGIN PASSWORD '{SECRET}'")
    weak = database.replace("fleet:right", f"weak:{SECRET.replace('/', '%2F')}")

    with pytest.raises(EngineAccessError, match="the right to create the schema") as caught:
        load_store(weak, odd)
    assert SECRET not in str(caught.value)


def test_a_database_that_keeps_no_unicode_is_refused(server, odd):
    run(
        f"{server}/postgres",
        "DROP DATABASE IF EXISTS latin",
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0",
    )
    with pytest.raises(EngineError, match="LATIN1"):
        load_store(f"{server}/latin", odd)


def closed_port():
    from support.fleet.engine_servers import free_port

    return free_port()


UNREACHABLE = {
    "postgresql": f"postgresql://fleet:{SECRET.replace('/', '%2F')}@127.0.0.1:{{port}}/x?connect_timeout=2",
    "clickhouse": f"clickhouse://fleet:{SECRET.replace('/', '%2F')}@127.0.0.1:{{port}}/x",
    "sc": f"sc://127.0.0.1:{{port}}/;token={SECRET.replace('/', '%2F')}",
}


@pytest.mark.parametrize("address", UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_server_that_cannot_be_reached_is_named_without_the_password(address, odd, monkeypatch):
    monkeypatch.setenv("GRPC_VERBOSITY", "NONE")
    port = closed_port()
    with pytest.raises(EngineError) as caught, open_engine(address.format(port=port), odd):
        pass
    text = str(caught.value)

    assert f"127.0.0.1:{port}" in text
    assert "to do:" in text
    assert SECRET not in text


def test_a_wrong_password_is_said_and_not_shown(database, odd):
    wrong = database.replace("fleet:right", f"fleet:{SECRET.replace('/', '%2F')}")
    with pytest.raises(EngineAccessError, match="password") as caught, open_engine(wrong, odd):
        pass
    assert SECRET not in str(caught.value)


WRONG = {
    "no scheme": "/var/lib/fleet",
    "an unknown scheme": f"mysql://u:{SECRET}@host/db",
    "DuckDB with a path": "duckdb:/tmp/x.db",
    "PostgreSQL with an unknown option": f"postgresql://u:{SECRET}@host/db?nonsense=1",
    "PostgreSQL with a wrong port": f"postgresql://u:{SECRET}@host:port/db?port=x y",
    "ClickHouse without a host": "clickhouse:///db",
    "ClickHouse with a wrong port": f"clickhouse://u:{SECRET}@host:port/db",
    "ClickHouse with an unknown option": f"clickhouse://u:p@host/db?secure={SECRET}",
    "ClickHouse with a database that is no name": "clickhouse://host/a;b",
    "Spark without a master": "spark:",
    "Spark Connect without a host": "sc://",
    "Spark Connect with a token that is a path": f"sc://host/;token={SECRET}",
}


@pytest.mark.parametrize("address", WRONG.values(), ids=WRONG)
def test_an_address_that_cannot_be_read_is_a_usage_error_that_quotes_no_secret(address, odd):
    with pytest.raises(UsageError) as caught:
        load_store(address, odd)
    assert SECRET not in str(caught.value)


NEEDS = {"postgresql": "psycopg", "sc": "pyspark", "spark": "pyspark"}


@pytest.mark.parametrize(("scheme", "library"), NEEDS.items(), ids=NEEDS)
def test_a_missing_library_is_named_with_the_extra_that_installs_it(
    scheme, library, odd, monkeypatch
):
    for name in [module for module in sys.modules if module.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, ENGINES[scheme].module, raising=False)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(MissingLibraryError, match=f"extra `{ENGINES[scheme].extra}`"):
        load_store(f"{scheme}://host", odd)
