"""The kinds of values that a policy document holds: how each is read, and its JSON Schema.

A reader returns the value as the engine uses it, or raises ``ValueError`` with what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.organisation.model import SECONDS_A_DAY
from tipstaff_policy.record import Record

TEXT_LIMIT = 1000
ONE_LINE = r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
"""Anything that is not blank, without control characters."""
LIST_LIMIT = 10_000
LARGEST_NUMBER = 2**53 - 1
LONGEST_AGE_DAYS = 3650
UNITS = {"m": 60, "h": 3600, "d": SECONDS_A_DAY}
RFC_3339 = r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d))?"


class ItemFault(Record):
    """What is wrong with one item of a list, or of a table."""

    number: int | str
    """Counts from 0; the key of an item of a table."""
    value: Any
    expected: str


class BadItemsError(ValueError):
    """Some items of a list cannot be read; each is named."""

    def __init__(self, items: tuple[ItemFault, ...]) -> None:
        wanted = items[0].expected
        super().__init__(wanted if wanted.startswith("a list") else f"a list of: {wanted}")
        self.items = items


class Kind(Record):
    """How one kind of value is read, and how an editor may check it."""

    read: Callable[[Any], Any]
    schema: dict[str, Any]


def is_usual_line(value: str) -> bool:
    """Return whether a text is one line, where that is seen at once."""
    return value.isascii() and value.isprintable() and bool(value.strip())


def text(
    *,
    pattern: str = ONE_LINE,
    what: str = "text",
    is_usual: Callable[[str], bool] | None = None,
) -> Kind:
    """Return the kind of one line that a pattern fits whole.

    Args:
        is_usual: Recognises most texts that fit the pattern in less time than compiling it; the
        guard reads a policy at every start.
    """
    seen_at_once = is_usual_line if pattern == ONE_LINE else is_usual

    def read(value: Any) -> str:
        if isinstance(value, str) and len(value) <= TEXT_LIMIT:
            if seen_at_once and seen_at_once(value):
                return value
            if re.fullmatch(pattern, value):
                return value
        raise ValueError(what)

    schema = {"type": "string", "maxLength": TEXT_LIMIT, "pattern": f"^(?:{pattern})$"}
    return Kind(read, schema)


def prose() -> Kind:
    """Return the kind of words for people, which may have several lines."""
    return text(
        pattern=r"[^\x00-\x09\x0b-\x1f\x7f]*", what="words for people, without control characters"
    )


def word(*choices: str) -> Kind:
    """Return the kind of one word out of a few."""
    expected = " or ".join(f'"{choice}"' for choice in choices)

    def read(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ValueError(expected)

    return Kind(read, {"enum": list(choices)})


def secret(*, pattern: str, what: str) -> Kind:
    """Return the kind of a secret that is one line; its value never shows itself."""
    plain = text(pattern=pattern, what=what)
    return Kind(lambda value: FleetKey(plain.read(value)), plain.schema)


def _doubles(found: list[Any], raw: list[Any]) -> Iterator[ItemFault]:
    seen = set()
    for number, element in enumerate(found):
        if element in seen:
            yield ItemFault(number, raw[number], "a list without duplicates")
        seen.add(element)


def several(one: Kind) -> Kind:
    """Return the kind of a list in which nothing stands twice; it is sorted."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > LIST_LIMIT:
            too_long = f"a list of at most {LIST_LIMIT:,} entries"
            raise ValueError(too_long if isinstance(value, list) else 'a list, such as ["…"]')
        found, faults = [], []
        for number, element in enumerate(value):
            try:
                found.append(one.read(element))
            except ValueError as error:
                faults.append(ItemFault(number, element, str(error)))
        if faults:
            raise BadItemsError(tuple(faults))
        if len(set(found)) < len(found):
            raise BadItemsError(tuple(_doubles(found, value)))
        return tuple(sorted(found))

    schema = {"type": "array", "items": one.schema, "uniqueItems": True, "maxItems": LIST_LIMIT}
    return Kind(read, schema)


def mapping_of(one: Kind) -> Kind:
    """Return the kind of a table with a value of one kind for each free key, as sorted pairs."""

    def read(value: Any) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, dict) or len(value) > LIST_LIMIT:
            raise ValueError(f"a table of at most {LIST_LIMIT} keys")
        found, faults = [], []
        for key in sorted(value):
            try:
                found.append((key, one.read(value[key])))
            except ValueError as error:
                faults.append(ItemFault(key, value[key], str(error)))
        if faults:
            raise BadItemsError(tuple(faults))
        return tuple(found)

    limits = {"additionalProperties": one.schema, "maxProperties": LIST_LIMIT}
    return Kind(read, {"type": "object", **limits})


def table() -> Kind:
    """Return the kind of a table whose keys are those of another document."""

    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        raise ValueError("a table")

    return Kind(read, {"type": "object"})


def boolean() -> Kind:
    """Return the kind of true and false."""

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValueError("true or false")

    return Kind(read, {"type": "boolean"})


def whole_number() -> Kind:
    """Return the kind of a number that counts, from 0 to the largest that JSON keeps exactly."""

    def read(value: Any) -> int:
        if type(value) is int and 0 <= value <= LARGEST_NUMBER:
            return value
        raise ValueError(f"a whole number from 0 to {LARGEST_NUMBER}")

    return Kind(read, {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER})


def moment(*, end_of_day: bool = False) -> Kind:
    """Return the kind of a point in time, in seconds since 1970.

    Args:
        end_of_day: Whether a day without a time stands for its end (UTC), else for its beginning.
    """
    expected = "a time with its offset (2026-11-01T00:00:00Z), or a day (2026-11-01, UTC)"

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(RFC_3339, value):
            day = len(value) == len("2026-11-01")
            value = date.fromisoformat(value) if day else _time(value, expected)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return int(value.timestamp())
        if isinstance(value, date) and not isinstance(value, datetime):
            begins = int(datetime.combine(value, time(), UTC).timestamp())
            return begins + SECONDS_A_DAY if end_of_day else begins
        raise ValueError(expected)

    return Kind(read, {"type": "string", "pattern": f"^(?:{RFC_3339})$"})


def _time(value: str, expected: str) -> datetime:
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError(expected) from None


def age() -> Kind:
    """Return the kind of a length of time such as "12h" or "30d", in seconds."""
    expected = f'a length of time such as "12h" or "30d", at most {LONGEST_AGE_DAYS} days'

    def read(value: Any) -> int:
        number, unit = (value[:-1], value[-1:]) if isinstance(value, str) else ("", "")
        fits = number.isascii() and number.isdigit() and number[0] != "0" and len(number) <= 6
        seconds = int(number) * UNITS.get(unit, 0) if fits else 0
        if 0 < seconds <= timedelta(days=LONGEST_AGE_DAYS).total_seconds():
            return seconds
        raise ValueError(expected)

    return Kind(read, {"type": "string", "pattern": "^[1-9][0-9]{0,5}[mhd]$"})


def share() -> Kind:
    """Return the kind of a percentage, in hundredths of a per cent."""

    def read(value: Any) -> int:
        found = (
            re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?%", value)
            if isinstance(value, str)
            else None
        )
        hundredths = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
        if 0 <= hundredths <= 100 * 100:
            return hundredths
        raise ValueError('a share of the hosts such as "5%", at most "100%"')

    return Kind(read, {"type": "string", "pattern": r"^[0-9]{1,3}(?:\.[0-9]{1,2})?%$"})


def release() -> Kind:
    """Return the kind of a client's version, as three numbers."""

    def read(value: Any) -> tuple[int, int, int]:
        found = (
            re.fullmatch(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", value, re.ASCII)
            if isinstance(value, str)
            else None
        )
        if found:
            return int(found[1]), int(found[2]), int(found[3])
        raise ValueError('a version of the client such as "0.150.0"')

    return Kind(read, {"type": "string", "pattern": r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$"})
