"""Keys that the client ignores, refuses, or takes from the user instead."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from tipstaff_policy.clients.codex.config.accepted import (
    Accepted,
    find_measured_around,
    load_accepted,
)
from tipstaff_policy.clients.codex.config.accepted import Takes as Taken
from tipstaff_policy.clients.codex.config.rules_in_force import find_passed_over as passed_over_by
from tipstaff_policy.clients.codex.config.sign_in_keys import (
    CONFIG_KEYS,
    REQUIREMENT_KEYS,
    WHITE_SPACE,
)
from tipstaff_policy.clients.codex.deployment.rendering import HEEDS, obstacles
from tipstaff_policy.clients.codex.facts.stated_rules import SUBJECTS
from tipstaff_policy.clients.codex.lint.client_files import refusal
from tipstaff_policy.clients.codex.lint.sign_in import settings
from tipstaff_policy.clients.codex.versions import BEHAVIOURS, behaviour_of, version_number
from tipstaff_policy.clients.interface.lint import (
    Aim,
    ClientFile,
    Hit,
    LintRule,
    all_files_for,
    at,
    each_file,
    each_file_for,
    each_policy,
    each_policy_for,
    invalid,
    together,
    within,
)
from tipstaff_policy.model.state import ReadLayer
from tipstaff_policy.organisation.model import OrganisationPolicy

OPEN = ("parts", "unsure", "some-table")
"""Tables whose members were not all measured."""
Path = tuple[str, ...]


def key_without_effect(file: ClientFile) -> Iterator[Hit]:
    """Find what TIP304 finds: sign-in keys misspelt, inside a table, or in the wrong file."""
    content = file.layer.content
    for stray in content.strays if isinstance(content, ReadLayer) else ():
        what = f"{stray.key} is ignored: {stray.reason}"
        yield within(file, stray.origin.line, what, f"write {stray.likely}")


def find_unknown_key(file: ClientFile, aim: Aim) -> Iterator[Hit]:
    """Find keys that the client has not; what it knows was measured, version by version.

    Source: policy/tipstaff_policy/clients/codex/accepted (`make key-types`).
    """
    content = file.layer.content
    strays = content.strays if isinstance(content, ReadLayer) else ()
    reported = {stray.key for stray in strays} | {*CONFIG_KEYS, *REQUIREMENT_KEYS}
    versions = find_measured_around(aim.version)
    tables = [(load_accepted(version, file.layer.grammar), "") for version in versions]
    for path, known in _find_unknown(file.document, tables, ()):
        key = ".".join(path)
        if key not in reported:
            likely = get_close_matches(path[-1], known, 1)
            meant = f"did you mean `{likely[0]}`?" if likely else "take it out"
            named = " and ".join(".".join(map(str, version)) for version in versions)
            yield within(file, file.lines.get(path), f"{key} is no key of client {named}", meant)


def _find_unknown(
    value: dict[str, Any], tables: list[tuple[Accepted, str]], at_path: Path
) -> Iterator[tuple[Path, list[str]]]:
    """Return the keys that no version knows, each with those that stand there."""
    for name, inner_value in value.items():
        found = [table.member(where, name) for table, where in tables]
        if not any(found):
            yield (*at_path, name), _names(tables)
        elif isinstance(inner_value, dict) and all(found):
            inner = [
                (table, member[0])
                for (table, _), member in zip(tables, found, strict=True)
                if member and _is_measured(table, *member)
            ]
            if len(inner) == len(tables):
                yield from _find_unknown(inner_value, inner, (*at_path, name))


def _is_measured(table: Accepted, where: str, takes: Taken) -> bool:
    """Return whether all members of a table are known."""
    if takes.tag or any(kind in OPEN for kind in takes.kinds):
        return False
    return bool(table.keys.get(where))


def _names(tables: list[tuple[Accepted, str]]) -> list[str]:
    rows = [table.keys.get(where, {}) for table, where in tables]
    return sorted({name for row in rows for names in row.values() for name in names.split()})


def find_passed_over(files: tuple[ClientFile, ...], aim: Aim) -> Iterator[Hit]:
    """Find keys of files that the oldest client ignores.

    Source: policy/tipstaff_policy/clients/codex/versions.py; tests/conformance/test_lint.py.
    """
    behaviour = behaviour_of(aim.version) or BEHAVIOURS[0]
    for file in files:
        ignored = passed_over_by(behaviour) if file.kind == "requirements" else ()
        for key in ignored:
            if key in file.document and not _is_forced_too(key, files):
                yield within(
                    file,
                    file.lines.get((key,)),
                    f"client {aim.version} passes over {key} without a word",
                    "state it in managed_config.toml too, or require a newer client",
                )


def not_enforced(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find what no file can make the oldest client enforce.

    Source: policy/tipstaff_policy/clients/codex/versions.py; tests/conformance/test_lint.py.
    """
    for reason in _obstacles(policy, aim):
        stated = policy.workspaces or policy.login_methods
        if stated:
            yield at(
                stated.origins[0],
                f"client {aim.version} cannot enforce this: {reason}",
                f'require a newer one: oldest_client = "{HEEDS}"',
            )


def _is_forced_too(key: str, files: tuple[ClientFile, ...]) -> bool:
    """Return whether a managed file says the same in its own words, which old clients read."""
    forced = [file for file in files if file.kind == "managed_config"]
    about = {SUBJECTS.get(setting.key) for file in forced for setting in settings(file)} - {None}
    return SUBJECTS.get(key) in about or any(key in file.document for file in forced)


def _obstacles(policy: OrganisationPolicy, aim: Aim) -> tuple[str, ...]:
    names = ("requirements",) if aim.platform == "windows" else ("requirements", "managed_config")
    version = version_number(aim.version)
    policy = policy._replace(client_keys=())  # judged as the files that they are
    workspaces = policy.workspaces
    if workspaces:  # white space around an id has a rule of its own
        trimmed = tuple(value.strip(WHITE_SPACE) for value in workspaces.values)
        policy = policy._replace(workspaces=workspaces._replace(values=trimmed))
    return obstacles(policy, version, frozenset(names)) if version else ()


def find_refused_by_version(file: ClientFile, aim: Aim) -> Iterator[Hit]:
    """Find values at which the oldest client does not start, though the newest does.

    Source: tests/conformance/test_lint.py (client 0.130.0).
    """
    fault = refusal(file.layer, aim.version)
    if fault:
        found = invalid(fault)
        what = f"client {aim.version} does not start: {found.what}"
        yield within(file, found.line, what, found.suggestion)


def beatable(files: tuple[ClientFile, ...], aim: Aim) -> Iterator[Hit]:
    """Find restrictions that stand only where the user's own file is stronger.

    Source: tests/conformance/cases_layers.py; on Windows docs/weaknesses.md, row 25.
    """
    firm = [file for file in files if not _is_the_users(file, aim)]
    stated = {setting.key for file in firm for setting in settings(file)}
    held = {SUBJECTS[key] for key in stated if key in SUBJECTS}
    for file in files:
        if not _is_the_users(file, aim):
            continue
        for setting in settings(file):
            if setting.key in SUBJECTS and SUBJECTS[setting.key] not in held:
                yield within(
                    file,
                    setting.origin.line,
                    f"{setting.key} is a default here: {_why(file)}",
                    _firmer(aim),
                )


def _is_the_users(file: ClientFile, aim: Aim) -> bool:
    own = file.kind == "managed_config" and aim.platform == "windows" and not file.inside
    return file.kind == "config" or own


def _why(file: ClientFile) -> str:
    if file.kind == "config":
        return "one line in the user's own config.toml, a profile or `-c` beats it"
    return "on Windows the file is in the user's own folder"


def _firmer(aim: Aim) -> str:
    if aim.platform == "windows":
        return "state it in requirements.toml (allowed_login_methods, allowed_chatgpt_workspaces)"
    return "state it in managed_config.toml, or in requirements.toml as `allowed_…`"


def no_oldest_client(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find restrictions that say nothing of clients which pass over them.

    Source: docs/weaknesses.md, row 2.
    """
    stated = policy.login_methods or policy.workspaces
    if stated and policy.oldest_client is None:
        yield at(
            stated.origins[0],
            f"clients before {HEEDS} ignore their requirements, and nothing here forbids them",
            f'add oldest_client = "{HEEDS}"',
        )


RULES = (
    LintRule(
        "key-without-effect",
        "error",
        "a sign-in key that is misspelt, inside a table, or in the wrong kind of file",
        each_file(key_without_effect),
    ),
    LintRule(
        "unknown-key",
        "warning",
        "a key that the client does not know",
        each_file_for(find_unknown_key),
    ),
    LintRule(
        "passed-over",
        "warning",
        "what the oldest client ignores, or what is unknown",
        together(all_files_for(find_passed_over), each_policy_for(not_enforced)),
    ),
    LintRule(
        "refused-by-version",
        "error",
        "a value with which the oldest client does not start",
        each_file_for(find_refused_by_version),
    ),
    LintRule(
        "beatable",
        "warning",
        "a restriction that the user's own file beats",
        all_files_for(beatable),
    ),
    LintRule(
        "no-oldest-client",
        "note",
        "restrictions without an oldest client",
        each_policy(no_oldest_client),
    ),
)
