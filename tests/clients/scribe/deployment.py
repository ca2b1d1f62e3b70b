"""How a policy is written as files of the client: one JSON document, and a domain of plain values."""

import hashlib
import json
import re

from scribe.config import (
    METHODS_KEY,
    ORGANISATIONS_KEY,
    STORE_KEY,
    content_of,
    line_numbers,
    parse,
)
from scribe.places import FILE, MANAGED
from tipstaff_policy.clients.interface.deployment import (
    Authoring,
    BadStamp,
    ClientFile,
    DeployedFile,
    Deployment,
    Documents,
    FormField,
    Preferences,
    Stamp,
    Stamps,
)
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import HostState, Origin
from tipstaff_policy.organisation.client_keys import (
    Contradiction,
    inline,
    leaves_of,
    plain,
    sort_keys,
)
from tipstaff_policy.organisation.model import (
    LAYER,
    NO_POLICY,
    Allowed,
    ClientRules,
    OrganisationPolicy,
)

CLIENT, NAME, TABLE = "scribe", "scribe_settings", "settings"
DOMAIN = "com.example.scribe"
WHOLE = re.compile(rf'\{{"tipstaff": "{NAME} sha256:([0-9a-f]{{64}})",\n(.*)\n', re.DOTALL)
MERGED = b'{"tipstaff": "merged'
RULES = {"login_methods": METHODS_KEY, "organisations": ORGANISATIONS_KEY}


def members(keys):
    """Return keys as a document."""
    found = {}
    for key in keys:
        place = found
        for name in key.path[:-1]:
            place = place.setdefault(name, {})
        place[key.path[-1]] = plain(key)
    return found


def text_of(keys) -> str:
    """Return keys as the text of a document."""
    return json.dumps(members(keys), sort_keys=True)


def files_of(policy: OrganisationPolicy) -> tuple[ClientFile, ...]:
    """Return what a policy says to this client."""
    document = members(key for key in policy.client_keys if key.client == CLIENT)
    for rules in policy.clients:
        if rules.client == CLIENT:
            document |= _rules(rules)
    return (ClientFile(NAME, json.dumps(document, sort_keys=True)),) if document else ()


def _rules(rules: ClientRules) -> dict[str, object]:
    stated = {key: getattr(rules, field) for field, key in RULES.items()}
    found: dict[str, object] = {key: list(rule.values) for key, rule in stated.items() if rule}
    if rules.stores and len(rules.stores.values) == 1:
        found[STORE_KEY] = rules.stores.values[0]
    return found


def _start(name: str) -> bytes:
    return f'{{"tipstaff": "{name} sha256:'.encode()


def _stamped(name: str, document) -> bytes:
    rest = json.dumps(document, sort_keys=True)
    digest = hashlib.sha256(rest.encode()).hexdigest()
    return _start(name) + f'{digest}",\n{rest[1:]}\n'.encode()


def _write_stamp(name: str, stamp: Stamp, text: str) -> bytes:
    return _stamped(name, {"policy": list(stamp), **json.loads(text)})


def _read_stamp(_name: str, data: bytes) -> Stamp | BadStamp:
    found = WHOLE.fullmatch(data.decode("utf-8", "replace"))
    rest = "{" + found[2] if found else ""
    if not found or hashlib.sha256(rest.encode()).hexdigest() != found[1]:
        return BadStamp("has no stamp, or was edited", "a member `tipstaff` with a digest")
    return Stamp(*json.loads(rest)["policy"])


def document_in(text) -> dict:
    """Return a document without its stamp; raises ValueError where it is none."""
    return parse(text if isinstance(text, bytes) else text.encode())


def _restrictions_in(files) -> OrganisationPolicy:
    keys, rules = [], ClientRules(CLIENT)
    for text in files.values():
        origins = (Origin(LAYER, FILE, None),)
        try:
            document = document_in(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            raise PolicyError("is no JSON object", where=f"{FILE}:{line}") from None
        for field, key in RULES.items():
            if key in document:
                rule = Allowed(tuple(sorted(document.pop(key))), origins)
                rules = rules._replace(**{field: rule})
        if STORE_KEY in document:
            rules = rules._replace(stores=Allowed((document.pop(STORE_KEY),), origins))
        keys += [
            ClientKey(CLIENT, TABLE, path, value, origins) for path, value in leaves_of(document)
        ]
    stated = () if rules == ClientRules(CLIENT) else (rules,)
    return NO_POLICY._replace(client_keys=sort_keys(keys), clients=stated)


def _merge(stamp: Stamp, kept: str, keys) -> bytes:
    head = {"tipstaff": f"merged with {kept}", "policy": list(stamp)}
    return json.dumps({**head, **members(keys)}).encode()


def _values(files) -> dict:
    return json.loads(files[NAME]) if NAME in files else {}


def _files(values) -> dict[str, bytes]:
    if not str(values.get("tipstaff", "")).startswith(NAME):
        return {}
    return {NAME: _stamped(NAME, {name: values[name] for name in values if name != "tipstaff"})}


def _deploy(state: HostState, files, _way) -> HostState:
    """Put the document in place of the one that is there, and of its drop-ins."""
    texts = {file.name: file.text for file in files}
    if NAME not in texts:
        return state
    layers = tuple(
        layer._replace(content=content_of("managed", layer.path, texts[NAME].encode(), lines=True))
        if layer.name == "managed"
        else layer
        for layer in state.layers
        if layer.name != "drop-in"
    )
    return state._replace(layers=layers)


def _contradicting(policy: OrganisationPolicy) -> tuple[Contradiction, ...]:
    rules = next((client for client in policy.clients if client.client == CLIENT), None)
    named = {key: field for field, key in RULES.items()} | {STORE_KEY: "stores"}
    return tuple(
        Contradiction(key, f"clients.{CLIENT}.{field}", stated.origins)
        for key in policy.client_keys
        if key.client == CLIENT and len(key.path) == 1
        for field in (named.get(key.path[0], ""),)
        if (stated := getattr(rules, field, None) if field else None)
        and inline(list(stated.values)) != key.value.reveal()
    )


DEPLOYMENT = Deployment(
    files_of=files_of,
    obstacles=lambda _policy, _version, _files: (),
    restrictions_in=_restrictions_in,
    places={platform: {NAME: place} for platform, place in MANAGED.items()},
    deploy=_deploy,
    preferences=Preferences(
        DOMAIN,
        "Scribe",
        (NAME,),
        _values,
        _files,
        lambda key, value: FormField(key, "A member of the settings.", type(value).__name__),
    ),
    file_of={TABLE: NAME},
    contradicting=_contradicting,
    words=lambda: ("team", "token", "key", "state", "vault"),
    files=(DeployedFile(NAME, FILE, "scribe", "settings of the Scribe client"),),
    stamps=Stamps(_start, _write_stamp, _read_stamp),
    documents=Documents(
        "JSON",
        lambda text: dict(leaves_of(document_in(text))),
        line_numbers,
        text_of,
        MERGED,
        _merge,
    ),
    authoring=Authoring(
        methods=("team",),
        methods_comment='"team", "token", "key". A key belongs to no organisation.',
        stores=("state", "vault"),
        stores_comment='"state", "vault".',
        workspaces_of="Scribe",
        oldest_client="",
        oldest_client_comment="",
    ),
)
