"""What Claude Code brings to its proof; see `proving/parts.py` for what each part means."""

import itertools
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from conformance_claude import campaign, cases, generator, judge, surface, writing
from conformance_claude import install as installing
from conformance_claude.oracle import Namespace, Outcome
from conformance_claude.record import as_plain as as_json
from conformance_claude.record import corpus_of, read_corpus
from conformance_claude.replay import replay
from conformance_claude.surface import kept_surface
from proving import faults, records, rows
from proving.hosts import AGREED, DISAGREED, NO_VERDICT, OUTSIDE, Answer
from proving.parts import ProofError
from tipstaff_policy.clients.claude.versions import (
    BEHAVIOURS_IN_ORDER,
    PROVEN,
    behaviours_of,
    version_number,
)

__all__ = ["kept_surface"]
NAME, PACKAGE = "claude", installing.PACKAGE
LOG_OUT, AGAIN = "log-out: ", "again: "
AGAIN_EVERY = 10
"""Random hosts with a store after which the client is started again on what is left."""
HOWS = {
    campaign.AGREED: AGREED,
    campaign.DISAGREED: DISAGREED,
    campaign.NO_VERDICT: NO_VERDICT,
    campaign.NOT_JUDGED: OUTSIDE,
}
CHUNK = 200
MOST_SHOWN = 20
run_suite = None
"""Its other tests ask the client about what the hosts of the tables have too."""


def proven():
    return [".".join(map(str, version)) for version in PROVEN]


def newest():
    return proven()[-1]


def neighbour_of(version):
    """Return the nearest version below of which the command line is kept, else the next above."""
    kept = sorted(
        (path.stem for path in surface.DATA.glob("*.json") if path.stem != version),
        key=version_number,
    )
    below = [name for name in kept if version_number(name) < version_number(version)]
    return below[-1] if below else next(iter(kept), None)


def install(version):
    """Install a release from npm, and return the words that start it."""
    try:
        installing.install(version)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProofError(f"{PACKAGE}@{version} could not be installed: {error}") from error
    words = installing.find_client(version)
    if words is None:
        raise ProofError(f"{PACKAGE}@{version} needs Node.js, which is not installed")
    return words


def stated_version(program):
    """Return the version that the program says, which is the one that was read in it."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*program, "--version"], check=False, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, env={"HOME": home, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    return done.stdout.strip().removesuffix(" (Claude Code)"), time.monotonic() - begun


def read_surface(program):
    return surface.read_surface(program, kept_surface(newest()))


def measure(_run):
    """Return nothing: a value of a wrong kind stops no start, and the hosts have such values."""


def table_hosts(version):
    """Return the hosts of the tables, but for those with an option that the version ends with."""
    knows = campaign.is_given_known(version)
    return {
        name: host
        for name, (host, _) in cases.CASES.items()
        if knows or campaign.GIVEN not in host.flags
    }


def random_hosts(version, seed, count):
    """Return random hosts, and the log-outs and second starts of those that store something."""
    made, stored = {}, itertools.count(1)
    for name, host in campaign.hosts_of(seed, count, version).items():
        made[name] = host
        if judge.stores_something(host):
            made[f"{LOG_OUT}{name}"] = host
            if next(stored) % AGAIN_EVERY == 0:
                made[f"{AGAIN}{name}"] = host
    return made


def as_plain(host):
    return {field: value for field, value in as_json(host._asdict()).items() if value}


def in_words(host):
    return generator.as_text(host)


smaller = generator.smaller


class Side:
    """The client and Tipstaff in one namespace."""

    def __init__(self, program, version):
        self.side = campaign.Side(program, version)

    def ask(self, name, host, real=None):
        """Compare how a start or a log-out ends; see `proving/hosts.py`."""
        recorded = Outcome(**real) if real else None
        before = self.side.namespace.client_s
        if name.startswith(AGAIN):
            found = self.side.start_again(host)
        elif name.startswith(LOG_OUT):
            found = self.side.log_out(host, recorded)
        else:
            found = self.side.start(host, recorded)
        seconds = self.side.namespace.client_s - before
        outcome = as_json(found.outcome._asdict()) if found.outcome else None
        return Answer(HOWS[found.how], outcome, None, found.why, seconds)

    def close(self):
        self.side.namespace.close()


def row_of(version):
    return behaviours_of(version)[0]._asdict()


def alternatives(version):
    return rows.alternatives(behaviours_of(version)[0], BEHAVIOURS_IN_ORDER, "name")


def parse_row(text, version):
    return rows.parse_row(text, behaviours_of(version)[0], "name")


def judge_as(version, row, hosts):
    """Return by name whether Tipstaff, by other values of the row, ends as the client did."""
    namespace, found = Namespace(), {}
    for name, host, real in hosts:
        outcome = Outcome(**real)
        if name.startswith((LOG_OUT, AGAIN)):
            found[name] = True  # a log-out goes by no row
            continue
        ours = judge.ask(namespace, host, version, row)
        found[name] = not judge.difference(ours, outcome)
    namespace.close()
    return found


def take_row(version, row):
    return records.take_row(writing.KNOWLEDGE, version, row)


def kinds_in_words(_kinds):
    return []


def data_faults(version, found, _measured):
    """Return where the data that the project has of a version is not what was found, in lines."""
    kept = kept_surface(version) or {}
    names = {section: dict.fromkeys(part, "") for section, part in found.items()}
    return [
        *faults.differences("options", kept.get("options"), found["options"]),
        *faults.differences("commands", kept.get("commands"), names["commands"]),
        *faults.differences("variables", kept.get("variables"), found["variables"]),
    ]


def write_measured(run):
    return writing.write_measured(run, neighbour_of(run.version))


def recorded_batches():
    """Yield what is recorded of each version, in parts of about the same size."""
    folder = Path(__file__).parent
    for version in installing.VERSIONS:
        for path in (corpus_of(version), folder / f"random-{version}.jsonl.gz"):
            recorded = list(read_corpus(path).items())
            for begin in range(0, len(recorded), CHUNK):
                yield version, dict(recorded[begin : begin + CHUNK])


def replay_batch(batch):
    """Replay a part of a record; return how many hosts were judged, and what differs."""
    version, corpus = batch
    judge.make_known()
    with tempfile.TemporaryDirectory() as folder:
        found = list(replay(corpus, Path(folder) / "host", version))
    wrong = [f"{version}: {one.name}: {one.difference}" for one in found if one.difference]
    return sum(not one.not_judged for one in found), wrong


def replay_recorded(jobs):
    """Replay all that is recorded; return what differs, how many hosts were judged, and the time."""
    begun, wrong, judged = time.monotonic(), [], 0
    with ProcessPoolExecutor(jobs) as pool:
        for some, differing in pool.map(replay_batch, recorded_batches()):
            judged += some
            wrong += differing
    return wrong[:MOST_SHOWN], judged, time.monotonic() - begun


def write(run):
    return writing.write(run)
