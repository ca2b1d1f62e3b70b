"""A fleet of any size: ingest, report, page and simulation, each against what DuckDB itself takes.

`--hosts N` makes the fleet by its seed, in parts, so that the reports need no room on the disk.
`--times K` puts every host into the store K times under other names, for sizes that take hours to
make. Bars: ingest at most 1.5 times DuckDB's own reading and writing of the same bytes; the report
at most 1.2 times the same SQL in plain DuckDB and 400 MB; a page of at most 3 MB; a simulation of a
million hosts in 60 s on two cores.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import duckdb

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".venv/bin/tipstaff"
GENERATOR = ROOT / "benchmarks/fleet_generator.py"
AT = "2026-11-21"
LAST_S, DAY_S = 1_795_172_800, 86_400
"""When the last round begins, two days before."""
LONG_AGO = ("--silent-after", "3650d", "--gone-after", "3650d")
"""The fleet reported in November 2026; a simulation asks about now."""
ROWS_OF_A_FILE = 500_000
PART = 20_000
"""Hosts that are made and ingested at a time."""
INGEST_BAR, REPORT_BAR, MEMORY_BAR, PAGE_BAR = 1.5, 1.2, 400, 3.0
SIMULATION_BAR = 60.0
"""Seconds for a million hosts."""
POLICY = """
schema = 1
id = "acme"
version = "9"
login_methods = ["chatgpt"]
on_violation = "log_out"
[[workspaces]]
id = "ws-example"
"""
READ = """
CREATE TABLE read AS SELECT run, client, policy, credentials, decision, findings, summary, state
FROM read_json('{path}', format = 'newline_delimited', maximum_object_size = 4194304, columns = {{
  run: 'STRUCT(id VARCHAR, finished_at VARCHAR, host STRUCT(id VARCHAR, name VARCHAR, os VARCHAR),
    "user" VARCHAR, system_root VARCHAR)',
  client: 'STRUCT(name VARCHAR, version VARCHAR)',
  policy: 'STRUCT(id VARCHAR, version VARCHAR, fingerprint VARCHAR)',
  credentials: 'STRUCT(store VARCHAR, kind VARCHAR, method VARCHAR, fingerprint VARCHAR)[]',
  decision: 'STRUCT(verdict VARCHAR, reason VARCHAR)',
  findings: 'STRUCT("check" VARCHAR, subject VARCHAR, severity VARCHAR, status VARCHAR,
    observed VARCHAR)[]',
  summary: 'STRUCT(compliant BOOLEAN)', state: 'JSON'}});
COPY (SELECT run.id AS id, run.finished_at AS at, run.host.name AS host, client.name AS client,
  policy.version AS policy, decision.verdict AS verdict, summary.compliant AS compliant, state
  FROM read) TO '{folder}/runs.parquet' (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT id, f.* FROM (SELECT run.id AS id, unnest(findings) AS f FROM read))
  TO '{folder}/findings.parquet' (FORMAT parquet, COMPRESSION zstd);
"""
"""What DuckDB does by itself with the same bytes: reads the same fields and writes them."""
PLAIN = """
import duckdb, json, sys
database = duckdb.connect(config={"threads": 1})
for kind, text, rows in json.load(open(sys.argv[1])):
    if kind == "load":
        database.execute(text)
        if rows and rows["rows"]:
            database.executemany("INSERT INTO %s VALUES (%s)" % (rows["name"], rows["marks"]),
                                 rows["rows"])
    else:
        database.execute(text).fetchall()
"""
RECORD = """
import json, sys
from tipstaff_fleet.engines import embedded
from tipstaff_fleet.tables import TYPES
told = []
class Recording(embedded.Embedded):
    def __init__(self, database, store, manifest, scratch):
        class Told:
            def execute(self, text, *given):
                told.append(("ask", text, None))
                return database.execute(text, *given)
            def __getattr__(self, name):
                return getattr(database, name)
        super().__init__(Told(), store, manifest, scratch)
    def load(self, table, rows):
        rows = [list(row) for row in rows]
        kinds = ", ".join(f"{c.name} {TYPES[c.kind]}" for c in table.columns)
        super_database, self.database = self.database, self.database
        told.append(("load", f"CREATE OR REPLACE TABLE {table.name} ({kinds})", {
            "name": table.name, "marks": ", ".join("?" for _ in table.columns), "rows": rows}))
        before = len(told)
        super().load(table, rows)
        del told[before:]
embedded.Embedded = Recording
place = sys.argv.pop(1)
from tipstaff_cli.main import main
main()
json.dump(told, open(place, "w"))
"""
"""Runs the program and writes down every text that it asks, to be asked again without it."""


class Took(NamedTuple):
    """What a process took."""

    wall_s: float
    processor_s: float
    peak_mb: float
    output: str


def run(*words: object, **options) -> Took:
    """Run a process to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.PIPE, text=True, **options
    )
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 4):
        sys.exit(f"{words[0]} ended with {process.returncode}")
    wall = time.perf_counter() - begun
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


def make(folder: Path, hosts: int, rounds: int) -> tuple[float, float, int]:
    """Make a fleet part by part; return the seconds of all ingests, the ratio, and the bytes."""
    reports, store = folder / "reports.ndjson", folder / "store"
    seconds, size, ratio = 0.0, 0, 0.0
    for first in range(0, hosts, PART):
        count = min(PART, hosts - first)
        with reports.open("wb") as opened:
            begin = LAST_S - (rounds - 1) * DAY_S
            words = ("--hosts", count, "--first", first, "--rounds", rounds, "--begin", begin)
            subprocess.run([sys.executable, GENERATOR, *map(str, words)], stdout=opened, check=True)
        if not first:
            ratio = ingest_ratio(folder, reports)
        took = run(PROGRAM, "fleet", "ingest", reports, "--store", store)
        seconds += took.wall_s
        size += reports.stat().st_size
        print(f"\r{first + count:,} hosts", end="", file=sys.stderr)
    reports.unlink()
    print(file=sys.stderr)
    return seconds, ratio, size


def ingest_ratio(folder: Path, reports: Path) -> float:
    """Return the time of an ingest, by that of DuckDB with the same bytes on the same cores."""
    found = []
    for number in range(3):
        text = READ.format(path=reports, folder=folder)
        plain = run(sys.executable, "-c", f"import duckdb; duckdb.connect().execute('''{text}''')")
        ours = run(PROGRAM, "fleet", "ingest", reports, "--store", folder / f"once-{number}")
        found.append(ours.wall_s / plain.wall_s)
        shutil.rmtree(folder / f"once-{number}")
    return sorted(found)[1]


def multiply(store: Path, times: int) -> None:
    """Put every host into a store again, under other names, many into one file."""
    from tipstaff_fleet.store.manifest import StoredFile  # noqa: PLC0415 - not for --help
    from tipstaff_fleet.store.store import Store  # noqa: PLC0415

    opened = Store(str(store))
    with opened.write() as writer:
        added = []
        for file in writer.manifest.files:
            if file.table not in {"runs", "credentials"}:
                continue
            names = "run_seq + number * (1::BIGINT << 50) AS run_seq"
            if file.table == "runs":
                names += ", host_id || '-' || number AS host_id"
                names += ", host_name || '-' || number AS host_name"
            copies = max(1, ROWS_OF_A_FILE // file.rows)
            for first in range(1, times, copies):
                until = min(first + copies, times)
                path = file.path.replace(".parquet", f"-{first}.parquet")
                source = f"read_parquet('{store / file.path}', hive_partitioning = false)"
                duckdb.execute(
                    f"COPY (SELECT * EXCLUDE (number) REPLACE ({names}) FROM {source}, "
                    f"range({first}, {until}) AS copies(number)) TO '{store / path}' "
                    "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720)"
                )
                size = (store / path).stat().st_size
                rows = file.rows * (until - first)
                changed = {"path": path, "bytes": size, "rows": rows}
                added.append(StoredFile(**file.model_dump() | changed))
        writer.commit(added)


def write_expected(path: Path, hosts: int, times: int) -> None:
    """Write which hosts are expected, under all of their names."""
    words = [sys.executable, GENERATOR, "--expected", "--hosts", str(hosts)]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    head, *lines = found.splitlines()
    with path.open("w") as opened:
        opened.write(f"{head}\n")
        for number in range(times):
            names = (line.replace(",", f"-{number}," if number else ",") for line in lines)
            opened.writelines(f"{name}\n" for name in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="keep the store here")
    parser.add_argument("--save", type=Path, help="add what was measured to this file of JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        missed = measure(folder, asked.hosts, asked.rounds, asked.times)
    if asked.save:
        save(asked.save)
    print(f"bars: MISSED by {', '.join(missed)}" if missed else "bars: held")
    sys.exit(bool(missed))


def save(path: Path) -> None:
    """Add what was measured, in the place of what was measured of such a fleet before."""
    known = json.loads(path.read_text()) if path.exists() else []
    kept = [
        load for load in known if any(load[name] != measured[name] for name in ("hosts", "rounds"))
    ]
    path.write_text(json.dumps([*kept, measured], indent=1) + "\n")


measured: dict[str, float] = {}
"""What one run of this program has measured, by a name."""


def note(name: str, took: Took) -> None:
    """Keep what a process took."""
    measured[f"{name}_cpu_s"] = round(took.processor_s, 1)
    measured[f"{name}_wall_s"] = round(took.wall_s, 1)
    measured[f"{name}_mb"] = round(took.peak_mb)


def measure(folder: Path, hosts: int, rounds: int, times: int) -> list[str]:
    """Make a fleet, ask it everything, and print a line for each; return the bars it missed."""
    store, expected = folder / "store", folder / "expected.csv"
    missed = []
    if not store.exists():
        missed += measure_ingest(folder, hosts, rounds)
        if times > 1:
            multiply(store, times)
    fleet = hosts * times
    stored = sum(path.stat().st_size for path in store.rglob("*.parquet"))
    print(f"store       {stored / 1e6:,.0f} MB of {fleet:,} hosts and {rounds} rounds")
    measured.update(hosts=fleet, rounds=rounds, store_mb=round(stored / 1e6))
    write_expected(expected, hosts, times)
    missed += measure_report(folder, store, expected)
    missed += measure_simulation(folder, store, fleet)
    return missed


def measure_ingest(folder: Path, hosts: int, rounds: int) -> list[str]:
    """Make the fleet; return the bars that were missed."""
    seconds, ratio, size = make(folder, hosts, rounds)
    reports = hosts * rounds
    print(
        f"ingest      {ratio:5.2f} x DuckDB (bar {INGEST_BAR}); {reports:,} reports, "
        f"{size / 1e9:.1f} GB in {seconds:.0f} s, {reports / seconds:,.0f} a second"
    )
    return ["ingest"] * (ratio > INGEST_BAR)


def measure_report(folder: Path, store: Path, expected: Path) -> list[str]:
    """Ask for the report and the page; return the bars that were missed."""
    note("report", run(PROGRAM, "fleet", "report", "--store", store, "--at", AT))
    asked = ("fleet", "report", "--store", store, "--expect", expected, "--at", AT)
    ours = run(PROGRAM, *asked)
    note("expect", ours)
    texts = folder / "texts.json"
    run(sys.executable, "-c", RECORD, texts, *asked)
    plain = run(sys.executable, "-c", PLAIN, texts)
    note("plain", plain)
    ratio = ours.processor_s / plain.processor_s
    print(
        f"report      {ratio:5.2f} x plain DuckDB (bar {REPORT_BAR}); {ours.wall_s:.1f} s, "
        f"{ours.peak_mb:.0f} MB (bar {MEMORY_BAR}); plain {plain.wall_s:.1f} s, "
        f"{plain.peak_mb:.0f} MB"
    )
    page = run(PROGRAM, *asked, "--format", "html")
    megabytes = len(page.output.encode()) / 1e6
    measured["page_mb"] = round(megabytes, 2)
    print(f"page        {megabytes:5.2f} MB (bar {PAGE_BAR}); {page.wall_s:.1f} s")
    return [
        *["report"] * (ratio > REPORT_BAR),
        *["memory"] * (ours.peak_mb > MEMORY_BAR),
        *["page"] * (megabytes > PAGE_BAR),
    ]


def measure_simulation(folder: Path, store: Path, fleet: int) -> list[str]:
    """Simulate a policy for all hosts; return the bar if it was missed."""
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    took = run(PROGRAM, "fleet", "simulate", policy, "--store", store, *LONG_AGO)
    note("simulate", took)
    print(
        f"simulation  {took.wall_s:5.1f} s of {fleet:,} hosts, {took.peak_mb:.0f} MB; "
        f"{took.wall_s * 1_000_000 / fleet:.0f} s a million (bar {SIMULATION_BAR:.0f})"
    )
    return ["simulation"] * (took.wall_s > SIMULATION_BAR * max(1, fleet / 1_000_000))


if __name__ == "__main__":
    main()
