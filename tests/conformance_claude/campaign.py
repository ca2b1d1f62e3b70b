"""A campaign: random hosts through the real client and, once there is an adapter, through Tipstaff.

    python -m conformance_claude.campaign --cases 200 --seed 1 [--record FILE.jsonl.gz]

Every disagreement is made as small as possible and printed; one is enough for exit code 1. So is a
host on which the client ends in a way that no table knows.
"""

import argparse
import collections
import concurrent.futures
import random
import sys
import time
from pathlib import Path

from conformance_claude import generator, install, judge
from conformance_claude.oracle import NO_END, UNKNOWN_ENDING, Namespace, start
from conformance_claude.record import read_corpus, write_corpus

SHRINKING_LIMIT = 25
"""Starts a disagreement."""


def hosts_of(seed, count):
    """Return the random hosts of a seed, by names that say how to make them again."""
    source = random.Random(seed)
    return {f"random: seed {seed}, host {n}": generator.host(source) for n in range(count)}


def compare(namespace, client, version, host):
    """Return what the client did, and where Tipstaff's foresight differs; no text if nowhere."""
    outcome = start(namespace, client, host)
    if outcome.ending in (NO_END, UNKNOWN_ENDING):
        return outcome, f"the client ended in an unknown way: {outcome.text}"
    if not judge.is_there() or not judge.is_comparable(host, outcome):
        return outcome, ""
    return outcome, judge.difference(judge.ask(namespace, host, version), outcome)


def shrink(namespace, client, version, host):
    """Return a smaller host on which the two still disagree."""
    tries, is_smaller = 0, True
    while is_smaller:
        is_smaller = False
        for candidate in generator.smaller(host):
            tries += 1
            if tries > SHRINKING_LIMIT:
                return host
            if compare(namespace, client, version, candidate)[1]:
                host, is_smaller = candidate, True
                break
    return host


def run(hosts, client, version, take):
    """Judge some hosts in one namespace; return the disagreements."""
    namespace = Namespace()
    found = []
    for name, host in hosts.items():
        outcome, difference = compare(namespace, client, version, host)
        take(name, host, outcome)
        if difference:
            small = shrink(namespace, client, version, host)
            again = compare(namespace, client, version, small)[1]
            found.append((name, small, again or difference))
            print("DISAGREEMENT", again or difference, generator.as_text(small), flush=True)
    namespace.close()
    return found


def run_all(hosts, client, version, jobs, take):
    """Judge hosts, a few at once; return the disagreements."""
    names = list(hosts)
    parts = [{name: hosts[name] for name in names[number::jobs]} for number in range(jobs)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run, part, client, version, take) for part in parts]
        return [future for run_of_some in runs for future in run_of_some.result()]


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--client-version", default=install.NEWEST)
    parser.add_argument("--record", type=Path, help="add the hosts to this file (.jsonl.gz)")
    return parser.parse_args()


def main():
    options = parse_options()
    version = options.client_version
    client = install.find_client(version)
    if client is None:
        sys.exit(f"client not run: client {version} is not installed")
    hosts = hosts_of(options.seed, options.cases)
    corpus = read_corpus(options.record) if options.record else {}
    counts = collections.Counter()

    def take(name, host, outcome):
        counts[outcome.ending] += 1
        corpus[name] = (host, outcome)

    begun = time.monotonic()
    try:
        found = run_all(hosts, client, version, options.jobs, take)
    except OSError as error:
        sys.exit(f"client not run: no private namespace here ({error})")
    if options.record:
        write_corpus(options.record, dict(sorted(corpus.items())))
    seconds = time.monotonic() - begun
    print(f"client {version}, seed {options.seed}: {options.cases} hosts in {seconds:.0f} s")
    for name, count in sorted(counts.items()):
        print(f"  {count:6} {name}")
    with_judge = "" if judge.is_there() else " (Tipstaff has no adapter for this client yet)"
    print(f"disagreements: {len(found)}{with_judge}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
