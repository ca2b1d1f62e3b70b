"""What is wrong with a policy, or with the clients' own files, before it ships.

A rule is a function from what was read to hits, and a row in the table of its group; nothing here
looks at a disk or a clock. What reads a client's own files lives with that client.
"""

from tipstaff_policy.clients.interface.lint import Aim, Files, LintFinding, LintRule, Policy
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.lint import keeping, naming, replacing, timing
from tipstaff_rollout.lint.client_rules import lints, oldest_for, oldest_of
from tipstaff_rollout.payloads import default_client

OWN: dict[str, tuple[LintRule, ...]] = {
    "Workspaces and scopes": naming.RULES,
    "From when, until when": timing.RULES,
    "Where files are stored": keeping.RULES,
    "Files that are there already": replacing.RULES,
}
"""The rules of policy documents, whatever client they are for."""
GROUPS = (
    "Who may sign in",
    "Whether the client applies it",
    *OWN,
    "Other keys of the client",
    "Profiles",
)
"""The order of the manual's page."""


def list_groups() -> dict[str, tuple[LintRule, ...]]:
    """Return the rules of every client and Tipstaff's own by their headings, each name once."""
    tables = [*(lint.groups for lint in lints().values()), OWN]
    titles = dict.fromkeys((*GROUPS, *(title for table in tables for title in table)))
    found = {}
    for title in titles:
        rules = [rule for table in tables for rule in table.get(title, ())]
        found[title] = tuple({rule.name: rule for rule in reversed(rules)}.values())[::-1]
    return found


def lint(files: Files, aim: Aim) -> tuple[LintFinding, ...]:
    """Return what every rule finds, in the order of files and lines."""
    found = {
        LintFinding(rule.name, rule.severity, *hit)
        for rules in OWN.values()
        for rule in rules
        for hit in rule.find(files, aim)
    }
    for client, known in lints().items():
        own = files._replace(clients=tuple(file for file in files.clients if file.client == client))
        its_aim = aim
        if client != default_client():
            versions = (oldest_for(given.policy, client) for given in files.policies)
            oldest = min(versions, default=None)
            version = known.newest if oldest is None else ".".join(map(str, oldest))
            its_aim = aim._replace(version=version)
        found |= {
            LintFinding(rule.name, rule.severity, *hit)
            for rules in known.groups.values()
            for rule in rules
            for hit in rule.find(own, its_aim)
        }
    return tuple(sorted(found, key=lambda hit: (hit.path, hit.line or 0, hit[0], hit.what)))


def lint_policy(policy: OrganisationPolicy, path: str, aim: Aim) -> tuple[LintFinding, ...]:
    """Return what the rules find in one policy that was read already."""
    return lint(Files((Policy(path, policy),)), aim)


def oldest_version(files: Files) -> str:
    """Return the client that files are for: the oldest that a policy allows, else the newest."""
    return oldest_of(given.policy for given in files.policies)
