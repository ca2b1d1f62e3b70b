"""What a proof has found so far, in a folder, so that a run that was killed goes on from there."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".proof"
CODE = ("policy", "schemas", "cli")
"""What an answer of Tipstaff depends on."""


class State:
    """The folder of one client and version."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, name, otherwise=None):
        """Return a value that was kept; what was half written counts as not kept."""
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        return otherwise

    def write(self, name, value):
        """Keep a value, whole or not at all."""
        self.write_text(f"{name}.json", json.dumps(value, indent=1, sort_keys=True) + "\n")
        return value

    def write_text(self, name, text):
        path = self.folder / name
        made = path.with_name(f"{path.name}.new")
        made.write_text(text, "utf-8")
        made.replace(path)
        return path

    def lines(self, name):
        """Return the lines that were kept; the last one may have been cut off by the end."""
        found = []
        path = self.folder / f"{name}.jsonl"
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def keep_lines(self, name, lines):
        """Keep these lines in the place of the earlier ones."""
        text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
        self.write_text(f"{name}.jsonl", text)

    def open_lines(self, name):
        """Return what takes down one line after another, each at once."""
        return Lines(self.folder / f"{name}.jsonl")


class Lines:
    """A file of lines that grows."""

    def __init__(self, path):
        is_cut = path.exists() and path.stat().st_size and path.read_bytes()[-1:] != b"\n"
        self.file = path.open("a", encoding="utf-8")
        if is_cut:  # a line that was cut off must not take the next one with it
            self.file.write("\n")

    def add(self, line):
        self.file.write(json.dumps(line, sort_keys=True) + "\n")
        self.file.flush()

    def close(self):
        self.file.close()


def fingerprint(root=ROOT, folders=CODE):
    """Return what shows whether Tipstaff could answer otherwise than it did."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((Path(root) / folder).rglob("*")):
            if path.suffix in (".py", ".json") and path.is_file():
                digest.update(os.fsencode(path.relative_to(root)))
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
