"""What is known of the versions of a client, as data: the part of a document that is about it.

A section has the versions that are proven, rows of behaviour, spans of versions with the rows that
they may have, and what was measured of a version. A document may only add versions that are newer
than all that this release knows; of the others this release keeps its own data.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tipstaff_policy.record import Record

Version = tuple[int, int, int]
LIKE = "like"
# Texts, because an audit loads this module and needs none of them.
NUMBER = r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})"
DAY = r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
ROW = r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}(\+[a-z]{1,30})?"
PARTS = ("proven", "rows", "spans")


class Measured(Record):
    """One kind of measured data that a section has by version."""

    needed_from: Version | None
    """The oldest proven version that has to have it; None for the newest proven one alone."""
    find_fault: Callable[[Any], str | None]
    """Returns why the data of a version cannot be used; None where it can."""
    describe_changes: Callable[[Any, Any], Iterable[str]]
    """Returns what is otherwise in the data of a second version, in words."""


class ClientKnowledge(Record):
    """What an adapter says of the knowledge about its client."""

    fields: Callable[[], Mapping[str, Any]]
    """Returns each field of a row with its type, in their order."""
    measured: Mapping[str, Measured]
    """By the name that the data has in a section."""
    read_own: Callable[[], dict[str, Any]]
    """Returns the section of this release."""
    words: Mapping[str, str]
    """What each field says, for people: of one that is true or false what a version then does."""


NO_KNOWLEDGE = ClientKnowledge(dict, {}, dict, {})
"""Of a client whose versions are no data."""


class Learned(Record):
    """What an installed document adds to this release's knowledge of one client."""

    counter: int
    digest: str
    """Of the document, so that what is made of it can be kept."""
    days: Mapping[Version, str | None]
    """The day on which each version was proven, the oldest first; each is newer than every version
    that this release proves."""
    spans: tuple[tuple[Version, tuple[tuple[str, dict[str, Any]], ...]], ...]
    """Each with its rows by name, the likeliest first; after the newest version that this release
    proves."""
    measured: Mapping[str, Mapping[Version, Any]]

    @property
    def adds(self) -> bool:
        """Return whether it says anything that this release does not know."""
        return bool(self.days or self.spans)

    @property
    def proven(self) -> tuple[Version, ...]:
        """Return the versions that it proves, the oldest first."""
        return tuple(self.days)

    def rows_of(self, number: Version) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Return the rows of a version; none where the document says nothing of its kind."""
        found = [rows for since, rows in self.spans if since <= number]
        return found[-1] if found else ()

    def data(self, name: str) -> Mapping[Version, Any]:
        """Return the measured data of a kind, by version."""
        return self.measured.get(name, {})


def as_number(version: str) -> Version:
    """Return the three numbers of a version that a section names."""
    first, second, third = map(int, version.split("."))
    return first, second, third


def as_text(version: Version) -> str:
    """Return a version as a section names it."""
    return ".".join(map(str, version))


def find_faults(section: Any, client: ClientKnowledge) -> Iterator[str]:
    """Yield what in a section is not as it must be; nothing where it can be used."""
    names = (*PARTS, *client.measured)
    if not isinstance(section, dict):
        yield "is no object"
        return
    yield from (f"{name} is unknown" for name in section if name not in names)
    missing = [name for name in names if name not in section]
    yield from (f"{name} is missing" for name in missing)
    wrong = [*_wrong_kinds(section, client)]
    yield from wrong
    if missing or wrong:
        return
    rows = [*_rows_faults(section["rows"], dict(client.fields()))]
    spans = [*_spans_faults(section["spans"], section["rows"])]
    yield from (*rows, *spans)
    if not spans:
        yield from _uncertain(section)
    yield from _data_faults(section, client)


def _wrong_kinds(section: dict[str, Any], client: ClientKnowledge) -> Iterator[str]:
    for name in ("proven", "rows", *client.measured):
        if not isinstance(section.get(name, {}), dict):
            yield f"{name} is no object"
    if not isinstance(section.get("spans", []), list):
        yield "spans is no array"
    for name in ("proven", *client.measured):
        given = section.get(name)
        yield from _versions_faults(name, given) if isinstance(given, dict) else ()
    proven = section.get("proven")
    yield from _days_faults(proven) if isinstance(proven, dict) else ()


def _days_faults(proven: dict[str, Any]) -> Iterator[str]:
    if not proven:
        yield "proven names no version"
    for version, day in proven.items():
        if day is not None and not (isinstance(day, str) and re.fullmatch(DAY, day)):
            yield f"proven.{version[:40]} is no day such as 2026-11-30, and not null"


def _versions_faults(name: str, given: dict[str, Any]) -> Iterator[str]:
    bad = [version for version in given if not re.fullmatch(NUMBER, version)]
    yield from (f"{name}.{version[:40]} is no version such as 1.2.3" for version in bad)
    if not bad:
        numbers = [*map(as_number, given)]
        if numbers != sorted(numbers):
            yield f"{name} does not have its versions in ascending order"


def _rows_faults(rows: dict[str, Any], fields: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for name, row in rows.items():
        if not re.fullmatch(ROW, name):
            yield f"rows.{name[:40]} is no name such as 1.2.3 or 1.2.3+word"
        elif not isinstance(row, dict):
            yield f"rows.{name} is no object"
        else:
            like = row.get(LIKE)
            if like is not None and like not in seen:
                yield f"rows.{name}.{LIKE} names no row before it"
            yield from _row_faults(f"rows.{name}", row, fields, whole=like is None)
        seen.add(name)


def _row_faults(
    where: str, row: dict[str, Any], fields: dict[str, Any], *, whole: bool
) -> Iterator[str]:
    for field, value in row.items():
        if field == LIKE:
            continue
        if field not in fields:
            yield f"{where}.{field[:40]} is unknown"
        elif not is_of_type(value, fields[field]):
            yield f"{where}.{field} is no {describe_type(fields[field])}"
    for field in fields if whole else ():
        if field not in row:
            yield f"{where}.{field} is missing"


def _spans_faults(spans: list[Any], rows: dict[str, Any]) -> Iterator[str]:
    before: Version | None = None
    for position, span in enumerate(spans):
        where = f"spans[{position}]"
        if not isinstance(span, dict) or {*span} != {"since", "rows"}:
            yield f"{where} is no object with since and rows"
            continue
        since, named = span["since"], span["rows"]
        if not isinstance(since, str) or not re.fullmatch(NUMBER, since):
            yield f"{where}.since is no version"
            continue
        if before is not None and as_number(since) <= before:
            yield f"{where}.since does not come after the span before it"
        before = as_number(since)
        if not isinstance(named, list) or not named or len({*map(str, named)}) != len(named):
            yield f"{where}.rows is no array of different names"
        elif not all(isinstance(name, str) and name in rows for name in named):
            yield f"{where}.rows names a row that is not there"
    if not spans:
        yield "spans is empty"


def _uncertain(section: dict[str, Any]) -> Iterator[str]:
    """Yield the proven versions of which it is not certain how they behave."""
    spans = [(as_number(span["since"]), span["rows"]) for span in section["spans"]]
    for version in section["proven"]:
        fitting = [rows for since, rows in spans if since <= as_number(version)]
        if not fitting:
            yield f"proven.{version} has no row of behaviour"
        elif len(fitting[-1]) > 1:
            yield f"proven.{version} has several rows, so that it is not proven"


def _data_faults(section: dict[str, Any], client: ClientKnowledge) -> Iterator[str]:
    newest = [*section["proven"]][-1:]
    for name, measured in client.measured.items():
        given = section[name]
        needed = (
            newest
            if measured.needed_from is None
            else [v for v in section["proven"] if as_number(v) >= measured.needed_from]
        )
        yield from (f"{name}.{version} is missing" for version in needed if version not in given)
        for version, content in given.items():
            if version not in section["proven"]:
                yield f"{name}.{version} is of a version that is not proven"
            elif fault := measured.find_fault(content):
                yield f"{name}.{version} {fault}"


def whole_rows(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return rows with every field, of those that say only what is otherwise than in another."""
    found: dict[str, dict[str, Any]] = {}
    for name, row in rows.items():
        base = found[row[LIKE]] if LIKE in row else {}
        found[name] = {**base, **{field: row[field] for field in row if field != LIKE}}
    return found


def is_of_type(value: Any, kind: Any) -> bool:
    """Return whether a value of JSON is of a field's type: plain, of fixed words, or several."""
    if typing.get_origin(kind) is typing.Literal:
        return isinstance(value, str) and value in typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        return isinstance(value, list) and all(is_of_type(member, inner) for member in value)
    return type(value) is kind


def describe_type(kind: Any) -> str:
    """Return a field's type in words."""
    if typing.get_origin(kind) is typing.Literal:
        return f"one of {', '.join(repr(word) for word in typing.get_args(kind))}"
    if typing.get_origin(kind) is tuple:
        return f"array of {describe_type(typing.get_args(kind)[0])}"
    return {bool: "true or false", int: "whole number", str: "text"}.get(kind, str(kind))


def as_values(row: Mapping[str, Any], fields: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the values of a row in the order of its fields, lists as tuples."""
    return tuple(
        tuple(row[field]) if isinstance(row[field], list) else row[field] for field in fields
    )


def describe_sets(before: Iterable[str], after: Iterable[str], what: str) -> Iterator[str]:
    """Yield what was added to a set of words, and what is gone."""
    old, new = set(before), set(after)
    for label, words in (("new", new - old), ("no longer there", old - new)):
        if words:
            yield f"{what}: {label}: {', '.join(sorted(words))}"
