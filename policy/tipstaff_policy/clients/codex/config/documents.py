"""From the bytes of a configuration file to the settings of a layer."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache

from tipstaff_policy.clients.codex.config.layer_content import (
    FILES,
    SIZE_LIMIT,
    _others,
    _without_dropped,
    settings_of,
)
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.model.request import Detail, Document, Reader
from tipstaff_policy.model.state import (
    AbsentLayer,
    Fault,
    FaultyLayer,
    IgnoredLayer,
    Layer,
    ReadLayer,
    Shape,
)
from tipstaff_policy.parsing.masks import mask_words
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import (
    END_SHORTAGE,
    NotRegularFileError,
    TooLargeError,
    is_shortage,
    read_bounded,
)

REMEMBERED_ABOVE = 1 << 16
"""Bytes. What is larger is not parsed again where it is read again, as under the locks."""
NAMES = ("model_provider",)
"""Texts by which something else is looked up, as `profile` is."""
_SERVICES = (
    "https://api.openai.com/v1",
    "https://chatgpt.com/backend-api",
    "https://chatgpt.com/backend-api/codex",
)
ADDRESSES = frozenset((*_SERVICES, *(f"{service}/" for service in _SERVICES)))
"""Of the client's own service, so that they may be shown."""


class LayerFile(Record):
    """A layer, and the document that it was made from (empty where there is none)."""

    layer: Layer
    document: Document
    unshaped: "Unshaped | None" = None
    """Computes the rest of the document's shape, once all documents are known."""


class Reading(Record):
    """How documents are read."""

    newer_toml: Reader | None
    detail: Detail
    integer_bits: int


class Unshaped(Record):
    """A document whose keys that have nothing to do with signing in were not looked at."""

    source: Source
    data: bytes
    reading: Reading
    files: tuple[tuple[str, str], ...] = ()
    """The keys by which it names files, each with whether the client can use its file."""


def read_layer_file(
    source: Source,
    locate: Callable[[str], str],
    *,
    newer_toml: Reader | None,
    detail: Detail,
    behaviour: Behaviour,
) -> LayerFile:
    """Read one configuration file; whatever is wrong with it becomes part of the layer.

    The shapes of its other keys are left to `with_shapes`.

    Args:
        locate: Returns the real place of a path, in an image.
    """
    try:
        data = read_bounded(locate(source.path), SIZE_LIMIT)
    except FileNotFoundError:
        return LayerFile(make_unranked_layer(source, AbsentLayer()), {})
    except OSError as error:
        return LayerFile(
            make_unranked_layer(source, FaultyLayer(_unreadable(error, source.path, behaviour))), {}
        )
    reading = _read(source, newer_toml, detail, behaviour)
    found = _read_layer(source, data, reading)
    if not _others(source, found.document):
        return found
    return found._replace(
        unshaped=Unshaped(source, data, reading, _read_named_files(found.document, source, locate))
    )


def read_layer_bytes(
    source: Source,
    data: bytes,
    *,
    newer_toml: Reader | None,
    detail: Detail,
    behaviour: Behaviour,
) -> LayerFile:
    """Return the layer of a document, wherever it came from."""
    reading = _read(source, newer_toml, detail, behaviour)
    found = _read_layer(source, data, reading)
    if not isinstance(found.layer.content, ReadLayer):
        return found
    return _add_shapes(found, Unshaped(source, data, reading), None)


def _read(
    source: Source, newer_toml: Reader | None, detail: Detail, behaviour: Behaviour
) -> Reading:
    bits = behaviour.requirement_integer_bits if source.grammar == "requirements" else 64
    return Reading(newer_toml, detail, bits)


def _read_layer(source: Source, data: bytes, reading: Reading) -> LayerFile:
    known = len(data) > REMEMBERED_ABOVE
    return (_remembered_layer if known else _layer_of)(source, data, reading)


def _layer_of(source: Source, data: bytes, reading: Reading) -> LayerFile:
    document = _document(data, reading)
    if isinstance(document, TomlError):
        fault = _make_fault(document, source.path, reading.newer_toml)
        return LayerFile(make_unranked_layer(source, FaultyLayer(fault)), {})
    content = ReadLayer(settings_of(source, document))
    if reading.detail != "none":
        from tipstaff_policy.clients.codex.config.annotations import (  # noqa: PLC0415 - costs start-up
            annotate,
        )

        content = annotate(source, data, document, content, reading.detail)
    return LayerFile(make_unranked_layer(source, content), document)


def _document(data: bytes, reading: Reading) -> Document | TomlError:
    known = len(data) > REMEMBERED_ABOVE
    parse = _remembered_document if known else _parse
    return parse(data, reading.newer_toml, reading.integer_bits)


def _parse(data: bytes, newer_toml: Reader | None, integer_bits: int) -> Document | TomlError:
    return parse_toml(data, newer_toml, integer_bits=integer_bits)


_remembered_layer = lru_cache(maxsize=8)(_layer_of)
_remembered_document = lru_cache(maxsize=4)(_parse)


def with_shapes(files: Sequence[LayerFile], *, alone: bool) -> tuple[Layer, ...]:
    """Return the layers of documents, with what of their other keys could stop the client.

    Args:
        alone: Whether these are all documents; else another could be merged with them.
    """
    if not any(file.unshaped for file in files):
        return tuple(file.layer for file in files)
    seen: dict[tuple[str, str], int] = {}
    for file in files:
        for key in file.document:
            seen[file.layer.grammar, key] = seen.get((file.layer.grammar, key), 0) + 1
    shared = frozenset(key for (_, key), count in seen.items() if count > 1)
    return tuple(
        _add_shapes(file, file.unshaped, shared if alone else None).layer
        if file.unshaped
        else file.layer
        for file in files
    )


def _add_shapes(found: LayerFile, unshaped: Unshaped, shared: frozenset[str] | None) -> LayerFile:
    content = found.layer.content
    if not isinstance(content, ReadLayer):
        return found
    known = len(unshaped.data) > REMEMBERED_ABOVE
    shapes = (_remembered_shapes if known else _locate_shapes)(unshaped, shared)
    return found._replace(
        layer=found.layer._replace(content=content._replace(shapes=shapes)), unshaped=None
    )


def _locate_shapes(unshaped: Unshaped, shared: frozenset[str] | None) -> tuple[Shape, ...]:
    source, data, reading, files = unshaped
    document = _document(data, reading)
    if isinstance(document, TomlError):
        return ()
    shapes = _shapes(source, document, shared)
    if files:
        states = dict(files)
        shapes = tuple(
            shape._replace(text=states[shape.path[0]]) if shape.path[0] in states else shape
            for shape in shapes
        )
    if reading.detail == "none" or not shapes:
        return shapes
    from tipstaff_policy.clients.codex.config.annotations import (  # noqa: PLC0415 - costs start-up
        locate_shapes,
    )

    return locate_shapes(data, shapes)


_remembered_shapes = lru_cache(maxsize=8)(_locate_shapes)


def content_of(source: Source, document: Document) -> ReadLayer:
    """Return what the decision reads of a document, without lines."""
    document = _without_dropped(source, document)
    return ReadLayer(settings_of(source, document), shapes=_shapes(source, document, None))


def _shapes(source: Source, document: Document, shared: frozenset[str] | None) -> tuple[Shape, ...]:
    """Return the kinds of value of the keys that have nothing to do with signing in.

    Args:
        shared: The keys of other documents; None where they are not known.
    """
    others = _others(source, document)
    if not others:
        return ()
    from tipstaff_policy.clients.codex.config.accepted import (  # noqa: PLC0415 - costs start-up
        load_shown_texts,
    )
    from tipstaff_policy.clients.codex.config.accepted.spots import (  # noqa: PLC0415 - costs start-up
        root_of,
    )
    from tipstaff_policy.clients.codex.config.harmless import (  # noqa: PLC0415 - costs start-up
        what_matters,
    )
    from tipstaff_policy.clients.codex.config.value_shapes import (  # noqa: PLC0415 - costs start-up
        shapes_of,
    )

    known = load_shown_texts()
    known = known._replace(words=known.words | ADDRESSES)
    others = what_matters(others, source.grammar, shared, known)
    return tuple(
        shape._replace(text=mask_words(others[shape.path[0]]))
        if shape.path[0] in NAMES and shape.type == "text"
        else shape
        for shape in shapes_of(others, known, root_of(source.grammar))
    )


def _read_named_files(
    document: Document, source: Source, locate: Callable[[str], str]
) -> tuple[tuple[str, str], ...]:
    """Return of each file that a document names whether the client can use it."""
    keys = [file for file in FILES if file in document]
    if not keys:
        return ()
    from tipstaff_policy.clients.codex.config.named_files import state_of  # noqa: PLC0415 - rare

    folder = os.path.dirname(source.path)
    return tuple((key, state_of(key, document[key], folder, locate)) for key in keys)


def make_unranked_layer(
    source: Source, content: AbsentLayer | ReadLayer | FaultyLayer | IgnoredLayer
) -> Layer:
    """Return a layer whose rank is still to be given, once all are known."""
    return Layer(source.name, 0, *source[1:], content=content)


def _unreadable(error: OSError, path: str, behaviour: Behaviour) -> Fault:
    if isinstance(error, TooLargeError):
        return Fault(str(error.strerror), path, "unknown", f"at most {SIZE_LIMIT} bytes")
    if is_shortage(error):
        what = f"was not read: {error.strerror}"
        return Fault(what, path, "unknown", remedy=END_SHORTAGE)
    waits = str(error.strerror) == "is a fifo" and not behaviour.refuses_pipes
    regular = "a regular file" if isinstance(error, NotRegularFileError) else "a readable file"
    return Fault(
        f"cannot be read: {error.strerror}",
        path,
        "unknown" if waits else "refuse",
        regular,
        f"put {regular} there, or remove it; the client does not start with it",
    )


def _make_fault(error: TomlError, path: str, newer_toml: Reader | None) -> Fault:
    where = path if error.line is None else f"{path}:{error.line}"
    return Fault(
        error.what,
        where,
        error.effect,
        "a TOML document that the client reads",
        f"correct {where}; the client does not start with it",
        second_opinion=newer_toml is None,
    )


def file_of(layer: Layer) -> str:
    """Return the file of a layer, whose path names the key too where a device manager sets it."""
    return layer.path.rpartition(" ")[0] if layer.name.startswith("device") else layer.path
