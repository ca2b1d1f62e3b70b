"""What a knowledge document has about this client, and this release's own part of one."""

import json
import os
import sys
import typing
from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.codex import command_lines, knowledge
from tipstaff_policy.clients.codex.command_lines import EVERYWHERE, TAKES
from tipstaff_policy.clients.codex.config import accepted
from tipstaff_policy.clients.codex.versions import NEWEST, PROVEN, Behaviour
from tipstaff_policy.clients.interface.knowledge import (
    ClientKnowledge,
    Measured,
    as_text,
    describe_sets,
)

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


def _find_command_line_fault(table: Any) -> str | None:
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


def _find_accepted_fault(content: Any) -> str | None:
    if not isinstance(content, dict) or {*content} != {*GRAMMARS}:
        return f"is no object with {' and '.join(GRAMMARS)}"
    for grammar, measured in content.items():
        if not isinstance(measured, dict) or {*measured} != {*KINDS}:
            return f"has no {', '.join(KINDS)} at {grammar}"
        for name, kind in KINDS.items():
            if not isinstance(measured[name], kind):
                return f"has a wrong type at {grammar}.{name}"
        if fault := _find_keys_fault(grammar, measured):
            return fault
    return None


def _find_keys_fault(grammar: str, measured: dict[str, Any]) -> str | None:
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


def _describe_command_line_changes(old: Any, new: Any) -> Iterator[str]:
    yield from describe_sets(filter(None, old), filter(None, new), "commands")
    for name in new:
        if name not in old:
            continue
        where = {"": "options of the client", EVERYWHERE: "options of every command"}.get(
            name, f"options of `{name}`"
        )
        yield from describe_sets(_options(old[name]), _options(new[name]), where)


def _options(row: dict[str, Any]) -> list[str]:
    return [option for takes in TAKES for option in row.get(takes, "").split()]


def _describe_accepted_changes(old: Any, new: Any) -> Iterator[str]:
    for grammar in GRAMMARS:
        before, after = _keys(old[grammar]), _keys(new[grammar])
        yield from describe_sets(before, after, f"keys of {grammar}.toml")
        changed = [key for key in after if key in before and before[key] != after[key]]
        if changed:
            yield f"keys of {grammar}.toml that take other values: {', '.join(sorted(changed))}"


def _keys(measured: dict[str, Any]) -> dict[str, str]:
    """Return what each key takes."""
    return {
        f"{place}.{name}" if place else name: takes
        for place, row in measured["keys"].items()
        for takes, names in row.items()
        if takes != "like"
        for name in names.split()
    }


WORDS = {
    "hides": "hides a credential that does not fit, by requirements too",
    "passes_over_unreadable": "starts signed out where a credential is unreadable and nothing is "
    "forced",
    "reads_required_store": "reads the store and the service's address from requirements",
    "reads_required_provider": "reads model providers from requirements",
    "takes_workspace_lists": "takes a list of forced workspaces",
    "profile_files": "reads a profile from a file of its own",
    "encrypts": "can keep an encrypted file with the keyring",
    "requirement_integer_bits": "bits of an integer in requirements",
    "refuses_pipes": "stops at a pipe in place of a file",
    "reads_bundle": "keeps the policy of the service, and goes by it",
    "trusts_by_managed": "lets the managed layer say which projects are trusted",
    "server_keeps_administrators": "starts the app-server again with administrators' files",
    "server_drops_requirements": "starts the app-server again without unreadable requirements",
    "confirms_account": "judges a forced workspace by an account id that the token confirms",
    "stops_without_account": "stops the interactive client at an empty account id",
    "unknown_fields": "fields of a stored login that it ignores",
    "federation": "workload identities that it signs in by",
}
KNOWLEDGE = ClientKnowledge(
    fields=_fields,
    measured={
        "command_lines": Measured(
            (0, 0, 0), _find_command_line_fault, _describe_command_line_changes
        ),
        "accepted": Measured(
            knowledge.MEASURED[0], _find_accepted_fault, _describe_accepted_changes
        ),
    },
    read_own=_read_own,
    words=WORDS,
)
