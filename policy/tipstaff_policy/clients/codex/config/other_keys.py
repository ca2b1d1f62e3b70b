"""Whether keys that have nothing to do with signing in stop the client at its start.

Only the merged documents count, as everywhere: a wrong value that is beaten does no harm. What
each version takes is data (``accepted``).

Source: tests/conformance/cases_other_keys.py (client 0.169.0).
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from tipstaff_policy.clients.codex.config.accepted import (
    CLOSED,
    MEASURED,
    TABLES,
    TEXTS,
    Accepted,
    Takes,
    find_measured_around,
    load_accepted,
)
from tipstaff_policy.clients.codex.config.key_relations import find_changed_providers, relations
from tipstaff_policy.clients.codex.config.sandbox import NEVER_ASKS
from tipstaff_policy.clients.codex.config.value_shapes import (
    ABSOLUTE,
    ADDRESS,
    CONFIG_SERVER,
    KEY_BINDING,
    NAME,
    SORTS,
    Node,
    merge_shapes,
    wrong,
)
from tipstaff_policy.clients.codex.versions import Version, version_number
from tipstaff_policy.model.state import Fault, Grammar, Layer, Origin, ReadLayer, Shape
from tipstaff_policy.record import Record

GRAMMARS: tuple[Grammar, ...] = ("requirements", "config")
ALWAYS_KEPT = (CONFIG_SERVER,)
"""What the decision depends on without stopping a start."""
APPLICATION = "application"
"""The one requirement whose fault costs the whole document."""
PROVIDER_KEYS = ("model_provider", "model_providers", "openai_base_url")
"""Keys that show whether the client uses its login, which a check reads."""


class _At(Record):
    """Where a value stands: in the data, and as a person writes it."""

    place: str
    key: str


def without_harmless(
    layers: tuple[Layer, ...], versions: Sequence[str], kept: Collection[str]
) -> tuple[Layer, ...]:
    """Return layers that keep their shapes only where these could stop one of some versions.

    Args:
        kept: Keys whose shapes stay in any case.

    What is wrong in some of the layers together is wrong in one alone, or in all together.
    """
    read = [layer for layer in layers if isinstance(layer.content, ReadLayer)]
    tried = [*((layer,) for layer in read), layers]
    if any(
        fault_of(combination, version, entry_point)
        for combination in tried
        for version in versions
        for entry_point in NEVER_ASKS  # what stops every one, stops these too
    ):
        return layers
    return tuple(
        layer._replace(
            content=layer.content._replace(
                shapes=tuple(shape for shape in layer.content.shapes if shape.path[0] in kept)
            )
        )
        if isinstance(layer.content, ReadLayer)
        else layer
        for layer in layers
    )


def fault_of(layers: Sequence[Layer], version: str, entry_point: str = "") -> Fault | None:
    """Return what stops a version of the client, or could; None where nothing does.

    Args:
        entry_point: Empty for what stops every one.
    """
    if not any(isinstance(layer.content, ReadLayer) and layer.content.shapes for layer in layers):
        return None
    older = (version_number(version) or MEASURED[0]) < MEASURED[0]
    found = [
        _worst(_faults(layers, measured, entry_point, older=older))
        for measured in find_measured_around(version)
    ]
    first = next((effect for effect in found if effect), None)
    # Between two measured versions only what both do is certain; before the first one, nothing.
    certain = all(found) and not older
    return first if first is None or certain else first._replace(effect="unknown")


def costs_the_document(layer: Layer, version: str) -> bool:
    """Return whether a fault in `application` makes a version read requirements as no document.

    Source: tests/conformance/cases_entry_points.py (the versions in PROVEN).
    """
    if not isinstance(layer.content, ReadLayer):
        return False
    own = tuple(shape for shape in layer.content.shapes if shape.path[0] == APPLICATION)
    fault = fault_of((layer._replace(content=layer.content._replace(shapes=own)),), version)
    return fault is not None and fault.effect == "refuse"


def config_server_of(layers: Sequence[Layer], version: str) -> Origin | None:
    """Return the requirement by which a version of the client asks a server for its policy."""
    newest = find_measured_around(version)[-1]
    if not load_accepted(newest, "requirements").member("", CONFIG_SERVER):
        return None
    return next(
        (
            Origin(layer.name, layer.path, shape.line)
            for layer in reversed(layers)
            if layer.grammar == "requirements" and isinstance(layer.content, ReadLayer)
            for shape in layer.content.shapes
            if shape.path == (CONFIG_SERVER,)
        ),
        None,
    )


def _worst(faults: Sequence[Fault]) -> Fault | None:
    return min(faults, key=lambda fault: fault.effect != "refuse", default=None)


def _faults(
    layers: Sequence[Layer], version: Version, entry_point: str, *, older: bool
) -> tuple[Fault, ...]:
    """Return what stops a measured version, and what could stop one that is older."""
    roots = {grammar: merge_shapes(layers, grammar) for grammar in GRAMMARS}
    tables = {grammar: load_accepted(version, grammar) for grammar in GRAMMARS}
    found = [
        fault
        for grammar in GRAMMARS
        for fault in _members(roots[grammar], _At("", ""), tables[grammar])
    ]
    found += relations(
        layers, roots["config"], roots["requirements"], tables["config"], entry_point
    )
    found += find_changed_providers(roots["config"], tables["config"]) if older else []
    return (*found, *chain.from_iterable(_find_unresolved(layer, version) for layer in layers))


def _find_unresolved(layer: Layer, version: Version) -> Iterator[Fault]:
    """Return the paths of a layer that is wrong in itself, which the client leaves relative."""
    root, table = merge_shapes((layer,), layer.grammar), load_accepted(version, layer.grammar)
    if layer.grammar == "config" and any(_members(root, _At("", ""), table)):
        for fault in _members(root, _At("", ""), table, paths=True):
            yield fault._replace(effect="unknown")


def _members(node: Node, at: _At, table: Accepted, *, paths: bool = False) -> Iterator[Fault]:
    for name, member in node.members.items():
        item = node.type == "array"
        known = table.member(at.place, "[]" if item else name)
        if known:
            key = at.key if item else f"{at.key}.{name}" if at.key else name
            yield from _value(member, _At(known[0], key), known[1], table, paths=paths)


def _value(node: Node, at: _At, takes: Takes, table: Accepted, *, paths: bool) -> Iterator[Fault]:
    if node.type == "table":
        yield from _table(node, at, takes, table, paths=paths)
    elif (
        node.type == "array"
        and node.members
        and ("array" in takes.kinds or "filled" in takes.kinds)
    ):
        if any(table_kind in takes.kinds for table_kind in TABLES):
            # The client takes a list of a table's values for the table.
            yield wrong(node, at.key, takes.in_words)._replace(effect="unknown")
        yield from _members(node, at, table, paths=paths)
    elif paths:
        if "path" in takes.kinds and node.type in ("text", "date"):
            yield wrong(node, at.key, "an absolute path")
    elif not is_taken(node, takes):
        fault = wrong(node, at.key, takes.in_words)
        yield fault._replace(effect="unknown") if _is_unclear(node, takes) else fault


def is_taken(node: Node | Shape, takes: Takes) -> bool:
    """Return whether the client takes a value that holds no others, as far as is known."""
    kind, kinds = node.type, takes.kinds
    if kind in ("text", "date", "blank"):
        # The client takes a date for its text.
        return (
            any(text in kinds for text in TEXTS)
            or (kind != "blank" and "nonblank" in kinds)
            or (kind == "date" and "date" in kinds)
            or (kind == "text" and node.text in takes.words)
            or (kind == "text" and "keys" in kinds and node.text == KEY_BINDING)
            or (kind == "text" and "address" in kinds and node.text == ADDRESS)
            or (kind == "text" and "absolute" in kinds and node.text == ABSOLUTE)
            or (kind == "text" and "name" in kinds and _is_name(node.text))
        )
    if kind in ("integer", "float") and kind in kinds:
        least, beyond = kinds[kind]
        if least is None and beyond is None:
            return True
        return node.text != "" and not (
            (least is not None and int(node.text) < least)
            or (beyond is not None and int(node.text) >= beyond)
        )
    return kind in kinds


def _is_name(text: str) -> bool:
    """Return whether a text is one that a name may be, known words of the client's included."""
    return text in (NAME, KEY_BINDING) or bool(text and text not in SORTS and "/" not in text)


def _is_unclear(node: Node, takes: Takes) -> bool:
    """Return whether only the client knows if it accepts a value."""
    kinds, kind = takes.kinds, "text" if node.type in ("date", "blank") else node.type
    if "unsure" in kinds or f"some-{kind}" in kinds:
        return True
    if kind == "text" and "keys" in kinds:
        return True
    if kind == "float" and kind in kinds and not node.text:
        return True  # no number at all
    # Where nothing is known to be taken, the measurement may have missed something.
    return not takes.words and all(word.startswith("some-") for word in kinds)


def _table(node: Node, at: _At, takes: Takes, table: Accepted, *, paths: bool) -> Iterator[Fault]:
    if takes.words and _is_variant(node, takes):
        return
    if not any(table_kind in takes.kinds for table_kind in TABLES):
        unclear = "unsure" in takes.kinds or "some-table" in takes.kinds
        fault = wrong(node, at.key, takes.in_words)
        yield fault._replace(effect="unknown") if unclear else fault
        return
    if takes.tag:
        tag = node.members.get(takes.tag)
        known = table.member(at.place, f"@{tag.text}") if tag else None
        if known is None:
            yield wrong(node, at.key, f"a table with a {takes.tag} that the client knows")
            return
        at, takes = at._replace(place=known[0]), known[1]
    if not paths:
        yield from _incomplete(node, at, takes, table)
    yield from _members(node, at, table, paths=paths)


def _is_variant(node: Node, takes: Takes) -> bool:
    """Return whether a table is ``{word = {}}``, which the client takes for the word."""
    if len(node.members) != 1:
        return False
    ((name, content),) = node.members.items()
    return name in takes.words and content.type in ("table", "array") and not content.members


def _incomplete(node: Node, at: _At, takes: Takes, table: Accepted) -> Iterator[Fault]:
    """Return what a table lacks, or has too much."""
    names = node.members
    lacking = [need for need in takes.needs if need not in names]
    # An included provider already has what is not set here.
    brought = at.key in (f"model_providers.{provider}" for provider in table.providers)
    if lacking and not brought:
        yield wrong(node, at.key, f"a table with {' and '.join(lacking)}")
    if takes.either and not any(alternative in names for alternative in takes.either):
        yield wrong(node, at.key, f"a table with {' or '.join(takes.either)}")
    known = all(name == takes.tag or table.member(at.place, name) for name in names)
    if not known and any(closed_kind in takes.kinds for closed_kind in CLOSED):
        fault = wrong(node, at.key, "a table with no member that the client does not know")
        yield fault._replace(effect="unknown") if "parts" in takes.kinds else fault
    if "one" in takes.kinds and len(names) != 1:
        yield wrong(node, at.key, "a table of one member")
    for name, others in table.excludes.get(at.place, {}).items():
        for other in others if name in names else ():
            if other in names:
                yield wrong(node, at.key, f"{name} without {other}")
