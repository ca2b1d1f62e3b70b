"""Scopes of hosts."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from tipstaff_policy.clients.interface.lint import Hit, LintRule, at, each_policy
from tipstaff_policy.organisation.model import OrganisationPolicy, Scope


def scope_without_hosts(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find scopes to which no host can belong."""
    for scope in policy.scopes:
        if not scope.hosts:
            yield at(
                scope.origin, f"the scope {scope.name} names no host", "name hosts, or take it out"
            )


def scope_shadowed(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find patterns whose hosts all belong to an earlier scope, which counts."""
    for number, scope in enumerate(policy.scopes):
        for pattern in scope.hosts:
            earlier = _find_covering(pattern, policy.scopes[:number])
            if earlier:
                yield at(
                    scope.origin,
                    f'hosts "{pattern}" of the scope {scope.name} belong to the scope '
                    f"{earlier.name} before it, which counts",
                    f"put {scope.name} before {earlier.name} ({earlier.origin})",
                )


def _find_covering(pattern: str, scopes: Iterable[Scope]) -> Scope | None:
    return next(
        (scope for scope in scopes if any(_covers(wider, pattern) for wider in scope.hosts)), None
    )


def _covers(wider: str, pattern: str) -> bool:
    """Return whether every host that fits a pattern certainly fits a wider one."""
    wider, pattern = wider.casefold(), pattern.casefold()
    if wider in ("*", pattern):
        return True
    # A star stands for itself here; of the other wildcards nothing is claimed.
    plain = not any(letter in wider + pattern for letter in "?[")
    return plain and fnmatchcase(pattern, wider)


RULES = (
    LintRule(
        "scope-without-hosts",
        "warning",
        "a scope that names no host",
        each_policy(scope_without_hosts),
    ),
    LintRule(
        "scope-shadowed",
        "warning",
        "a scope behind one that takes its hosts",
        each_policy(scope_shadowed),
    ),
)
