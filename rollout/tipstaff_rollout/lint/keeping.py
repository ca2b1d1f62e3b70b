"""Rules on credential stores, and on how the policy's own files are kept."""

from collections.abc import Iterator
from pathlib import PurePath

from tipstaff_policy.clients.interface.lint import (
    Aim,
    Hit,
    LintRule,
    Policy,
    at,
    each_document,
    each_policy,
    each_policy_for,
    explain_lockout,
    hosts_without_keyring,
)
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import LAYER, OrganisationPolicy
from tipstaff_policy.organisation.paths import FLEET_KEY

FEW_CHARACTERS = 8
"""A key of 16 characters or more that were drawn by chance has more different ones."""


def keyring_missing(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find a keyring that is asked of hosts which have none."""
    stores = policy.stores
    hosts = hosts_without_keyring(aim, policy.scopes)
    if hosts and stores and stores.values == ("keyring",):
        yield at(stores.origins[0], explain_lockout(hosts), 'also allow "file"')


def fleet_key_readable(given: Policy) -> Iterator[Hit]:
    """Find a secret in a file that others can read."""
    key = given.policy.fleet_key
    if key and key.origins[0].path in given.readable:
        yield at(
            key.origins[0],
            "fleet_key is a secret, and others can read this file",
            f"move it to {FLEET_KEY} next to the policy, for its owner only (chmod 600), as "
            "every delivery does; and choose a new key",
        )
    for path in given.readable:
        if PurePath(path).name == FLEET_KEY:
            yield at(
                Origin(LAYER, path, None),
                "the fleet's key is a secret, and others can read this file",
                "remove read access for others (chmod 600), and choose a new key",
            )


def fleet_key_guessable(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a key that was not drawn by chance."""
    key = policy.fleet_key
    if key and len({*key.value.reveal()}) < FEW_CHARACTERS:
        yield at(
            key.origins[0],
            "fleet_key has few different characters, so it can be guessed",
            "draw one: openssl rand -base64 32",
        )


def keys_to_ship(given: Policy) -> Iterator[Hit]:
    """Find public keys that endpoints need too, and that were not looked at."""
    named = given.keys_file
    if named:
        yield at(
            named.origins[0],
            f"endpoints need {named.value} too: without it the policy is refused there",
            "give your copy by --keys, here and to `policy render`",
        )


def no_contact(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a policy that does not say whom to ask after a log-out."""
    if policy.id and policy.contact is None and policy.help_url is None:
        yield at(
            policy.id.origins[0],
            "users who are logged out do not learn whom to ask",
            'add contact = "…", or help_url = "https://…"',
        )


RULES = (
    LintRule(
        "keyring-missing",
        "warning",
        "a keyring required on hosts that have none",
        each_policy_for(keyring_missing),
    ),
    LintRule(
        "fleet-key-readable",
        "warning",
        "a fleet_key that others can read",
        each_document(fleet_key_readable),
    ),
    LintRule(
        "fleet-key-guessable",
        "warning",
        "a fleet_key of few characters",
        each_policy(fleet_key_guessable),
    ),
    LintRule(
        "keys-to-ship",
        "note",
        "public keys that have to be shipped too",
        each_document(keys_to_ship),
    ),
    LintRule("nobody-to-ask", "note", "neither contact nor help_url", each_policy(no_contact)),
)
