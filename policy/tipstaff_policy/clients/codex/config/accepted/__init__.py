"""What each version of the client was measured to accept, key by key; made by `make key-types`.

One file for each version and kind of document. ``keys`` lists, table by table, which members take
what: types of TOML, ``words:a|b`` for the only accepted texts, ``integer:1:256`` for the least
accepted number and the least that is too large. ``*`` stands for any other name in a table, ``[]``
for any item of an array, ``@b`` for a table whose tag is ``b``; ``like`` names the table that this
one equals. ``some-`` means that values are accepted in part, by rules that are unknown here;
``address`` is https without user, query and fragment; ``parts`` may have more members than are
named. ``excludes`` lists which members the client does not accept together.
"""

import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from tipstaff_policy.clients.codex import knowledge
from tipstaff_policy.clients.codex.versions import Version, version_number
from tipstaff_policy.model.state import Grammar
from tipstaff_policy.record import Record

TEXTS = ("text", "path")

CLOSED = ("closed", "parts", "one")
"""Tables that the client takes only with members that it knows."""


class Shown(Record):
    """What may be shown of texts."""

    words: frozenset[str]
    choices: frozenset[str] = frozenset()
    """Keys that take words of the client's own and nothing else."""


MEASURED: tuple[Version, ...] = knowledge.MEASURED
"""Oldest first."""
LARGEST_IN_WORDS = 2**16
TABLES = dict.fromkeys(("struct", "map", "closed", "parts", "one"), "table")
IN_WORDS = {
    **TABLES,
    "address": "https address",
    "path": "text",
    "nonblank": "text",
    "keys": "key binding",
    "absolute": "absolute path",
    "name": "name",
    "filled": "array that is not empty",
}
"""The words for what is accepted."""


class Takes(Record):
    """What a key takes."""

    kinds: dict[str, tuple[int | None, int | None]]
    """Types, each with the least number taken and the least that is too much."""
    words: tuple[str, ...]
    needs: tuple[str, ...]
    """Members that a table must have."""
    either: tuple[str, ...]
    """Members of which a table must have one."""
    tag: str
    """The member that says which table it is."""

    @property
    def in_words(self) -> str:
        """What is taken, for people."""
        plain = dict.fromkeys(
            f"{IN_WORDS.get(name, name)}{_range(*ends)}"
            for name, ends in self.kinds.items()
            if "some" not in name and not (name == "date" and self._takes_text)
        )
        return " or ".join([*(f'"{word}"' for word in self.words), *plain]) or "another value"

    @property
    def _takes_text(self) -> bool:
        return any(kind in self.kinds for kind in ("text", "path", "nonblank"))


def _range(least: int | None, beyond: int | None) -> str:
    """Return the range of a number, where it is more than what a computer can hold."""
    from_ = "" if least is None or least < 0 else f" from {least}"
    return from_ + ("" if beyond is None or beyond > LARGEST_IN_WORDS else f" below {beyond}")


class Accepted(Record):
    """What a version takes in one kind of document."""

    keys: dict[str, dict[str, str]]
    excludes: dict[str, dict[str, list[str]]]
    providers: tuple[str, ...]
    """The model providers that the client brings."""
    profiles: tuple[str, ...]
    """The permission profiles that the client brings."""
    rows: dict[str, dict[str, tuple[str, Takes]]]
    """The members of each place asked for so far, by name."""

    def member(self, place: str, name: str) -> tuple[str, Takes] | None:
        """Return the place of a member and what it takes; None where the client ignores it."""
        row = self._row(place)
        return row.get(name) or row.get("*")

    def names(self, place: str) -> set[str]:
        """Return the members that are known by their own names."""
        return {*self._row(place)}

    def _row(self, place: str) -> dict[str, tuple[str, Takes]]:
        row = self.rows.get(place)
        if row is None:
            cells = self.keys.get(place, {})
            like = cells.get("like", place)
            row = self.rows[place] = {}
            for takes, names in self.keys.get(like, {}).items():
                for name in names.split() if takes != "like" else ():
                    at = f"{like}.{name}" if like else name
                    row.setdefault(name, (at, parse_takes(takes)))
        return row


def find_measured_around(version: str) -> tuple[Version, ...]:
    """Return the measured versions around a version; one if it was measured itself."""
    number = version_number(version) or MEASURED[-1]
    versions = MEASURED if number <= MEASURED[-1] else every_measured()
    older = [measured for measured in versions if measured <= number]
    newer = [measured for measured in versions if measured > number]
    return tuple(older[-1:]) if number in older else (*older[-1:], *newer[:1])


def every_measured() -> tuple[Version, ...]:
    """Return the measured versions of this release, then those of installed knowledge."""
    _, newer = _load_learned()
    return (*MEASURED, *sorted(version for version in newer if version > MEASURED[-1]))


def load_accepted(version: Version, grammar: Grammar) -> Accepted:
    """Return what a measured version takes in a kind of document."""
    return _load_accepted(version, grammar, "" if version in MEASURED else _load_learned()[0])


@cache
def _load_accepted(version: Version, grammar: Grammar, digest: str) -> Accepted:
    """Return the same, made once for each document of knowledge; the empty digest is its own."""
    if digest:
        found = _load_learned()[1][version][grammar]
    else:
        found = _read(f"{'.'.join(map(str, version))}-{grammar}.json")
    providers, profiles = tuple(found["providers"]), tuple(found["profiles"])
    return Accepted(found["keys"], found["excludes"], providers, profiles, {})


def _load_learned() -> tuple[str, Mapping[Version, Any]]:
    """Return what installed knowledge says of newer versions, with the digest of its document."""
    from tipstaff_policy.clients.learned import of_client  # noqa: PLC0415 - newer versions only

    learned = of_client("codex")
    return (learned.digest, learned.data("accepted")) if learned else ("", {})


@cache
def load_shown_texts() -> Shown:
    """Return what may be shown of texts: the client's own words in all measured versions."""
    found = _read("words.json")
    return Shown(frozenset(found["words"]), frozenset(found["choices"]))


@cache
def parse_takes(text: str) -> Takes:
    """Return what a cell of the data says."""
    kinds: dict[str, tuple[int | None, int | None]] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for part in text.split():
        kind, _, rest = part.partition(":")
        if kind in ("words", "needs", "either", "tag"):
            lists[kind] = tuple(rest.split("|" if kind == "words" else ","))
        else:
            least, _, beyond = rest.partition(":")
            kinds[kind] = (int(least) if least else None, int(beyond) if beyond else None)
    words, needs, either, tag = (
        lists.get(name, ()) for name in ("words", "needs", "either", "tag")
    )
    return Takes(kinds, words, needs, either, tag[0] if tag else "")


def _read(name: str) -> Any:
    # By the loader, because the guard may be in a zip file.
    loader: Any = sys.modules[__name__].__loader__
    return json.loads(loader.get_data(os.path.join(os.path.dirname(__file__), name)))
