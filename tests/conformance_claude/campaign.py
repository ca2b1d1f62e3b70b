"""A campaign: random hosts through the real client and through Tipstaff, side by side.

    python -m conformance_claude.campaign --cases 2000 --seed 1 [--client-version 2.1.84]
        [--record FILE.jsonl.gz] [--again 5]

On each host the client starts with a question, and where something is stored its own log-out runs;
Tipstaff foretells the one and does the other on the same files. Every disagreement is made as small
as possible and printed; one is enough for exit code 1. So is a host on which the client comes to no
end that is known: it counts apart, and never as an agreement.
"""

import argparse
import collections
import concurrent.futures
import random
import sys
import time
from pathlib import Path
from typing import NamedTuple

from conformance_claude import generator, install, judge
from conformance_claude.cases import is_log_out as is_log_out_of
from conformance_claude.oracle import NO_END, UNKNOWN_ENDING, Namespace, log_out, start
from conformance_claude.record import as_asked_by, read_corpus, write_corpus
from tipstaff_policy.clients.claude.versions import behaviours_of

SHRINKING_LIMIT = 40
"""Starts a disagreement."""
GIVEN = "--managed-settings"
KEPT_EVERY = 50
"""Outcomes after which the record is written, so that a run that is stopped leaves it."""
TRIES = 2
"""Of a client that came to no end, on a machine that is busy."""
AGREED, DISAGREED, NO_VERDICT, NOT_JUDGED = (
    "agreed", "DISAGREED", "NO VERDICT of the client", "not judged",
)  # fmt: skip


class Found(NamedTuple):
    """What came of one question about one host."""

    how: str
    why: str = ""
    outcome: object = None


def hosts_of(seed, count, version=install.NEWEST):
    """Return the random hosts of a seed, by names that say how to make them again."""
    source = random.Random(seed)
    made = {f"random: seed {seed}, host {n}": generator.host(source) for n in range(count)}
    if is_given_known(version):
        return made
    return {name: host._replace(flags=_without_given(host.flags)) for name, host in made.items()}


def is_given_known(version):
    """Return whether a version knows the option that gives it a policy; else it ends with it."""
    return behaviours_of(version)[0].reads_given


def _without_given(flags):
    """Leave out an option that a version does not know, and so ends with."""
    at = flags.index(GIVEN) if GIVEN in flags else len(flags)
    return (*flags[:at], *flags[at + 2 :])


class Side:
    """The client and Tipstaff in one namespace, where they are asked about one host after another."""

    def __init__(self, client, version):
        self.namespace, self.client, self.version = Namespace(), client, version

    def start(self, host, recorded=None):
        """Compare how a start ends, or how it ended when it was recorded."""
        outcome = recorded or self._real(start, host)
        if outcome.ending in (NO_END, UNKNOWN_ENDING):
            return Found(NO_VERDICT, f"{outcome.ending}: {outcome.text}", outcome)
        if why := judge.why_not_comparable(host, outcome):
            return Found(NOT_JUDGED, why, outcome)
        ours = judge.ask(self.namespace, host, self.version)
        return _found(judge.difference(ours, outcome), outcome)

    def log_out(self, host, recorded=None):
        """Compare what a log-out leaves, or left when it was recorded."""
        outcome = recorded or self._real(log_out, host)
        if outcome.ending in (NO_END, UNKNOWN_ENDING):
            return Found(NO_VERDICT, f"{outcome.ending}: {outcome.text}", outcome)
        ours = judge.ask_to_log_out(self.namespace, host, self.version)
        if difference := judge.difference_left(ours, outcome, host):
            return Found(DISAGREED, difference, outcome)
        why = judge.why_no_log_out(outcome)
        return Found(NOT_JUDGED, why, outcome) if why else Found(AGREED, "", outcome)

    def start_again(self, host):
        """Start the client, without a rule, on what Tipstaff's log-out leaves."""
        judge.ask_to_log_out(self.namespace, host, self.version)
        outcome = start(self.namespace, self.client, self._met(host), again=True)
        if outcome.ending in (NO_END, UNKNOWN_ENDING):
            return Found(NO_VERDICT, f"{outcome.ending}: {outcome.text}", outcome)
        return _found(judge.difference_again(outcome), outcome)

    def _real(self, way, host):
        for _ in range(TRIES):
            outcome = way(self.namespace, self.client, self._met(host))
            if outcome.ending != NO_END:
                break
        return outcome

    def _met(self, host):
        return as_asked_by(self.version, host)


def _found(difference, outcome):
    return Found(DISAGREED if difference else AGREED, difference, outcome)


def shrink(ask, host):
    """Return a smaller host on which the two still disagree, and how."""
    tries, why, is_smaller = 0, "", True
    while is_smaller:
        is_smaller = False
        for candidate in generator.smaller(host):
            tries += 1
            if tries > SHRINKING_LIMIT:
                return host, why
            found = ask(candidate)
            if found.how == DISAGREED:
                host, why, is_smaller = candidate, found.why, True
                break
    return host, why


def run(number, hosts, options, client, take):
    """Ask about some hosts in one namespace; `take` is given what came of each question."""
    side, stored = Side(client, options.client_version), 0
    for index, (name, host) in enumerate(hosts.items()):
        ways = [("start", side.start)]
        if judge.stores_something(host):
            stored += 1
            ways += [("log-out", side.log_out)] if _is_due(stored, options.log_out) else []
            ways += [("start again", side.start_again)] if _is_due(stored, options.again) else []
        for way, ask in ways:
            found = ask(host)
            take(way, name, host, found)
            if found.how == DISAGREED:
                small, why = (host, "") if options.no_shrinking else shrink(ask, host)
                print(
                    f"{DISAGREED} ({way}): {why or found.why}", generator.as_text(small), flush=True
                )
            if found.how == NO_VERDICT:
                print(f"{NO_VERDICT} ({way}): {found.why}", generator.as_text(host), flush=True)
        if index % 50 == 49:
            print(f"{number}: {index + 1} of {len(hosts)}", file=sys.stderr, flush=True)
    side.namespace.close()


def judge_again(corpus, options, take):
    """Hold Tipstaff against what the client did when it was recorded; no client is run."""
    side = Side(None, options.client_version)
    for name, (host, outcome) in corpus.items():
        is_log_out = is_log_out_of(name)
        found = side.log_out(host, outcome) if is_log_out else side.start(host, outcome)
        take("log-out" if is_log_out else "start", name, host, found)
        if found.how in (DISAGREED, NO_VERDICT):
            print(f"{found.how} ({name}): {found.why}", generator.as_text(host), flush=True)
    side.namespace.close()


def _is_due(number, every):
    return bool(every) and number % every == 0


def run_all(hosts, options, client, take):
    """Ask about hosts, a few at once."""
    names, jobs = list(hosts), options.jobs
    parts = [{name: hosts[name] for name in names[number::jobs]} for number in range(jobs)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run, n, part, options, client, take) for n, part in enumerate(parts)]
        for future in runs:
            future.result()


def report(book, options, seconds):
    """Print what came of a campaign; return whether nothing is wrong."""
    version, seed = options.client_version, options.seed
    which = options.judge_again or f"seed {seed}, {options.cases} hosts"
    print(f"client {version}, {which}: {seconds:.0f} s")
    for (way, how), count in sorted(book.counts.items()):
        print(f"  {count:6} {way}: {how}")
    for (way, why), count in sorted(book.reasons.items()):
        print(f"         {count:6} {way} {NOT_JUDGED}: {why}")
    for ending, count in sorted(book.endings.items()):
        print(f"  {count:6} {ending}")
    wrong = sum(count for (_, how), count in book.counts.items() if how in (DISAGREED, NO_VERDICT))
    print(f"disagreements and starts without a verdict: {wrong}")
    return not wrong


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--client-version", default=install.NEWEST)
    parser.add_argument("--record", type=Path, help="add the hosts to this file (.jsonl.gz)")
    parser.add_argument(
        "--log-out", type=int, default=1, help="log out on every n-th host with a store; 0: none"
    )
    parser.add_argument(
        "--again", type=int, default=10, help="and start again after it on every n-th; 0: none"
    )
    parser.add_argument("--judge-again", type=Path, help="judge the hosts of such a record again, without the client")  # fmt: skip
    parser.add_argument("--no-shrinking", action="store_true", help="leave disagreements as large as they are")  # fmt: skip
    return parser.parse_args()


class Book:
    """What came of every question, and the record of what the client did."""

    def __init__(self, record):
        self.record = record
        self.corpus = read_corpus(record) if record else {}
        self.counts, self.reasons, self.endings = (collections.Counter() for _ in range(3))

    def take(self, way, name, host, found):
        self.counts[way, found.how] += 1
        if found.how == NOT_JUDGED:
            self.reasons[way, found.why] += 1
        self.endings[f"{way}: {found.outcome.ending}"] += 1
        if way == "start again" or found.how == NO_VERDICT:
            return
        self.corpus[name if way == "start" else f"log-out: {name}"] = (host, found.outcome)
        if len(self.corpus) % KEPT_EVERY == 0:
            self.keep()

    def keep(self):
        if self.record:
            write_corpus(self.record, dict(self.corpus))


def ask_all(options, take):
    """Ask about the hosts that the options name."""
    if options.judge_again:
        judge_again(read_corpus(options.judge_again), options, take)
        return
    client = install.find_client(options.client_version)
    if client is None:
        sys.exit(f"client not run: client {options.client_version} is not installed")
    hosts = hosts_of(options.seed, options.cases, options.client_version)
    run_all(hosts, options, client, take)


def main():
    options = parse_options()
    book, begun = Book(options.record), time.monotonic()
    try:
        ask_all(options, book.take)
    except OSError as error:
        sys.exit(f"client not run: no private namespace here ({error})")
    book.keep()
    is_right = report(book, options, time.monotonic() - begun)
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
