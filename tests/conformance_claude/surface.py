"""What a release of Claude Code shows of itself, as data: options, commands and variables.

The help shows most options with what they take. What it hides is known from the version before,
and asked of the client one by one: an option that it does not know ends it with that message, and
one that takes a value takes the next word, whatever that is.
"""

import json
import mmap
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from conformance_claude.install import ROOT

DATA = ROOT / "policy/tipstaff_policy/clients/claude/command_lines"
FOLDER = Path(__file__).with_name("surfaces")
"""One file a proven version, with what else it shows."""
OPTION = re.compile(r"^  (-\w)?(?:, )?((?:--[\w-]+(?:, )?)*)(?: ([<\[].*?[>\]]))?(?:  .*)?$")
COMMAND = re.compile(r"^  ([a-z][\w-]*)((?:\|[a-z][\w-]*)*)(?: .*)?$")
VARIABLE = re.compile(rb"\b(?:CLAUDE|ANTHROPIC)_[A-Z0-9_]*[A-Z0-9]\b")
KINDS = ("none", "one", "maybe", "many")
NO_OPTION = "--no-such-option"
LIMIT_S = 30


class Client:
    """The program in an empty home, and how long it ran."""

    def __init__(self, program, home):
        self.program, self.home, self.seconds = program, home, 0.0

    def run(self, *words):
        begun = time.monotonic()
        try:
            return subprocess.run(
                [*self.program, *words], check=False, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=LIMIT_S, cwd=self.home,
                env={"HOME": self.home, "PATH": os.defpath, "COLUMNS": "80"},
            )  # fmt: skip
        finally:
            self.seconds += time.monotonic() - begun


def read_surface(program, before):
    """Return what a program shows by section, and how long it ran for that.

    Args:
        before: What a version shows that is kept, where there is one.
    """
    known = (before or {}).get("options", {})
    with tempfile.TemporaryDirectory() as home:
        client = Client(program, home)
        text = client.run("--help").stdout
        options = dict(helped(text))
        # A value that may only be glued on is named in the description alone.
        options |= {n: "maybe" for n, kind in options.items() if kind == "none" and f"{n}=" in text}
        for option in [name for name in known if name not in options]:
            kind = asked(client, option, known[option])
            if kind:
                options[option] = kind
        commands = dict(listed(text))
        for command in (before or {}).get("commands", {}):
            if command not in commands and is_command(client, command):
                commands[command] = "hidden"
        found = {
            "options": options,
            "commands": commands,
            "variables": dict.fromkeys(variables(program[-1]), "named in the program"),
        }
        return found, client.seconds


def helped(text):
    """Yield each option of a help text, and what it takes.

    Raises:
        ValueError: A line is of a form that is not read yet.
    """
    part = text.partition("\nOptions:\n")[2].partition("\n\n")[0]
    for line in part.splitlines():
        if not re.match(r"  -", line):
            continue
        option = OPTION.match(line)
        if option is None:
            raise ValueError(f"a form of option that is not read yet: {line.strip()}")
        for name in (option[1], *re.findall(r"--[\w-]+", option[2])):
            if name:
                yield name, kind_of(option[3])


def kind_of(value):
    """Return what an option takes, by how its value is written."""
    if not value:
        return "none"
    if value.endswith(("...>", "...]")):
        return "many"
    return "one" if value[0] == "<" else "maybe"


def listed(text):
    """Yield each command of a help text, under each of its names."""
    for line in text.partition("\nCommands:\n")[2].splitlines():
        command = COMMAND.match(line)
        if command:
            for name in f"{command[1]}{command[2]}".split("|"):
                yield name, "listed"


def asked(client, option, before):
    """Return what a hidden option takes, by what it took before; nothing where it is gone."""
    said = client.run(option, NO_OPTION)
    text = said.stdout + said.stderr
    if f"unknown option '{option}'" in text:
        return ""
    takes_none = f"unknown option '{NO_OPTION}'" in text
    usual = ("none", "maybe") if takes_none else ("one", "many")
    return before if before in usual else usual[0]


def is_command(client, command):
    """Return whether a hidden word is still a command: its help says so by its name."""
    return f"Usage: claude {command}" in client.run(command, "--help").stdout or command == "help"


def variables(program):
    """Return the variables of the environment that the program names."""
    with open(program, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        return sorted({found.decode() for found in VARIABLE.findall(data)})


def kept_surface(version):
    """Return what an earlier proof kept of a version; None where nothing is known of it."""
    path, commands = FOLDER / f"{version}.json", DATA / f"{version}.json"
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if commands.exists():
        table = json.loads(commands.read_text("utf-8"))
        kept["options"] = {name: kind for kind in KINDS for name in table[kind].split()}
        kept["commands"] = dict.fromkeys(table["commands"].split(), "")
    return kept or None


def as_table(surface, before):
    """Return options and commands as Tipstaff reads them; in the order of before, then the help's."""
    found = {}
    for kind in KINDS:
        names = [name for name, takes in surface["options"].items() if takes == kind]
        found[kind] = " ".join(_in_order(names, before.get(kind, "")))
    found["commands"] = " ".join(_in_order(surface["commands"], before.get("commands", "")))
    return found


def _in_order(names, before):
    kept = [name for name in before.split() if name in names]
    return [*kept, *(name for name in names if name not in kept)]


def write_surface(version, surface, neighbour):
    """Write what a version shows: its command line for Tipstaff, the rest for the next proof."""
    FOLDER.mkdir(exist_ok=True)
    commands = DATA / f"{version}.json"
    source = commands if commands.exists() else DATA / f"{neighbour}.json"
    before = json.loads(source.read_text("utf-8")) if source.exists() else {}
    commands.write_text(json.dumps(as_table(surface, before), indent=1) + "\n", "utf-8")
    path = FOLDER / f"{version}.json"
    path.write_text(json.dumps({"variables": surface["variables"]}, indent=1) + "\n", "utf-8")
    return [commands, path]
