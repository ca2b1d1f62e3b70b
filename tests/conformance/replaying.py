"""Every recorded host held against Tipstaff without the client: random ones, tables, real life.

The hosts are laid out as images. What an image does not show, a keyring and what lies outside of
it, is left to the runs with the client, and counted apart.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from conformance import real_life, test_agreement, test_real_life, verdicts
from conformance.client import ENCRYPTED
from conformance.test_corpus import CORPORA, FEWEST, decided, lay_out
from tipstaff_policy.clients.codex.versions import PROVEN

HERE = Path(__file__).parent
ANOTHER_HOST = (
    "toml: managed_config.toml is a link below a file",
    "toml: requirements.toml is a link below a file",
    "toml: config.toml is a link below a file",
)
"""Hosts of the tables that an image is not: it has other things around."""
CHUNK = 200
MOST_SHOWN = 20


def is_image(case):
    """Return whether a host can be laid out as an image, without the client and its keyring."""
    contents = (*case.etc.values(), *case.home.values(), *case.cwd.values())
    return not (
        case.keyring is not None
        or ENCRYPTED in case.home
        or case.entry_point == "interactive"
        or case.without_capabilities
        or case.bundle
        or "CODEX_HOME" in case.env
        or any(isinstance(content, dict) and "fifo" in content for content in contents)
    )


def table_hosts():
    """Return the hosts of the tables that are images."""
    every = {**test_agreement.CASES, **test_agreement.KEPT}
    return {
        name: case for name, case in every.items() if is_image(case) and name not in ANOTHER_HOST
    }


def batches():
    """Yield all that is recorded, in parts of about the same size."""
    for version, path in CORPORA.items():
        yield from _chunks("corpus", version, read_corpus(path))
    endings = verdicts.recorded()
    table = [
        {"name": name, "case": case._asdict(), "ending": endings[name]}
        for name, case in table_hosts().items()
        if name in endings
    ]
    yield from _chunks("table", verdicts.NEWEST_NAME, table)
    names = list(real_life.hosts())
    for begin in range(0, len(names), CHUNK):
        yield "real life", begin, names[begin : begin + CHUNK]


def _chunks(kind, version, lines):
    for begin in range(0, len(lines), CHUNK):
        yield kind, version, lines[begin : begin + CHUNK]


def replay(batch):
    """Replay a part of what is recorded; return its size, how many were judged, and what differs."""
    kind, version, lines = batch
    with tempfile.TemporaryDirectory() as folder:
        return WAYS[kind](Path(folder) / "host", version, lines)


def _differs(found, recorded):
    """Return whether a decision is another one than the client's; unknown is counted apart."""
    own = found.verdict, sorted(found.removes)
    return found.verdict != "unknown" and (recorded["verdict"], recorded["removes"]) != own


def _corpus(root, version, lines):
    wrong, judged = [], 0
    for line in lines:
        lay_out(root, line["case"])
        found = decided(root, line["case"], version)
        judged += found.verdict != "unknown"
        if _differs(found, line):
            wrong.append(f"{version}: random host: {line['verdict']}, Tipstaff {found.verdict}")
    return len(lines), judged, wrong


def _table(root, version, lines):
    wrong, judged = [], 0
    for line in lines:
        lay_out(root, line["case"])
        found = decided(root, line["case"], version)
        now = verdicts.ending(found.verdict, found.removes)
        judged += found.verdict != "unknown"
        if found.verdict != "unknown" and now != line["ending"]:
            wrong.append(f"{version}: {line['name']}: {line['ending']}, Tipstaff {now}")
    return len(lines), judged, wrong


def _real_life(root, _, names):
    recorded = {version: real_life.recorded(version)[1] for version in test_real_life.VERSIONS}
    hosts, wrong, count, judged = real_life.hosts(), [], 0, 0
    for name in map(tuple, names):
        lay_out(root, hosts[name]._asdict())
        for version, ends in recorded.items():
            found = test_real_life.decided(root, hosts[name], version)
            end = ends[name]
            count, judged = count + 1, judged + (found.verdict != "unknown")
            if _differs(found, end):
                wrong.append(
                    f"{version}: {', '.join(name)}: {end['verdict']}, Tipstaff {found.verdict}"
                )
    return count, judged, wrong


WAYS = {"corpus": _corpus, "table": _table, "real life": _real_life}


def record_faults(corpora=CORPORA, proven=PROVEN):
    """Return which proven versions have no record, or one of too few hosts."""
    sizes = {version: len(read_corpus(path)) for version, path in corpora.items()}
    names = [".".join(map(str, version)) for version in proven]
    return [
        f"{name} is proven, and {sizes.get(name, 0)} hosts of it are recorded, not {FEWEST} or more"
        for name in names
        if sizes.get(name, 0) < FEWEST
    ]


def read_corpus(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def replay_all(jobs):
    """Replay all that is recorded; return what differs, how many hosts were judged, and the time."""
    begun, wrong, judged = time.monotonic(), record_faults(), 0
    with ProcessPoolExecutor(jobs) as pool:
        for _, some, differing in pool.map(replay, batches()):
            judged += some
            wrong += differing
    return wrong[:MOST_SHOWN], judged, time.monotonic() - begun


def judge_as(version, row, hosts):
    """Return by name whether Tipstaff, by other values of the row, ends as the client did."""
    given = [[name, case._asdict(), real[:2]] for name, case, real in hosts]
    done = subprocess.run(
        [sys.executable, "-m", "conformance.replay_by_row", version, json.dumps(row)],
        input=json.dumps(given), cwd=HERE.parent, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)
