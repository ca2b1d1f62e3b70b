"""Measures what the real client takes for every key of its documents, and writes it as data.

    python -m conformance.measure_key_types          (make key-types CLIENT=0.169.0)

The client itself is asked, by `login status`: it starts, or it refuses its configuration. Which
keys there are is found the same way: all words that its program holds are put into one table,
with a value that hardly any key takes, and whatever is refused is a key.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from conformance.client import ROOT, VERSION, Namespace, find_client
from conformance.key_hints import PROFILES, PROVIDERS, WORDS
from conformance.measurement import Measurement
from conformance.oracle import PLACES, program_words, words_between

FREE_TEXTS = ("text", "path", "nonblank", "keys", "absolute", "name", "some-text", "unsure")
DATA = Path(ROOT) / "policy/tipstaff_policy/clients/codex/config/accepted"


def rows_of(measurement):
    return {
        place: {
            takes: names if takes == "like" else " ".join(sorted(names))
            for takes, names in sorted(row.items())
        }
        for place, row in sorted(measurement.rows.items())
    }


def together(before, rows, keys):
    """Return earlier rows with those of some keys in their place."""
    kept = {
        place: row for place, row in before.items() if place.partition(".")[0] not in (keys or ())
    }
    top = {takes: {*names.split()} - {*(keys or ())} for takes, names in kept.pop("", {}).items()}
    for takes, names in rows.pop("", {}).items():
        top[takes] = top.get(takes, set()) | {*names.split()}
    first = {"": {takes: " ".join(sorted(names)) for takes, names in sorted(top.items()) if names}}
    return first | dict(sorted((kept | rows).items()))


def built_in(measurement, key, names):
    """Return which of some names the client knows without anybody telling it."""
    return [name for name in names if measurement.refusal({key: name}, None) is None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grammar", choices=tuple(PLACES), action="append")
    parser.add_argument("--key", action="append", help="measure these again, and keep the others")
    options = parser.parse_args()
    client = find_client()
    if client is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make key-types`")
    namespace = Namespace()
    listed = {*WORDS.read_text().split()}
    words = program_words(client) | words_between(client, hints() | listed) | listed
    for grammar in options.grammar or PLACES:
        measurement = Measurement(namespace, client, grammar, words)
        measurement.hints = hints()
        measurement.measure(options.key)
        path = DATA / f"{VERSION}-{grammar}.json"
        before = json.loads(path.read_text()) if options.key else {"keys": {}, "excludes": {}}
        found = {
            "keys": together(before["keys"], rows_of(measurement), options.key),
            "excludes": {
                place: {name: sorted(others) for name, others in found.items()}
                for place, found in sorted((before["excludes"] | measurement.excludes).items())
            },
            "providers": built_in(measurement, "model_provider", PROVIDERS),
            "profiles": built_in(measurement, "default_permissions", PROFILES),
        }
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    write_words()


def write_words():
    """Write down what may be shown of a text: the client's own words, and keys of choices."""
    found, choices, free = set(), set(), set()
    for path in DATA.glob("*-*.json"):
        data = json.loads(path.read_text())
        found |= {*data["providers"], *data["profiles"]}
        for place, row in data["keys"].items():
            for takes, names in row.items():
                found |= {*re.findall(r"[^|]+", (re.findall(r"words:(\S+)", takes) or [""])[0])}
                found |= {name[1:] for name in names.split() if name.startswith("@")}
                # An item of an array goes by the name of the array.
                here = {place.rpartition(".")[2] if n == "[]" else n for n in names.split()}
                if "words:" in takes:
                    choices |= here
                elif {*takes.split()} & {*FREE_TEXTS}:
                    free |= here
    shown = {"words": sorted(found), "choices": sorted(choices - free - {"*", "", "[]"})}
    (DATA / "words.json").write_text(json.dumps(shown, indent=1) + "\n")


def hints():
    """Return the names of members that other versions were measured to know."""
    return {
        name
        for path in DATA.glob("*-*.json")
        for row in json.loads(path.read_text())["keys"].values()
        for takes, names in row.items()
        if takes != "like"
        for name in names.split()
        if name not in ("*", "[]") and name[0] != "@"
    }


if __name__ == "__main__":
    main()
