"""The client's files of a policy, as lint reads them."""

from tipstaff_policy.clients.codex.config.documents import read_layer_bytes
from tipstaff_policy.clients.codex.config.rules_in_force import rules_of
from tipstaff_policy.clients.codex.deployment.rendering import CLIENT
from tipstaff_policy.clients.codex.deployment.stamps import STAMP
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.clients.codex.versions import NEWEST, NEWEST_BEHAVIOUR
from tipstaff_policy.clients.interface.lint import ClientFile, Given, LintFinding, invalid, within
from tipstaff_policy.model.request import Reader
from tipstaff_policy.model.state import Fault, FaultyLayer, Grammar, Layer, Platform
from tipstaff_policy.parsing.toml_lines import locate_keys

PLATFORM: Platform = "linux"
"""By whose defaults the client's values are judged; they are refused on every platform alike."""

NAMES = {"requirements": "requirements", "managed_config": "managed", "config": "system"}
"""What the layers are called."""


def read_client_file(given: Given, newer_toml: Reader | None) -> ClientFile:
    """Return one of the client's files, or what is at fault with it."""
    kind = given.kind
    grammar: Grammar = "requirements" if kind == "requirements" else "config"
    source = Source(NAMES[kind], given.path, administrators=True, grammar=grammar)
    read = read_layer_bytes(
        source, given.data, newer_toml=newer_toml, detail="all", behaviour=NEWEST_BEHAVIOUR
    )
    text = given.data.decode("utf-8", "replace").removeprefix("\ufeff")
    return ClientFile(
        CLIENT,
        given.path,
        kind,
        read.layer,
        read.document,
        locate_keys(text),
        rendered=STAMP.match(given.data) is not None,
    )


def explain_refused_file(file: ClientFile) -> LintFinding | None:
    """Return why no proven client would start with a file."""
    content = file.layer.content
    if isinstance(content, FaultyLayer):
        fault: Fault | None = content.fault
    else:
        fault = refusal(file.layer, _newest())
    if fault is None:
        return None
    found = invalid(fault)
    return found._replace(**within(file, found.line, found.what, found.suggestion)._asdict())


def _newest() -> str:
    return ".".join(map(str, NEWEST))


def refusal(layer: Layer, version: str) -> Fault | None:
    """Return the value at which a version of the client certainly does not start."""
    rules = rules_of((layer,), PLATFORM, version)
    return rules if isinstance(rules, Fault) and rules.effect == "refuse" else None
