"""From a document of the client to the settings of a layer."""

from collections.abc import Callable
from typing import Any

from tipstaff_policy.clients.codex.config.sign_in_keys import (
    CONFIG_KEYS,
    ENUM_KEYS,
    REQUIREMENT_KEYS,
)
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.model.request import Document
from tipstaff_policy.model.state import Odd, Origin, Setting, Value
from tipstaff_policy.parsing.masks import mask_text, mask_words
from tipstaff_policy.parsing.toml_text import toml_type

SIZE_LIMIT = 64 << 20
"""Bytes. The client reads such a file too, and takes a minute to start where it holds tables."""

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

PROMPTS = ("model_instructions_file", "experimental_compact_prompt_file")
"""Files of any text, without which the client does not start."""

CATALOGUE = "model_catalog_json"

FILES = (*PROMPTS, CATALOGUE)

USABLE_FILE = "a file that is there"

UNUSABLE_FILE = "a file that is not there or that the client cannot use"


def _without_dropped(source: Source, document: Document) -> Document:
    if source.name != "project":
        return document
    return {key: document[key] for key in document if key not in DROPPED_FROM_PROJECTS}


def _others(source: Source, document: Document) -> Document:
    """Return the part of a document that has nothing to do with signing in."""
    handled = REQUIREMENT_KEYS if source.grammar == "requirements" else (*CONFIG_KEYS, "profile")
    document = _without_dropped(source, document)
    return {key: raw for key, raw in document.items() if key not in handled}


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
    show = mask_text if key in (*CONFIG_KEYS, *REQUIREMENT_KEYS) else mask_words
    if isinstance(raw, list):
        return tuple(_scalar(plain(element), show) for element in raw)
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
