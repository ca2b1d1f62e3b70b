"""What this release does not model: the verdict is `unknown`, whatever the client does."""

import json

from conformance import cases_toml
from conformance.cases_entry_points import HIDDEN_TOKEN
from conformance.cases_overrides import KEY_FILE
from conformance.cases_rules import FORCED_CHATGPT, managed, required
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
    **{
        f"policy with {name}": managed(FORCED_CHATGPT + text)
        for name, text in {
            "a key of 81 parts": ".".join("a" * 81) + " = 1\n",
            "81 arrays": "x = " + "[" * 81 + "]" * 81 + "\n",
            "a deep header over deep arrays": f"[{'.'.join('a' * 70)}]\nx = {'[' * 70}{']' * 70}\n",
            "a leap second": "x = 2020-12-31T23:59:60Z\n",
            "a leap second of no day": "x = 23:59:60\n",
            "a day that does not exist": "x = 2020-02-30\n",
            "the year 0": "x = 0000-01-01\n",
        }.items()
    },
    "user file with a key of 81 parts": managed(FORCED_CHATGPT)._replace(
        home={**KEY_FILE, "config.toml": ".".join("a" * 81) + " = 1\n"}
    ),
    "requirement with a leap second": required(
        'allowed_login_methods = ["chatgpt"]\nx = 23:59:60\n'
    ),
    "credential is a pipe": Case(home={"auth.json": {"fifo": True}}),
}
