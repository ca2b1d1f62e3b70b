"""The ``-c key=value`` flags: one layer, made the way the client makes it.

Source: tests/conformance/cases_overrides.py (client 0.169.0).
"""

from collections.abc import Sequence
from typing import Any

from tipstaff_policy.clients.codex.config.documents import (
    LayerFile,
    content_of,
    make_unranked_layer,
)
from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.model.request import Document, Reader
from tipstaff_policy.model.state import AbsentLayer, Fault, FaultyLayer
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml

FLAG = "-c"


def flags_layer(source: Source, overrides: Sequence[str], newer_toml: Reader | None) -> LayerFile:
    """Return the layer of all flags, the last one winning."""
    if not overrides:
        return LayerFile(make_unranked_layer(source, AbsentLayer()), {})
    document: Document = {}
    for override in overrides:
        key, equals, text = override.partition("=")
        key, text = key.strip(WHITE_SPACE), text.strip(WHITE_SPACE)
        if not equals or not key:
            return _faulty(source, f"`{FLAG} {key}` has no {'key' if equals else 'value'}")
        value = _value(text, newer_toml)
        if isinstance(value, Fault):
            return LayerFile(make_unranked_layer(source, FaultyLayer(value)), {})
        _put(document, key.split("."), value)
    content = content_of(source, document)
    return LayerFile(make_unranked_layer(source, content), document)


def _value(text: str, newer_toml: Reader | None) -> Any:
    document = parse_toml(f"_x_ = {text}".encode("utf-8", "surrogateescape"), newer_toml)
    if not isinstance(document, TomlError):
        return document["_x_"]
    if newer_toml is None and ("{" in text or "\\" in text):
        # TOML 1.1 may read it; taking it for bare text could name another workspace.
        return Fault(
            f"`{FLAG}` value is not TOML 1.0", FLAG, "refuse", "TOML 1.0", second_opinion=True
        )
    return text.strip("\"'")


def _put(document: Document, path: list[str], value: Any) -> None:
    table = document
    for name in path[:-1]:
        if not isinstance(table.get(name), dict):
            table[name] = {}
        table = table[name]
    table[path[-1]] = value


def _faulty(source: Source, what: str) -> LayerFile:
    fault = Fault(what, FLAG, "refuse", "key=value", "correct the flag")
    return LayerFile(make_unranked_layer(source, FaultyLayer(fault)), {})
