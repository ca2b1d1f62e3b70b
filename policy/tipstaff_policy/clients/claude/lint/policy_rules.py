"""Rules of lint for what a policy says of Claude Code in its own table.

Source: docs/clients/claude.md, "Keys", "History" and "Where the client is weak" (client 2.1.332).
"""

import re
from collections.abc import Iterator

from tipstaff_policy.clients.claude.config.keys import ORGANISATIONS
from tipstaff_policy.clients.claude.deployment.rendering import obstacles
from tipstaff_policy.clients.claude.deployment.stamps import CLIENT, NAME
from tipstaff_policy.clients.claude.versions import version_number
from tipstaff_policy.clients.interface.lint import (
    Aim,
    ClientFile,
    Hit,
    LintRule,
    at,
    each_file,
    each_policy,
    each_policy_for,
    together,
    within,
)
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.client_rules import rules_for
from tipstaff_policy.organisation.model import ClientRules, OrganisationPolicy

SINCE = "2.1.330"
"""The first version that enforces every rule of a policy."""
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TO_WRITE = "write the id that the service gives, such as 01234567-89ab-4cde-8f01-23456789abcd"


def _methods_of_a_cloud(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find organisations where only methods are allowed whose logins belong to none."""
    rules = rules_for(policy, CLIENT)
    methods, owners = rules.login_methods, rules.organisations
    if methods and owners and not {*methods.values} & {"claudeai", "profile"}:
        what = "no allowed method belongs to an organisation, so that the rule lets no one in"
        yield at(owners.origins[0], what, 'allow "claudeai", or leave it out')


def _odd_organisations(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find ids that no organisation can have."""
    owners = rules_for(policy, CLIENT).organisations
    if owners is None:
        return
    for owner in owners.values:
        if not UUID.fullmatch(owner):
            what = f'no organisation can have the id "{owner}", so that the id lets no one in'
            yield at(owners.origins[0], what, TO_WRITE)


def _odd_pins(file: ClientFile) -> Iterator[Hit]:
    """Find ids in the client's own file that no organisation can have."""
    value = file.document.get(ORGANISATIONS)
    for owner in value if isinstance(value, list) else [value]:
        if isinstance(owner, str) and not UUID.fullmatch(owner):
            what = f'no organisation can have the id "{owner}", so that the id lets no one in'
            yield within(file, file.lines.get((ORGANISATIONS,)), what, TO_WRITE)


def _methods_not_limited(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find organisations without login methods: a key belongs to no organisation, and passes."""
    rules = rules_for(policy, CLIENT)
    if rules.organisations and rules.organisations.values and rules.login_methods is None:
        what = "keys of the Console and cloud providers belong to no organisation, and pass"
        yield at(rules.organisations.origins[0], what, 'add login_methods = ["claudeai"]')


def _no_oldest_version(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find restrictions that an old client would not enforce, without an oldest version."""
    rules = rules_for(policy, CLIENT)
    place = _first_restriction(rules)
    if place and rules.oldest_version is None:
        what = "clients of every age are allowed, and old ones pass over rules without a word"
        yield at(place, what, f'add oldest_version = "{SINCE}" to [clients.{CLIENT}]')


def _not_enforced(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find what the oldest client passes over of the file that the policy is rendered to."""
    version = version_number(aim.version)
    place = _first_restriction(rules_for(policy, CLIENT))
    if version is None or place is None:
        return
    for reason in obstacles(policy._replace(client_keys=()), version, frozenset((NAME,))):
        what = f"client {aim.version} cannot enforce this: {reason}"
        yield at(place, what, f'require a newer one: oldest_version = "{SINCE}"')


def _first_restriction(rules: ClientRules) -> Origin | None:
    stated = rules.organisations or rules.login_methods
    return stated.origins[0] if stated else None


RULES = (
    LintRule(
        "claude_idle_organisations",
        "error",
        "organisations for methods that belong to none",
        each_policy(_methods_of_a_cloud),
    ),
    LintRule(
        "claude_odd_organisation",
        "warning",
        "an id that is none of an organisation",
        together(each_policy(_odd_organisations), each_file(_odd_pins)),
    ),
    LintRule(
        "claude_keys_not_bound",
        "warning",
        "organisations without login methods, which keys pass",
        each_policy(_methods_not_limited),
    ),
    LintRule(
        "claude_passed_over",
        "warning",
        "a rule that the oldest client does not enforce",
        each_policy_for(_not_enforced),
    ),
    LintRule(
        "claude_no_oldest_version",
        "note",
        "restrictions without an oldest version",
        each_policy(_no_oldest_version),
    ),
)
