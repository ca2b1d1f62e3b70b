"""From the bytes of a configuration file to the settings of a layer."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tipstaff_policy.clients.codex.keys import (
    CONFIG_KEYS,
    ENUM_KEYS,
    REQUIREMENT_KEYS,
    TABLE_KEYS,
)
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.files import (
    NotRegularFileError,
    TooLargeError,
    read_bounded,
)
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
    Value,
)

SIZE_LIMIT = 4 << 20
"""Bytes. The client was seen to read 2 MB; nobody's policy comes near."""
TEXT_LIMIT = 60
DROPPED_FROM_PROJECTS = ("chatgpt_base_url", "profile", "profiles")
"""Of the keys that are read here; the client drops more."""
CREDENTIAL_PREFIXES = ("sk-", "at-", "eyJ")
CREDENTIAL_LENGTH = 40


class Source(NamedTuple):
    """A configuration file of the client, before it is read."""

    name: str
    path: str
    """As reports show it; in an image, without what stands for ``/``."""
    administrators: bool
    grammar: Grammar


class LayerFile(NamedTuple):
    """A layer, and the document that it was made from (empty where there is none)."""

    layer: Layer
    document: Document


def read_layer_file(
    source: Source,
    locate: Callable[[str], str],
    *,
    newer_toml: Reader | None,
    details: bool,
    behaviour: Behaviour,
) -> LayerFile:
    """Read one configuration file; whatever is wrong with it becomes part of the layer.

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
    return read_layer_bytes(
        source, data, newer_toml=newer_toml, details=details, behaviour=behaviour
    )


def read_layer_bytes(
    source: Source,
    data: bytes,
    *,
    newer_toml: Reader | None,
    details: bool,
    behaviour: Behaviour,
) -> LayerFile:
    """Return the layer of a document, wherever it came from."""
    bits = behaviour.requirement_integer_bits if source.grammar == "requirements" else 64
    document = parse_toml(data, newer_toml, integer_bits=bits)
    if isinstance(document, TomlError):
        return LayerFile(
            unranked(source, FaultyLayer(_malformed(document, source.path, newer_toml))), {}
        )
    if details:
        from tipstaff_policy.clients.codex.details import annotate  # noqa: PLC0415 - costs start-up

        return LayerFile(unranked(source, annotate(source, data, document)), document)
    return LayerFile(unranked(source, ReadLayer(settings_of(source, document))), document)


def settings_of(source: Source, document: Document) -> tuple[Setting, ...]:
    """Return the settings of a document that the decision reads, without lines."""
    origin = Origin(source.name, source.path, None)
    if source.grammar == "requirements":
        found = [(key, document[key]) for key in (*REQUIREMENT_KEYS, "features") if key in document]
        found += [(f"features.{name}", raw) for name, raw in _entries(document, "features")]
    else:
        if source.name == "project":
            document = {key: document[key] for key in document if key not in DROPPED_FROM_PROJECTS}
        found = [(key, document[key]) for key in (*CONFIG_KEYS, "profile") if key in document]
        found += _structure(document)
    return tuple(Setting(key, value_of(key, raw), origin) for key, raw in found)


def _structure(document: Document) -> list[tuple[str, Any]]:
    """Return the tables whose shape can stop the client, and what stands wrong in them."""
    found: list[tuple[str, Any]] = [(key, document[key]) for key in TABLE_KEYS if key in document]
    found += [(f"features.{name}", raw) for name, raw in _entries(document, "features")]
    found += [(f"profiles.{name}", raw) for name, raw in _entries(document, "profiles")]
    found += [
        (f"projects.{name}", raw)
        for name, raw in _entries(document, "projects")
        if not isinstance(raw, dict)
    ]
    found += [
        (f"projects.{name}.trust_level", raw["trust_level"])
        for name, raw in _entries(document, "projects")
        if isinstance(raw, dict)
        and "trust_level" in raw
        and variant(raw["trust_level"]) not in ("trusted", "untrusted")
    ]
    return found


def _entries(document: Document, table: str) -> list[tuple[str, Any]]:
    found = document.get(table)
    return list(found.items()) if isinstance(found, dict) else []


def value_of(key: str, raw: Any) -> Value:
    """Return a TOML value as the engine carries it."""
    if isinstance(raw, list):
        return tuple(_scalar(variant(each) if key in ENUM_KEYS else each) for each in raw)
    return _scalar(variant(raw) if key in ENUM_KEYS else raw)


def variant(raw: Any) -> Any:
    """Return the name out of ``{name = {}}``, which the client takes for the name itself."""
    if isinstance(raw, dict) and len(raw) == 1:
        ((name, content),) = raw.items()
        if content in ({}, []):
            return name
    return raw


def _scalar(raw: Any) -> str | Odd:
    if isinstance(raw, str):
        # A key pasted into a policy by mistake must not reach a report.
        pasted = len(raw) >= CREDENTIAL_LENGTH and raw.startswith(CREDENTIAL_PREFIXES)
        return "[looks like a credential, not shown]" if pasted else raw
    if isinstance(raw, bool):
        return Odd("odd", "boolean", str(raw).lower())
    return Odd("odd", toml_type(raw), "" if isinstance(raw, dict | list) else str(raw)[:TEXT_LIMIT])


def toml_type(raw: Any) -> str:
    """Return TOML's name for the type of a value."""
    names = ((bool, "boolean"), (int, "integer"), (float, "float"), (dict, "table"))
    return next((name for kind, name in (*names, (list, "array")) if isinstance(raw, kind)), "date")


def unranked(
    source: Source, content: AbsentLayer | ReadLayer | FaultyLayer | IgnoredLayer
) -> Layer:
    """Return a layer whose rank is still to be given, once all are known."""
    return Layer(source.name, 0, *source[1:], content=content)


def _unreadable(error: OSError, path: str, behaviour: Behaviour) -> Fault:
    if isinstance(error, TooLargeError):
        return Fault(str(error.strerror), path, "unknown", f"at most {SIZE_LIMIT} bytes")
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
