"""From the bytes of a configuration file to the settings of a layer."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from tipstaff_policy.clients.codex.keys import (
    CONFIG_KEYS,
    ENUM_KEYS,
    REQUIREMENT_KEYS,
)
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.clients.model import Detail
from tipstaff_policy.files import (
    END_SHORTAGE,
    NotRegularFileError,
    TooLargeError,
    is_shortage,
    read_bounded,
)
from tipstaff_policy.masks import shown, shown_in_words
from tipstaff_policy.record import Record
from tipstaff_policy.toml_text import Document, Reader, TomlError, parse_toml
from tipstaff_policy.values import (
    AbsentLayer,
    Fault,
    FaultyLayer,
    Grammar,
    IgnoredLayer,
    Layer,
    Odd,
    Origin,
    ReadLayer,
    Setting,
    Shape,
    Value,
)

SIZE_LIMIT = 64 << 20
"""Bytes. The client reads such a file too, and takes a minute to start where it holds tables."""
REMEMBERED_ABOVE = 1 << 16
"""Bytes. What is larger is not parsed again where it is read again, as under the locks."""
TEXT_LIMIT = 60
DROPPED_FROM_PROJECTS = (
    "apps_mcp_product_sku",
    "chatgpt_base_url",
    "experimental_realtime_webrtc_call_base_url",
    "experimental_realtime_ws_base_url",
    "model_provider",
    "model_providers",
    "notify",
    "openai_base_url",
    "otel",
    "profile",
    "profiles",
    "responses_api_metadata",
)
"""What the client does not take from a project, whatever its type."""
NAMES = ("model_provider",)
"""Texts by which something else is looked up, as `profile` is."""
_SERVICES = (
    "https://api.openai.com/v1",
    "https://chatgpt.com/backend-api",
    "https://chatgpt.com/backend-api/codex",
)
ADDRESSES = frozenset((*_SERVICES, *(f"{each}/" for each in _SERVICES)))
"""Of the client's own service, so that they may be shown."""
PROMPTS = ("model_instructions_file", "experimental_compact_prompt_file")
"""Files of any text, without which the client does not start."""
CATALOGUE = "model_catalog_json"
FILES = (*PROMPTS, CATALOGUE)
USABLE_FILE = "a file that is there"
UNUSABLE_FILE = "a file that is not there or that the client cannot use"


class Source(Record):
    """A configuration file of the client, before it is read."""

    name: str
    path: str
    """As reports show it; in an image, without what stands for ``/``."""
    administrators: bool
    grammar: Grammar


class LayerFile(Record):
    """A layer, and the document that it was made from (empty where there is none)."""

    layer: Layer
    document: Document
    unshaped: "Unshaped | None" = None
    """How to tell the rest of the document's shape, once all documents are known."""


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
        locate: Returns where a path really lies, in an image.
    """
    try:
        data = read_bounded(locate(source.path), SIZE_LIMIT)
    except FileNotFoundError:
        return LayerFile(unranked(source, AbsentLayer()), {})
    except OSError as error:
        return LayerFile(
            unranked(source, FaultyLayer(_unreadable(error, source.path, behaviour))), {}
        )
    reading = _reading(source, newer_toml, detail, behaviour)
    found = _read_layer(source, data, reading)
    if not _others(source, found.document):
        return found
    return found._replace(
        unshaped=Unshaped(source, data, reading, _named_files(found.document, source, locate))
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
    reading = _reading(source, newer_toml, detail, behaviour)
    found = _read_layer(source, data, reading)
    if not isinstance(found.layer.content, ReadLayer):
        return found
    return _shaped(found, Unshaped(source, data, reading), None)


def _reading(
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
        fault = _malformed(document, source.path, reading.newer_toml)
        return LayerFile(unranked(source, FaultyLayer(fault)), {})
    content = ReadLayer(settings_of(source, document))
    if reading.detail != "none":
        from tipstaff_policy.clients.codex.details import annotate  # noqa: PLC0415 - costs start-up

        content = annotate(source, data, document, content, reading.detail)
    return LayerFile(unranked(source, content), document)


def _document(data: bytes, reading: Reading) -> Document | TomlError:
    known = len(data) > REMEMBERED_ABOVE
    parse = _remembered_document if known else _parsed
    return parse(data, reading.newer_toml, reading.integer_bits)


def _parsed(data: bytes, newer_toml: Reader | None, integer_bits: int) -> Document | TomlError:
    return parse_toml(data, newer_toml, integer_bits=integer_bits)


_remembered_layer = lru_cache(maxsize=8)(_layer_of)
_remembered_document = lru_cache(maxsize=4)(_parsed)


def with_shapes(files: Sequence[LayerFile], *, alone: bool) -> tuple[Layer, ...]:
    """Return the layers of documents, with what of their other keys could stop the client.

    Args:
        alone: Whether these are all documents; else another could be merged with them.
    """
    if not any(each.unshaped for each in files):
        return tuple(each.layer for each in files)
    seen: dict[tuple[str, str], int] = {}
    for each in files:
        for key in each.document:
            seen[each.layer.grammar, key] = seen.get((each.layer.grammar, key), 0) + 1
    shared = frozenset(key for (_, key), count in seen.items() if count > 1)
    return tuple(
        _shaped(each, each.unshaped, shared if alone else None).layer
        if each.unshaped
        else each.layer
        for each in files
    )


def _shaped(found: LayerFile, unshaped: Unshaped, shared: frozenset[str] | None) -> LayerFile:
    content = found.layer.content
    if not isinstance(content, ReadLayer):
        return found
    known = len(unshaped.data) > REMEMBERED_ABOVE
    shapes = (_remembered_shapes if known else _located_shapes)(unshaped, shared)
    return found._replace(
        layer=found.layer._replace(content=content._replace(shapes=shapes)), unshaped=None
    )


def _located_shapes(unshaped: Unshaped, shared: frozenset[str] | None) -> tuple[Shape, ...]:
    source, data, reading, files = unshaped
    document = _document(data, reading)
    if isinstance(document, TomlError):
        return ()
    shapes = _shapes(source, document, shared)
    if files:
        states = dict(files)
        shapes = tuple(
            each._replace(text=states[each.path[0]]) if each.path[0] in states else each
            for each in shapes
        )
    if reading.detail == "none" or not shapes:
        return shapes
    from tipstaff_policy.clients.codex.details import located  # noqa: PLC0415 - costs start-up

    return located(data, shapes)


_remembered_shapes = lru_cache(maxsize=8)(_located_shapes)


def content_of(source: Source, document: Document) -> ReadLayer:
    """Return what the decision reads of a document, without lines."""
    document = _without_dropped(source, document)
    return ReadLayer(settings_of(source, document), shapes=_shapes(source, document, None))


def _without_dropped(source: Source, document: Document) -> Document:
    if source.name != "project":
        return document
    return {key: document[key] for key in document if key not in DROPPED_FROM_PROJECTS}


def _others(source: Source, document: Document) -> Document:
    """Return the part of a document that has nothing to do with signing in."""
    handled = REQUIREMENT_KEYS if source.grammar == "requirements" else (*CONFIG_KEYS, "profile")
    document = _without_dropped(source, document)
    return {key: raw for key, raw in document.items() if key not in handled}


def _shapes(source: Source, document: Document, shared: frozenset[str] | None) -> tuple[Shape, ...]:
    """Return the kinds of value of the keys that have nothing to do with signing in.

    Args:
        shared: The keys of other documents; None where they are not known.
    """
    others = _others(source, document)
    if not others:
        return ()
    from tipstaff_policy.clients.codex.accepted import (  # noqa: PLC0415 - costs start-up
        shown_texts,
    )
    from tipstaff_policy.clients.codex.harmless import (  # noqa: PLC0415 - costs start-up
        root_of,
        what_matters,
    )
    from tipstaff_policy.clients.codex.shapes import shapes_of  # noqa: PLC0415 - costs start-up

    known = shown_texts()
    known = known._replace(words=known.words | ADDRESSES)
    others = what_matters(others, source.grammar, shared, known)
    return tuple(
        each._replace(text=shown_in_words(others[each.path[0]]))
        if each.path[0] in NAMES and each.type == "text"
        else each
        for each in shapes_of(others, known, root_of(source.grammar))
    )


def _named_files(
    document: Document, source: Source, locate: Callable[[str], str]
) -> tuple[tuple[str, str], ...]:
    """Return of each file that a document names whether the client can use it."""
    keys = [each for each in FILES if each in document]
    if not keys:
        return ()
    from tipstaff_policy.clients.codex.named_files import state_of  # noqa: PLC0415 - rare

    folder = os.path.dirname(source.path)
    return tuple((each, state_of(each, document[each], folder, locate)) for each in keys)


def settings_of(source: Source, document: Document) -> tuple[Setting, ...]:
    """Return the settings of a document that the decision reads, without lines."""
    origin = Origin(source.name, source.path, None)
    if source.grammar == "requirements":
        found = [(key, document[key]) for key in REQUIREMENT_KEYS if key in document]
        found += [(f"features.{name}", raw) for name, raw in _entries(document, "features")]
    else:
        document = _without_dropped(source, document)
        found = [(key, document[key]) for key in (*CONFIG_KEYS, "profile") if key in document]
        found += [(f"features.{name}", raw) for name, raw in _entries(document, "features")]
        found += [(f"profiles.{name}", raw) for name, raw in _entries(document, "profiles")]
        # That a layer speaks of trust is all that is kept of this table.
        found += [(key, document[key]) for key in ("projects",) if key in document]
    return tuple(Setting(key, value_of(key, raw), origin) for key, raw in found)


def _entries(document: Document, table: str) -> list[tuple[str, Any]]:
    found = document.get(table)
    return list(found.items()) if isinstance(found, dict) else []


def value_of(key: str, raw: Any) -> Value:
    """Return a TOML value as the engine carries it."""
    plain = variant if key in ENUM_KEYS else _text_of_date
    show = shown if key in (*CONFIG_KEYS, *REQUIREMENT_KEYS) else shown_in_words
    if isinstance(raw, list):
        return tuple(_scalar(plain(each), show) for each in raw)
    return _scalar(plain(raw), show)


def _text_of_date(raw: Any) -> Any:
    """Return the text of a date, for which the client takes it where it expects one."""
    return raw.isoformat().replace("+00:00", "Z") if toml_type(raw) == "date" else raw


def variant(raw: Any) -> Any:
    """Return the name out of ``{name = {}}``, which the client takes for the name itself."""
    if isinstance(raw, dict) and len(raw) == 1:
        ((name, content),) = raw.items()
        if content in ({}, []):
            return name
    return raw


def _scalar(raw: Any, show: Callable[[str], str]) -> str | Odd:
    if isinstance(raw, str):
        return show(raw)
    if isinstance(raw, bool):
        return Odd("odd", "boolean", str(raw).lower())
    return Odd("odd", toml_type(raw), "" if isinstance(raw, dict | list) else str(raw)[:TEXT_LIMIT])


def toml_type(raw: Any) -> str:
    """Return TOML's name for the type of a value."""
    names = (
        (str, "text"),
        (bool, "boolean"),
        (int, "integer"),
        (float, "float"),
        (dict, "table"),
        (list, "array"),
    )
    return next((name for kind, name in names if isinstance(raw, kind)), "date")


def unranked(
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


def _malformed(error: TomlError, path: str, newer_toml: Reader | None) -> Fault:
    where = path if error.line is None else f"{path}:{error.line}"
    return Fault(
        error.what,
        where,
        error.effect,
        "a TOML document that the client reads",
        f"correct {where}; the client does not start with it",
        second_opinion=newer_toml is None,
    )
