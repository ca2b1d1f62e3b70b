"""What the clients know of their own files, and for which version files are judged."""

from collections.abc import Iterable

from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import ClientLint
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.payloads import default_client


def lints() -> dict[str, ClientLint]:
    """Return the rules and readers of every client by its name."""
    return {client: load_client(client).lint() for client in CLIENTS}


def oldest_of(policies: Iterable[OrganisationPolicy]) -> str:
    """Return the oldest version that policies allow of their client, else its newest."""
    stated = [policy.oldest_client for policy in policies]
    versions = [rule.value for rule in stated if rule]
    newest = load_client(default_client()).lint().newest
    return ".".join(map(str, min(versions))) if versions else newest
