"""What is wrong with the sign-in rules of the client's files."""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.compliance.violations import usable_methods
from tipstaff_policy.clients.codex.config.rules_in_force import rules_of
from tipstaff_policy.clients.codex.config.sign_in_keys import (
    CONFIG_KEYS,
    METHOD_NAMES,
    NO_RULES,
    REQUIREMENT_KEYS,
    Restriction,
    Rules,
)
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.clients.interface.lint import (
    Aim,
    ClientFile,
    Hit,
    LintRule,
    all_files,
    all_files_for,
    at,
    each_file,
    each_policy,
    together,
    within,
)
from tipstaff_policy.model.state import Platform, ReadLayer, Setting
from tipstaff_policy.organisation.model import OrganisationPolicy

Clients = tuple[ClientFile, ...]

VERSION = ".".join(map(str, NEWEST))
"""Contradictions are judged by the newest client, which heeds every key."""

PLATFORM: Platform = "linux"

FORCED_WORKSPACE, ALLOWED_WORKSPACE = CONFIG_KEYS[1], REQUIREMENT_KEYS[1]

CHATGPT_ONLY = 'login_methods = ["chatgpt"]'

PIN = 'model_provider = "openai"'


def no_method_in_policy(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a policy that leaves no login method.

    Source: tests/conformance/test_lint.py (client 0.169.0).
    """
    methods, workspaces = policy.login_methods, policy.workspaces
    if methods and not methods.values:
        yield at(
            methods.origins[0],
            "login_methods allows none: no user can sign in, and the client refuses to start",
            'name one: login_methods = ["chatgpt"]',
        )
    elif methods and methods.values == ("chatgpt",) and workspaces and not workspaces.values:
        yield at(
            workspaces.origins[0],
            "chatgpt is the only login method and no workspace is allowed: no user can sign in",
            "name a workspace, or allow another login method",
        )


def no_method_in_file(file: ClientFile) -> Iterator[Hit]:
    """Find a file that leaves no login method.

    Source: tests/conformance/test_lint.py (client 0.169.0).
    """
    rules = rules_in(file)
    if not usable_methods(rules):
        origin = next(restriction.origin for restriction in _restrictions(rules))
        yield within(
            file,
            origin.line,
            "no login method is left: the client refuses to start, and its log-out too",
            "allow a login method, and with chatgpt a workspace",
        )


def workspaces_without_effect(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find workspaces combined with methods that have no workspace."""
    methods = policy.login_methods
    if methods and methods.values == ("api",) and policy.workspaces:
        yield at(
            policy.workspaces.origins[0],
            "API keys alone are allowed, and they belong to no workspace: these have no effect",
            "allow chatgpt, or take the workspaces out",
        )


def contradiction(files: Clients) -> Iterator[Hit]:
    """Find a file that forces what another does not allow.

    Source: tests/conformance/test_lint.py (client 0.169.0).
    """
    for required in (file for file in files if file.kind == "requirements"):
        for forcing in (file for file in files if file.kind != "requirements"):
            if not usable_methods(rules_in(required)):
                continue
            rules = rules_in(required, forcing)
            pair = _find_contradicting(rules)
            if pair:
                forced, allowed = pair
                yield within(
                    forcing,
                    forced.origin.line,
                    f"forces {_words(forced)}, and {place(required, allowed)} allows "
                    f"{_words(allowed)}: no login can satisfy both",
                    "force something that is allowed",
                )


def keys_not_bound_by_policy(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find workspaces of a policy that leave API keys free.

    Source: docs/weaknesses.md, row 20; tests/conformance/test_lint.py (client 0.169.0).
    """
    methods = policy.login_methods
    if policy.workspaces and (methods is None or len(methods.values) > 1):
        yield at(
            policy.workspaces.origins[0],
            "an API key belongs to no workspace, so any API key passes this rule",
            f"add {CHATGPT_ONLY}",
        )


def keys_not_bound_by_files(files: Clients) -> Iterator[Hit]:
    """Find workspaces of files that leave API keys free.

    Source: docs/weaknesses.md, row 20; tests/conformance/test_lint.py (client 0.169.0).
    """
    everywhere = [rules_in(file) for file in files]
    if any(map(_chooses_a_method, everywhere)):
        return
    for file, rules in zip(files, everywhere, strict=True):
        stated = rules.allowed_workspaces or rules.forced_workspaces
        if stated:
            needed = (
                'allowed_login_methods = ["chatgpt"]'
                if file.kind == "requirements"
                else 'forced_login_method = "chatgpt"'
            )
            yield within(
                file,
                stated.origin.line,
                "an API key belongs to no workspace, so any API key passes this rule",
                f"add {needed}",
            )


def blank_list(file: ClientFile) -> Iterator[Hit]:
    """Find blanks instead of workspaces: one key then allows all workspaces, another none.

    Source: docs/weaknesses.md, row 19; tests/conformance/test_lint.py (client 0.169.0).
    """
    rules = rules_in(file)
    for setting in settings(file):
        if setting.key == FORCED_WORKSPACE and rules.forced_workspaces is None:
            yield within(
                file,
                setting.origin.line,
                f"{FORCED_WORKSPACE} names no workspace, which allows all of them",
                "name a workspace; to allow none use allowed_chatgpt_workspaces = []",
            )
        blank = setting.key == ALLOWED_WORKSPACE and setting.value != ()
        if blank and rules.allowed_workspaces and not rules.allowed_workspaces.values:
            yield within(
                file,
                setting.origin.line,
                f"{ALLOWED_WORKSPACE} holds blanks alone, which allows no workspace",
                "name a workspace, or write [] where none is meant",
            )


def provider_not_pinned(files: Clients, aim: Aim) -> Iterator[Hit]:
    """Find restrictions that a model provider of the user's walks round.

    Source: docs/weaknesses.md, row 3; tests/conformance/test_custom_provider.py.
    """
    firm = [file for file in files if file.kind != "config"]
    restricting = [file for file in firm if not file.rendered and _restrictions(rules_in(file))]
    if not restricting or any("model_provider" in file.document for file in firm):
        return
    first = min(restricting, key=lambda file: file.kind != "requirements")
    old = tuple(map(int, aim.version.split("."))) < (0, 160, 0)
    where = "managed_config.toml" if old else "requirements.toml"
    yield within(
        first,
        _restrictions(rules_in(first))[0].origin.line,
        "a model provider in the user's own file needs no login and bypasses this",
        f"pin {PIN} in {where}, if no other provider is meant to be used",
    )


def rules_in(*files: ClientFile) -> Rules:
    """Return the sign-in rules that files make together, for the newest client."""
    layers = [file.layer._replace(rank=rank) for rank, file in enumerate(files)]
    rules = rules_of(layers, PLATFORM, VERSION)
    return rules if isinstance(rules, Rules) else NO_RULES


def settings(file: ClientFile) -> tuple[Setting, ...]:
    """Return the settings of a file that was read."""
    content = file.layer.content
    return content.settings if isinstance(content, ReadLayer) else ()


def place(file: ClientFile, restriction: Restriction) -> str:
    """Return where a restriction stands, as a person finds it."""
    if not file.inside:
        return str(restriction.origin)
    return f"{file.path}:{file.at} ({file.inside}, line {restriction.origin.line})"


def _restrictions(rules: Rules) -> list[Restriction]:
    return [rule for rule in rules[:4] if isinstance(rule, Restriction)]


def _find_contradicting(rules: Rules) -> tuple[Restriction, Restriction] | None:
    pairs = (
        (rules.forced_method, rules.allowed_methods),
        (rules.forced_workspaces, rules.allowed_workspaces),
    )
    for forced, allowed in pairs:
        if forced and allowed and not {*forced.values} & {*allowed.values}:
            return forced, allowed
    if rules.forced_method and not usable_methods(rules) and rules.allowed_workspaces:
        return rules.forced_method, rules.allowed_workspaces
    return None


def _chooses_a_method(rules: Rules) -> bool:
    limits = (rules.forced_method, rules.allowed_methods)
    return any(limit and len(limit.values) < len(METHOD_NAMES) for limit in limits)


def _words(restriction: Restriction) -> str:
    return " or ".join(f'"{value}"' for value in restriction.values) or "none"


RULES = (
    LintRule(
        "nobody-may-sign-in",
        "error",
        "restrictions that leave no login method",
        together(each_policy(no_method_in_policy), each_file(no_method_in_file)),
    ),
    LintRule(
        "contradiction",
        "error",
        "a file that forces what another does not allow, among those given together",
        all_files(contradiction),
    ),
    LintRule(
        "keys-not-bound",
        "warning",
        "workspaces without login methods, which API keys pass",
        together(each_policy(keys_not_bound_by_policy), all_files(keys_not_bound_by_files)),
    ),
    LintRule(
        "workspaces-without-effect",
        "warning",
        "workspaces where API keys alone are allowed",
        each_policy(workspaces_without_effect),
    ),
    LintRule(
        "blank-list", "warning", "blanks that allow all workspaces, or none", each_file(blank_list)
    ),
    LintRule(
        "provider-not-pinned",
        "note",
        "restrictions that the user's own model provider bypasses",
        all_files_for(provider_not_pinned),
    ),
)
