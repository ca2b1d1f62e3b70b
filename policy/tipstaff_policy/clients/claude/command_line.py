"""What a command line of the client says about the state that it will run on.

It is read as the client reads it, by the options that its newest proven version lists. What it does
not list is passed on, and every reading that it leaves open is returned.

Source: docs/clients/claude.md, "Version" (the help of client 2.1.332).
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from tipstaff_policy.clients.claude.command_line_table import COMMANDS, MANY, MAYBE, NONE, ONE
from tipstaff_policy.clients.claude.config.given_policy import GIVEN_OPTION
from tipstaff_policy.clients.claude.config.personal import SOURCES_OPTION
from tipstaff_policy.clients.claude.locations import PROGRAM
from tipstaff_policy.clients.interface.adapter import program_name
from tipstaff_policy.model.request import Invocation
from tipstaff_policy.record import Record

Takes = Literal["none", "one", "maybe", "many"]
"""How many values an option has: none, one, one or none, or all that follow."""
OPTIONS: dict[str, Takes] = {
    **dict.fromkeys(ONE, "one"),
    **dict.fromkeys(MANY, "many"),
    **dict.fromkeys(MAYBE, "maybe"),
    **dict.fromkeys(NONE, "none"),
}
UNSIGNED = frozenset(
    {
        ("auth", "login"),
        ("auth", "logout"),
        ("auth", "help"),
        ("install",),
        ("update",),
        ("upgrade",),
        ("help",),
    }
)
"""The commands that sign in by no stored credential and by no variable. A log-out and a new login
only revoke what was stored."""
PRINT = ("-p", "--print")
ANSWERS = ("-h", "--help", "-v", "--version")
"""The options that the client answers by itself, whatever else stands on the line."""
NO_PERSONAL_FILES = f"{SOURCES_OPTION}"
"""What `--restricted` comes to: neither the user's file nor a project's is read."""
MOST_READINGS = 32


class _Reading(Record):
    """How the words so far can be read."""

    words: tuple[str, ...] = ()
    """The command, or nothing but a prompt."""
    given: tuple[tuple[str, str], ...] = ()
    """Each option with its value, in their order."""
    waits: str = ""
    """The option whose value the next word may be."""
    takes: Takes = "none"
    ended: bool = False
    """Whether only values follow."""


def is_own(command: tuple[str, ...]) -> bool:
    """Return whether a command line is one of this client."""
    name = program_name(command[0]) if command else ""
    return name in (PROGRAM, f"{PROGRAM}.exe")


def read_invocation(command: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    """Return every reading of a command line, the likeliest first; None for another program."""
    if not is_own(command):
        return None
    words = command[1:]
    return tuple(dict.fromkeys(map(_invocation, _readings(words, _options_for(words)))))


def _options_for(words: tuple[str, ...]) -> Mapping[str, Takes]:
    """Return the options of this release, with those of newer versions where a word may be one."""
    names = (word.partition("=")[0] for word in words if word.startswith("--") and word != "--")
    if all(name in OPTIONS for name in names):
        return OPTIONS
    from tipstaff_policy.clients.learned import tables_here  # noqa: PLC0415 - unknown options only

    kinds: tuple[Takes, ...] = ("none", "one", "maybe", "many")
    newer = {
        option: takes
        for table in reversed(tables_here(PROGRAM))
        for takes in kinds
        for option in table[takes].split()
    }
    return {**newer, **OPTIONS}


def uses_no_credential(command: tuple[str, ...]) -> bool:
    """Return whether a command line certainly signs in by no credential."""
    if not is_own(command):
        return False
    return all(map(_is_unsigned, _readings(command[1:], OPTIONS)))


def _is_unsigned(reading: _Reading) -> bool:
    if any(name in ANSWERS for name, _ in reading.given):
        return True
    words = reading.words
    return bool(words) and (words[:1] in UNSIGNED or words[:2] in UNSIGNED)


def _readings(words: tuple[str, ...], options: Mapping[str, Takes]) -> tuple[_Reading, ...]:
    readings: tuple[_Reading, ...] = (_Reading(),)
    for word in words:
        after = (new for reading in readings for new in _after(reading, word, options))
        readings = tuple(dict.fromkeys(after))[:MOST_READINGS]
    return readings


def _after(at: _Reading, word: str, options: Mapping[str, Takes]) -> Iterator[_Reading]:
    """Yield how the words can be read with one more."""
    if at.takes == "one":
        yield at._replace(given=(*at.given, (at.waits, word)), takes="none")
    elif at.ended:
        yield at
    elif word == "--":
        yield at._replace(ended=True, takes="none")
    elif word.startswith("-") and word != "-":
        yield from _option(at._replace(takes="none"), word, options)
    elif at.takes in ("many", "maybe"):
        takes: Takes = "many" if at.takes == "many" else "none"
        yield at._replace(given=(*at.given, (at.waits, word)), takes=takes)
    else:
        yield _word(at, word)


def _word(at: _Reading, word: str) -> _Reading:
    if not at.words and word not in COMMANDS:
        return at._replace(words=("",))  # a prompt, whatever it says
    return at if at.words[:1] == ("",) else at._replace(words=(*at.words, word)[:2])


def _option(at: _Reading, word: str, options: Mapping[str, Takes]) -> Iterator[_Reading]:
    if not word.startswith("--") and len(word) > 2:
        yield from _letters(at, word[1:], options)
        return
    name, equals, value = word.partition("=")
    takes = options.get(name)
    if equals:
        yield at._replace(given=(*at.given, (name, value)))
    elif takes is None and not at.words:
        yield from (_add_given(at, name), at._replace(waits=name, takes="maybe"))
    elif takes is None or takes == "none":
        yield _add_given(at, name)
    elif takes == "one":
        yield at._replace(waits=name, takes="one")
    else:
        yield _add_given(at, name)._replace(waits=name, takes=takes)


def _letters(at: _Reading, letters: str, options: Mapping[str, Takes]) -> Iterator[_Reading]:
    """Yield what a group of one-letter options says; one with a value takes the rest of it."""
    for number, letter in enumerate(letters):
        name, rest = f"-{letter}", letters[number + 1 :]
        if options.get(name, "none") != "none":
            yield at._replace(given=(*at.given, (name, rest.removeprefix("="))))
            return
        at = _add_given(at, name)
    yield at


def _add_given(at: _Reading, name: str) -> _Reading:
    return at._replace(given=(*at.given, (name, "")))


def _invocation(reading: _Reading) -> Invocation:
    names = {name for name, _ in reading.given}
    return Invocation(
        entry_point=_entry_point(reading, names),
        overrides=tuple(_overrides(reading, names)),
        ignore_user_config="--bare" in names,
    )


def _entry_point(reading: _Reading, names: set[str]) -> str:
    if reading.words[:2] == ("auth", "status"):
        return "status"
    if names & {*PRINT} or reading.words[:1] not in ((), ("",)):
        return "print"
    return "interactive"


def _overrides(reading: _Reading, names: set[str]) -> Iterator[str]:
    for name, value in reading.given:
        if name == "--settings":
            yield value
        elif name == "--setting-sources":
            yield f"{SOURCES_OPTION}{value}"
        elif name == "--managed-settings":
            yield f"{GIVEN_OPTION}{value}"
    if "--restricted" in names:
        yield NO_PERSONAL_FILES
