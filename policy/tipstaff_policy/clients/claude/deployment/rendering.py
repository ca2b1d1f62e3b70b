"""A policy as the client's managed-settings.json, and as values of its preference domain.

What the client can express of the allowed methods is written: the one method, the providers, and
`enforceAnthropicSignIn` where only claude.ai accounts may sign in. The rest Tipstaff enforces.

Source: docs/clients/claude.md, "Keys" (client 2.1.332).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tipstaff_policy.clients.claude.compliance import BY_PROVIDER, list_allowed_methods
from tipstaff_policy.clients.claude.config.device_management import (
    DEVICE,
    DOMAIN,
    KEY_NAME,
    MACHINE_NAME,
    VALUE,
    read_machine_text,
)
from tipstaff_policy.clients.claude.config.documents import (
    NoDocumentError,
    parse_document,
    parse_managed,
    whole,
)
from tipstaff_policy.clients.claude.config.effective import merge_layers
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    GATEWAY_URL,
    KNOWN_PROVIDERS,
    LOGIN_METHODS,
    METHOD,
    ORGANISATIONS,
    SIGN_IN,
)
from tipstaff_policy.clients.claude.config.lines import line_numbers
from tipstaff_policy.clients.claude.config.managed_files import BASE, FILE_LAYERS
from tipstaff_policy.clients.claude.config.rules import rules_of
from tipstaff_policy.clients.claude.config.sources import OF_MACHINE
from tipstaff_policy.clients.claude.deployment.stamps import (
    CLIENT,
    DROP_IN,
    DROP_IN_FILE,
    FILE,
    MERGED,
    NAME,
    STAMPS,
    members,
    merge,
    preference_files,
    registry_data,
    registry_text,
    text_of,
    unwritable,
)
from tipstaff_policy.clients.claude.locations import DROP_IN_FOLDER, MANAGED_FILE
from tipstaff_policy.clients.claude.methods import CLOUDS, NAMES
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.clients.claude.versions import NEWEST_BEHAVIOUR, behaviours_of
from tipstaff_policy.clients.interface.deployment import (
    Authoring,
    ClientFile,
    DeployedFile,
    Deployment,
    Documents,
    DropIn,
    FormField,
    Preferences,
    RegistryText,
    Way,
)
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import HostState, Layer, Origin, Platform
from tipstaff_policy.organisation.client_keys import (
    Contradiction,
    inline,
    leaves_of,
    sort_keys,
)
from tipstaff_policy.organisation.model import (
    LAYER,
    NO_POLICY,
    Allowed,
    ClientRules,
    OrganisationPolicy,
)

TABLE = "settings"
FILE_NAMES = {NAME: FILE, DROP_IN: DROP_IN_FILE}
FIRST_PARTY = BY_PROVIDER["anthropic"]
DESCRIPTIONS = {
    METHOD: "The only way to sign in: claudeai, console or gateway.",
    ORGANISATIONS: "The organisations whose logins are used, by id.",
    SIGN_IN: "Whether only a claude.ai login starts the client.",
    ALLOWED_PROVIDERS: "The providers that the client may use.",
}


def files_of(policy: OrganisationPolicy) -> tuple[ClientFile, ...]:
    """Return the file; none where it would say nothing."""
    document = members(key for key in policy.client_keys if key.client == CLIENT)
    for rules in policy.clients:
        if rules.client == CLIENT:
            document |= compile_fields(rules)
    return (ClientFile(NAME, json.dumps(document, sort_keys=True)),) if document else ()


def compile_fields(rules: ClientRules) -> dict[str, Any]:
    """Return the sign-in keys that a policy's own fields compile to."""
    found: dict[str, Any] = {}
    if rules.login_methods is not None:
        found |= _of_methods(rules.login_methods.values)
    if rules.organisations is not None:
        found[ORGANISATIONS] = sorted(rules.organisations.values)
    return found


def _of_methods(methods: tuple[str, ...]) -> dict[str, Any]:
    """Return the strictest keys that allow all of some methods."""
    own = [method for method in methods if method not in CLOUDS]
    clouds = [method for method in methods if method in CLOUDS]
    if not all(cloud in KNOWN_PROVIDERS for cloud in clouds):
        return {}  # no list can name that cloud, and a pin without a list is meant against it
    found: dict[str, Any] = {}
    if len(own) == 1 and own[0] in LOGIN_METHODS:
        found[METHOD] = own[0]
    if [*methods] == ["claudeai"]:
        found[SIGN_IN] = True
    allowed = {
        "anthropic": any(method in FIRST_PARTY for method in own),
        "gateway": "gateway" in own,
        **{cloud: cloud in clouds for cloud in CLOUDS},
    }
    found[ALLOWED_PROVIDERS] = [name for name in KNOWN_PROVIDERS if allowed.get(name)]
    return found


def as_drop_in(text: str) -> str:
    """Return the text of the file as that of a drop-in.

    One organisation is written as a text, which replaces a list of the other files; two lists are
    united.
    """
    document = json.loads(text)
    owners = document.get(ORGANISATIONS)
    if isinstance(owners, list) and len(owners) == 1:
        document[ORGANISATIONS] = owners[0]
    return json.dumps(document, sort_keys=True)


def list_united_rules(text: str) -> tuple[str, ...]:
    """Return the rules of a drop-in to which other files can add."""
    document = parse_document(text.encode())
    return tuple(
        key for key in (ORGANISATIONS, ALLOWED_PROVIDERS) if isinstance(document.get(key), list)
    )


def obstacles(
    policy: OrganisationPolicy, version: tuple[int, int, int], names: frozenset[str]
) -> tuple[str, ...]:
    """Return why a version cannot enforce what the file says."""
    behaviours = behaviours_of(".".join(map(str, version)))
    document = {key: "" for file in files_of(policy) for key in parse_document(file.text.encode())}
    if not names & {NAME, DROP_IN} or not behaviours:
        return ()
    worst = behaviours[-1]
    known = {
        SIGN_IN: (worst.enforces_sign_in, "2.1.330"),
        ORGANISATIONS: (worst.enforces_organisation, "2.1.84"),
        METHOD: (worst.refuses_keys, "2.1.146"),
        GATEWAY_URL: (worst.knows_gateway, "2.1.330"),
        ALLOWED_PROVIDERS: (worst.reads_providers, "2.1.330"),
    }
    found = [
        f"the client enforces `{key}` since {since} only"
        for key, (heeded, since) in known.items()
        if key in document and not heeded
    ]
    if ORGANISATIONS in document and worst.enforces_organisation and not worst.takes_lists:
        found.append(f"a list for `{ORGANISATIONS}` costs the whole file before 2.1.146")
    return tuple(found)


def restrictions_in(files: Mapping[str, str]) -> OrganisationPolicy:
    """Return what a file says: methods, organisations, and its other keys.

    Raises:
        PolicyError: It is no JSON object.
    """
    keys: list[ClientKey] = []
    clients: tuple[ClientRules, ...] = ()
    for name, text in files.items():
        path = FILE_NAMES.get(name, FILE)
        try:
            document = parse_document(text.encode())
        except NoDocumentError as error:
            raise PolicyError("is no JSON object", where=f"{path}:{error.line}") from None
        origins = (Origin(LAYER, path, None),)
        clients = _rules_in(document, origins)
        rest = {name: whole(value) for name, value in document.items() if not _is_rule(name)}
        keys += [ClientKey(CLIENT, TABLE, path, value, origins) for path, value in leaves_of(rest)]
    return NO_POLICY._replace(client_keys=sort_keys(keys), clients=clients)


def _rules_in(document: dict[str, Any], origins: tuple[Origin, ...]) -> tuple[ClientRules, ...]:
    layer = parse_managed(BASE, FILE, json.dumps(document).encode(), "none").layer
    rules = rules_of(merge_layers([layer]), NEWEST_BEHAVIOUR)
    methods = organisations = None
    if rules.method or rules.gateway or rules.providers or rules.sign_in != "off":
        methods = Allowed(tuple(sorted(list_allowed_methods(rules))), origins)
    if rules.organisations:
        organisations = Allowed(tuple(sorted(rules.organisations.values)), origins)
    found = ClientRules(CLIENT, login_methods=methods, organisations=organisations)
    return () if found == ClientRules(CLIENT) else (found,)


def _is_rule(name: str) -> bool:
    return name in (METHOD, ORGANISATIONS, SIGN_IN, ALLOWED_PROVIDERS)


def deploy(state: HostState, files: Sequence[ClientFile], way: Way) -> HostState:
    """Return a state with the file in place of the present ones."""
    texts = {file.name: file.text for file in files}
    if NAME not in texts:
        return state
    names = (DEVICE,) if _is_by_device(state.platform, way) else FILE_LAYERS
    found = parse_managed(names[0], _path(state, names[0]), texts[NAME].encode(), "lines").layer
    managed = tuple(name for source in OF_MACHINE for name in source)
    kept = [layer for layer in state.layers if layer.name not in _list_replaced(names, managed)]
    rank = max((layer.rank for layer in kept if layer.name in managed), default=None)
    return state._replace(layers=_rank(kept, found, rank))


def _is_by_device(platform: Platform, way: Way) -> bool:
    """Return whether a file comes as what device management sets; on Windows it always does."""
    device = TABLES[platform].device
    return device == "registry" or (device == "preferences" and way == "profile")


def _list_replaced(names: tuple[str, ...], managed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the layers that are replaced by what is deployed; device management stands alone."""
    return managed if names == (DEVICE,) else FILE_LAYERS


def _path(state: HostState, name: str) -> str:
    if name == DEVICE and state.platform == "windows":
        return MACHINE_NAME
    if name == DEVICE:
        return f"/Library/Managed Preferences/{DOMAIN}.plist"
    return f"{TABLES[state.platform].system}/{MANAGED_FILE}"


def _rank(kept: list[Layer], found: Layer, rank: int | None) -> tuple[Layer, ...]:
    """Return layers with a new one above all personal files and below device management."""
    above = [layer for layer in kept if rank is not None and layer.rank >= rank]
    above += [layer for layer in kept if layer.name == "server" and layer not in above]
    below = [layer for layer in kept if layer not in above]
    return tuple(layer._replace(rank=place) for place, layer in enumerate((*below, found, *above)))


def find_contradicting(policy: OrganisationPolicy) -> tuple[Contradiction, ...]:
    """Return the keys that say otherwise than the policy's own fields."""
    found = []
    for rules in policy.clients:
        stated = compile_fields(rules) if rules.client == CLIENT else {}
        for key in policy.client_keys:
            name = key.path[0]
            if key.client != CLIENT or name not in stated or len(key.path) > 1:
                continue
            field = "organisations" if name == ORGANISATIONS else "login_methods"
            rule = getattr(rules, field)
            if inline(stated[name]) != key.value.reveal():
                found.append(Contradiction(key, f"clients.{CLIENT}.{field}", rule.origins))
    return tuple(found)


def _leaves(text: str) -> dict[tuple[str, ...], Any]:
    try:
        return dict(leaves_of(whole(parse_document(text.encode()))))
    except NoDocumentError as error:
        raise ValueError(str(error)) from None


def _values(files: Mapping[str, bytes]) -> dict[str, Any]:
    return json.loads(files[NAME]) if NAME in files else {}


def _form(key: str, value: Any) -> FormField:
    kinds = {bool: "boolean", list: "array", dict: "object", int: "integer", float: "number"}
    description = DESCRIPTIONS.get(key, "A setting of the client.")
    return FormField(key, description, kinds.get(type(value), "string"))


def _places(platform: Platform) -> dict[str, str]:
    folder = TABLES[platform].system
    return {
        NAME: f"{folder}/{MANAGED_FILE}",
        DROP_IN: f"{folder}/{DROP_IN_FOLDER}/{DROP_IN_FILE}",
    }


PLACES: dict[Platform, dict[str, str]] = {
    "linux": _places("linux"),
    "macos": _places("macos"),
    "windows": {},
}
WORDS = (*NAMES, *KNOWN_PROVIDERS)
DEPLOYMENT = Deployment(
    files_of=files_of,
    obstacles=obstacles,
    restrictions_in=restrictions_in,
    places=PLACES,
    deploy=deploy,
    preferences=Preferences(DOMAIN, "Claude Code", (NAME,), _values, preference_files, _form),
    file_of={TABLE: NAME},
    contradicting=find_contradicting,
    words=lambda: WORDS,
    files=(
        DeployedFile(NAME, FILE, "claude", "managed settings of Claude Code"),
        DeployedFile(
            DROP_IN, DROP_IN_FILE, "claude-drop-in", "the same as a drop-in, with --drop-in"
        ),
    ),
    unwritable=unwritable,
    drop_ins=(DropIn(DROP_IN, NAME, as_drop_in, list_united_rules),),
    stamps=STAMPS,
    registry=(
        RegistryText(
            NAME,
            KEY_NAME,
            VALUE,
            registry_text,
            registry_data,
            read_machine_text,
            silences=rf"C:\Program Files\ClaudeCode\{MANAGED_FILE}",
        ),
    ),
    documents=Documents("JSON", _leaves, line_numbers, text_of, MERGED, merge),
    authoring=Authoring(
        methods=("claudeai",),
        methods_comment='"claudeai", "console", and providers such as "bedrock" or "vertex".',
        stores=("credentials", "keychain"),
        stores_comment='"credentials" (.credentials.json), "keychain" (macOS), "config" (the '
        'Console key in .claude.json), "profiles".',
        workspaces_of="Claude",
        oldest_client="2.1.330",
        oldest_client_comment="The first version that enforces enforceAnthropicSignIn.",
    ),
)
