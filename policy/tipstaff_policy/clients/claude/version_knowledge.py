"""What a knowledge document has about this client, and this release's own part of one."""

import json
import os
import sys
import typing
from typing import Any

from tipstaff_policy.clients.claude import knowledge
from tipstaff_policy.clients.claude.command_line import OPTIONS, Takes
from tipstaff_policy.clients.claude.versions import NEWEST, Behaviour
from tipstaff_policy.clients.interface.knowledge import ClientKnowledge, Measured, as_text

TAKES: tuple[str, ...] = typing.get_args(Takes)
COMMANDS = "commands"


def _fields() -> dict[str, Any]:
    types = typing.get_type_hints(Behaviour)
    return {field: types[field] for field in knowledge.FIELDS}


def _read_own() -> dict[str, Any]:
    newest = as_text(NEWEST)
    document: dict[str, Any] = _json("knowledge/versions.json")
    return {**document, "command_lines": {newest: _json(f"command_lines/{newest}.json")}}


def _json(name: str) -> Any:
    # By the loader, because the program may be in a zip file.
    loader: Any = sys.modules[__name__].__loader__
    return json.loads(loader.get_data(os.path.join(os.path.dirname(__file__), name)))


def _command_line_fault(table: Any) -> str | None:
    if not isinstance(table, dict) or {*table} != {*TAKES, COMMANDS}:
        return f"is no object with {', '.join((*TAKES, COMMANDS))}"
    if not all(isinstance(words, str) for words in table.values()):
        return "has a list of words that is no text"
    for takes in TAKES:
        for option in table[takes].split():
            if OPTIONS.get(option, takes) != takes:
                return f"gives {option} another number of values"
    return None


KNOWLEDGE = ClientKnowledge(
    fields=_fields,
    measured={"command_lines": Measured(None, _command_line_fault)},
    read_own=_read_own,
)
