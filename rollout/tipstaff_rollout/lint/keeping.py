"""Where the credential may lie, and how the policy's own files are kept."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from tipstaff_policy.clients.interface.lint import Aim, Files, Hit, LintRule, Policy, at, within
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import LAYER
from tipstaff_policy.organisation.paths import FLEET_KEY

STORE = "cli_auth_credentials_store"
WITHOUT_KEYRING = frozenset(
    [
        "ci",
        "build",
        "builder",
        "runner",
        "runners",
        "container",
        "containers",
        "docker",
        "k8s",
        "kube",
        "pod",
        "headless",
    ]
)
"""Words in the names of hosts that have no desktop session, and so no keyring."""
FEW_CHARACTERS = 8
"""A key of 16 characters or more that were drawn by chance has more different ones."""


def keyring_missing(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find a keyring that is asked of hosts which have none.

    Source: tests/conformance/cases_stores.py (client 0.169.0): without a keyring it cannot sign in.
    """
    for policy in files.policies:
        stores = policy.policy.stores
        hosts = _hosts(policy, aim)
        if hosts and stores and stores.values == ("keyring",):
            yield at(stores.origins[0], _locked_out(hosts), 'allow "file" beside it')
    hosts = _hosts(None, aim)
    for file in files.clients if hosts else ():
        if file.kind != "config" and file.document.get(STORE) == "keyring":
            yield within(
                file,
                file.lines.get((STORE,)),
                _locked_out(hosts),
                'leave it out there, or use "auto", which falls back to a plain file',
            )


def _hosts(policy: Policy | None, aim: Aim) -> str:
    """Return the hosts that probably have no keyring, in words; nothing where none is known."""
    found = list(aim.without_keyring)
    for scope in policy.policy.scopes if policy else ():
        words = {
            word
            for text in (scope.name, *scope.hosts)
            for word in re.split(r"[^a-z0-9]", text.casefold())
        }
        found += [f"the scope {scope.name}"] if words & WITHOUT_KEYRING else []
    if not found and aim.platform == "linux":
        found = ["servers and containers under Linux"]
    return " and ".join(found)


def _locked_out(hosts: str) -> str:
    return f"{hosts}: without a keyring nobody can sign in there, everybody is locked out"


def fleet_key_readable(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find a secret in a file that others can read."""
    del aim
    for policy in files.policies:
        key = policy.policy.fleet_key
        if key and key.origins[0].path in policy.readable:
            yield at(
                key.origins[0],
                "fleet_key is a secret, and others can read this file",
                f"move it to {FLEET_KEY} beside the policy, for its owner alone (chmod 600), as "
                "every delivery does; and choose a new key",
            )
        for path in policy.readable:
            if PurePath(path).name == FLEET_KEY:
                yield at(
                    Origin(LAYER, path, None),
                    "the fleet's key is a secret, and others can read this file",
                    "take the right to read from others (chmod 600), and choose a new key",
                )


def fleet_key_guessable(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find a key that nobody drew by chance."""
    del aim
    for key in (policy.policy.fleet_key for policy in files.policies):
        if key and len({*key.value.reveal()}) < FEW_CHARACTERS:
            yield at(
                key.origins[0],
                "fleet_key has few different characters, so that it can be guessed",
                "draw one: openssl rand -base64 32",
            )


def keys_to_ship(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find public keys that endpoints need too, and that were not looked at."""
    del aim
    for named in (policy.keys_file for policy in files.policies):
        if named:
            yield at(
                named.origins[0],
                f"endpoints need {named.value} too: without it the policy is refused there",
                "give your copy by --keys, here and to `policy render`",
            )


def nobody_to_ask(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find a policy that does not say whom to ask after a log-out."""
    del aim
    for each in files.policies:
        policy = each.policy
        if policy.id and policy.contact is None and policy.help_url is None:
            yield at(
                policy.id.origins[0],
                "a person who is logged out does not learn whom to ask",
                'add contact = "…", or help_url = "https://…"',
            )


RULES = (
    LintRule(
        "keyring-missing", "warning", "a keyring asked of hosts that have none", keyring_missing
    ),
    LintRule(
        "fleet-key-readable", "warning", "a fleet_key that others can read", fleet_key_readable
    ),
    LintRule(
        "fleet-key-guessable", "warning", "a fleet_key of few characters", fleet_key_guessable
    ),
    LintRule("keys-to-ship", "note", "public keys that have to be shipped too", keys_to_ship),
    LintRule("nobody-to-ask", "note", "neither contact nor help_url", nobody_to_ask),
)
