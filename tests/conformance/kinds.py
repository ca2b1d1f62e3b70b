"""The stage of a proof that measures what the client takes for its keys, by several at once."""

import concurrent.futures
import json

from conformance.client import Namespace
from conformance.key_hints import PROFILES, PROVIDERS, WORDS
from conformance.known_kinds import Comparison, dangling, measure_again, merged
from conformance.measure_key_types import DATA, built_in, hints, write_words
from conformance.oracle import PLACES, program_words, words_between
from proving.progress import Progress
from tipstaff_policy.clients.codex.versions import version_number


def measured_versions():
    """Return the versions that were measured, the oldest first."""
    names = {path.name.removesuffix("-config.json") for path in DATA.glob("*-config.json")}
    return sorted(names, key=version_number)


def neighbour_of(version):
    """Return the measured version that is nearest below, else the next above; None without one."""
    others = [name for name in measured_versions() if name != version]
    below = [name for name in others if version_number(name) < version_number(version)]
    return below[-1] if below else next(iter(others), None)


def measure(run, client):
    """Return what a client takes, and which keys had to be measured anew."""
    neighbour = neighbour_of(run.version)
    listed = {*WORDS.read_text().split()}
    words = program_words(client) | words_between(client, hints() | listed) | listed
    known = {
        grammar: json.loads((DATA / f"{neighbour}-{grammar}.json").read_text("utf-8"))
        for grammar in PLACES
    }
    shares = _shares(known, run.jobs)
    progress = Progress("kinds", sum(len(names) for share in shares for names in share.values()))
    with concurrent.futures.ThreadPoolExecutor(run.jobs) as pool:
        runs = [pool.submit(_compare, run, client, words, known, s, progress) for s in shares]
        parts = [future.result() for future in runs]
    return {
        "neighbour": neighbour,
        "grammars": {grammar: _together(known, parts, grammar) for grammar in PLACES},
        "asked": sum(part["asked"] for part in parts),
    }


def _shares(known, jobs):
    """Return for each process its keys of each kind of document, about as much work for each."""
    shares, loads = [{} for _ in range(jobs)], [0] * jobs
    cells = [
        (sum(place.partition(".")[0] == name for place in known[grammar]["keys"]), grammar, name)
        for grammar in known
        for names in known[grammar]["keys"][""].values()
        for name in names.split()
    ]
    for size, grammar, name in sorted(cells, reverse=True):
        least = loads.index(min(loads))
        loads[least] += size + 1
        shares[least].setdefault(grammar, set()).add(name)
    return shares


def _compare(run, client, words, known, share, progress):
    """Compare a share of the keys, and measure again what differs."""
    namespace, found, asked = Namespace(), {}, 0
    for grammar, names in share.items():
        made = Comparison(namespace, client, grammar, words, known[grammar])
        made.hints = hints()
        for name in sorted(names):
            made.compare({name})
            progress.step()
        if run.jobs == 1 or min(names) == min(_top(known[grammar])):
            made.compare_names()  # by the one that has the first key
        gone = measure_again(made, made.differing)
        found[grammar] = {
            "paths": [place.path for place in made.differing],
            "gone": gone,
            "rows": made.rows,
            "excludes": made.excludes,
            "providers": built_in(made, "model_provider", PROVIDERS),
            "profiles": built_in(made, "default_permissions", PROFILES),
        }
        asked += made.asked
    run.clock.add(namespace.client_s)
    namespace.close()
    return {"found": found, "asked": asked}


def _top(known):
    return {name for names in known["keys"][""].values() for name in names.split()}


def _together(known, parts, grammar):
    """Return the data of one kind of document, from what each process found."""
    found = [part["found"][grammar] for part in parts if grammar in part["found"]]
    paths = {path for part in found for path in part["paths"]}
    measured = {}
    for part in found:
        for place, row in part["rows"].items():
            for takes, names in row.items():
                if takes == "like":
                    measured.setdefault(place, {})[takes] = names
                else:
                    measured.setdefault(place, {}).setdefault(takes, []).extend(names)
    rows = merged(known[grammar]["keys"], paths, measured)
    excludes = {
        place: {name: sorted(others) for name, others in members.items()}
        for part in found
        for place, members in part["excludes"].items()
    }
    if lost := dangling(rows):
        raise ValueError(f"like a place that is gone: {lost}")
    return {
        "data": {
            "keys": rows,
            "excludes": dict(sorted(excludes.items())),
            "providers": found[0]["providers"],
            "profiles": found[0]["profiles"],
        },
        "again": sorted(paths),
        "gone": sorted(path for part in found for path in part["gone"]),
    }


def in_words(kinds):
    """Return what was measured anew, line by line."""
    lines = [f"kinds: compared with {kinds['neighbour']} by {kinds['asked']} questions"]
    for grammar, found in kinds["grammars"].items():
        lines.append(f"  {grammar}: {len(found['again'])} keys measured anew")
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
