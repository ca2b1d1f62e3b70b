"""Writing into the data and the pages of the project, the same for every client."""

import contextlib
import json
import re
import subprocess
import sys
from pathlib import Path

from proving.parts import ProofError
from proving.state import ROOT

TAKEN = "1970-01-01"
"""The day of a version that counts as proven only while its tests run."""
TEXTS = ("tests/reports/test_golden.py", "tests/cli/test_stopped_page.py")
"""Tests that write the texts again in which proven versions stand."""
ADDED = re.compile(r"## Unreleased\n### Added\n")


def number(version):
    """Return a version as numbers, which order it."""
    return tuple(map(int, version.split(".")))


def read_known(path):
    return json.loads(Path(path).read_text("utf-8"))


def write_known(path, document):
    Path(path).write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def add_proven(path, version, day):
    """Add a version to the proven ones; one that is there keeps its day."""
    document = read_known(path)
    proven = document["proven"] | {version: document["proven"].get(version, day)}
    document["proven"] = {name: proven[name] for name in sorted(proven, key=number)}
    write_known(path, document)


@contextlib.contextmanager
def taken_as_proven(path, version, write_modules):
    """Have the project know a version as proven, for tests of what it then does with it."""
    before = Path(path).read_text("utf-8")
    add_proven(path, version, TAKEN)
    write_modules()
    try:
        yield
    finally:
        Path(path).write_text(before, "utf-8")
        write_modules()


def forget_taken(path):
    """Take out what a proof that was killed left as proven; return whether there was anything."""
    document = read_known(path)
    proven = {name: day for name, day in document["proven"].items() if day != TAKEN}
    is_left = proven != document["proven"]
    if is_left:
        write_known(path, document | {"proven": proven})
    return is_left


def span_of(document, version):
    """Return the span that a version belongs to.

    Raises:
        ProofError: It is older than every span.
    """
    fitting = [s for s in document["spans"] if number(s["since"]) <= number(version)]
    if not fitting:
        raise ProofError(f"{version} is older than every version that is known")
    return fitting[-1]


def add_row(path, version, row):
    """Add a row of behaviour that begins with a version, and say where the one before it goes on.

    Args:
        path: The versions.json of the client.
        row: The fields that differ from what is known of the version.
    """
    document = read_known(path)
    span = span_of(document, version)
    before = span["rows"][0]
    values = {field: list(v) if isinstance(v, tuple) else v for field, v in row.items()}
    if span["since"] == version:
        document["rows"][before] |= values
        write_known(path, document)
        return
    document["rows"][version] = {"like": before, **values}
    later = _first_proven_in(document, span, version)
    document["spans"] = sorted(
        [
            *document["spans"],
            {"since": version, "rows": [version]},
            *([{"since": later, "rows": span["rows"]}] if later else []),
        ],
        key=lambda some: number(some["since"]),
    )
    write_known(path, document)


def _first_proven_in(document, span, version):
    """Return the next proven version that behaves by the same span, which it is known to do."""
    after = [name for name in document["proven"] if number(name) > number(version)]
    nearest = min(after, key=number, default=None)
    return nearest if nearest and span_of(document, nearest) is span else None


def add_change(path, line):
    """Add a line to what was added, below the heading of the next release."""
    path = Path(path)
    text = path.read_text("utf-8")
    if line in text:
        return path
    if not ADDED.search(text):
        raise ProofError(f"{path} has no list of what was added since the last release")
    path.write_text(ADDED.sub(lambda found: f"{found[0]}{line}\n", text, count=1), "utf-8")
    return path


def run_quietly(words):
    """Run a program of the project, and stop with its last words where it fails."""
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ProofError(f"{' '.join(map(str, words[1:]))} failed: {' '.join(said)}")


def write_texts():
    """Write the pages and texts again that are made from what is known; return what differs."""
    run_quietly([sys.executable, "docs/generate.py"])
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", *TEXTS]
    subprocess.run(
        words, cwd=ROOT, check=False, capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "TIPSTAFF_UPDATE_GOLDEN": "1"},
    )  # fmt: skip
    done = subprocess.run(
        ["git", "diff", "--name-only"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return [ROOT / name for name in done.stdout.split()]


def write_modules(known):
    """Write the modules that are made from the data; return that of this client."""
    run_quietly([sys.executable, "docs/knowledge_modules.py"])
    return [Path(known).with_name("__init__.py")]


def take_row(known, version, row):
    """Write the row of behaviour of a version, which begins with it; return the files."""
    add_row(known, version, row)
    return [known, *write_modules(known)]
