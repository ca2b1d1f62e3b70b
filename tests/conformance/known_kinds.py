"""What a version takes for its keys, measured only where it differs from a neighbour version.

Every cell of the neighbour's data says which values its key takes, and which it does not. The
client is asked for a few of both, and for names that the data does not have. Where an answer is
another one, that key is measured as if nothing were known of it (`measurement.py`).
"""

import re
from typing import Any, NamedTuple

from conformance.exclusions import exclusions
from conformance.key_hints import BASES, NAMED_MAPS, PAIRED, PARTS
from conformance.key_probes import SAMPLED, SAMPLES, probes
from conformance.measurement import CULPRITS, MADE_UP, Measurement
from tipstaff_policy.clients.codex.config.accepted import parse_takes
from tipstaff_policy.clients.codex.config.value_shapes import BOUNDS

QUIET = 3
"""From this depth on a measurement does not print its keys."""


class Place(NamedTuple):
    """A key, or a name that the data does not have, and how a value of it becomes a document."""

    above: str
    name: str
    wrap: Any
    depth: int

    @property
    def path(self):
        return f"{self.above}.{self.name}" if self.above else self.name


def _member_of(inside, name):
    """Return what makes documents of a value for a member."""
    return lambda value: inside({MADE_UP if name == "*" else name: value})


def _item_of(place, cell):
    """Return what makes documents of an item; some lists must hold a word of their own next to it."""
    if "filled" in cell.kinds:
        return lambda value: [*place.wrap([value]), *place.wrap(["read-only", value])]
    return lambda value: place.wrap([value])


class Comparison(Measurement):
    """A client held against the data of a neighbour version, for one kind of document."""

    def __init__(self, namespace, client, grammar, words, known):
        super().__init__(namespace, client, grammar, words)
        self.known = known
        self.differing = []
        """What has to be measured again."""

    def compare(self, names):
        """Compare some of the keys of a document itself, and all below them."""
        for name, takes in self._cells(""):
            if name in names:
                self._key(Place("", name, lambda value, name=name: [{name: value}], 0), takes)

    def compare_names(self):
        """Look for keys of the document itself that the data does not have."""
        self._new_names("", lambda members: [members], {name for name, _ in self._cells("")}, 0)

    def _cells(self, place):
        for takes, names in self.known["keys"].get(place, {}).items():
            if takes != "like":
                yield from ((name, takes) for name in names.split())

    def _target(self, place):
        return self.known["keys"].get(place, {}).get("like", place)

    def _key(self, place, takes):
        """Compare one key; what is below it is compared only where the key itself is as known."""
        wrong = [
            value
            for value, taken in probes(takes)
            if (self.any_refusal(place.wrap(value)) is None) != taken
        ]
        if wrong or self._has_other_words(place, takes):
            self.differing.append(place)
            return
        if self._target(place.path) != place.path:
            if not self._is_like(place):
                self.differing.append(place)
            return
        self._below(place, takes)

    def _has_other_words(self, place, takes):
        """Return whether the client lists a word that the data does not have."""
        words = parse_takes(takes).words
        refusal = self.any_refusal(place.wrap(MADE_UP)) if words else None
        listed = re.search(r"unknown variant `[^`]*`, expected (.*)", refusal or "")
        new = {*re.findall(r"`([^`]+)`", listed[1])} - {*words} if listed else set()
        return any(self.any_refusal(place.wrap(word)) is None for word in new)

    def _is_like(self, place):
        """Return whether a table is still read into the same structure as its target."""
        target = self._place_at(self._target(place.path))
        return target is not None and self._structure(place.wrap) == self._structure(target.wrap)

    def _place_at(self, path):
        """Return a key by its path; None where the data has no such key."""
        for name, takes in self._cells(""):
            if path == name or path.startswith(f"{name}."):
                at = Place("", name, lambda value, name=name: [{name: value}], 0)
                return self._descend(at, takes, path)
        return None

    def _descend(self, place, takes, path):
        if place.path == path:
            return place
        for child, below in self._children(place, parse_takes(takes)):
            if path == child.path or path.startswith(f"{child.path}."):
                return self._descend(child, below, path)
        return None

    def _inside(self, place, cell):
        """Return what puts members into a table."""
        bases = self._bases(place.path, cell)
        return lambda members: [
            document for base in bases for document in place.wrap({**base, **members})
        ]

    def _children(self, place, cell):
        """Yield each member, or item, that the data has below a key, and what it takes."""
        inside, depth = self._inside(place, cell), place.depth + 1
        for name, takes in self._cells(place.path):
            if name == "[]":
                yield Place(place.path, name, _item_of(place, cell), depth), takes
            elif name[0] == "@":
                yield from self._members_of_variant(place, cell.tag, name, takes)
            else:
                yield Place(place.path, name, _member_of(inside, name), depth), takes

    def _members_of_variant(self, place, tag, name, takes):
        """Yield the members of a table whose tag is a word."""
        at = Place(place.path, name, self._variant(place, tag, name, takes), place.depth)
        for member, below in self._cells(at.path):
            if member != tag:
                wrap = _member_of(at.wrap, member)
                yield Place(at.path, member, wrap, place.depth + 1), below

    def _variant(self, place, tag, name, takes):
        """Return what puts members into a table whose tag is a word."""
        (base,) = self._bases(f"{place.path}.{name}", parse_takes(takes))
        return lambda members: place.wrap({**base, tag: name[1:], **members})

    def _structure(self, wrap):
        refusal = self.any_refusal(wrap("x")) or ""
        named = re.search(r"expected (?:struct|internally tagged enum) (\w+)", refusal)
        return named[1] if named else None

    def _below(self, place, takes):
        cell = parse_takes(takes)
        for child, below in self._children(place, cell):
            self._key(child, below)
        cells = list(self._cells(place.path))
        if cell.tag:
            for name, below in cells:
                if name[0] == "@":
                    self._new_in_variant(place, cell.tag, name, below)
        else:
            names = {name for name, _ in cells}
            inside = self._inside(place, cell)
            self._new_members(place.path, cell, inside, names, place.depth + 1)
        if place.path in PAIRED:
            self._exclusions(place, cells)

    def _new_in_variant(self, place, tag, name, takes):
        path = f"{place.path}.{name}"
        inside = self._variant(place, tag, name, takes)
        names = {tag, *(member for member, _ in self._cells(path))}
        self._new_members(path, parse_takes(takes), inside, names, place.depth + 1)

    def _bases(self, path, cell):
        """Return the members that a table needs, as the measurement gave them to it."""
        if path in BASES[self.grammar]:
            return BASES[self.grammar][path]
        if cell.either:
            return tuple({name: self._sample(path, name)} for name in cell.either)
        return ({name: self._sample(path, name) for name in cell.needs},)

    def _sample(self, path, name):
        """Return a value that a member takes, by the data."""
        at = self._target(path)
        takes = dict(self._cells(at)).get(name)
        return "x" if takes is None else self._value(f"{at}.{name}", parse_takes(takes))

    def _value(self, path, cell):
        kinds = {*cell.kinds}
        if cell.words:
            return cell.words[0]
        plain = next((value for kind, value in SAMPLES if kind in kinds), None)
        if plain is not None:
            return plain
        if "integer" in kinds:
            least, _ = cell.kinds["integer"]
            return BOUNDS[0] if least is None else least
        if "filled" in kinds:
            return [self._sample(path, "[]")]
        return [] if "array" in kinds else dict(self._bases(path, cell)[0])

    def _new_members(self, path, cell, inside, names, depth):
        """Look for members that the data does not have, as the measurement looks for all."""
        kinds = {*cell.kinds}
        if "closed" in kinds:
            found = self._listed(inside) - names
        elif "parts" in kinds:
            found = {part for part in PARTS if part not in names and self._takes_one(inside, part)}
        elif "map" in kinds:
            found = self._new_in_map(path, inside, names)
        elif "struct" in kinds:
            self._new_names(path, inside, names, depth)
            return
        else:
            return
        self._differ(path, inside, found, depth)

    def _takes_one(self, inside, name):
        """Return whether a part takes a usual value; few are tried, for there are many parts."""
        return any(self.any_refusal(inside({name: value})) is None for value in (True, 50, "x"))

    def _differ(self, path, inside, names, depth):
        for name in sorted(names):
            wrap = lambda value, name=name: inside({name: value})  # noqa: E731
            self.differing.append(Place(path, name, wrap, depth))

    def _listed(self, inside):
        refusal = self.any_refusal(inside({MADE_UP: 5})) or ""
        message = refusal.splitlines()[0].partition("expected")[2] if refusal else ""
        return {*re.findall(r"`([^`]+)`", message)}

    def _new_in_map(self, path, inside, names):
        found = set()
        if path in NAMED_MAPS:
            sample = self._sample(path, "*")
            for some in (self.hints - names, self.words - self.hints - names):
                found |= {*self.refused_names(inside, sample, sorted(some))}
        if path.endswith("features"):
            some = self.features() - names
            found |= {name for name in some if self.any_refusal(inside({name: {}})) is None}
        return found

    def _new_names(self, path, inside, names, depth):
        self.words -= names
        hints, self.hints = self.hints, self.hints - names
        self._differ(path, inside, {*self.members_of(inside, CULPRITS)} - names, depth)
        self.hints = hints
        self.words |= names

    def _exclusions(self, place, cells):
        """Ask again which members of a table go without each other."""
        for name, takes in cells:
            path = f"{place.path}.{name}"
            cell = parse_takes(takes)
            has_sample = name not in ("*", "[]") and (cell.words or SAMPLED & {*cell.kinds})
            self.nodes[path] = [self._value(self._target(path), cell)] if has_sample else []
        self.excludes |= exclusions(self, place.path, place.wrap)

    def is_key(self, place):
        """Return whether a name is a key of the client at all: some value of it is refused."""
        if place.name in ("*", "[]"):
            return True
        return any(self.any_refusal(place.wrap(value)) is not None for value in CULPRITS)


def measure_again(measurement, places):
    """Measure some keys as if nothing were known of them; return which are keys no longer."""
    gone = []
    for place in places:
        if measurement.is_key(place):
            measurement.key(place.above, place.name, place.wrap, max(place.depth, QUIET))
        else:
            gone.append(place.path)
    return gone
