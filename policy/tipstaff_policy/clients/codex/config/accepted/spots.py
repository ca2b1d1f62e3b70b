"""A place in the client's tables, in every measured version that knows it."""

from typing import Any

from tipstaff_policy.clients.codex.config.accepted import (
    CLOSED,
    TABLES,
    TEXTS,
    Accepted,
    Takes,
    every_measured,
    load_accepted,
)
from tipstaff_policy.model.state import Grammar


class Spot:
    """A place in the client's tables, in every measured version that knows it."""

    def __init__(self, known: tuple[tuple[Accepted, str, Takes], ...]) -> None:
        self.known = known
        every = [takes for _, _, takes in known]
        kinds = [take.kinds for take in every]
        self.is_text = all(any(name in kind for name in TEXTS) for kind in kinds)
        self.is_path = any("path" in kind for kind in kinds)
        self.words = frozenset.intersection(*(frozenset(take.words) for take in every))
        self.is_boolean = all("boolean" in kind for kind in kinds)
        self.is_integer = all(kind.get("integer") == (None, None) for kind in kinds)
        tables = [any(name in kind for name in TABLES) for kind in kinds]
        # A word in its other form, and a table that says of which kind it is, are rare.
        self.is_table = all(tables) and not any(take.words or take.tag for take in every)
        self.is_array = not any(tables) and all("array" in e or "filled" in e for e in kinds)
        self.may_be_empty = all("array" in kind for kind in kinds)
        self.is_alone = any("one" in kind for kind in kinds)
        self.is_closed = any(name in kind for kind in kinds for name in CLOSED)
        self.needs = {name for take in every for name in take.needs}
        self.either = [frozenset(take.either) for take in every if take.either]
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
        if any(alternative.isdisjoint(names) for alternative in self.either):
            return False
        if any(
            exclude in raw and not names.isdisjoint(self.excludes[exclude])
            for exclude in self.excludes
        ):
            return False
        return not self.is_closed or all(
            table.member(place, element) for table, place, _ in self.known for element in raw
        )


_SPOTS: dict[tuple[tuple[int, str, str], ...], Spot] = {}


def spot_of(known: tuple[tuple[Accepted, str, Takes], ...]) -> Spot:
    """Return a place by what every version knows of it."""
    name = tuple((id(table), place, repr(takes)) for table, place, takes in known)
    if name not in _SPOTS:
        _SPOTS[name] = Spot(known)
    return _SPOTS[name]


def root_of(grammar: Grammar) -> Spot:
    """Return the outermost place of a kind of document."""
    return _root_of(tuple(load_accepted(version, grammar) for version in every_measured()))


_ROOTS: dict[tuple[int, ...], Spot] = {}


def _root_of(tables: tuple[Accepted, ...]) -> Spot:
    name = tuple(map(id, tables))  # each is kept, so that no other one gets its number
    if name not in _ROOTS:
        whole = Takes({"struct": (None, None)}, (), (), (), "")
        _ROOTS[name] = Spot(tuple((table, "", whole) for table in tables))
    return _ROOTS[name]
