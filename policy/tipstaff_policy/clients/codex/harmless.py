"""What of a document no measured version of the client stops at, so that nobody need carry it.

Judged on the document itself, table by table: a file of thousands of tables mostly holds what is
harmless, and its shapes are never made.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from tipstaff_policy.clients.codex import key_relations
from tipstaff_policy.clients.codex.accepted import MEASURED, TABLES, Accepted, Takes, accepted
from tipstaff_policy.clients.codex.documents import FILES
from tipstaff_policy.clients.codex.other_keys import (
    ALWAYS_TOLD,
    CLOSED,
    PROVIDER_KEYS,
    TEXTS,
    is_taken,
)
from tipstaff_policy.clients.codex.shapes import Shown, leaf
from tipstaff_policy.toml_text import Document
from tipstaff_policy.values import Grammar

RELATED = frozenset(
    (
        *ALWAYS_TOLD,
        *PROVIDER_KEYS,
        *FILES,
        *key_relations.RELATED,
    )
)
"""What is read together with other keys, by checks, or by the decision alone."""
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
        self.words = frozenset.intersection(*(frozenset(each.words) for each in every))
        self.is_boolean = all("boolean" in each for each in kinds)
        self.is_integer = all(each.get("integer") == (None, None) for each in kinds)
        tables = [any(name in each for name in TABLES) for each in kinds]
        # A word in its other form, and a table that says of which kind it is, are rare.
        self.is_table = all(tables) and not any(each.words or each.tag for each in every)
        self.is_array = not any(tables) and all("array" in e or "filled" in e for e in kinds)
        self.may_be_empty = all("array" in each for each in kinds)
        self.is_alone = any("one" in each for each in kinds)
        self.is_closed = any(name in each for each in kinds for name in CLOSED)
        self.needs = {name for each in every for name in each.needs}
        self.either = [frozenset(each.either) for each in every if each.either]
        self.excludes: dict[str, set[str]] = {}
        self.named: set[str] = set()
        for table, place, _ in known:
            self.named |= table.names(place)
            for name, others in table.excludes.get(place, {}).items():
                self.excludes.setdefault(name, set()).update(others)
        self.is_open = self.is_table and not (
            self.is_closed or self.is_alone or self.needs or self.either or self.excludes
        )
        self._members: dict[str, Spot | None] = {}

    def member(self, name: str) -> "Spot | None":
        """Return the place of a member; None where no version knows it."""
        if name not in self.named:
            name = "*"
        try:
            return self._members[name]
        except KeyError:
            found = tuple(
                (table, *at) for table, place, _ in self.known if (at := table.member(place, name))
            )
            self._members[name] = spot_of(found) if found else None
            return self._members[name]

    def completes(self, raw: dict[str, Any]) -> bool:
        """Return whether a table has the members that belong together, and no others."""
        if self.is_open:
            return True
        names = raw.keys()
        if not self.needs <= names or (self.is_alone and len(raw) != 1):
            return False
        if any(each.isdisjoint(names) for each in self.either):
            return False
        if any(each in raw and not names.isdisjoint(self.excludes[each]) for each in self.excludes):
            return False
        return not self.is_closed or all(
            table.member(place, each) for table, place, _ in self.known for each in raw
        )


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
    document: Document, grammar: Grammar, shared: Collection[str] | None, shown: Shown
) -> Document:
    """Return the part of a document that could stop a version, alone or together with others.

    Args:
        shared: The keys that other documents of the kind have too; None where nobody knows.
    """
    root = root_of(grammar)
    kept: Document = {}
    paths: Document = {}
    for key, raw in document.items():
        spot = root.member(key)
        if key in RELATED or (spot and (shared is None or key in shared)):
            kept[key] = raw
        elif spot:
            _sort(key, raw, spot, shown, (kept, paths))
    # A relative path stays one in a layer that is wrong somewhere else.
    return _united(document, kept, paths) if kept else {}


def _sort(key: str, raw: Any, spot: Spot, shown: Shown, parts: tuple[Document, Document]) -> None:
    kept, paths = parts
    if isinstance(raw, dict) and spot.is_open:
        for name, each in raw.items():
            found = _judge(each, spot.member(name), shown)
            if found != PLAIN:
                (paths if found == PATH else kept).setdefault(key, {})[name] = each
        return
    found = _judge(raw, spot, shown)
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


def _judge(raw: Any, spot: Spot | None, shown: Shown, depth: int = 0) -> int:
    """Return whether a value is wrong, or could be, or holds a path, or is neither."""
    if spot is None:
        return PLAIN
    if depth > DEEPEST:
        return WRONG
    if isinstance(raw, dict):
        return _table(raw, spot, shown, depth + 1)
    if isinstance(raw, list):
        return _array(raw, spot, shown, depth + 1)
    return _alone(raw, spot, shown)


def _alone(raw: Any, spot: Spot, shown: Shown) -> int:
    """Judge what holds no others; most of it without making its shape."""
    if isinstance(raw, str):
        is_plain = raw in spot.words or (spot.is_text and not spot.is_path)
    elif isinstance(raw, bool):
        is_plain = spot.is_boolean
    else:
        is_plain = isinstance(raw, int) and spot.is_integer
    if is_plain:
        return PLAIN
    shape = leaf((), raw, shown)
    for _, _, takes in spot.known:
        if not is_taken(shape, takes):
            return WRONG
    return PATH if spot.is_path and shape.type in ("text", "date") else PLAIN


def _table(raw: dict[str, Any], spot: Spot, shown: Shown, depth: int) -> int:
    if not spot.is_table or not spot.completes(raw):
        return WRONG
    member, worst = spot.member, PLAIN
    for name, each in raw.items():
        found = _judge(each, member(name), shown, depth)
        if found != PLAIN:
            if found == WRONG:
                return WRONG
            worst = found
    return worst


def _array(raw: list[Any], spot: Spot, shown: Shown, depth: int) -> int:
    if not spot.is_array or not (raw or spot.may_be_empty):
        return WRONG
    item, worst = spot.member("[]"), PLAIN
    for each in raw if item else ():
        found = _judge(each, item, shown, depth)
        if found == WRONG:
            return WRONG
        worst = max(worst, found)
    return worst
