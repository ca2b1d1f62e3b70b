"""What the clients know of their own files, for which version files are judged, and their rules."""

from collections.abc import Iterable, Iterator

from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import ClientLint, Files, Hit, LintRule, at, each_policy
from tipstaff_policy.errors import UsageError
from tipstaff_policy.organisation.field_types import release
from tipstaff_policy.organisation.fields import TOP
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.payloads import default_client

Version = tuple[int, int, int]


def lints() -> dict[str, ClientLint]:
    """Return the rules and readers of every client by its name."""
    return {client: load_client(client).lint() for client in CLIENTS}


def oldest_for(policy: OrganisationPolicy, client: str) -> Version:
    """Return the oldest version that a policy allows of one client, else its newest."""
    return max(_list_stated(policy, client), default=_newest(client))


def oldest_of(policies: Iterable[OrganisationPolicy], client: str) -> str:
    """Return the oldest version that policies allow of one client, else its newest."""
    stated = (max(versions) for p in policies if (versions := _list_stated(p, client)))
    return ".".join(map(str, min(stated, default=_newest(client))))


def _list_stated(policy: OrganisationPolicy, client: str) -> list[Version]:
    stated = [
        rules.oldest_version.value
        for rules in policy.clients
        if rules.client == client and rules.oldest_version
    ]
    if client == default_client() and policy.oldest_client:
        stated.append(policy.oldest_client.value)
    return stated


def _newest(client: str) -> Version:
    newest: Version = release().read(load_client(client).lint().newest)
    return newest


def clients_in(files: Files) -> tuple[str, ...]:
    """Return the clients that files concern: whose files they are, or of whom a policy speaks."""
    found = {file.client for file in files.clients}
    found |= {client for given in files.policies for client in clients_of_policy(given.policy)}
    return tuple(client for client in CLIENTS if client in found)


def clients_of_policy(policy: OrganisationPolicy) -> tuple[str, ...]:
    """Return the clients of which a policy speaks: by their tables, and by the keys at the top."""
    found = {entry.client for entry in (*policy.clients, *policy.client_keys)}
    if any(getattr(policy, name) for name in TOP.values()):
        found.add(default_client())
    return tuple(client for client in CLIENTS if client in found)


def client_of_version(named: str | None, concerned: tuple[str, ...], *, given: bool) -> str:
    """Return the client whose version files are judged for.

    Args:
        named: By the author.
        concerned: The clients that the files concern.
        given: Whether the author named a version.
    Raises:
        UsageError: Nothing says whose version was named.
    """
    if named is not None:
        return load_client(named).name
    if len(concerned) == 1 or not given or len(CLIENTS) == 1:
        return concerned[0] if concerned else default_client()
    whose = f"the files concern {' and '.join(concerned)}" if concerned else "nothing says whose"
    raise UsageError(
        f"--client-version is that of one client, and {whose}",
        expected=f"--client with one of {', '.join(concerned or CLIENTS)}",
        remedy="name the client, or leave --client-version out",
    )


def find_allowed_in_vain(policy: OrganisationPolicy) -> Iterator[Hit]:
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
        each_policy(find_allowed_in_vain),
    ),
)
