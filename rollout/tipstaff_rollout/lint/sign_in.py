"""Who may sign in: restrictions that allow nobody, contradict each other, or bind too little."""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.compliance.violations import usable_methods
from tipstaff_policy.clients.codex.lint.sign_in import (
    _restrictions,
    blank_list,
    contradiction,
    keys_not_bound,
    provider_not_pinned,
    rules_in,
)
from tipstaff_policy.clients.interface.lint import Aim, Files, Hit, LintRule, at, within
from tipstaff_policy.organisation.model import OrganisationPolicy


def nobody_may_sign_in(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find a file that leaves no login method.

    Source: tests/conformance/test_lint.py (client 0.169.0).
    """
    del aim
    for policy in (each.policy for each in files.policies):
        methods, workspaces = policy.login_methods, policy.workspaces
        if methods and not methods.values:
            yield at(
                methods.origins[0],
                "login_methods allows none: nobody can sign in, and the client refuses to start",
                'name one: login_methods = ["chatgpt"]',
            )
        elif methods and methods.values == ("chatgpt",) and workspaces and not workspaces.values:
            yield at(
                workspaces.origins[0],
                "chatgpt is the only login method and no workspace is allowed: nobody can sign in",
                "name a workspace, or allow another login method",
            )
    for file in files.clients:
        rules = rules_in(file)
        if not usable_methods(rules):
            origin = next(restriction.origin for restriction in _restrictions(rules))
            yield within(
                file,
                origin.line,
                "no login method is left: the client refuses to start, and its log-out too",
                "allow a login method, and with chatgpt a workspace",
            )


def workspaces_without_effect(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find workspaces beside methods of which none has a workspace."""
    del aim
    for policy in (each.policy for each in files.policies):
        if _only_keys(policy) and policy.workspaces:
            yield at(
                policy.workspaces.origins[0],
                "API keys alone are allowed, and they belong to no workspace: these have no effect",
                "allow chatgpt, or take the workspaces out",
            )


def _only_keys(policy: OrganisationPolicy) -> bool:
    return policy.login_methods is not None and policy.login_methods.values == ("api",)


RULES = (
    LintRule(
        "nobody-may-sign-in", "error", "restrictions that leave no login method", nobody_may_sign_in
    ),
    LintRule(
        "contradiction",
        "error",
        "a file that forces what another does not allow, among those given together",
        contradiction,
    ),
    LintRule(
        "keys-not-bound",
        "warning",
        "workspaces without login methods, which API keys pass",
        keys_not_bound,
    ),
    LintRule(
        "workspaces-without-effect",
        "warning",
        "workspaces where API keys alone are allowed",
        workspaces_without_effect,
    ),
    LintRule("blank-list", "warning", "blanks that allow all workspaces, or none", blank_list),
    LintRule(
        "provider-not-pinned",
        "note",
        "restrictions that a model provider of the user's own walks round",
        provider_not_pinned,
    ),
)
