"""The keys of the client's files that a policy carries, as lint reads those files themselves.

Each policy file is one file for each table of its own, so that a fault is found by its own lines.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from tipstaff_policy.clients.codex.deployment.rendering import FIELDS, FILE_OF, MANAGED
from tipstaff_policy.clients.interface.lint import (
    Aim,
    ClientFile,
    Files,
    Given,
    Hit,
    Kind,
    LintRule,
    at,
)
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import Fault, FaultyLayer, Layer, Origin, ReadLayer
from tipstaff_policy.organisation.client_keys import document_of
from tipstaff_policy.parsing.toml_lines import locate_keys

Lines = dict[int, int]
"""By a line of the text that is judged, that of the policy."""
KINDS: dict[str, Kind] = {
    table: "managed_config" if name == MANAGED else "requirements"
    for table, name in FILE_OF.items()
}


def given_of(keys: tuple[ClientKey, ...]) -> Iterator[tuple[Given, Lines]]:
    """Yield each file that keys make, with what turns its lines into those of the policy."""
    rows = sorted(keys, key=_place)
    for (path, table), some in groupby(rows, key=_place):
        group = list(some)
        text = document_of(group)
        yield Given(path, text.encode(), KINDS[table]), _lines(text, group)


def _place(key: ClientKey) -> tuple[str, str]:
    return key.origins[0].path, key.file


def _lines(text: str, keys: Iterable[ClientKey]) -> Lines:
    lines = locate_keys(text)
    found = {lines.get(key.path, 0): key.origins[0].line or 1 for key in keys}
    last = 1
    for number in range(text.count("\n") + 1, 0, -1):  # a heading is where its first key is
        last = found.setdefault(number, last)
    return found


def relocated(file: ClientFile, lines: Lines) -> ClientFile:
    """Return a file with the lines of the policy in place of its own."""
    return file._replace(
        layer=_layer(file.layer, lines),
        lines={path: lines.get(line, line) for path, line in file.lines.items()},
    )


def _layer(layer: Layer, lines: Lines) -> Layer:
    content = layer.content
    if isinstance(content, FaultyLayer):
        return layer._replace(content=FaultyLayer(_fault(content.fault, lines)))
    if not isinstance(content, ReadLayer):
        return layer
    return layer._replace(
        content=content._replace(
            settings=tuple(
                setting._replace(origin=_origin(setting.origin, lines))
                for setting in content.settings
            ),
            strays=tuple(
                stray._replace(origin=_origin(stray.origin, lines)) for stray in content.strays
            ),
            shapes=tuple(
                shape._replace(line=lines.get(shape.line or 0, shape.line))
                for shape in content.shapes
            ),
        )
    )


def _origin(origin: Origin, lines: Lines) -> Origin:
    return origin._replace(line=lines.get(origin.line or 0, origin.line))


def _fault(fault: Fault, lines: Lines) -> Fault:
    path, _, line = fault.where.rpartition(":")
    if not path or not line.isdecimal():
        return fault
    return fault._replace(where=f"{path}:{lines.get(int(line), int(line))}")


def sign_in_key_among_others(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find sign-in keys that the client alone would be told."""
    del aim
    for key in (key for policy in files.policies for key in policy.policy.client_keys):
        field = FIELDS.get(key.path[0])
        if field:
            yield at(
                key.origins[0],
                f"{key.name} is a sign-in key, and Tipstaff compiles it from {field}",
                f"state {field} at the top of the policy in its place",
            )


RULES = (
    LintRule(
        "sign-in-key-among-others",
        "warning",
        "a sign-in key in `[clients.…]`, where a field of the policy belongs",
        sign_in_key_among_others,
    ),
)
