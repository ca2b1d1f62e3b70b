"""What is wrong with a policy, or with the client's own files, before it ships.

A rule is a function from what was read to hits, and a row in the table of its group; nothing here
looks at a disk or a clock.
"""

from tipstaff_policy.clients.codex.lint import heeded, profile_rules
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.clients.interface.lint import Aim, Files, LintFinding, LintRule, Policy
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.lint import carried, keeping, naming, sign_in, timing

GROUPS = {
    "Who may sign in": sign_in.RULES,
    "Whether the client heeds it": heeded.RULES,
    "Workspaces and scopes": naming.RULES,
    "From when, until when": timing.RULES,
    "Where things lie": keeping.RULES,
    "Other keys of the client": carried.RULES,
    "Profiles": profile_rules.RULES,
}
RULES: tuple[LintRule, ...] = tuple(rule for rules in GROUPS.values() for rule in rules)


def lint(files: Files, aim: Aim) -> tuple[LintFinding, ...]:
    """Return what every rule finds, in the order of files and lines."""
    found = {
        LintFinding(rule.name, rule.severity, *hit)
        for rule in RULES
        for hit in rule.find(files, aim)
    }
    return tuple(sorted(found, key=lambda each: (each.path, each.line or 0, each[0], each.what)))


def lint_policy(policy: OrganisationPolicy, path: str, aim: Aim) -> tuple[LintFinding, ...]:
    """Return what the rules find in one policy that was read already."""
    return lint(Files((Policy(path, policy),)), aim)


def oldest_version(files: Files) -> str:
    """Return the client that files are for: the oldest that a policy allows, else the newest."""
    stated = [policy.policy.oldest_client for policy in files.policies]
    versions = [each.value for each in stated if each]
    return ".".join(map(str, min(versions, default=NEWEST)))
