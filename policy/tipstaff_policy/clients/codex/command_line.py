"""What a command line of the client says about the state that it will run on.

It is read as the client reads it, by the table of its newest proven version; where that does not
know an option, by the newest one that does. What no version knows is passed on, and every reading
that it leaves open is returned.

Source: tests/conformance/test_command_line.py (clients 0.169.0 and 0.171.0).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tipstaff_policy.clients.codex.command_lines import (
    CommandLine,
    Takes,
    command_line,
)
from tipstaff_policy.clients.codex.locations import PROGRAM
from tipstaff_policy.clients.codex.versions import PROVEN, Version
from tipstaff_policy.clients.interface.adapter import program_name
from tipstaff_policy.model.request import Invocation
from tipstaff_policy.model.state import EntryPoint
from tipstaff_policy.record import Record

NEWEST_FIRST = PROVEN[::-1]
MOST_READINGS = 32
"""Beyond that a further unknown option is read as one without a value."""
ENTRY_POINTS: dict[str, EntryPoint] = {
    "": "interactive",
    "app-server": "app-server",
    "remote-control": "app-server",
    "exec-server": "app-server",
    "resume": "interactive",
    "fork": "interactive",
    "agents": "interactive",
}
"""By the first word; what is not named does not enforce by itself, and is judged as `exec`."""
HEARD = {
    "-c": "--config",
    "--config": "--config",
    "--enable": "--enable",
    "--disable": "--disable",
    "-p": "--profile",
    "--profile": "--profile",
    "-C": "--cd",
    "--cd": "--cd",
    "--remote": "--remote",
    "--ignore-user-config": "--ignore-user-config",
    "-h": "--help",
    "--help": "--help",
    "-V": "--version",
    "--version": "--version",
}
"""The options that matter here, each with its long name."""
SWITCHES = (("--enable", "true"), ("--disable", "false"))
WORKS = ("", "exec", "review", "resume", "fork", "agents")
"""The commands that go to the folder of a `-C`; the others take no notice of one before them."""
REGISTERS = ("exec-server",)
"""What takes an address of that name, and works on this host all the same."""
HELP = "help"
ANSWERS = ("--help", "--version")
"""The options that the client answers by itself, whatever else stands on the line."""
UNSIGNED = (
    "completion",
    "login",
    "logout",
    "features enable",
    "features disable",
    "mcp remove",
    "execpolicy check",
    "app-server generate-ts",
    "app-server generate-json-schema",
)
"""The commands that sign in by no stored credential and by no variable. A log-out and a new login
only revoke what was stored. `features list`, `mcp list`, `mcp add` and `sandbox` do sign in.

Source: tests/conformance/test_unsigned_commands.py (clients 0.130.0 to 0.171.0).
"""


class _Given(Record):
    """An option that was given, with those before it: a list that grows without being copied."""

    before: Any  # a _Given or None; a type that names itself slows the start
    name: str
    value: str


class _Reading(Record):
    """How the words so far can be read."""

    command: str = ""
    """The words of the command, as the table names it."""
    waits: str = ""
    """What the next words belong to: the option that they are a value of."""
    takes: Takes = "none"
    """How many values that option still takes."""
    ended: bool = False
    """Whether only values follow."""
    given: _Given | None = None


def read_invocation(command: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    """Return every reading of a command line, the likeliest first; None for another program."""
    if not command or program_name(command[0]) != PROGRAM:
        return None
    return readings(command[1:], NEWEST_FIRST)


def uses_no_credential(command: tuple[str, ...]) -> bool:
    """Return whether a command line certainly signs in by no credential, on any version.

    A version that does not know an option of it stops there; one has to know them all.
    """
    if not command or program_name(command[0]) != PROGRAM:
        return False
    known = False
    for version in NEWEST_FIRST:
        reader = _Reader(command_line(version))
        read = reader.read(command[1:])
        if reader.unknown:
            continue
        if not all(map(_is_unsigned, read)):
            return False
        known = True
    return known


def _is_unsigned(reading: "_Reading") -> bool:
    if reading.command.rpartition(" ")[2] == HELP or reading.command in UNSIGNED:
        return True
    at = reading.given
    while at:
        if at.name in ANSWERS:
            return True
        at = at.before
    return False


def readings(words: tuple[str, ...], versions: Iterable[Version]) -> tuple[Invocation, ...]:
    """Return every reading of a command line by the first of some versions that knows it all.

    Where none does, by the first one; what it does not know is then left open.
    """
    found: tuple[_Reading, ...] = ()
    for table in _tables(versions):
        reader = _Reader(table)
        read = reader.read(words)
        found = found or read
        if not reader.unknown:
            found = read
            break
    return tuple(dict.fromkeys(map(_invocation, found)))


def _tables(versions: Iterable[Version]) -> Iterator[CommandLine]:
    """Yield the tables of versions, then those that this host's knowledge has of newer ones."""
    yield from map(command_line, versions)
    from tipstaff_policy.clients.learned import tables_here  # noqa: PLC0415 - unknown options only

    yield from (CommandLine(rows, {}) for rows in tables_here("codex"))


class _Reader:
    """Reads words by the table of one version."""

    def __init__(self, table: CommandLine) -> None:
        self.table = table
        self.unknown = False
        """Whether there was an option that the table does not know."""

    def read(self, words: tuple[str, ...]) -> tuple[_Reading, ...]:
        readings: tuple[_Reading, ...] = (_Reading(),)
        for word in words:
            if len(readings) == 1:
                readings = tuple(self._after(readings[0], word))
            else:
                after = (new for reading in readings for new in self._after(reading, word))
                readings = tuple({(*later[:4], id(later.given)): later for later in after}.values())
            if len(readings) > MOST_READINGS:
                readings = readings[:MOST_READINGS]
        return readings

    def _after(self, at: _Reading, word: str) -> Iterator[_Reading]:
        """Yield how the words can be read with one more."""
        if at.ended:
            yield at
        elif word == "--":
            yield at._replace(ended=True)
        elif word.startswith("--"):
            yield from self._long(at, word)
        elif word.startswith("-") and word != "-":
            yield from self._short(at, word[1:])
        elif at.takes != "none":
            takes: Takes = "many" if at.takes == "many" else "none"
            yield self._with(at, at.waits, word)._replace(takes=takes)
        else:
            yield self._word(at, word)

    def _word(self, at: _Reading, word: str) -> _Reading:
        command = self.table.command(at.command)
        if word in command.commands:
            return at._replace(command=f"{at.command} {command.commands[word]}".lstrip())
        if command.commands and word == HELP:
            return at._replace(command=f"{at.command} {HELP}".lstrip(), ended=True)
        return at._replace(ended=command.rest)

    def _long(self, at: _Reading, word: str) -> Iterator[_Reading]:
        name, equals, value = word.partition("=")
        takes = self.table.command(at.command).options.get(name)
        at = at._replace(waits=name, takes="none")
        if takes is None:
            self.unknown = True
            yield at
            if not equals:
                yield from (at._replace(waits="", takes="one"), at._replace(waits="", takes="many"))
        elif equals:
            yield self._with(at, name, value)
        else:
            yield self._with(at, name, "") if takes == "none" else at._replace(takes=takes)

    def _short(self, at: _Reading, letters: str) -> Iterator[_Reading]:
        """Yield what a group of one-letter options says; the last one may have a value."""
        command = self.table.command(at.command)
        at = at._replace(takes="none")
        for number, letter in enumerate(letters):
            name, rest = f"-{letter}", letters[number + 1 :]
            takes = command.options.get(name)
            if takes in ("one", "many"):
                at = at._replace(waits=name)
                value = rest.removeprefix("=")
                yield self._with(at, name, value) if rest else at._replace(takes=takes)
                return
            if takes is None:
                self.unknown = True
                yield at  # with the rest as its value, or without any
                if not rest:
                    yield from (
                        at._replace(waits="", takes="one"),
                        at._replace(waits="", takes="many"),
                    )
                    return
            at = self._with(at, name, "")
        yield at

    def _with(self, at: _Reading, name: str, value: str) -> _Reading:
        # A letter can mean something else: `-p` of `generate-ts` names a program.
        if HEARD.get(name) not in self.table.command(at.command).options:
            return at
        return at._replace(given=_Given(at.given, HEARD[name], value))


def _invocation(reading: _Reading) -> Invocation:
    first = reading.command.partition(" ")[0]
    given: dict[str, list[str]] = {}
    at = reading.given
    while at:
        given.setdefault(at.name, []).append(at.value)
        at = at.before
    last = {name: values[0] for name, values in given.items()}
    # A switch beats every `-c`, wherever it stands, and one that is off beats one that is on.
    return Invocation(
        entry_point=ENTRY_POINTS.get(first, "exec"),
        overrides=(
            *reversed(given.get("--config", ())),
            *(
                f"features.{feature}={value}"
                for name, value in SWITCHES
                for feature in reversed(given.get(name, ()))
            ),
        ),
        profile=last.get("--profile"),
        cwd=last.get("--cd") if first in WORKS else None,
        ignore_user_config="--ignore-user-config" in given,
        remote=None if first in REGISTERS else last.get("--remote"),
    )
