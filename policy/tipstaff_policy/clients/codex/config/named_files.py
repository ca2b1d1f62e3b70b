"""Whether the client can use the files that a document names.

Source: tests/conformance/cases_permissions.py (clients 0.169.0 and 0.171.0).
"""

import json
import os
from collections.abc import Callable
from types import NoneType
from typing import Any

from tipstaff_policy.clients.codex.config.layer_content import (
    CATALOGUE,
    SIZE_LIMIT,
    UNUSABLE_FILE,
    USABLE_FILE,
)
from tipstaff_policy.system.files import NotRegularFileError, read_bounded

Kinds = tuple[type, ...]
_MAYBE_TEXT, _MAYBE_NUMBER, _MAYBE_SWITCH = (str, NoneType), (int, NoneType), (bool, NoneType)
REQUIRED: dict[str, Kinds] = {
    "slug": (str,),
    "display_name": (str,),
    "supported_reasoning_levels": (list,),
    "shell_type": (str,),
    "visibility": (str,),
    "supported_in_api": (bool,),
    "priority": (int,),
    "support_verbosity": (bool,),
    "truncation_policy": (dict,),
    "experimental_supported_tools": (list,),
}
"""Members without which the client takes no model of a catalogue, and their kinds."""
OPTIONAL: dict[str, Kinds] = {
    "additional_speed_tiers": (),
    "apply_patch_tool_type": (NoneType,),
    "auto_compact_token_limit": _MAYBE_NUMBER,
    "auto_review_model_override": _MAYBE_TEXT,
    "availability_nux": (NoneType,),
    "available_access_programs": (NoneType,),
    "base_instructions": (str,),
    "comp_hash": _MAYBE_TEXT,
    "context_window": _MAYBE_NUMBER,
    "default_reasoning_level": _MAYBE_TEXT,
    "default_reasoning_summary": (),
    "default_service_tier": _MAYBE_TEXT,
    "default_verbosity": (NoneType,),
    "description": _MAYBE_TEXT,
    "effective_context_window_percent": (int,),
    "guardian": (NoneType,),
    "include_apps_usage_instructions": (bool,),
    "include_plugin_usage_instructions": (bool,),
    "include_skills_usage_instructions": (bool,),
    "input_modalities": (),
    "max_context_window": _MAYBE_NUMBER,
    "model_messages": (NoneType,),
    "model_specialty": _MAYBE_TEXT,
    "multi_agent_reasoning_effort": _MAYBE_TEXT,
    "multi_agent_tools_in_code_mode": _MAYBE_SWITCH,
    "multi_agent_version": _MAYBE_TEXT,
    "node_repl_auto_review_required": (bool,),
    "node_repl_disabled": (bool,),
    "service_tiers": (),
    "supports_experimental_context": (bool,),
    "supports_image_detail_original": (bool,),
    "supports_reasoning_effort_updates": (bool,),
    "supports_reasoning_summary_parameter": (bool,),
    "supports_search_tool": (bool,),
    "tool_mode": _MAYBE_TEXT,
    "upgrade": (NoneType,),
    "use_responses_lite": (bool,),
    "web_search_provider": (NoneType,),
    "web_search_tool_type": (),
}
"""Kinds that the client was seen to accept; others, and empty ones, depend on the client.

Names that are not here it ignores.
"""
WORDS = {
    "shell_type": ("default", "local", "shell_command", "unified_exec", "disabled"),
    "visibility": ("list", "hide", "none"),
}


def state_of(key: str, name: Any, folder: str, locate: Callable[[str], str]) -> str:
    """Return whether the client can use a file; empty if only the client knows.

    Args:
        folder: Of the document that names the file.
        locate: Returns the real place of a path; one with ``~`` is below the user's home.
    """
    if not isinstance(name, str):
        return ""
    path = name if name == "~" or name.startswith("~/") else os.path.join(folder, name)
    try:
        data = read_bounded(locate(path), SIZE_LIMIT)
    except (FileNotFoundError, NotADirectoryError, NotRegularFileError):
        return UNUSABLE_FILE
    except OSError:
        return ""
    return _of_catalogue(data) if key == CATALOGUE else _of_prompt(data)


def _of_prompt(data: bytes) -> str:
    try:
        return USABLE_FILE if data.decode().strip() else UNUSABLE_FILE
    except UnicodeDecodeError:
        return UNUSABLE_FILE


def _of_catalogue(data: bytes) -> str:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return UNUSABLE_FILE
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, list) or not models:
        return UNUSABLE_FILE
    if not all(isinstance(model, dict) and _is_whole(model) for model in models):
        return UNUSABLE_FILE
    return USABLE_FILE if all(map(_is_understood, models)) else ""


def _is_whole(model: dict[str, Any]) -> bool:
    instructed = isinstance(model.get("base_instructions"), str) or model.get("model_messages")
    return {*REQUIRED} <= {*model} and bool(instructed)


def _is_understood(model: dict[str, Any]) -> bool:
    """Return whether a model holds nothing but what the client was seen to take."""
    kinds = {**REQUIRED, **OPTIONAL}
    return (
        all(type(member) in kinds[key] for key, member in model.items() if key in kinds)
        and all(model[key] in words for key, words in WORDS.items())
        and all(map(_is_level, model["supported_reasoning_levels"]))
        and not model["experimental_supported_tools"]
        and model["truncation_policy"].get("mode") in ("bytes", "tokens")
        and type(model["truncation_policy"].get("limit")) is int
    )


def _is_level(level: Any) -> bool:
    return isinstance(level, dict) and all(
        isinstance(level.get(key), str) for key in ("effort", "description")
    )
