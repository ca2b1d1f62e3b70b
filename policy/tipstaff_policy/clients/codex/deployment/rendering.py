"""A policy as the client's own two files: what it requires, and what it forces.

`requirements.toml` hides what does not fit, `managed_config.toml` has it removed; each key works
in one kind of file only. Both are written, because versions before 0.147.0 know the second alone.

Source: docs/clients/codex.md; tests/conformance/test_deployed.py (client 0.169.0).
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from tipstaff_policy.clients.codex.config.accepted import load_shown_texts
from tipstaff_policy.clients.codex.config.documents import read_layer_bytes
from tipstaff_policy.clients.codex.config.rules_in_force import rules_of
from tipstaff_policy.clients.codex.config.sign_in_keys import (
    FORCED_KEYS,
    REQUIREMENT_KEYS,
    WHITE_SPACE,
)
from tipstaff_policy.clients.codex.decision.decision import REFRESH_AGE_S
from tipstaff_policy.clients.codex.deployment.merged import DOCUMENTS
from tipstaff_policy.clients.codex.deployment.overlay import deploy
from tipstaff_policy.clients.codex.deployment.preferences import PREFERENCES
from tipstaff_policy.clients.codex.deployment.stamps import STAMPS
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, Version, behaviour_of
from tipstaff_policy.clients.interface.deployment import (
    Authoring,
    ClientFile,
    DeployedFile,
    Deployment,
)
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import Fault, Grammar, Layer, Origin, Platform
from tipstaff_policy.model.toml_writing import as_toml
from tipstaff_policy.organisation.client_keys import (
    Contradiction,
    document_of,
    leaves_of,
    plain,
    sort_keys,
)
from tipstaff_policy.organisation.model import LAYER, NO_POLICY, Allowed, OrganisationPolicy

FORCED_METHOD, FORCED_WORKSPACE = FORCED_KEYS
ALLOWED_METHODS, ALLOWED_WORKSPACES, STORE = REQUIREMENT_KEYS[:3]
REQUIREMENTS, MANAGED = "requirements", "managed_config"
CLIENT = "codex"
FILE_OF = {"requirements": REQUIREMENTS, "config": MANAGED}
"""The file that each table of `[clients.codex]` goes into."""
STORES = ("keyring", "auto", "file", "ephemeral")
"""A client setting can name only one store: the first of the allowed ones."""


def files_of(policy: OrganisationPolicy) -> tuple[ClientFile, ...]:
    """Return the two files; one that would say nothing is left out."""
    written = (
        ClientFile(REQUIREMENTS, _text(policy, REQUIREMENTS, _build_required(policy))),
        ClientFile(MANAGED, _text(policy, MANAGED, _build_forced(policy))),
    )
    return tuple(file for file in written if file.text)


def _text(policy: OrganisationPolicy, name: str, stated: dict[str, Any]) -> str:
    """Return the sign-in keys that a policy compiles to, then its other keys of a file."""
    lines = "".join(f"{key} = {as_toml(value)}\n" for key, value in stated.items())
    others = [key for key in _keys(policy, name) if key.path[0] not in stated]
    return f"{lines}{document_of(others)}" if others else lines


def _keys(policy: OrganisationPolicy, name: str) -> list[ClientKey]:
    return [
        key for key in policy.client_keys if key.client == CLIENT and FILE_OF.get(key.file) == name
    ]


def _build_required(policy: OrganisationPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if policy.login_methods:
        found[ALLOWED_METHODS] = list(policy.login_methods.values)
    if policy.workspaces:
        found[ALLOWED_WORKSPACES] = list(policy.workspaces.values)
    return found | _store(policy)


def _build_forced(policy: OrganisationPolicy) -> dict[str, Any]:
    """Return what a managed file can say: one method, at least one workspace."""
    found: dict[str, Any] = {}
    if policy.login_methods and len(policy.login_methods.values) == 1:
        found[FORCED_METHOD] = policy.login_methods.values[0]
    if policy.workspaces and policy.workspaces.values:
        found[FORCED_WORKSPACE] = _as_forced(policy.workspaces.values)
    return found | _store(policy)


def _as_forced(workspaces: tuple[str, ...]) -> Any:
    """Return one workspace as text, which every version reads; a text has no comma."""
    alone = len(workspaces) == 1 and "," not in workspaces[0]
    return workspaces[0] if alone else list(workspaces)


def _store(policy: OrganisationPolicy) -> dict[str, Any]:
    allowed = policy.stores.values if policy.stores else ()
    return dict([(STORE, store) for store in STORES if store in allowed][:1])


def find_contradictions(policy: OrganisationPolicy) -> tuple[Contradiction, ...]:
    """Return the sign-in keys among a policy's other keys that its own fields contradict."""
    compiled = {REQUIREMENTS: _build_required(policy), MANAGED: _build_forced(policy)}
    found = []
    for name, stated in compiled.items():
        for key in _keys(policy, name):
            field = FIELDS.get(key.path[0])
            allowed = getattr(policy, field) if field else None
            if field is None or allowed is None:
                continue
            wanted = stated.get(key.path[0], list(allowed.values))
            if len(key.path) > 1 or _as_set(plain(key)) != _as_set(wanted):
                found.append(Contradiction(key, field, allowed.origins))
    return tuple(found)


def _as_set(value: Any) -> set[str]:
    return {repr(element) for element in (value if isinstance(value, list) else [value])}


def obstacles(
    policy: OrganisationPolicy, version: Version, files: frozenset[str]
) -> tuple[str, ...]:
    """Return why a version cannot enforce what some of the files say."""
    behaviour = behaviour_of(".".join(map(str, version)))
    if behaviour is None:
        return ("its behaviour was never measured",)
    workspaces = policy.workspaces.values if policy.workspaces else ()
    listed = bool(workspaces) and isinstance(_as_forced(workspaces), list)
    nobody = any(rule and not rule.values for rule in (policy.login_methods, policy.workspaces))
    reasons = {
        f"it refuses to start where {FORCED_WORKSPACE} is a list": listed
        and MANAGED in files
        and not behaviour.takes_workspace_lists,
        f"it ignores {REQUIREMENTS}.toml": not behaviour.hides
        and (nobody or files == {REQUIREMENTS}),
        "it takes white space off the ends of a workspace's id": any(
            workspace != workspace.strip(WHITE_SPACE) for workspace in workspaces
        ),
    }
    found = tuple(reason for reason, holds in reasons.items() if holds)
    return (*found, *_refusals(policy, version, files)) if policy.client_keys else found


def _refusals(
    policy: OrganisationPolicy, version: Version, files: frozenset[str]
) -> tuple[str, ...]:
    """Return the value of a policy's other keys at which a version certainly does not start."""
    name = ".".join(map(str, version))
    behaviour = behaviour_of(name) or NEWEST_BEHAVIOUR
    layers: list[Layer] = []
    for file in files_of(policy):
        grammar: Grammar = "requirements" if file.name == REQUIREMENTS else "config"
        source = Source(file.name, f"{file.name}.toml", administrators=True, grammar=grammar)
        read = read_layer_bytes(
            source, file.text.encode(), newer_toml=None, detail="none", behaviour=behaviour
        )
        layers += [read.layer._replace(rank=len(layers))] if file.name in files else []
    rules = rules_of(layers, "linux", name)
    faults = [layer.fault for layer in faulty(layers)]
    faults += [rules] if isinstance(rules, Fault) else []
    certain = [fault for fault in faults if fault.effect == "refuse"]
    return tuple(f"it does not start: {fault.where}: {fault.what}" for fault in certain[:1])


def restrictions_in(files: Mapping[str, str]) -> OrganisationPolicy:
    """Return what the client's files say of methods, workspaces and stores.

    Raises:
        PolicyError: One is no TOML, a value is of another kind, or two files contradict.
    """
    policy = NO_POLICY
    for name, text in files.items():
        others = {}
        for key, value in _parse(name, text).items():
            if key in FIELDS:
                policy = _with(policy, FIELDS[key], value, f"{name}.toml", key)
            else:
                others[key] = value
        policy = policy._replace(client_keys=(*policy.client_keys, *_others(name, others)))
    return policy._replace(client_keys=sort_keys(policy.client_keys))


def _others(name: str, document: dict[str, Any]) -> Iterator[ClientKey]:
    table = next(payload for payload, file in FILE_OF.items() if file == name)
    origins = (Origin(LAYER, f"{name}.toml", None),)
    for path, value in leaves_of(document):
        yield ClientKey(CLIENT, table, path, value, origins)


FIELDS = {
    ALLOWED_METHODS: "login_methods",
    FORCED_METHOD: "login_methods",
    ALLOWED_WORKSPACES: "workspaces",
    FORCED_WORKSPACE: "workspaces",
    STORE: "stores",
}


def _with(
    policy: OrganisationPolicy, field: str, value: Any, file: str, key: str
) -> OrganisationPolicy:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(element, str) for element in values):
        raise PolicyError(f"{key} is no text and no list of texts", where=file)
    found = Allowed(tuple(sorted(set(values))), (Origin(LAYER, file, None),), not values)
    before = getattr(policy, field)
    if before is not None and before.values != found.values:
        raise PolicyError(
            f"{key} says another {field} than {before.origins[0].path}",
            where=file,
            remedy="render both files again from one policy",
        )
    stated: dict[str, Any] = {field: found}
    return policy._replace(**stated)


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not valid TOML: {error}", where=f"{name}.toml") from error


def _places(platform: Platform) -> dict[str, str]:
    table = TABLES[platform]
    names = (REQUIREMENTS,) if table.managed_in_home else (REQUIREMENTS, MANAGED)
    paths = {name: f"{table.system}/{name}.toml" for name in names}
    if platform != "windows":
        return paths
    return {
        name: path.replace("/ProgramData", "%ProgramData%", 1).replace("/", "\\")
        for name, path in paths.items()
    }


HEEDS = "0.147.0"
"""The first version that follows its requirements on signing in."""

DEPLOYMENT = Deployment(
    files_of,
    obstacles,
    restrictions_in,
    {platform: _places(platform) for platform in TABLES},
    deploy,
    PREFERENCES,
    FILE_OF,
    find_contradictions,
    lambda: load_shown_texts().words,
    files=(
        DeployedFile(
            REQUIREMENTS,
            f"{REQUIREMENTS}.toml",
            "requirements",
            "the client's requirements, for /etc/codex",
        ),
        DeployedFile(
            MANAGED,
            f"{MANAGED}.toml",
            "managed-config",
            "the client's managed file, for /etc/codex",
        ),
    ),
    stamps=STAMPS,
    login_ages=(REFRESH_AGE_S,),
    documents=DOCUMENTS,
    authoring=Authoring(
        methods=("chatgpt",),
        methods_comment='"chatgpt", "api". A key belongs to no workspace.',
        stores=("file", "keyring", "auto"),
        stores_comment='"file", "keyring", "auto", "ephemeral".\n'
        "# Hosts without a desktop session have no keyring.",
        workspaces_of="ChatGPT",
        oldest_client=HEEDS,
        oldest_client_comment=(f"Clients before {HEEDS} silently ignore their requirements."),
    ),
)
