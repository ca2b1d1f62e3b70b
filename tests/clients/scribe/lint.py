"""What is known of the client's own files before they ship."""

from scribe.config import LISTS, content_of, line_numbers, parse
from scribe.deployment import CLIENT, NAME
from scribe.places import FILE
from scribe.rules import NAMES
from tipstaff_policy.clients.interface.lint import (
    ClientFile,
    ClientLint,
    Given,
    LintFinding,
    LintRule,
    at,
    each_file,
    each_policy,
    invalid,
    within,
)
from tipstaff_policy.model.state import FaultyLayer, Layer


def _read(given: Given, _newer_toml) -> ClientFile:
    content = content_of("managed", given.path, given.data, lines=True)
    layer = Layer("managed", 0, given.path, True, "config", content)
    if isinstance(content, FaultyLayer):
        return ClientFile(CLIENT, given.path, given.kind, layer, {}, {})
    lines = line_numbers(given.data.decode())
    return ClientFile(CLIENT, given.path, given.kind, layer, parse(given.data), lines)


def _refused(file: ClientFile) -> LintFinding | None:
    content = file.layer.content
    return invalid(content.fault) if isinstance(content, FaultyLayer) else None


def _shouting(file: ClientFile):
    """Find a member in capitals."""
    for name in file.document:
        if name.isupper():
            yield within(file, file.lines[(name,)], f"{name} shouts", "write it small")


def _no_list(file: ClientFile):
    """Find a rule that is no list, which allows nothing."""
    for name in LISTS:
        if name in file.document and not isinstance(file.document[name], list):
            what = f"{name} is no list, so that it allows nothing"
            yield within(file, file.lines.get((name,)), what, "write a list")


def _only_keys(policy):
    """Find organisations where no allowed method has a login with one."""
    for rules in policy.clients:
        methods, owners = rules.login_methods, rules.organisations
        if rules.client == CLIENT and owners and methods and {*methods.values} <= {"key"}:
            what = "a Scribe key belongs to no organisation, so that the rule is idle"
            yield at(owners.origins[0], what, f"allow {NAMES[0]}, or leave it out")


LINT = ClientLint(
    newest="2.0.0",
    kinds={FILE: NAME},
    groups={
        "Settings of Scribe": (
            LintRule("shouting", "warning", "a member in capitals", each_file(_shouting)),
            LintRule("no_list", "error", "a rule that is no list", each_file(_no_list)),
            LintRule("idle_owners", "note", "an organisation for keys", each_policy(_only_keys)),
        )
    },
    read=_read,
    refused=_refused,
    carried=lambda _profile: iter(()),
)
