"""The command line of each proven version of the client, as data; made by `make command-lines`.

A file a version. A row is a command, named by its words; the empty name is the client itself, ``*``
is what every command takes. ``none``, ``one`` and ``many`` hold the options by the number of their
values, ``commands`` the words that lead further, ``aliases`` other words for these; with ``rest``
all behind the command's first own word belongs to another program.
"""

import json
import os
import sys
from typing import Any, Literal

from tipstaff_policy.clients.codex.versions import Version
from tipstaff_policy.record import Record

Takes = Literal["none", "one", "many"]
TAKES: tuple[Takes, ...] = ("none", "one", "many")
EVERYWHERE = "*"


class Command(Record):
    """What one command takes."""

    options: dict[str, Takes]
    commands: dict[str, str]
    """The words that lead to further commands, with the names of these."""
    rest: bool
    """Whether what follows its first own word is not the client's."""


NOTHING = Command({}, {}, rest=True)


class CommandLine(Record):
    """What a version takes; a command is read where it is first asked for."""

    rows: dict[str, dict[str, str]]
    read: dict[str, Command]

    def command(self, name: str) -> Command:
        """Return a command by its words; one that is unknown takes whatever stands there."""
        if name not in self.read:
            row = self.rows.get(name)
            self.read[name] = NOTHING if row is None else self._command(row)
        return self.read[name]

    def _command(self, row: dict[str, str]) -> Command:
        everywhere = self.rows[EVERYWHERE]
        options = {
            option: takes
            for takes in TAKES
            for option in f"{everywhere.get(takes, '')} {row.get(takes, '')}".split()
        }
        commands = {word: word for word in row.get("commands", "").split()}
        return Command(options, {**commands, **_pairs(row.get("aliases", ""))}, "rest" in row)


def _pairs(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split())


def command_line(version: Version) -> CommandLine:
    """Return what a proven version takes on its command line."""
    name = f"{'.'.join(map(str, version))}.json"
    return CommandLine(_read(name), {})


def _read(name: str) -> Any:
    # By the loader, because the guard may be in a zip file.
    loader: Any = sys.modules[__name__].__loader__
    return json.loads(loader.get_data(os.path.join(os.path.dirname(__file__), name)))
