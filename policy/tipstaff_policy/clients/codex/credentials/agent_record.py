"""The identity of an agent as a record: whose it is.

The client reads it in one piece before it looks at its fields, and is stricter with it than with
the rest of the document: it counts the levels, and takes no half character anywhere.

Source: tests/conformance/cases_credentials.py (client 0.171.0).
"""

from typing import Any

from tipstaff_policy.clients.codex.credentials.strict_json import (
    optional_text,
    require_text,
    struct,
)
from tipstaff_policy.errors import ShapeError

FIELDS = (
    "agent_runtime_id",
    "agent_private_key",
    "account_id",
    "chatgpt_user_id",
    "email",
    "plan_type",
    "chatgpt_account_is_fedramp",
    "task_id",
)
TEXTS = ("agent_runtime_id", "agent_private_key", "account_id", "chatgpt_user_id")
LEVELS = 126
"""How deep it may nest; the document around it is one level more."""
WHAT = "the field agent_identity"


def account_of(record: Any) -> str:
    """Return the account that a record names.

    Raises:
        ShapeError: It is no record that the client reads.
    """
    _require_plain(record)
    members = struct(record, FIELDS, WHAT, least=len(FIELDS) - 1)
    texts = {name: require_text(members.get(name), f"{WHAT}.{name}") for name in TEXTS}
    optional_text(members, "email", WHAT)
    optional_text(members, "task_id", WHAT)
    plan = members.get("plan_type")
    if not (isinstance(plan, dict) and len(plan) == 1 and None in plan.values()):
        require_text(plan, f"{WHAT}.plan_type")
    if not isinstance(members.get("chatgpt_account_is_fedramp"), bool):
        raise ShapeError(f"{WHAT}.chatgpt_account_is_fedramp is not true or false")
    return texts["account_id"]


def _require_plain(record: Any) -> None:
    """Require whole characters, and few enough levels."""
    level, depth = [record], 0
    while level:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                require_text(value, WHAT)
            elif isinstance(value, dict):
                require_text("".join(value), WHAT)
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        containers = any(isinstance(value, dict | list) for value in level)
        depth += containers
        if depth > LEVELS:
            raise ShapeError(f"{WHAT} nests more than {LEVELS} levels")
        level = inner
