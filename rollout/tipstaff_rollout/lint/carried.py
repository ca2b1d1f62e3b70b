"""The keys of the client's files that a policy carries, as lint reads those files themselves.

Each policy file is one file for each table of its own, so that a fault is found by its own lines.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from tipstaff_policy.clients.interface.deployment import Deployment
from tipstaff_policy.clients.interface.lint import ClientFile, Given
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import Fault, FaultyLayer, Layer, Origin, ReadLayer
from tipstaff_rollout.payloads import deployment_of

Lines = dict[int, int]
"""By a line of the text that is judged, that of the policy."""


class CarriedFile(NamedTuple):
    """A file that the keys of a policy make."""

    client: str
    given: Given
    lines: Lines


def find_carried(keys: tuple[ClientKey, ...]) -> Iterator[CarriedFile]:
    """Yield each file that keys make, with what turns its lines into those of the policy."""
    rows = sorted(keys, key=_place)
    for (path, client, table), some in groupby(rows, key=_place):
        group, deployment = list(some), deployment_of(client)
        text = deployment.documents.write(group)
        given = Given(path, text.encode(), deployment.file_of[table])
        yield CarriedFile(client, given, _lines(text, group, deployment))


def _place(key: ClientKey) -> tuple[str, str, str]:
    return key.origins[0].path, key.client, key.file


def _lines(text: str, keys: Iterable[ClientKey], deployment: Deployment) -> Lines:
    lines = deployment.documents.lines(text)
    found = {lines.get(key.path, 0): key.origins[0].line or 1 for key in keys}
    last = 1
    for number in range(text.count("\n") + 1, 0, -1):  # a heading is where its first key is
        last = found.setdefault(number, last)
    return found


def relocate(file: ClientFile, lines: Lines) -> ClientFile:
    """Return a file with the lines of the policy in place of its own."""
    return file._replace(
        layer=_relocate_layer(file.layer, lines),
        lines={path: lines.get(line, line) for path, line in file.lines.items()},
    )


def _relocate_layer(layer: Layer, lines: Lines) -> Layer:
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
