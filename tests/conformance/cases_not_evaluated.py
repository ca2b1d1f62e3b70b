"""What this release does not model: the verdict is `unknown`, whatever the client does."""

import json

from conformance import cases_toml
from conformance.cases_entry_points import HIDDEN_TOKEN
from conformance.cases_overrides import KEY_FILE
from conformance.client import Case

OLDER = {
    "overrides: token variable, allowed api": lambda behaviour: not behaviour.hides,
    f"entry_points: {HIDDEN_TOKEN}": lambda behaviour: not behaviour.hides,
    **{
        f"toml: {name} is a pipe": lambda behaviour: not behaviour.refuses_pipes
        for name in cases_toml.FILES
    },
}
"""What older versions leave to the service, or wait for without an end."""
EVALUATED = {
    "personal access token": lambda behaviour: "personal_access_token" in behaviour.unknown_fields
}
"""What older versions take for something that needs no service."""
CASES = {
    "personal access token": Case(
        home={"auth.json": json.dumps({"personal_access_token": "at-made-up"})}
    ),
    "agent identity": Case(
        home={"auth.json": json.dumps({"auth_mode": "agentIdentity", "agent_identity": "a.b.c"})}
    ),
    "token variable": Case(home=KEY_FILE, env={"CODEX_ACCESS_TOKEN": "at-made-up"}),
    "credential is a pipe": Case(home={"auth.json": {"fifo": True}}),
}
