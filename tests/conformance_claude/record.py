"""Write down how every host of the tables ends with the real client.

    python -m conformance_claude.record [--client-version V] [--only TEXT]

The corpus of a version is `corpus-V.jsonl.gz`; of an older version the hosts are run on which
versions differ, and what a proof recorded stays. Hosts that are recorded already, and have not changed, are not run again.
"""

import argparse
import concurrent.futures
import gzip
import json
import sys
import time
from pathlib import Path

from conformance_claude import cases, cases_versions, install
from conformance_claude.oracle import (
    NO_END,
    UNKNOWN_ENDING,
    Host,
    Namespace,
    Outcome,
    log_out,
    start,
)

HERE = Path(__file__).parent
BY_PROFILE = ("2.1.84", "2.1.146")


def corpus_of(version):
    """Return the file with what a version did."""
    return HERE / f"corpus-{version}.jsonl.gz"


def as_plain(value):
    """Return a value as JSON gives it back."""
    return json.loads(json.dumps(value))


def read_corpus(path):
    """Return the host and the outcome of each line, by name."""
    if not Path(path).exists():
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return {
        record["name"]: (
            Host(**{**record["host"], "flags": tuple(record["host"].get("flags", ()))}),
            Outcome(**record["outcome"]),
        )
        for record in records
    }


def write_corpus(path, corpus):
    """Write hosts and outcomes, what is empty left out, a line each."""
    lines = [
        json.dumps(
            {
                "name": name,
                "host": {field: value for field, value in host._asdict().items() if value},
                "outcome": outcome._asdict(),
            },
            sort_keys=True,
        )
        for name, (host, outcome) in corpus.items()
    ]
    Path(path).write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))


def is_same(host, other):
    return as_plain(host._asdict()) == as_plain(other._asdict())


def missing_of(table, corpus):
    """Return the hosts that are not recorded as they are now, or whose ending no table knew."""
    return {
        name: host
        for name, (host, _) in table.items()
        if name not in corpus
        or not is_same(host, corpus[name][0])
        or corpus[name][1].ending in (NO_END, UNKNOWN_ENDING)
    }


def as_asked_by(version, host):
    """Return a host as a version meets it: older ones learn from the profile whose a login is."""
    if version in BY_PROFILE:
        return host._replace(service={"profile": True, **host.service})
    return host


def run_hosts(client, version, hosts, jobs, take):
    """Start the client on some hosts, a few at once; `take` is called as each ends."""

    def run_some(names):
        namespace = Namespace()
        for name in names:
            ask = log_out if cases.is_log_out(name) else start
            met = as_asked_by(version, hosts[name])
            take(name, hosts[name], ask(namespace, client, met))
        namespace.close()

    names = list(hosts)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run_some, names[number::jobs]) for number in range(jobs)]
        for run in runs:
            run.result()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--client-version", default=install.NEWEST)
    parser.add_argument("--only", default="", help="the hosts with this text in their names")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main():
    options = parse_options()
    client = install.find_client(options.client_version)
    if client is None:
        sys.exit(f"client not run: client {options.client_version} is not installed")
    is_newest = options.client_version == install.NEWEST
    every = cases.CASES if is_newest else cases_versions.HOSTS
    table = {name: case for name, case in every.items() if options.only in name}
    corpus = read_corpus(corpus_of(options.client_version))
    wanted = missing_of(table, corpus)
    begun = time.monotonic()

    def take(name, host, outcome):
        corpus[name] = (host, outcome)
        print(f"{time.monotonic() - begun:6.0f} s  {outcome.ending:<32} {name}", flush=True)

    try:
        run_hosts(client, options.client_version, wanted, options.jobs, take)
    except OSError as error:
        sys.exit(f"client not run: no private namespace here ({error})")
    finally:
        known = {name: corpus[name] for name in cases.CASES if name in corpus}
        write_corpus(corpus_of(options.client_version), known)


if __name__ == "__main__":
    main()
