"""What a knowledge document has about this client, and this release's own part of one."""

import json
import os
import sys
import typing
from typing import Any

from tipstaff_policy.clients.codex import command_lines, knowledge
from tipstaff_policy.clients.codex.command_lines import EVERYWHERE, TAKES
from tipstaff_policy.clients.codex.config import accepted
from tipstaff_policy.clients.codex.versions import NEWEST, PROVEN, Behaviour
from tipstaff_policy.clients.interface.knowledge import ClientKnowledge, Measured, as_text

ROW_KEYS = (*TAKES, "commands", "aliases")
REST = "rest"
GRAMMARS = ("config", "requirements")
KINDS: dict[str, type] = {"keys": dict, "excludes": dict, "providers": list, "profiles": list}


def _fields() -> dict[str, Any]:
    types = typing.get_type_hints(Behaviour)
    return {field: types[field] for field in knowledge.FIELDS}


def _read_own() -> dict[str, Any]:
    document: dict[str, Any] = _json(knowledge, "versions.json")
    return {
        **document,
        "command_lines": {
            as_text(version): _json(command_lines, f"{as_text(version)}.json") for version in PROVEN
        },
        "accepted": {
            as_text(version): {
                grammar: _json(accepted, f"{as_text(version)}-{grammar}.json")
                for grammar in GRAMMARS
            }
            for version in knowledge.MEASURED
        },
    }


def _json(package: Any, name: str) -> Any:
    # By the loader, because the program may be in a zip file.
    loader: Any = sys.modules[package.__name__].__loader__
    return json.loads(loader.get_data(os.path.join(os.path.dirname(package.__file__), name)))


def _command_line_fault(table: Any) -> str | None:
    if not isinstance(table, dict) or EVERYWHERE not in table or "" not in table:
        return "is no object with the rows of the client itself and of every command"
    for name, row in table.items():
        if not isinstance(row, dict):
            return f"has no object at {name!r}"
        for key, value in row.items():
            if not (value is True if key == REST else key in ROW_KEYS and isinstance(value, str)):
                return f"has {name!r}.{key}, which is no list of words"
        if any("=" not in pair for pair in row.get("aliases", "").split()):
            return f"has aliases at {name!r} that are no pairs word=command"
    return _other_values(table)


def _other_values(table: dict[str, dict[str, str]]) -> str | None:
    """Return which option takes another number of values than in this release's own tables.

    A line is read by the table that knows all of it; two that differ would read it in two ways.
    """
    own = command_lines.command_line(NEWEST).rows
    for name, row in table.items():
        for takes in TAKES:
            for option in row.get(takes, "").split():
                row_here = own.get(name, {})
                known = [kind for kind in TAKES if option in row_here.get(kind, "").split()]
                if known not in ([], [takes]):
                    return f"gives {option} of {name or 'the client'!r} another number of values"
    return None


def _accepted_fault(content: Any) -> str | None:
    if not isinstance(content, dict) or {*content} != {*GRAMMARS}:
        return f"is no object with {' and '.join(GRAMMARS)}"
    for grammar, measured in content.items():
        if not isinstance(measured, dict) or {*measured} != {*KINDS}:
            return f"has no {', '.join(KINDS)} at {grammar}"
        for name, kind in KINDS.items():
            if not isinstance(measured[name], kind):
                return f"has a wrong type at {grammar}.{name}"
        if fault := _keys_fault(grammar, measured):
            return fault
    return None


def _keys_fault(grammar: str, measured: dict[str, Any]) -> str | None:
    for place, row in measured["keys"].items():
        cells = isinstance(row, dict) and all(isinstance(names, str) for names in row.values())
        if not cells:
            return f"has no object of texts at {grammar}.keys.{place}"
        for takes in row:
            try:
                accepted.parse_takes(takes)
            except ValueError:
                return f"has a kind of value at {grammar}.keys.{place} that is none"
    for place, members in measured["excludes"].items():
        if not isinstance(members, dict) or not all(map(_is_words, members.values())):
            return f"has no object of lists at {grammar}.excludes.{place}"
    words = (*measured["providers"], *measured["profiles"])
    return None if _is_words([*words]) else f"has a name that is no text at {grammar}"


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


KNOWLEDGE = ClientKnowledge(
    fields=_fields,
    measured={
        "command_lines": Measured((0, 0, 0), _command_line_fault),
        "accepted": Measured(knowledge.MEASURED[0], _accepted_fault),
    },
    read_own=_read_own,
)
