"""The stage of a proof that measures what the client takes for its keys, by several at once."""

import concurrent.futures
import json
import threading

from conformance.client import Namespace
from conformance.key_hints import PROFILES, PROVIDERS, WORDS
from conformance.kind_rows import dangling, merged
from conformance.known_kinds import Comparison, measure_again
from conformance.measure_key_types import DATA, built_in, hints, write_words
from conformance.oracle import PLACES, program_words, words_between
from proving.parts import ProofError
from proving.progress import Progress
from tipstaff_policy.clients.codex.versions import version_number


def measured_versions():
    """Return the versions that were measured, the oldest first."""
    names = {path.name.removesuffix("-config.json") for path in DATA.glob("*-config.json")}
    return sorted(names, key=version_number)


def neighbour_of(version):
    """Return the measured version next to one, of the two the nearer; None where there is none."""
    own = version_number(version)
    others = [name for name in measured_versions() if name != version]
    below = [name for name in others if version_number(name) < own][-1:]
    above = [name for name in others if version_number(name) > own][:1]
    return min(below + above, key=lambda name: _distance(version_number(name), own), default=None)


def _distance(one, other):
    return tuple(abs(part - own) for part, own in zip(one, other, strict=True))


def measure(run, client):
    """Return what a client takes, and which keys had to be measured again."""
    work = Work(run, client)
    with concurrent.futures.ThreadPoolExecutor(run.jobs) as pool:
        for future in [pool.submit(work.do) for _ in range(run.jobs)]:
            future.result()
    work.lines.close()
    return {
        "neighbour": work.neighbour,
        "grammars": {
            grammar: _together(
                work.known[grammar],
                [line for (of, _), line in work.done.items() if of == grammar],
            )
            for grammar in PLACES
        },
        "asked": sum(line["asked"] for line in work.done.values()),
    }


class Work:
    """The keys that are to be compared, for several that take from them; each is written down."""

    def __init__(self, run, client):
        self.run, self.client, self.turn = run, client, threading.Lock()
        self.neighbour, self.names = neighbour_of(run.version), hints()
        listed = {*WORDS.read_text().split()}
        between = words_between(client, self.names | listed)
        self.words = program_words(client) | between | listed
        self.known = {
            grammar: json.loads((DATA / f"{self.neighbour}-{grammar}.json").read_text("utf-8"))
            for grammar in PLACES
        }
        self.done = {
            (line["grammar"], line["name"]): line
            for line in run.state.lines("kinds-keys")
            if line["neighbour"] == self.neighbour
        }
        self.sizes = sizes_of(self.known)
        tasks = sorted(self.sizes, key=lambda task: (-self.sizes[task], task))
        self.tasks = iter([task for task in tasks if task not in self.done])
        self.lines = run.state.open_lines("kinds-keys")
        done = sum(self.sizes.get(task, 0) for task in self.done)
        self.progress = Progress("kinds", sum(self.sizes.values()), done)

    def next(self):
        with self.turn:
            return next(self.tasks, None)

    def take(self, task, found):
        with self.turn:
            line = {"grammar": task[0], "name": task[1], "neighbour": self.neighbour, **found}
            self.done[task] = line
            self.lines.add(line)
            self.run.clock.tick("kinds")
            self.progress.step(self.sizes[task])

    def do(self):
        """Compare one key after another, until none is left."""
        namespace = Namespace()
        try:
            while task := self.next():
                grammar, name = task
                before = namespace.client_s
                made = Comparison(namespace, self.client, grammar, self.words, self.known[grammar])
                made.hints = {*self.names}
                self.take(task, WAYS.get(name, compare_key)(made, name))
                self.run.clock.add(namespace.client_s - before)
        finally:
            namespace.close()


NEW_NAMES, BUILT_IN = "(new names)", "(what it brings)"


def sizes_of(known):
    """Return what there is to compare, by kind of document and key: how many places it has."""
    sizes = {
        (grammar, name): 1
        + sum(place.partition(".")[0] == name for place in known[grammar]["keys"])
        for grammar in known
        for names in known[grammar]["keys"][""].values()
        for name in names.split()
    }
    return sizes | {(grammar, name): 1 for grammar in known for name in (NEW_NAMES, BUILT_IN)}


def compare_key(made, name):
    """Compare a key and all below it, and measure again what differs."""
    made.compare({name})
    return _found(made)


def find_new_names(made, _):
    """Measure the keys of the document itself that the neighbour does not have."""
    made.compare_names()
    return _found(made)


def find_built_in(made, _):
    """Return the providers and profiles that the client brings."""
    return {
        "providers": built_in(made, "model_provider", PROVIDERS),
        "profiles": built_in(made, "default_permissions", PROFILES),
        "asked": made.asked,
    }


WAYS = {NEW_NAMES: find_new_names, BUILT_IN: find_built_in}


def _found(made):
    gone = measure_again(made, made.differing)
    return {
        "paths": [place.path for place in made.differing],
        "gone": gone,
        "rows": made.rows,
        "excludes": made.excludes,
        "asked": made.asked,
    }


def _together(known, lines):
    """Return the data of one kind of document, from what was found key by key."""
    found = [line for line in lines if "paths" in line]
    (brought,) = [line for line in lines if "providers" in line]
    paths = {path for line in found for path in line["paths"]}
    measured = {}
    for line in found:
        for place, row in line["rows"].items():
            for takes, names in row.items():
                if takes == "like":
                    measured.setdefault(place, {})[takes] = names
                else:
                    measured.setdefault(place, {}).setdefault(takes, []).extend(names)
    rows = merged(known["keys"], paths, measured)
    excludes = {
        place: {name: sorted(others) for name, others in members.items()}
        for line in found
        for place, members in line["excludes"].items()
    }
    if lost := dangling(rows):
        raise ProofError(f"these keys are like one that is gone: {', '.join(lost)}")
    return {
        "data": {
            "keys": rows,
            "excludes": dict(sorted(excludes.items())),
            "providers": brought["providers"],
            "profiles": brought["profiles"],
        },
        "again": sorted(paths),
        "gone": sorted(path for line in found for path in line["gone"]),
    }


def in_words(kinds):
    """Return what was measured again, line by line."""
    lines = [f"kinds: compared with {kinds['neighbour']} by {kinds['asked']} questions"]
    for grammar, found in kinds["grammars"].items():
        lines.append(f"  {grammar}: {len(found['again'])} keys measured again")
        lines += [
            f"    {path}{': gone' if path in found['gone'] else ''}" for path in found["again"]
        ]
    return lines


def write_kinds(version, kinds):
    """Write the data of a version; return the files."""
    written = []
    for grammar, found in kinds["grammars"].items():
        path = DATA / f"{version}-{grammar}.json"
        path.write_text(json.dumps(found["data"], indent=1, sort_keys=True) + "\n", "utf-8")
        written.append(path)
    write_words()
    return [*written, DATA / "words.json"]
