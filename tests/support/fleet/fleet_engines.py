"""What every engine must do alike: stores of odd rows, and every question asked of them."""

import random
import subprocess
import sys
from functools import cache
from importlib import resources
from pathlib import Path

from sqlglot import exp

from support.fleet.sql_subset import parse, selected, tables
from tipstaff_fleet import questions
from tipstaff_fleet import tables as layout
from tipstaff_fleet.engines.choice import open_engine
from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.ingest.ingest import ingest
from tipstaff_fleet.questions import PARAMETER, fill_in, read_text
from tipstaff_fleet.store.rows import copy_rows
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import (
    CREDENTIALS,
    FINDINGS,
    RUNS,
    STATES,
    STORED,
    TYPES,
    Table,
)

ROOT = Path(__file__).resolve().parents[3]
START, DAY = 1_795_000_000, 86_400
NAMES = sorted(
    path.name.removesuffix(".sql")
    for path in resources.files(questions).iterdir()
    if path.name.endswith(".sql")
)
READ = {name: tables(read_text(name)) for name in NAMES}
RELATIONS = sorted({name for read in READ.values() for name in read if name in READ})
ASKED = [name for name in NAMES if name not in RELATIONS]
NUMBERS = {
    "at_s": START + 5 * DAY,
    "before_s": START + 2 * DAY,
    "silent_s": START + 3 * DAY,
    "gone_s": START - DAY,
    "limit": 100_000,
}
EARLIER = NUMBERS | {"at_s": START + 2 * DAY, "silent_s": START}
HOSTILE = (
    "",
    "a",
    "B",
    "ä",
    "Z",
    "zebra",
    "name:z'; DROP TABLE runs; --",
    'name:"quoted"',
    "two\nlines",
    "two\r\nlines",
    "\\.",
    "end\n\\.\nof data",
    "\\N",
    "NULL",
    "%s %(x)s {x} $1 :at_s ?",
    " space ",
    "\ttab",
    "a,b;c",
    "\x01\x1f\x7f",
    "日本",
    "\uffee",
    "\U0001d4b3",
    "e\u0301",
    "é",
    "\u202egpj.exe",
    "0",
    "-1",
    "1e5",
    "x" * 3000,
)
"""Texts that a host can put into a report. The order of some differs by language, or by UTF-16."""
FEW = {
    "status": ("pass", "fail", "fail", "error", "not_applicable"),
    "severity": ("critical", "high", "medium", "low", "info"),
    "client": ("", "codex", "claude"),
    "user_name": ("", "ann", "Ann", "ånn"),
    "home": ("/home/a", "/home/a/.codex"),
    "client_version": ("0.169.0", "0.171.0", ""),
    "policy_version": ("1", "2", "10", ""),
    "tipstaff_version": ("0.4.0", "0.10.0"),
    "policy_id": ("", "acme"),
    "policy_fingerprint": ("sha256:a", "sha256:b"),
    "verdict": ("allow", "log_out", "unknown"),
    "sign_in": ("complies", "violates", "cannot_tell"),
    "log_head": ("", "h1", "h2"),
    "fingerprint": ("", "f1", "f2", "f3"),
    "run_id": ("r1", "r2", "r3"),
    "check_id": ("TIP101", "TIP102", "TIP202", "TIP301", "TIP408"),
}
FLAGS = ("image", "partial", "trial", "client_proven", "waived", "active", "central")


@cache
def generated_reports():
    """Return the reports of a fleet with a history, by the generator of the benchmarks."""
    program = ROOT / "benchmarks/fleet_generator.py"
    words = ["--hosts", "40", "--rounds", "6", "--seed", "7"]
    return subprocess.run([sys.executable, program, *words], capture_output=True, check=True).stdout


def generated_store(folder):
    """Return a store of a fleet with a history, ingested in parts."""
    store = Store(str(folder / "store"))
    lines = generated_reports().splitlines(keepends=True)
    for number in range(3):
        source = folder / f"{number}.ndjson"
        source.write_bytes(b"".join(lines[number::3]))
        ingest(store, [str(source)], now_s=START + 20 * DAY, processes=1)
    return store


def odd_store(folder, seed=63):
    """Return a store of random rows: ties, empty texts, hostile ones, persons without a client."""
    store, chance = Store(str(folder / "store")), random.Random(seed)
    for part in range(3):
        add_part(store, chance, part)
    return store


def add_part(store, chance, part):
    """Commit another part of random rows to a store."""
    rows = odd_rows(chance, part)
    with store.write() as writer, open_embedded(store.folder, threads=1) as database:
        files = []
        for table, given in rows.items():
            load(database, table, given)
            files.append(copy_rows(database, store.folder, table, f"SELECT * FROM {table.name}"))
        writer.commit(files)


def merge_parts(store):
    """Replace the files of each table by one, as compaction does."""
    with store.write() as writer, open_embedded(store.folder, threads=1) as database:
        files = []
        for table in STORED:
            paths = store.paths(writer.manifest.of_table(table.name))
            query = f"SELECT * FROM read_parquet({paths})"
            files.append(copy_rows(database, store.folder, table, query))
        writer.commit(files, writer.manifest.files)


def load(database, table, rows):
    """Make a table in an embedded database."""
    kinds = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in table.columns)
    database.execute(f"CREATE TABLE {table.name} ({kinds})")
    marks = ", ".join("?" for _ in table.columns)
    database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)


def odd_rows(chance, part):
    """Return random rows of every table; no key of one part stands in another."""
    sets = [f"{part}-set-{number}" for number in range(5)]
    states = [f"{part}-state-{number}" for number in range(3)]
    runs = []
    for number in range(90):
        own = {
            "run_seq": (part << 20) + number,
            "run_key": f"{part}-{number}",
            "content": f"{part}-{number}",
            "host_id": f"name:{(host := chance.choice(HOSTILE))}",
            "host_name": host,
            "seen_s": START + chance.randrange(6) * DAY,
            "seen_day": 20261118,
            "compliant": chance.choice((-1, 0, 1)),
            "set_id": chance.choice(["", *sets]),
            "state_id": chance.choice(states),
            "image": int(chance.random() < 0.1),
            "partial": int(chance.random() < 0.1),
        }
        runs.append(odd_row(RUNS, own, chance))
    findings = []
    for key_set in sets:
        keys = {
            (chance.choice(FEW["check_id"]), chance.choice(HOSTILE))
            for _ in range(chance.randrange(12))
        }
        for check_id, subject in sorted(keys):
            own = {"set_id": key_set, "check_id": check_id, "subject": subject}
            own["waived_until_s"] = chance.choice((0, START + 6 * DAY))
            findings.append(odd_row(FINDINGS, own, chance))
    credentials = [
        odd_row(CREDENTIALS, {"run_seq": chance.choice(runs)[0]}, chance) for _ in range(60)
    ]
    others = {
        table: [
            odd_row(table, {table.columns[0].name: f"{part}-{number}"}, chance)
            for number in range(4)
        ]
        for table in STORED
        if table not in {RUNS, FINDINGS, CREDENTIALS, STATES}
    }
    return {
        RUNS: runs,
        FINDINGS: findings,
        CREDENTIALS: credentials,
        STATES: [odd_row(STATES, {"state_id": state}, chance) for state in states],
    } | others


def odd_row(table, own, chance):
    """Return a row with some values given and the others by chance."""
    return [own.get(column.name, odd_value(column, chance)) for column in table.columns]


def odd_value(column, chance):
    """Return a value by chance, out of few where rows are grouped by it."""
    if column.name in FEW:
        return chance.choice(FEW[column.name])
    if column.name in FLAGS:
        return int(chance.random() < 0.3)
    return chance.choice(HOSTILE) if column.kind == "text" else chance.randrange(5)


def given_tables(engine):
    """Return the tables that are given with questions, each with rows that fit a store."""
    hosts = engine.ask(
        "SELECT host_id, max(host_name) AS host_name FROM runs GROUP BY host_id ORDER BY host_id"
    )
    chance = random.Random(1)
    found = []
    for table in vars(layout).values():
        if isinstance(table, Table) and table not in STORED and table.name not in READ:
            rows = {}
            for number, (host_id, name) in enumerate(hosts[::2]):
                own = {"host_id": host_id, "host_name": name, "unit": f"unit {number % 3}"}
                own |= {"entry": name if number % 2 else host_id, "control_no": number % 4}
                rows[(host_id, name)] = tuple(odd_row(table, own, chance))
            found.append((table, sorted(set(rows.values()))))
    return found


def missing_tables():
    """Return what some text reads that nothing defines."""
    given = {table.name for table in vars(layout).values() if isinstance(table, Table)}
    return {name for read in READ.values() for name in read} - given - set(NAMES)


def in_order():
    """Return the relations, each after those that it reads."""
    found = []

    def add(name):
        for read in sorted(READ[name]):
            if read in READ and read not in found:
                add(read)
        if name not in found:
            found.append(name)

    for name in RELATIONS:
        add(name)
    return found


def filled(name, numbers):
    """Return a text with its parameters; one that is not known is a small number."""
    text = read_text(name)
    return fill_in(
        text, {relation: numbers.get(relation, 3) for relation in PARAMETER.findall(text)}
    )


def define_all(engine):
    """Define the relations as of an earlier moment, then again as of now but for the earlier ones."""
    for table, rows in given_tables(engine):
        engine.load(table, rows)
    for name in in_order():
        engine.define(name, filled(name, EARLIER))
    for name in in_order():
        if not name.endswith("_before"):
            engine.define(name, filled(name, NUMBERS))


def answers(engine):
    """Return the rows of every question in their order, and those of every relation in any."""
    define_all(engine)
    found = {name: engine.ask(filled(name, NUMBERS)) for name in ASKED}
    for name in RELATIONS:
        columns = ", ".join(select.alias_or_name for select in parse(read_text(name)).selects)
        found[name] = sorted(engine.ask(f"SELECT {columns} FROM {name}"))
    return found


def selects_of(tree):
    """Return the parts of a union; of another text itself."""
    if isinstance(tree, exp.Union):
        return [*selects_of(tree.this), *selects_of(tree.expression)]
    return [tree]


def order_faults(engine, name):
    """Return how many rows of an answer share their place in its order, and how many have none."""
    tree = parse(filled(name, NUMBERS))
    order = tree.args.get("order")
    if order is None:
        return (0, 0)
    names = [f"o{number}" for number in range(len(order.expressions))]
    tree.set("order", None)
    tree.set("limit", None)
    for select in selects_of(tree):
        items = [selected(select, expression.this).copy() for expression in order.expressions]
        made = [item.as_(column) for item, column in zip(items, names, strict=True)]
        select.set("expressions", [*select.expressions, *made])
    text = tree.sql(dialect="duckdb")
    listed = ", ".join(names)
    shared = engine.ask(
        f"SELECT count(*) FROM (SELECT 1 FROM ({text}) AS q GROUP BY {listed} HAVING count(*) > 1)"
    )
    empty = " OR ".join(f"{column} IS NULL" for column in names)
    nulls = engine.ask(f"SELECT count(*) FROM ({text}) AS q WHERE {empty}")
    return (shared[0][0], nulls[0][0])


def copy_of(address, store):
    """Return every row that an engine holds of a store, without an order."""
    with open_engine(address, store) as engine:
        return {
            table.name: sorted(engine.ask(f"SELECT {', '.join(table.names())} FROM {table.name}"))
            for table in STORED
        }
