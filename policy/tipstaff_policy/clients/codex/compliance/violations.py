"""What a credential breaks of the client's sign-in rules; shared by decision and compliance.

The steps carry the numbers of docs/clients/codex.md, "How the keys combine".
Source: tests/conformance/test_agreement.py (the versions in PROVEN).
"""

from tipstaff_policy.clients.codex.config.sign_in_keys import METHOD_NAMES, Restriction, Rules
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.model.state import (
    Attribute,
    Credential,
    HeldCredential,
    Violation,
    WorkspaceClaims,
)
from tipstaff_policy.record import Record


class Allowed(Record):
    """What all rules together leave."""

    methods: tuple[str, ...]
    workspaces: tuple[str, ...] | None


class Login(Record):
    """A held credential and its place."""

    place: Credential
    content: HeldCredential


def intersect_rules(rules: Rules) -> Allowed:
    """Intersect what the forced and the allowed keys leave (steps 2 and 3)."""
    workspaces: tuple[str, ...] | None = None
    for rule in (rules.forced_workspaces, rules.allowed_workspaces):
        if rule:
            before = rule.values if workspaces is None else workspaces
            ruled = frozenset(rule.values)
            workspaces = tuple(value for value in before if value in ruled)
    method_rules = [rule for rule in (rules.forced_method, rules.allowed_methods) if rule]
    methods = tuple(
        method
        for method in METHOD_NAMES
        if all(method in rule.values for rule in method_rules)
        and not (method == "chatgpt" and workspaces == ())
    )
    return Allowed(methods, workspaces)


def usable_methods(rules: Rules) -> tuple[str, ...]:
    """Return the login methods that rules leave; where there is none, every command refuses."""
    return intersect_rules(rules).methods


def find_forced_violations(
    login: Login, rules: Rules, behaviour: Behaviour
) -> tuple[Violation, ...]:
    """Return what breaks the forced keys, which are judged without the requirements."""
    claimed = _find_enforced(login.content.claims, behaviour) if login.content.usable else None
    found = (
        _method_violation(login, rules.forced_method),
        _workspace_violation(login, claimed, rules.forced_workspaces),
    )
    return tuple(violation for violation in found if violation)


def find_hiding_violations(login: Login, rules: Rules) -> tuple[Violation, ...]:
    """Return what hides a credential that would be used without rules."""
    workspace = find_filtered_workspace(login.content.claims)
    found = [
        *(_method_violation(login, rule) for rule in (rules.allowed_methods, rules.forced_method)),
        *(
            _workspace_violation(login, workspace, rule)
            for rule in (rules.allowed_workspaces, rules.forced_workspaces)
            # Only the service knows whose an access token is; that none is allowed is certain.
            if not login.content.ask or (rule and not rule.values)
        ),
    ]
    return tuple(method_violation for method_violation in found if method_violation)


def _method_violation(login: Login, rule: Restriction | None) -> Violation | None:
    method = login.content.method
    return (
        None
        if rule is None or method in rule.values
        else _violation("login_method", login, method, rule)
    )


def _workspace_violation(
    login: Login, workspace: str | None, rule: Restriction | None
) -> Violation | None:
    if rule is None or login.content.method != "chatgpt" or workspace in rule.values:
        return None
    return _violation("workspace", login, workspace, rule)


def _violation(
    attribute: Attribute, login: Login, observed: str | None, rule: Restriction
) -> Violation:
    return Violation(attribute, login.place.source, observed, rule.values, (rule.origin,))


def find_filtered_workspace(claims: WorkspaceClaims) -> str | None:
    """Return the workspace that step 5 reads: the plain field, the claim only without it."""
    return claims.id_token if claims.account_id is None else claims.account_id


def _find_enforced(claims: WorkspaceClaims, behaviour: Behaviour) -> str | None:
    """Return the workspace that step 4 reads.

    The id token's claim. Newer clients prefer the plain field where the access token agrees with
    it and both tokens belong to one user.
    """
    agree = claims.account_id is not None and claims.account_id == claims.access_token
    confirmed = behaviour.confirms_account and agree and claims.same_user
    return claims.account_id if confirmed else claims.id_token
