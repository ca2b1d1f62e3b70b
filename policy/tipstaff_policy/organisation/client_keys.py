"""Other keys of a client's administrators' files that a policy carries, verbatim.

A key is a leaf: tables are taken apart, because two files may each state a part of one; every
other value, an array too, is one value. What a client makes of such a key is not known here, so
no value is stricter than another (docs/adr/0042-other-keys-of-the-client.md).
"""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from tipstaff_policy.model.client_key import ClientKey, KeyText
from tipstaff_policy.model.state import Fault, Origin
from tipstaff_policy.model.toml_writing import Path, as_toml, join_dotted, key_text
from tipstaff_policy.record import Record

DEPTH_LIMIT = 64
"""Levels of tables and arrays; the client itself refuses the 81st."""
EMPTY = "{}"


class Contradiction(Record):
    """A key that says otherwise than the policy's own field."""

    key: ClientKey
    field: str
    origins: tuple[Origin, ...]
    """Where the policy states that field."""


class TooDeepError(ValueError):
    """A value is nested deeper than a client reads."""


def leaves_of(document: dict[str, Any], above: Path = ()) -> Iterator[tuple[Path, KeyText]]:
    """Yield each key of a document with its value.

    Raises:
        TooDeepError: It is nested too deep.
    """
    if len(above) > DEPTH_LIMIT:
        raise TooDeepError(join_dotted(above[:3]))
    for name, value in document.items():
        if isinstance(value, dict) and value:
            yield from leaves_of(value, (*above, name))
        else:
            yield (*above, name), KeyText(inline(value))


def inline(value: Any, depth: int = 0) -> str:
    """Return a value as TOML writes it on one line; equal values give equal texts.

    Raises:
        TooDeepError: It is nested too deep.
    """
    if depth > DEPTH_LIMIT:
        raise TooDeepError(str(DEPTH_LIMIT))
    if isinstance(value, dict):
        rows = [f"{key_text(name)} = {inline(value[name], depth + 1)}" for name in sorted(value)]
        return f"{{ {', '.join(rows)} }}" if rows else EMPTY
    if isinstance(value, list):
        return f"[{', '.join(inline(element, depth + 1) for element in value)}]"
    if isinstance(value, str):
        return as_toml(value)
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else value.isoformat()


def plain(key: ClientKey) -> Any:
    """Return the value of a key as a TOML reader gives it."""
    return tomllib.loads(f"x = {key.value.reveal()}")["x"]


def document_of(keys: Iterable[ClientKey]) -> str:
    """Return keys as a TOML document: those outside of tables first, each table once."""
    rows = sorted(keys, key=lambda key: key.path)
    around = {row.path[:length] for row in rows for length in range(1, len(row.path))}
    tables: dict[Path, list[str]] = {}
    for row in rows:
        if row.value.reveal() == EMPTY and row.path in around:
            continue  # the table has members of its own
        *table, name = row.path
        line = f"{key_text(name)} = {row.value.reveal()}\n"
        tables.setdefault(tuple(table), []).append(line)
    heads = {path: f"\n[{join_dotted(path)}]\n" if path else "" for path in tables}
    return "".join(heads[path] + "".join(tables[path]) for path in sorted(tables))


def meet_keys(left: tuple[ClientKey, ...], right: tuple[ClientKey, ...]) -> tuple[ClientKey, ...]:
    """Return what two policies state together: a union, in which one value stands once.

    Two values of one key both stay, for `key_faults` to name.
    """
    found: dict[tuple[Any, ...], ClientKey] = {}
    for key in (*left, *right):
        same = found.get(key[:4])
        places = {*key.origins, *(same.origins if same else ())}
        found[key[:4]] = key._replace(origins=tuple(sorted(places, key=_place)))
    return tuple(sorted(found.values(), key=_rank))


def sort_keys(keys: Iterable[ClientKey]) -> tuple[ClientKey, ...]:
    """Return keys in the order in which a policy holds them."""
    return tuple(sorted(keys, key=_rank))


def _place(origin: Origin) -> tuple[str, int]:
    return origin.path, origin.line or 0


def _rank(key: ClientKey) -> tuple[Any, ...]:
    return (*key[:3], key.value.reveal())


def key_faults(keys: tuple[ClientKey, ...], against: Iterable[Contradiction]) -> Iterator[Fault]:
    """Yield what leaves a client's file without a meaning; each fault names both places.

    Args:
        against: What says otherwise than the policy's own fields.
    """
    last: ClientKey | None = None
    for key in keys:
        if last is not None and _clash(last, key):
            what = f"{key.name} has another value than {last.name}"
            if last.path == key.path:
                what = f"{key.name} has two values"
            yield _fault(what, (*last.origins[:1], *key.origins[:1]), "one value in all files")
        if last is None or not _is_in(key, last) or last.value.reveal() == EMPTY:
            last = key
    for contradiction in against:
        yield _fault(
            f"{contradiction.key.name} says otherwise than {contradiction.field}",
            (*contradiction.key.origins[:1], *contradiction.origins[:1]),
            f"{contradiction.field} alone, from which this key is compiled",
        )


def _is_in(key: ClientKey, other: ClientKey) -> bool:
    return key[:2] == other[:2] and key.path[: len(other.path)] == other.path


def _clash(last: ClientKey, key: ClientKey) -> bool:
    return _is_in(key, last) and (last.path == key.path or last.value.reveal() != EMPTY)


def _fault(what: str, origins: tuple[Origin, ...], expected: str) -> Fault:
    places = " and ".join(map(str, origins))
    return Fault(what, places, "refuse", expected, f"correct one of {places}; nothing was removed")
