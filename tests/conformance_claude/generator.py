"""Random hosts over the whole space of what decides about a start; the same seed, the same host.

Every choice goes through one `random.Random`, and a host is JSON, so that it can be recorded,
repeated and made smaller.
"""

import json

from conformance_claude.cases_managed import COUNTING, EXACT, METHODS, NOBODY, SIGN_IN_ODD, STOPPING
from conformance_claude.cases_managed import SILENT as WITHOUT_EFFECT
from conformance_claude.credentials import (
    BASE,
    BEARER,
    BEDROCK,
    DOCUMENT,
    DROP_INS,
    GATEWAY_URL,
    GLOBAL,
    HEADER_KEY,
    HELPER,
    HOST_MANAGED,
    KEY,
    LOCAL_SETTINGS,
    OTHER,
    OTHER_ADDRESS,
    OWN,
    PAST_MS,
    PROFILES,
    PROJECT_SETTINGS,
    SETTINGS,
    VERTEX,
    console_key,
    login,
    profile,
    token_variable,
)
from conformance_claude.oracle import Host

ORGS = (OWN, OTHER)
ORG_VALUES = (OWN, OWN, OTHER, [OWN], [OTHER], [OWN, OTHER], ["org-c", OWN], "org-c")
METHOD_VALUES = ("claudeai", "console", "gateway")
PROVIDER_LISTS = (["anthropic"], ["bedrock"], ["anthropic", "vertex"], ["x", "anthropic"], [], "anthropic")  # fmt: skip
OTHER_FOLDER = "/mnt/host/home/other"
SERVER_ANSWER = {"uuid": "made-up", "checksum": "x"}
CACHE = ".claude/remote-settings.json"


def host(random):
    """Return one random host."""
    made = Host(
        managed=_managed(random),
        home={**_stored(random), **_personal(random)},
        project=_project(random),
        env=_environment(random),
        flags=_flags(random),
    )
    return made._replace(service=_service(random, made))


def _chance(random, share):
    return random.random() < share


def _managed(random):
    if _chance(random, 0.12):
        return {}
    if _chance(random, 0.08):
        odd = {**STOPPING, **WITHOUT_EFFECT, **COUNTING}
        return dict(odd[random.choice(sorted(odd))])
    files = {BASE: json.dumps(_rules(random))} if _chance(random, 0.9) else {}
    for name in ("10.json", "9.json", "20-more.json"):
        if _chance(random, 0.12):
            files[f"{DROP_INS}/{name}"] = json.dumps(_rules(random, share=0.5))
    return files


def _rules(random, share=1.0):
    """Return the values of one managed document: mostly one or two rules, sometimes odd ones."""
    found = {}
    for name, chance, values in (
        ("forceLoginOrgUUID", 0.5, ORG_VALUES),
        ("forceLoginMethod", 0.3, METHOD_VALUES[: 2 + _chance(random, 0.3)]),
        ("enforceAnthropicSignIn", 0.3, (True, True, True, False)),
        ("allowedProviders", 0.1, PROVIDER_LISTS),
    ):
        if _chance(random, chance * share):
            found[name] = random.choice(values)
    if _chance(random, 0.1):
        found.update(_odd_rule(random))
    if _chance(random, 0.03):
        found["forceLoginGatewayUrl"] = random.choice((GATEWAY_URL, "", 5))
    if _chance(random, 0.04):
        found["apiKeyHelper"] = HELPER
    if _chance(random, 0.05):
        found["env"] = _one_variable(random)
    if _chance(random, 0.1):
        found["permissions"] = random.choice(({"deny": ["WebFetch"]}, 5))
    return found


def _odd_rule(random):
    name, values = random.choice((
        ("forceLoginOrgUUID", (*NOBODY.values(), *EXACT.values())),
        ("forceLoginMethod", tuple(METHODS.values())),
        ("enforceAnthropicSignIn", tuple(SIGN_IN_ODD.values())),
        ("forceLoginOrgUuid", ORGS),
        ("forceRemoteSettingsRefresh", (False, "true", 1)),
    ))  # fmt: skip
    return {name: random.choice(values)}


def _stored(random):
    files = {DOCUMENT: _document(random)} if _chance(random, 0.6) else {}
    for made in (_global_file, _copies, _profiles, _other_folder):
        files.update(made(random))
    return files


def _global_file(random):
    files = {}
    if _chance(random, 0.2):
        files[GLOBAL] = random.choice((console_key(),) * 6 + ("{}", '{"primaryApiKey": ""}', "{"))
    if _chance(random, 0.04):
        files[GLOBAL] = json.dumps({"primaryApiKey": random.choice(ODD_KEYS), "userID": "made up"})
    if _chance(random, 0.06):
        files[GLOBAL] = console_key(oauthAccount={"organizationUuid": random.choice(ORGS)})
    if _chance(random, 0.04):
        files[".claude/.config.json"] = random.choice((console_key(), console_key(), "{}"))
    return files


def _copies(random):
    if not _chance(random, 0.05):
        return {}
    name = f".claude.json.{random.choice(COPIES)}.1700000000000"
    return {f".claude/backups/{name}": console_key()}


def _profiles(random):
    if not _chance(random, 0.1):
        return {}
    files = profile(random.choice(ORGS), random.choice(("default", "default", "work")))
    if _chance(random, 0.3):
        files[f"{PROFILES}/active_config"] = random.choice(("work", "default", " work\n", ""))
    return files


def _other_folder(random):
    files = {}
    if _chance(random, 0.05):
        files["other/.credentials.json"] = login(random.choice(ORGS))
    if _chance(random, 0.02):
        files["other/.claude.json"] = console_key()
    return files


def _document(random):
    org = random.choice(ORGS)
    odd = (
        {"scopes": None},
        {"scopes": ["user:profile"]},
        {"scopes": "user:inference"},
        {"accessToken": ""},
        {"expiresAt": None},
        {"refreshToken": None},
        {"subscriptionType": "team"},
        {"subscriptionType": "enterprise"},
        {"expiresAt": PAST_MS, "refreshToken": None},
    )
    if _chance(random, 0.25):
        return login(org, **random.choice(odd))
    if _chance(random, 0.1):
        return random.choice(("", "{", "[]", "null", "\ufeff" + login(org), {"directory": True},
                              {"link": "/nowhere"}, {"text": login(org), "mode": 0},
                              {"text": login(org), "mode": 0o644}))  # fmt: skip
    if _chance(random, 0.08):
        return json.dumps({**json.loads(login(org)), **random.choice(FURTHER)})
    return login(org)


FURTHER = (
    {"mcpOAuth": {"x": {"accessToken": "made-up-mcp-token"}}},
    {"coworkRemoteDevice": {"id": "kept"}},
    {"organizationUuid": OWN},
    {"designOauth": {"accessToken": "made-up-design-token"}},
)
"""What else the document can hold."""
ODD_KEYS = (5, 0, True, False, None, [], ["x"], {}, {"a": 1}, " ")
COPIES = ("backup", "corrupted")


ONE_VARIABLE = (
    KEY,
    BEARER,
    HEADER_KEY,
    token_variable(OWN),
    token_variable(OTHER),
    BEDROCK,
    VERTEX,
    HOST_MANAGED,
    {"ANTHROPIC_API_KEY": " "},
    {"CLAUDE_CODE_USE_VERTEX": "0"},
    {"ANTHROPIC_BASE_URL": GATEWAY_URL},
    {"CLAUDE_CODE_SIMPLE": "1"},
)
SWITCHED = ("true", "yes", "on", "TRUE", " 1 ", "2", "no", "off", "False")
"""What else a switch can be set to."""


def _one_variable(random):
    return dict(random.choice(ONE_VARIABLE))


def _settings(random):
    """Return the text of a personal settings file."""
    found = {}
    if _chance(random, 0.4):
        found["env"] = _one_variable(random)
    if _chance(random, 0.25):
        found["apiKeyHelper"] = HELPER
    if _chance(random, 0.25):
        found.update(_rules(random))
    return random.choice(("{", "", "[]")) if _chance(random, 0.06) else json.dumps(found)


def _personal(random):
    files = {SETTINGS: _settings(random)} if _chance(random, 0.2) else {}
    if _chance(random, 0.03):
        files[CACHE] = json.dumps(_rules(random))
    if _chance(random, 0.03):
        files[CACHE] = json.dumps(
            {name: random.choice(values) for name, values in CACHED if _chance(random, 0.5)}
        )
    return files


CACHED = (
    ("allowedProviders", PROVIDER_LISTS),
    ("enforceAnthropicSignIn", (True, False, "true")),
    ("forceLoginOrgUUID", ORG_VALUES),
    ("forceLoginMethod", METHOD_VALUES),
    ("apiKeyHelper", (HELPER,)),
    ("env", (KEY, BEARER)),
)
"""What a policy of the service's can say."""


def _project(random):
    files = {PROJECT_SETTINGS: _settings(random)} if _chance(random, 0.12) else {}
    if _chance(random, 0.06):
        files[LOCAL_SETTINGS] = _settings(random)
    return files


def _environment(random):
    env = {}
    for variables, chance in (
        (KEY, 0.1),
        (BEARER, 0.07),
        (HEADER_KEY, 0.05),
        (token_variable(OWN), 0.07),
        (token_variable(OTHER), 0.07),
        (BEDROCK, 0.05),
        (VERTEX, 0.04),
        (HOST_MANAGED, 0.04),
        ({"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "0"}, 0.01),
        ({"CLAUDE_CODE_USE_BEDROCK": "0"}, 0.02),
        ({"ANTHROPIC_API_KEY": ""}, 0.02),
        ({"CLAUDE_CONFIG_DIR": OTHER_FOLDER}, 0.03),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": OTHER_FOLDER}, 0.02),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": ""}, 0.01),
        ({"ANTHROPIC_PROFILE": "work"}, 0.03),
        ({"ANTHROPIC_PROFILE": "default"}, 0.02),
        ({"CLAUDE_CODE_SIMPLE": "1"}, 0.01),
        ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}, 0.02),
        (OTHER_ADDRESS, 0.02),
        ({"ANTHROPIC_CUSTOM_HEADERS": "x-team: a"}, 0.02),
        ({"ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer made-up-bearer-of-header"}, 0.01),
    ):
        if _chance(random, chance):
            env.update(variables)
    if _chance(random, 0.03):
        env.update({**BEDROCK, "CLAUDE_CODE_USE_BEDROCK": random.choice(SWITCHED)})
    if _chance(random, 0.02):
        env["CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"] = random.choice(SWITCHED)
    return env


def _flags(random):
    flags = []
    if _chance(random, 0.06):
        flags += ["--settings", _settings(random)]
    if _chance(random, 0.03):
        flags += [
            "--setting-sources",
            random.choice(("", "user", "project,local", "user,project,local")),
        ]
    if _chance(random, 0.04):
        flags += ["--managed-settings", _given(random)]
    if _chance(random, 0.03):
        flags += ["--bare"]
    return tuple(flags)


def _given(random):
    """Return a policy as a program that starts the client gives it."""
    return random.choice(("{", "", "[]")) if _chance(random, 0.1) else json.dumps(_rules(random))


def _service(random, made):
    """Return how the service answers; a policy of its own only to who asks for it by the plan."""
    found = {}
    if _chance(random, 0.05):
        found["validate"] = random.choice((None, [500, {}], [401, {}]))
    if "subscriptionType" in json.dumps(made.home) and _chance(random, 0.01):
        found["settings"] = [200, {**SERVER_ANSWER, "settings": _rules(random)}]
    if CACHE in made.home and _chance(random, 0.9):
        found["settings"] = None
    return found


def smaller(made):
    """Give hosts that are a little smaller, for a disagreement that is made as small as it can be."""
    for place in ("managed", "home", "project", "env", "service"):
        files = getattr(made, place)
        for name in files:
            yield made._replace(**{place: {k: v for k, v in files.items() if k != name}})
    if made.flags:
        yield made._replace(flags=())
    for place in ("managed", "home", "project"):
        files = getattr(made, place)
        for name, content in files.items():
            for less in _smaller_documents(content):
                yield made._replace(**{place: {**files, name: less}})


def _smaller_documents(content):
    try:
        members = json.loads(content) if isinstance(content, str) else None
    except ValueError:
        return
    if isinstance(members, dict) and len(members) > 1:
        for name in members:
            yield json.dumps({k: v for k, v in members.items() if k != name})


def as_text(made):
    """Return a host as one line of JSON, what is empty left out."""
    return json.dumps({k: v for k, v in made._asdict().items() if v}, sort_keys=True)


def from_text(text):
    """Return the host of a line of JSON."""
    read = json.loads(text)
    return Host(**{**read, "flags": tuple(read.get("flags", ()))})
