"""The ids of workspaces, in policies and in the client's files: both as the client reads them."""

from collections.abc import Callable, Iterator
from functools import partial

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.lint.sign_in import ALLOWED_WORKSPACE, FORCED_WORKSPACE, settings
from tipstaff_policy.clients.interface.lint import (
    ClientFile,
    Hit,
    LintRule,
    at,
    each_file,
    each_policy,
    together,
    within,
)
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.parsing.masks import mask_text

COMMA = ","
Ids = tuple[list[str], Callable[[str, str], Hit]]
"""A list of workspaces, with what makes a hit at its place."""


def _find_twice(ids: list[str], place: Callable[[str, str], Hit]) -> Iterator[Hit]:
    """Find ids that are one to the client, or differ in case alone."""
    seen: dict[str, str] = {}
    for id_ in ids:
        plain = id_.strip(WHITE_SPACE)
        same = seen.get(plain.casefold())
        if same is not None:
            exact = same.strip(WHITE_SPACE) == plain
            differ = "are the same" if exact else "differ in case alone, and only one can exist"
            yield place(f'the workspaces "{same}" and "{id_}" {differ}', "keep the one that exists")
        seen.setdefault(plain.casefold(), id_)


def _find_odd(ids: list[str], place: Callable[[str, str], Hit]) -> Iterator[Hit]:
    """Find ids that no workspace has: two in one text, or white space in it.

    Source: tests/conformance/cases_rules.py (client 0.169.0).
    """
    for id_ in ids:
        if COMMA in id_:
            yield place(f'"{id_}" is taken for one id, comma and all', "name each by itself")
        elif any(letter in WHITE_SPACE for letter in id_) and id_.strip(WHITE_SPACE):
            yield place(f'the id "{id_}" holds white space', "write it as the service does")


def _of_policy(policy: OrganisationPolicy) -> Iterator[Ids]:
    if policy.workspaces:
        ids = list(map(mask_text, policy.workspaces.values))
        yield ids, partial(at, policy.workspaces.origins[0])


def _of_file(file: ClientFile) -> Iterator[Ids]:
    for setting in settings(file):
        if setting.key in (FORCED_WORKSPACE, ALLOWED_WORKSPACE):
            given = setting.value if isinstance(setting.value, tuple) else (setting.value,)
            ids = [workspace for workspace in given if isinstance(workspace, str)]
            yield ids, partial(within, file, setting.origin.line)


def _rule(name: str, finds: str, find: Callable[..., Iterator[Hit]]) -> LintRule:
    return LintRule(
        name,
        "warning",
        finds,
        together(
            each_policy(lambda policy: (hit for ids in _of_policy(policy) for hit in find(*ids))),
            each_file(lambda file: (hit for ids in _of_file(file) for hit in find(*ids))),
        ),
    )


RULES = (
    _rule("workspace-twice", "a workspace twice, also after trimming", _find_twice),
    _rule("workspace-odd", "a workspace's id with a comma or white space", _find_odd),
)
