"""Reads the command line of a client out of its own help, and writes it as data.

    python -m conformance.measure_command_lines          (make command-lines CLIENT=0.171.0)

Which commands there are, hidden ones too, is in the client's completion script; what an option
takes is in the help of each command. What no help shows is asked of the client itself: an option
that takes a value does not take `--help` for one. Nothing is started and nothing is read but an
empty folder of the client's.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from conformance.client import ROOT, VERSION, find_client

DATA = Path(ROOT) / "policy/tipstaff_policy/clients/codex/command_lines"
UNSEEN = ("--yolo", "--experimental-json", "--full-auto")
"""Spellings that neither help nor completion shows."""
OPTION = re.compile(r"^ {2,6}(-\w)?(?:, )?(--[\w-]+)?(?: (\S.*?))?$")
COMMAND = re.compile(r"^  ([a-z][\w-]*)(?: {2,}.*)?$")
ALIASES = re.compile(r"\[aliases?: ([^\]]+)\]")
EDGE = re.compile(r'^ +(\w*),(\S+)\)\n +cmd="(\S+)"', re.MULTILINE)
OFFERED = re.compile(r'^ {8}(\w+)\)\n +opts="([^"]*)"', re.MULTILINE)
ROOT_NAME = "codex"
NO_OPTION = "--no-such-option"
EVERYWHERE = "*"
PARTS = ("none", "one", "many", "rest", "commands", "aliases")
"""The parts of a row, in the order in which they are kept."""


class Client:
    """The program, run in an empty folder."""

    def __init__(self, program, home):
        self.program = program
        self.env = {"HOME": home, "PATH": os.defpath}
        self.home = home

    def run(self, *words):
        return subprocess.run(
            [self.program, *words],
            check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            env=self.env, cwd=self.home,
        )  # fmt: skip


def measure(program, run_by=Client):
    """Return what every command of a client takes."""
    with tempfile.TemporaryDirectory() as home:
        client = run_by(program, home)
        script = client.run("completion", "bash").stdout
        offered = {name: words.split() for name, words in OFFERED.findall(script)}
        below = {}
        for above, word, name in EDGE.findall(script):
            below.setdefault(above, {})[word] = name
        found = {}
        pending = [((), ROOT_NAME)]
        while pending:
            path, name = pending.pop()
            names = {word: given for word, given in below.get(name, {}).items() if word != "help"}
            row = {**takes(client, path, offered[name]), **rest(client, path)}
            # Of two words for one command the longer one is its name.
            own = {
                own_name: max((x for x in names if names[x] == own_name), key=len)
                for own_name in names.values()
            }
            row["commands"] = sorted(own.values())
            row["aliases"] = sorted(
                f"{word}={own[own_name]}"
                for word, own_name in names.items()
                if own[own_name] != word
            )
            pending += [((*path, word), own_name) for own_name, word in own.items()]
            found[" ".join(path)] = row
        return shared(found)


def takes(client, path, offered):
    """Return the options of a command by how many values they take."""
    found = {"none": set(), "one": set(), "many": set()}
    for names, value in helped(client.run(*path, "--help").stdout):
        kind = "none" if value is None else "many" if value.endswith("...") else "one"
        found[kind] |= names
    known = set().union(*found.values())
    for option in sorted({word for word in offered if word[0] == "-"} - known):
        found[asked(client, path, option)].add(option)
    for option in UNSEEN:
        if option not in known and client.run(*path, option, "--help").returncode == 0:
            found["none"].add(option)
    return {kind: sorted(names) for kind, names in found.items() if names}


def helped(text):
    """Yield the options of a help text, each with what it takes."""
    for line in text.partition("\nOptions:\n")[2].splitlines():
        option = OPTION.match(line)
        if option and (option[1] or option[2]):
            if option[3] and not re.fullmatch(r"<[^>]+>(\.\.\.)?", option[3]):
                raise ValueError(f"a form of option that is not read yet: {line.strip()}")
            yield {spelling for spelling in option.group(1, 2) if spelling}, option[3]


def asked(client, path, option):
    """Return what a hidden option takes."""
    if client.run(*path, option, "--help").returncode == 0:
        return "none"
    return "many" if client.run(*path, option, "x", "y", "--help").returncode == 0 else "one"


def rest(client, path):
    """Return whether all behind the first words of a command belongs to another program."""
    usage = client.run(*path, "--help").stdout.partition("Usage:")[2].partition("\n\n")[0]
    if "..." not in usage:
        return {}
    answer = client.run(*path, "x", "y", NO_OPTION)
    return {} if f"unexpected argument '{NO_OPTION}'" in answer.stderr else {"rest": True}


def shared(found):
    """Return the rows, with what every command takes in a row of its own."""
    everywhere = {
        kind: sorted(set.intersection(*({*row.get(kind, ())} for row in found.values())))
        for kind in ("none", "one", "many")
    }
    rows = {}
    for name, row in sorted(found.items()):
        rows[name] = {
            kind: " ".join(name for name in names if name not in everywhere.get(kind, ()))
            if isinstance(names, list) else names
            for kind, names in row.items()
        }  # fmt: skip
        rows[name] = {kind: value for kind, value in rows[name].items() if value}
    return {"*": {kind: " ".join(names) for kind, names in everywhere.items() if names}, **rows}


def as_text(measured):
    """Return the data as it is kept: a command a line, what all of them take first."""
    ordered = sorted(measured, key=lambda name: (name != EVERYWHERE, name))
    rows = (
        f" {json.dumps(name)}: "
        f"{json.dumps({part: measured[name][part] for part in PARTS if part in measured[name]})}"
        for name in ordered
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main():
    program = find_client()
    if program is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make command-lines`")
    DATA.mkdir(exist_ok=True)
    (DATA / f"{VERSION}.json").write_text(as_text(measure(program)))


if __name__ == "__main__":
    main()
