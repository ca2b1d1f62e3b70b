"""What names something: workspaces, and scopes of hosts."""

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.lint.sign_in import ALLOWED_WORKSPACE, FORCED_WORKSPACE, settings
from tipstaff_policy.clients.interface.lint import Aim, Files, Hit, LintRule, at, within
from tipstaff_policy.organisation.model import Scope
from tipstaff_policy.parsing.masks import mask_text

COMMA = ","


def workspace_twice(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find ids that are one to the client, or differ in case alone."""
    del aim
    for ids, place in _workspaces(files):
        seen: dict[str, str] = {}
        for id_ in ids:
            plain = id_.strip(WHITE_SPACE)
            same = seen.get(plain.casefold())
            if same is not None:
                exact = same.strip(WHITE_SPACE) == plain
                differ = "are the same" if exact else "differ in case alone, and only one can exist"
                yield place(
                    f'the workspaces "{same}" and "{id_}" {differ}', "keep the one that exists"
                )
            seen.setdefault(plain.casefold(), id_)


def workspace_odd(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find ids that no workspace has: two in one text, or white space in it.

    Source: tests/conformance/cases_rules.py (client 0.169.0).
    """
    del aim
    for ids, place in _workspaces(files):
        for id_ in ids:
            if COMMA in id_:
                yield place(f'"{id_}" is taken for one id, comma and all', "name each by itself")
            elif any(letter in WHITE_SPACE for letter in id_) and id_.strip(WHITE_SPACE):
                yield place(f'the id "{id_}" holds white space', "write it as the service does")


def _workspaces(files: Files) -> Iterator[tuple[list[str], Callable[[str, str], Hit]]]:
    """Return every list of workspaces, with what makes a hit at its place."""
    for policy in (each.policy for each in files.policies):
        if policy.workspaces:
            yield (
                list(map(mask_text, policy.workspaces.values)),
                partial(at, policy.workspaces.origins[0]),
            )
    for file in files.clients:
        for setting in settings(file):
            if setting.key in (FORCED_WORKSPACE, ALLOWED_WORKSPACE):
                given = setting.value if isinstance(setting.value, tuple) else (setting.value,)
                ids = [each for each in given if isinstance(each, str)]
                yield ids, partial(within, file, setting.origin.line)


def scope_without_hosts(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find scopes to which no host can belong."""
    del aim
    for scope in (scope for policy in files.policies for scope in policy.policy.scopes):
        if not scope.hosts:
            yield at(
                scope.origin, f"the scope {scope.name} names no host", "name hosts, or take it out"
            )


def scope_shadowed(files: Files, aim: Aim) -> Iterator[Hit]:
    """Find patterns whose hosts all belong to an earlier scope, which counts."""
    del aim
    for policy in (each.policy for each in files.policies):
        for number, scope in enumerate(policy.scopes):
            for pattern in scope.hosts:
                earlier = _covering(pattern, policy.scopes[:number])
                if earlier:
                    yield at(
                        scope.origin,
                        f'hosts "{pattern}" of the scope {scope.name} belong to the scope '
                        f"{earlier.name} before it, which counts",
                        f"put {scope.name} before {earlier.name} ({earlier.origin})",
                    )


def _covering(pattern: str, scopes: Iterable[Scope]) -> Scope | None:
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
        "workspace-twice", "warning", "a workspace twice, also after trimming", workspace_twice
    ),
    LintRule(
        "workspace-odd", "warning", "a workspace's id with a comma or white space", workspace_odd
    ),
    LintRule("scope-without-hosts", "warning", "a scope that names no host", scope_without_hosts),
    LintRule(
        "scope-shadowed", "warning", "a scope behind one that takes its hosts", scope_shadowed
    ),
)
