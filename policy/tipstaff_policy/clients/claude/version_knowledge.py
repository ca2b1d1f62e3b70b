"""What a knowledge document has about this client, and this release's own part of one."""

import json
import os
import sys
import typing
from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.claude import knowledge
from tipstaff_policy.clients.claude.command_line import OPTIONS, Takes
from tipstaff_policy.clients.claude.versions import NEWEST, Behaviour
from tipstaff_policy.clients.interface.knowledge import (
    ClientKnowledge,
    Measured,
    as_text,
    describe_sets,
)

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


def _command_line_changes(old: Any, new: Any) -> Iterator[str]:
    yield from describe_sets(old[COMMANDS].split(), new[COMMANDS].split(), "commands")
    options = [[word for takes in TAKES for word in table[takes].split()] for table in (old, new)]
    yield from describe_sets(options[0], options[1], "options of the client")


WORDS = {
    "reads_device": "reads device management and the registry",
    "reads_drop_ins": "reads drop-ins next to the managed file",
    "wants_fresh_policy": "heeds `forceRemoteSettingsRefresh`",
    "enforces_organisation": "stops a login of another organisation",
    "empty_list_binds": "lets no login in under an empty list of organisations",
    "stops_on_broken": "stops every command on one broken managed document",
    "stops_alone": "what stops a start where no other managed file was loaded",
    "stops_logins_alone": "stops then only what no pin would refuse",
    "takes_other_kinds": "loses only the key whose value is of another kind",
    "refuses_keys": "refuses keys, tokens and helpers under a pin",
    "refuses_clouds": "refuses cloud providers under a pin",
    "refuses_profiles": "refuses profiles under a pin",
    "refuses_host_managed": "asks for the pins too where a host manages the provider",
    "refuses_keys_beside_profiles": "refuses a stored key where there is a profile",
    "passes_keys_beside": "cloud providers with which a key passes a pin",
    "asks_without_scope": "asks the service about a login that is not for the client",
    "host_hides_logins": "hides stored logins from a provider that a host manages",
    "server_alone": "lets a policy of the service replace that of the machine",
    "server_sets_variables": "lets a policy of the service set variables",
    "asks_by_plan_alone": "asks for a policy of the service by the plan alone",
    "projects_also_set": "variables that a project's files may set too",
    "takes_lists": "takes a list of forced organisations",
    "profiles": "whether profiles are known, and beat a stored login",
    "knows_gateway": "can be forced to a gateway",
    "gateway_pins": "refuses keys where the method `gateway` is named",
    "reads_providers": "heeds `allowedProviders`",
    "reads_given": "heeds `--managed-settings`",
    "enforces_sign_in": "heeds `enforceAnthropicSignIn`",
    "blank_variables": "what a variable of blanks alone is",
    "sends_empty_bearer": "sends a bearer that is set and empty",
    "checks_server": "checks the values of a policy of the service",
    "limits_size": "loads no managed file of more than 2 MiB",
    "knows_secure_folder": "heeds `CLAUDE_SECURESTORAGE_CONFIG_DIR`",
}
KNOWLEDGE = ClientKnowledge(
    fields=_fields,
    measured={"command_lines": Measured(None, _command_line_fault, _command_line_changes)},
    read_own=_read_own,
    words=WORDS,
)
