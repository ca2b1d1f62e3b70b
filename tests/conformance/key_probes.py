"""Values of which the data of a version says whether its client takes them for a key."""

from conformance.measurement import ADDRESS, BINDINGS, MADE_UP, NAMES
from tipstaff_policy.clients.codex.config.accepted import parse_takes
from tipstaff_policy.clients.codex.config.value_shapes import BOUNDS

TABLES = {"struct", "map", "closed", "parts", "one"}
SAMPLES = (
    *((kind, "x") for kind in ("text", "path", "nonblank", "keys", "name", "some-text")),
    ("address", ADDRESS),
    ("absolute", "/x"),
    ("boolean", True),
    ("some-boolean", True),
)
"""A value that a key takes, by what it takes."""
OPEN = {"some-text", "unsure"}
"""Kinds that say nothing of a text."""
SAMPLED = {kind for kind, _ in SAMPLES} | TABLES | {"integer", "array", "filled"}
"""Kinds of which a value is known that is taken."""


def probes(takes):
    """Return values of which a cell says whether they are taken, each with what it says.

    A date goes with a text, and a fraction with a number, so that neither is asked about.
    """
    cell = parse_takes(takes)
    kinds = {*cell.kinds}
    if "unsure" in kinds:
        return []
    return [*_texts(cell, kinds), *_numbers(cell, kinds), *_others(cell, kinds)]


TEXTS_BY_KIND = {
    "text": (("x", True), (" ", True)),
    "path": (("x", True), (" ", True)),
    "nonblank": (("x", True), ("", False)),
    "address": ((ADDRESS, True), ("x", False)),
    "absolute": (("/x", True), ("x", False)),
    "keys": ((BINDINGS[0], True),),
    "name": tuple((name, True) for name in NAMES),
}


def _texts(cell, kinds):
    if cell.words:
        said = [*((word, True) for word in cell.words), (MADE_UP, False)]
    else:
        kind = next((kind for kind in TEXTS_BY_KIND if kind in kinds), "")
        said = TEXTS_BY_KIND.get(kind, (("x", False),))
    # Where some texts are taken by a rule that is not known, no text is known to be refused.
    return [(text, taken) for text, taken in said if taken or not kinds & OPEN]


def _numbers(cell, kinds):
    if "integer" in kinds:
        least, beyond = cell.kinds["integer"]
        yield (BOUNDS[0] if least is None else least), True
        yield from [(least - 1, False)] if least is not None else []
        yield from [(beyond - 1, True), (beyond, False)] if beyond is not None else []
    elif "some-integer" not in kinds:
        yield 50, False
    if "float" in kinds:
        least, _ = cell.kinds["float"]
        yield float(BOUNDS[0] if least is None else least), True


def _others(cell, kinds):
    yield True, bool(kinds & {"boolean", "some-boolean"})
    if kinds & {"boolean", "some-boolean"}:
        yield False, "boolean" in kinds
    if "some-array" not in kinds:
        yield [], "array" in kinds
    if kinds & TABLES:
        if not cell.needs and not cell.either and not cell.tag and "one" not in kinds:
            yield {}, True
    elif "some-table" not in kinds:
        yield {}, False
