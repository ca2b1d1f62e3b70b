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
from conformance.oracle import PLACES, program_words

DATA = Path(ROOT) / "policy/tipstaff_policy/clients/codex/accepted"


def rows_of(measurement):
    return {
        place: {
            takes: names if takes == "like" else " ".join(sorted(names))
            for takes, names in sorted(row.items())
        }
        for place, row in sorted(measurement.rows.items())
    }


def built_in(measurement, key, names):
    """Return which of some names the client knows without anybody telling it."""
    return [each for each in names if measurement.refusal({key: each}, None) is None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grammar", choices=tuple(PLACES), action="append")
    options = parser.parse_args()
    client = find_client()
    if client is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make key-types`")
    namespace = Namespace()
    words = program_words(client) | {*WORDS.read_text().split()}
    for grammar in options.grammar or PLACES:
        measurement = Measurement(namespace, client, grammar, words)
        measurement.hints = hints()
        measurement.measure()
        found = {
            "keys": rows_of(measurement),
            "excludes": measurement.excludes,
            "providers": built_in(measurement, "model_provider", PROVIDERS),
            "profiles": built_in(measurement, "default_permissions", PROFILES),
        }
        path = DATA / f"{VERSION}-{grammar}.json"
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    write_words()


def write_words():
    """Write down the client's own words of all versions, which may be shown of a text."""
    found = set()
    for path in DATA.glob("*-*.json"):
        data = json.loads(path.read_text())
        found |= {*data["providers"], *data["profiles"]}
        for row in data["keys"].values():
            for takes, names in row.items():
                found |= {*re.findall(r"[^|]+", (re.findall(r"words:(\S+)", takes) or [""])[0])}
                found |= {name[1:] for name in names.split() if name.startswith("@")}
    (DATA / "words.json").write_text(json.dumps(sorted(found), indent=1) + "\n")


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
