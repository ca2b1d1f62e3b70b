"""Keys that a policy carries for the client's files."""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.deployment.rendering import CLIENT, FIELDS
from tipstaff_policy.clients.interface.lint import Hit, LintRule, at, each_policy
from tipstaff_policy.organisation.model import OrganisationPolicy


def sign_in_key_among_others(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find sign-in keys that only the client would see."""
    for key in policy.client_keys:
        field = FIELDS.get(key.path[0]) if key.client == CLIENT else None
        if field:
            yield at(
                key.origins[0],
                f"{key.name} is a sign-in key, and Tipstaff compiles it from {field}",
                f"state {field} at the top of the policy in its place",
            )


RULES = (
    LintRule(
        "sign-in-key-among-others",
        "warning",
        "a sign-in key in `[clients.…]`, where a field of the policy belongs",
        each_policy(sign_in_key_among_others),
    ),
)
