"""What the clients know of their own files, for which version files are judged, and their rules."""

from collections.abc import Iterable, Iterator

from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import ClientLint, Hit, LintRule, at, each_policy
from tipstaff_policy.organisation.field_types import release
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.payloads import default_client

Version = tuple[int, int, int]


def lints() -> dict[str, ClientLint]:
    """Return the rules and readers of every client by its name."""
    return {client: load_client(client).lint() for client in CLIENTS}


def oldest_for(policy: OrganisationPolicy, client: str) -> Version:
    """Return the oldest version that a policy allows of one client, else its newest."""
    stated = [
        rules.oldest_version.value
        for rules in policy.clients
        if rules.client == client and rules.oldest_version
    ]
    if client == default_client() and policy.oldest_client:
        stated.append(policy.oldest_client.value)
    if stated:
        return max(stated)
    newest: Version = release().read(load_client(client).lint().newest)
    return newest


def oldest_of(policies: Iterable[OrganisationPolicy]) -> str:
    """Return the oldest version that policies allow of their client, else its newest."""
    stated = [policy.oldest_client for policy in policies]
    versions = [rule.value for rule in stated if rule]
    newest = load_client(default_client()).lint().newest
    return ".".join(map(str, min(versions))) if versions else newest


def allowed_in_vain(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a client whose credentials from variables are allowed, and forbidden to every client."""
    for_all = policy.environment_credentials
    for rules in policy.clients:
        own = rules.environment_credentials
        if for_all and own and (for_all.value, own.value) == ("forbid", "allow"):
            yield at(
                own.origins[0],
                f"a credential of {rules.client} may not come from a variable all the same: "
                f"{for_all.origins[0]} forbids it for every client",
                "state environment_credentials in the tables of the clients only",
            )


RULES = (
    LintRule(
        "variable-allowed-in-vain",
        "warning",
        "a client whose `allow` loses to the `forbid` for every client",
        each_policy(allowed_in_vain),
    ),
)
