"""What of a document no measured version of the client stops at, so that nobody need carry it.

Judged on the document itself, table by table: a file of thousands of tables mostly holds what is
harmless, and its shapes are never made.
"""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from tipstaff_policy.clients.codex import key_relations
from tipstaff_policy.clients.codex.accepted import MEASURED, TABLES, Accepted, Takes, accepted
from tipstaff_policy.clients.codex.other_keys import (
    CLOSED,
    PROVIDER_KEYS,
    TEXTS,
    is_taken,
)
from tipstaff_policy.clients.codex.shapes import leaf
from tipstaff_policy.toml_text import Document
from tipstaff_policy.values import Grammar

RELATED = frozenset(
    (
        *PROVIDER_KEYS,
        *key_relations.FILES,
        *key_relations.CONDITIONAL,
        "sandbox_mode",
        "allowed_sandbox_modes",
    )
)
"""What is read together with other keys, or by checks."""
DEEPEST = 40
"""No table of the client's is as deep."""
WRONG, PLAIN, PATH = 0, 1, 2


class Spot:
    """A place in the client's tables, in every measured version that knows it."""

    def __init__(self, known: tuple[tuple[Accepted, str, Takes], ...]) -> None:
        self.known = known
        every = [takes for _, _, takes in known]
        kinds = [each.kinds for each in every]
        self.is_text = all(any(name in each for name in TEXTS) for each in kinds)
        self.is_path = any("path" in each for each in kinds)
        self.is_boolean = all("boolean" in each for each in kinds)
        self.is_integer = all(each.get("integer") == (None, None) for each in kinds)
        tables = [any(name in each for name in TABLES) for each in kinds]
        self.is_table = all(tables)
        self.is_array = not any(tables) and all("array" in e or "filled" in e for e in kinds)
        self.may_be_empty = all("array" in each for each in kinds)
        self.is_special = any(each.words or each.tag for each in every)
        self.is_open = self.is_table and not self.is_special and not any(map(_asks, known))
        self._members: dict[str, Spot | None] = {}

    def member(self, name: str) -> "Spot | None":
        """Return the place of a member; None where no version knows it."""
        if not any(table.names(place, name) for table, place, _ in self.known):
            name = "*"
        if name not in self._members:
            self._members[name] = self._member(name)
        return self._members[name]

    def _member(self, name: str) -> "Spot | None":
        found = tuple(
            (table, *at) for table, place, _ in self.known if (at := table.member(place, name))
        )
        return spot_of(found) if found else None


def _asks(known: tuple[Accepted, str, Takes]) -> bool:
    table, place, takes = known
    limited = any(each in takes.kinds for each in CLOSED)
    return bool(takes.needs or takes.either or limited or place in table.excludes)


_SPOTS: dict[tuple[tuple[int, str, str], ...], Spot] = {}


def spot_of(known: tuple[tuple[Accepted, str, Takes], ...]) -> Spot:
    """Return a place by what every version knows of it."""
    name = tuple((id(table), place, repr(takes)) for table, place, takes in known)
    if name not in _SPOTS:
        _SPOTS[name] = Spot(known)
    return _SPOTS[name]


@cache
def root_of(grammar: Grammar) -> Spot:
    """Return the outermost place of a kind of document."""
    whole = Takes({"struct": (None, None)}, (), (), (), "")
    return Spot(tuple((accepted(each, grammar), "", whole) for each in MEASURED))


def what_matters(
    document: Document, grammar: Grammar, shared: Collection[str] | None, words: Collection[str]
) -> Document:
    """Return the part of a document that could stop a version, alone or together with others.

    Args:
        shared: The keys that other documents of the kind have too; None where nobody knows.
        words: What may be shown of a text.
    """
    root = root_of(grammar)
    kept: Document = {}
    paths: Document = {}
    for key, raw in document.items():
        spot = root.member(key)
        if key in RELATED or (spot and (shared is None or key in shared)):
            kept[key] = raw
        elif spot:
            _sort(key, raw, spot, words, kept=kept, paths=paths)
    # A relative path stays one in a layer that is wrong somewhere else.
    return _united(document, kept, paths) if kept else {}


def _sort(
    key: str, raw: Any, spot: Spot, words: Collection[str], *, kept: Document, paths: Document
) -> None:
    if isinstance(raw, dict) and spot.is_open:
        for name, each in raw.items():
            found = _judge(each, spot.member(name), words)
            if found != PLAIN:
                (paths if found == PATH else kept).setdefault(key, {})[name] = each
        return
    found = _judge(raw, spot, words)
    if found != PLAIN:
        (paths if found == PATH else kept)[key] = raw


def _united(document: Document, kept: Document, paths: Document) -> Document:
    """Return both parts together, in the document's order."""
    whole: Document = {}
    for key, raw in document.items():
        parts = [each[key] for each in (kept, paths) if key in each]
        if len(parts) == 1:
            whole[key] = parts[0]
        elif parts:
            whole[key] = {name: raw[name] for name in raw if any(name in each for each in parts)}
    return whole


def _judge(raw: Any, spot: Spot | None, words: Collection[str], depth: int = 0) -> int:
    """Return whether a value is wrong, or could be, or holds a path, or is neither."""
    if spot is None:
        return PLAIN
    if isinstance(raw, str):
        if spot.is_text:
            return PATH if spot.is_path and raw.strip() else PLAIN
    elif isinstance(raw, bool):
        if spot.is_boolean:
            return PLAIN
    elif isinstance(raw, int):
        if spot.is_integer:
            return PLAIN
    elif isinstance(raw, dict | list):
        if depth > DEEPEST:
            return WRONG
        return (_table if isinstance(raw, dict) else _array)(raw, spot, words, depth + 1)
    shape = leaf((), raw, words)
    if not all(is_taken(shape, takes) for _, _, takes in spot.known):
        return WRONG
    return PATH if spot.is_path and shape.type in ("text", "date") else PLAIN


def _table(raw: Any, spot: Spot, words: Collection[str], depth: int) -> int:
    if not spot.is_table or spot.is_special:
        return WRONG  # or a word in its other form, which is rare
    if not spot.is_open and not all(_is_complete(raw, each) for each in spot.known):
        return WRONG
    member = spot.member
    return _worst(_judge(each, member(name), words, depth) for name, each in raw.items())


def _array(raw: Any, spot: Spot, words: Collection[str], depth: int) -> int:
    if not spot.is_array or not (raw or spot.may_be_empty):
        return WRONG
    item = spot.member("[]")
    return _worst(_judge(each, item, words, depth) for each in raw) if item else PLAIN


def _worst(found: Iterable[int]) -> int:
    worst = PLAIN
    for each in found:
        if each == WRONG:
            return WRONG
        worst = max(worst, each)
    return worst


def _is_complete(raw: dict[str, Any], known: tuple[Accepted, str, Takes]) -> bool:
    table, place, takes = known
    if "one" in takes.kinds and len(raw) != 1:
        return False
    if not all(each in raw for each in takes.needs):
        return False
    if takes.either and not any(each in raw for each in takes.either):
        return False
    if any(each in takes.kinds for each in CLOSED) and not all(
        table.member(place, each) for each in raw
    ):
        return False
    excludes = table.excludes.get(place, {})
    return not any(
        name in raw and any(other in raw for other in others) for name, others in excludes.items()
    )
