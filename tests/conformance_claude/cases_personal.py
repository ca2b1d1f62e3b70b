"""Personal layers, stores of odd shape, the order of credentials, and what a start or log-out leaves."""

import json

from conformance_claude.credentials import (
    BEARER,
    BEDROCK,
    CONSOLE,
    DOCUMENT,
    GLOBAL,
    HEADER_KEY,
    HELPER,
    HOST_MANAGED,
    KEY,
    LOCAL_SETTINGS,
    LOGIN,
    LOGIN_OF_OTHER,
    OTHER,
    OTHER_ADDRESS,
    OWN,
    PAST_MS,
    PROFILES,
    PROJECT_SETTINGS,
    SETTINGS,
    TEAM_OF_OTHER,
    VERTEX,
    WITH_HELPER,
    console_key,
    login,
    managed,
    profile,
    settings,
    token_variable,
)
from conformance_claude.oracle import Host

PIN_VALUE = {"forceLoginOrgUUID": OWN}
PIN = settings(**PIN_VALUE)
PINNED = managed(**PIN_VALUE)
WIDER = settings(forceLoginOrgUUID=OTHER)

LAYERS = {
    "a pin of the user's": (Host(home={SETTINGS: PIN, **LOGIN_OF_OTHER}), "started"),
    "a pin of the project's": (Host(project={PROJECT_SETTINGS: PIN}, home=LOGIN_OF_OTHER), "started"),
    "a pin of the local file's": (Host(project={LOCAL_SETTINGS: PIN}, home=LOGIN_OF_OTHER), "started"),
    "a pin by --settings": (Host(flags=("--settings", PIN), home=LOGIN_OF_OTHER), "started"),
    "--settings does not loosen": (Host(managed=PINNED, flags=("--settings", WIDER), home=LOGIN_OF_OTHER), "refused"),
    "--setting-sources does not loosen": (Host(managed=PINNED, flags=("--setting-sources", ""), home=LOGIN_OF_OTHER), "refused"),
    "a user's file does not loosen": (Host(managed=PINNED, home={SETTINGS: WIDER, **LOGIN_OF_OTHER}), "refused"),
    "a broken user's file does not loosen": (Host(managed=PINNED, home={SETTINGS: "{", **LOGIN_OF_OTHER}), "refused"),
    "a broken project's file does not loosen": (Host(managed=PINNED, project={PROJECT_SETTINGS: "{"}, home=LOGIN_OF_OTHER), "refused"),
    "a variable does not move the managed file": (Host(managed=PINNED, env={"CLAUDE_CODE_MANAGED_SETTINGS_PATH": "/nowhere"}, home=LOGIN_OF_OTHER), "refused"),
    "sign-in asked for by the user's file": (Host(home={SETTINGS: settings(enforceAnthropicSignIn=True)}, env=KEY), "started"),
    "providers named by the user's file": (Host(home={SETTINGS: settings(allowedProviders=["bedrock"]), **LOGIN}), "started"),
}  # fmt: skip


def _document(content):
    return Host(home={DOCUMENT: content})


def _text(**changed):
    return _document(login(OWN, **changed))


STORES = {
    "a byte order mark": (_document("\ufeff" + login()), "signed out"),
    "broken": (_document("{"), "signed out"),
    "empty": (_document(""), "signed out"),
    "an array": (_document("[]"), "signed out"),
    "a directory": (_document({"directory": True}), "signed out"),
    "a dangling link": (_document({"link": "/nowhere"}), "signed out"),
    "that nobody can read": (_document({"text": login(), "mode": 0}), "signed out"),
    "that all can read": (_document({"text": login(), "mode": 0o644}), "started"),
    "behind a link": (Host(home={".claude/real.json": login(), DOCUMENT: {"link": "real.json"}}), "started"),
    "an empty token": (_text(accessToken=""), "signed out"),
    "a token that is null": (_document('{"claudeAiOauth": {"accessToken": null, "scopes": ["user:inference"]}}'), "signed out"),
    "no scopes": (_text(scopes=None), "signed out"),
    "scopes without inference": (_text(scopes=["user:profile"]), "signed out"),
    "scopes as a text": (_text(scopes="user:inference user:profile"), "started"),
    "nothing but token and scopes": (_text(refreshToken=None, expiresAt=None, subscriptionType=None), "started"),
    "an end as a text": (_text(expiresAt="later"), "started"),
    "an end as a text of digits": (_text(expiresAt="2020"), "session expired"),
    "an organisation in the document": (Host(managed=PINNED, home={DOCUMENT: login(OTHER)[:-1] + ', "organizationUuid": "org-a"}'}), "refused"),
    "an organisation in the global file": (Host(managed=PINNED, home={DOCUMENT: login(OTHER), GLOBAL: '{"oauthAccount": {"organizationUuid": "org-a"}}'}), "refused"),
    "in the folder of CLAUDE_CONFIG_DIR": (Host(home={"other/.credentials.json": login()}, env={"CLAUDE_CONFIG_DIR": "/mnt/host/home/other"}), "started"),
    "unseen beside CLAUDE_CONFIG_DIR": (Host(home=LOGIN, env={"CLAUDE_CONFIG_DIR": "/mnt/host/home/other"}), "signed out"),
    "in the folder of CLAUDE_SECURESTORAGE_CONFIG_DIR": (Host(home={"other/.credentials.json": login()}, env={"CLAUDE_SECURESTORAGE_CONFIG_DIR": "/mnt/host/home/other"}), "started"),
    "CLAUDE_SECURESTORAGE_CONFIG_DIR empty": (Host(home=LOGIN, env={"CLAUDE_SECURESTORAGE_CONFIG_DIR": "", "CLAUDE_CONFIG_DIR": "/mnt/host/home/other"}), "started"),
    "a Console key behind a byte order mark": (Host(home={GLOBAL: "\ufeff" + console_key()}), "started"),
    "an empty Console key": (Host(home={GLOBAL: '{"primaryApiKey": ""}'}), "signed out"),
    "a Console key that is a number": (Host(home={GLOBAL: '{"primaryApiKey": 5}'}), "signed out"),
    "a Console key in .config.json": (Host(home={".claude/.config.json": console_key()}), "started"),
    "a .config.json before the global file": (Host(home={".claude/.config.json": "{}", GLOBAL: console_key()}), "signed out"),
    "a Console key in CLAUDE_CONFIG_DIR": (Host(home={"other/.claude.json": console_key()}, env={"CLAUDE_CONFIG_DIR": "/mnt/host/home/other"}), "started"),
    "a broken global file": (Host(home={GLOBAL: "{", **LOGIN}), "stopped"),
    "a Console key in a copy alone": (Host(home={".claude/backups/.claude.json.backup.1700000000000": console_key()}), "signed out"),
    "a profile of another name": (Host(home=profile(OWN, "work")), "signed out"),
    "a profile that ANTHROPIC_PROFILE names": (Host(home=profile(OWN, "work"), env={"ANTHROPIC_PROFILE": "work"}), "started"),
    "a profile that active_config names": (Host(home={**profile(OWN, "work"), f"{PROFILES}/active_config": "work"}), "started"),
}  # fmt: skip

ALL_SETTINGS = settings(env={**KEY})
ORDER = {
    "bearer variable before helper": Host(home={**WITH_HELPER, **LOGIN}, env=BEARER),
    "bearer variable before key variable": Host(env={**BEARER, **KEY}),
    "bearer variable before token variable": Host(env={**BEARER, **token_variable(OWN)}),
    "helper beside key variable": Host(home=WITH_HELPER, env=KEY),
    "helper before token variable": Host(home=WITH_HELPER, env=token_variable(OWN)),
    "key variable before token variable": Host(env={**KEY, **token_variable(OWN)}),
    "token variable before login": Host(home=LOGIN_OF_OTHER, env=token_variable(OWN)),
    "login before Console key": Host(home={**LOGIN, **CONSOLE}),
    "login before an implied profile": Host(home={**LOGIN, **profile()}),
    "named profile before login": Host(home={**LOGIN, **profile()}, env={"ANTHROPIC_PROFILE": "default"}),
    "Console key before profile": Host(home={**CONSOLE, **profile()}),
    "blank and empty variables": Host(home=LOGIN, env={"ANTHROPIC_API_KEY": " ", "ANTHROPIC_AUTH_TOKEN": "", "CLAUDE_CODE_OAUTH_TOKEN": ""}),
    "custom headers beside a login": Host(home=LOGIN, env=HEADER_KEY),
    "user's env: key": Host(home={SETTINGS: settings(env=KEY), **LOGIN}),
    "user's env: token": Host(home={SETTINGS: settings(env=token_variable(OWN))}),
    "managed env: token": Host(managed=managed(env=token_variable(OWN))),
    "project's env: key": Host(project={PROJECT_SETTINGS: settings(env=KEY)}, home=LOGIN),
    "project's env: bearer": Host(project={PROJECT_SETTINGS: settings(env=BEARER)}, home=LOGIN),
    "project's env: custom headers": Host(project={PROJECT_SETTINGS: settings(env=HEADER_KEY)}),
    "project's env: token is left out": Host(project={PROJECT_SETTINGS: settings(env=token_variable(OTHER))}, home=LOGIN),
    "local env: key": Host(project={LOCAL_SETTINGS: settings(env=KEY)}, home=LOGIN),
    "project's helper": Host(project={PROJECT_SETTINGS: settings(apiKeyHelper=HELPER)}, home=LOGIN),
    "managed helper": Host(managed=managed(apiKeyHelper=HELPER), home=LOGIN),
    "settings of --settings: key": Host(flags=("--settings", settings(env=KEY)), home=LOGIN),
}  # fmt: skip
SIGN_IN = {"enforceAnthropicSignIn": True}
BLANK_KEY = {"ANTHROPIC_API_KEY": " "}
BLANK_BEARER = {"ANTHROPIC_AUTH_TOKEN": " "}
EMPTY_BEARER = {"ANTHROPIC_AUTH_TOKEN": ""}
BLANK_TOKEN = {"CLAUDE_CODE_OAUTH_TOKEN": " "}
BLANK_HEADER = {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: "}
BLANK_HELPER = {SETTINGS: settings(apiKeyHelper=" ")}
BLANKS = {
    "a key and a login": (Host(home=LOGIN, env=BLANK_KEY), "started"),
    "a key alone": (Host(env=BLANK_KEY), "signed out"),
    "a key and a key in headers": (Host(env={**BLANK_KEY, **HEADER_KEY}), "started"),
    "a key and a login of another under a pin": (Host(managed=PINNED, home=LOGIN_OF_OTHER, env=BLANK_KEY), "refused"),
    "a key of settings in place of a variable": (Host(home={SETTINGS: settings(env=BLANK_KEY)}, env=KEY), "signed out"),
    "a bearer and a login": (Host(home=LOGIN, env=BLANK_BEARER), "started"),
    "a bearer alone": (Host(env=BLANK_BEARER), "signed out"),
    "a bearer alone under a pin": (Host(managed=PINNED, env=BLANK_BEARER), "signed out"),
    "a bearer and a Console key": (Host(home=CONSOLE, env=BLANK_BEARER), "started"),
    "an empty bearer alone": (Host(env=EMPTY_BEARER), "signed out"),
    "an empty bearer and a key": (Host(home=LOGIN, env={**BLANK_KEY, **EMPTY_BEARER}), "started"),
    "a token and a login": (Host(home=LOGIN, env=BLANK_TOKEN), "started"),
    "a token alone": (Host(env=BLANK_TOKEN), "signed out"),
    "a token and a login under a pin": (Host(managed=PINNED, home=LOGIN, env=BLANK_TOKEN), "started"),
    "a helper and a login": (Host(home={**LOGIN, **BLANK_HELPER}), "started"),
    "a helper and a login under a pin": (Host(managed=PINNED, home={**LOGIN, **BLANK_HELPER}), "refused"),
    "a key in headers alone": (Host(env=BLANK_HEADER), "signed out"),
    "a key in headers and a login under sign-in": (Host(managed=managed(**SIGN_IN), home=LOGIN, env=BLANK_HEADER), "refused"),
}  # fmt: skip
DECISIONS = {
    "a managed key under a pin": (Host(managed=managed(**PIN_VALUE, env=KEY), home=LOGIN), "refused"),
    "a managed helper under a pin": (Host(managed=managed(**PIN_VALUE, apiKeyHelper=HELPER), home=LOGIN), "refused"),
    "a project's key under a pin": (Host(managed=PINNED, project={PROJECT_SETTINGS: settings(env=KEY)}, home=LOGIN), "refused"),
    "a project's helper under a pin": (Host(managed=PINNED, project={PROJECT_SETTINGS: settings(apiKeyHelper=HELPER)}, home=LOGIN), "refused"),
    "a project's cloud under a pin": (Host(managed=PINNED, project={PROJECT_SETTINGS: settings(env=BEDROCK)}, home=LOGIN_OF_OTHER), "started"),
    "a project's cloud under a list of providers": (Host(managed=managed(allowedProviders=["anthropic"]), project={PROJECT_SETTINGS: settings(env=BEDROCK)}, home=LOGIN), "refused"),
    "a project's headers under a pin": (Host(managed=PINNED, project={PROJECT_SETTINGS: settings(env=HEADER_KEY)}), "started"),
    "a project's token alone": (Host(project={PROJECT_SETTINGS: settings(env=token_variable(OTHER))}), "signed out"),
    "host-managed by a settings file": (Host(managed=PINNED, home={SETTINGS: settings(env=HOST_MANAGED)}, env=KEY), "refused"),
    "host-managed switched off": (Host(managed=PINNED, env={"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "0", **KEY}), "refused"),
    "host-managed with a login": (Host(managed=PINNED, env=HOST_MANAGED, home=LOGIN_OF_OTHER), "signed out"),
    "bare with a login": (Host(flags=("--bare",), home=LOGIN), "signed out"),
    "bare under a pin": (Host(managed=PINNED, flags=("--bare",), home=LOGIN), "refused"),
    "bare under sign-in": (Host(managed=managed(**SIGN_IN), flags=("--bare",), home=LOGIN), "refused"),
    "simple with a login": (Host(env={"CLAUDE_CODE_SIMPLE": "1"}, home=LOGIN), "signed out"),
    "a failing helper": (Host(home={SETTINGS: settings(apiKeyHelper="false"), **LOGIN}), "started"),
    "a cloud switched off": (Host(managed=PINNED, env={**BEDROCK, "CLAUDE_CODE_USE_BEDROCK": "0"}, home=LOGIN_OF_OTHER), "refused"),
    "a cloud switched on by yes": (Host(managed=PINNED, env={**BEDROCK, "CLAUDE_CODE_USE_BEDROCK": "yes"}, home=LOGIN_OF_OTHER), "started"),
    "the service's own address": (Host(managed=PINNED, env={"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}, home=LOGIN_OF_OTHER), "refused"),
    "pins of both kinds and a Console key": (Host(managed=managed(**PIN_VALUE, forceLoginMethod="claudeai"), home=CONSOLE), "started"),
    "a Console key and a login of another": (Host(managed=PINNED, home={**CONSOLE, **LOGIN_OF_OTHER}), "refused"),
    "a named profile of another under a pin": (Host(managed=PINNED, home={**LOGIN, **profile()}, env={"ANTHROPIC_PROFILE": "default"}), "started"),
    "a profile under a method": (Host(managed=managed(forceLoginMethod="claudeai"), home=profile()), "started"),
    "a profile under sign-in and organisation": (Host(managed=managed(**SIGN_IN, **PIN_VALUE), home=profile()), "refused"),
    "a profile under a gateway": (Host(managed=managed(forceLoginMethod="gateway"), home=profile()), "refused"),
    "a login under a gateway, service silent": (Host(managed=managed(forceLoginMethod="gateway"), home=LOGIN, service={"validate": None}), "refused"),
    "headers and a login under sign-in": (Host(managed=managed(**SIGN_IN), env=HEADER_KEY, home=LOGIN), "refused"),
    "other headers and a login under sign-in": (Host(managed=managed(**SIGN_IN), env={"ANTHROPIC_CUSTOM_HEADERS": "x-team: a"}, home=LOGIN), "started"),
    "headers and a login under a pin": (Host(managed=PINNED, env=HEADER_KEY, home=LOGIN), "started"),
    "headers and a login of another under a pin": (Host(managed=PINNED, env=HEADER_KEY, home=LOGIN_OF_OTHER), "refused"),
    "another address and a login of another under a pin": (Host(managed=PINNED, env=OTHER_ADDRESS, home=LOGIN_OF_OTHER), "refused"),
    "another address and a key under a pin": (Host(managed=PINNED, env={**OTHER_ADDRESS, **KEY}), "refused"),
    "another address and a login under sign-in": (Host(managed=managed(**SIGN_IN), env=OTHER_ADDRESS, home=LOGIN), "refused"),
    "another address where anthropic is allowed": (Host(managed=managed(allowedProviders=["anthropic"]), env=OTHER_ADDRESS, home=LOGIN), "refused"),
    "another address where customEndpoint is allowed": (Host(managed=managed(allowedProviders=["customEndpoint"]), env=OTHER_ADDRESS, home=LOGIN), "refused"),
    "the own address where customEndpoint is allowed": (Host(managed=managed(allowedProviders=["customEndpoint"]), home=LOGIN), "refused"),
    "a profile where no provider but anthropic is allowed": (Host(managed=managed(allowedProviders=["anthropic"]), home=profile()), "started"),
    "a host-managed key where bedrock is allowed": (Host(managed=managed(allowedProviders=["bedrock"]), env={**HOST_MANAGED, **KEY}), "refused"),
    "nothing where bedrock is allowed": (Host(managed=managed(allowedProviders=["bedrock"])), "refused"),
    "a policy that an option gives": (Host(flags=("--managed-settings", PIN), home=LOGIN_OF_OTHER), "refused"),
    "a policy that an option gives beside the machine's": (Host(managed=managed(forceLoginOrgUUID=OTHER), flags=("--managed-settings", PIN), home=LOGIN_OF_OTHER), "started"),
    "two clouds at once": (Host(env={**BEDROCK, **VERTEX}), "started"),
}  # fmt: skip

TEAM = TEAM_OF_OTHER
SERVER_PIN = {"uuid": "made-up", "checksum": "x", "settings": PIN_VALUE}
CACHE = ".claude/remote-settings.json"
SERVER = {
    "a pin of the server's for a team": (Host(home=TEAM, service={"settings": [200, SERVER_PIN]}), "refused"),
    "no question without plan or pin": (Host(home=LOGIN_OF_OTHER, service={"settings": [200, SERVER_PIN]}), "started"),
    "a pin of the server's, the machine has one": (Host(managed=managed(forceLoginOrgUUID=OTHER), home=TEAM, service={"settings": [200, SERVER_PIN]}), "started"),
    "a cached pin, service silent": (Host(home={**TEAM, CACHE: PIN}, service={"settings": None}), "refused"),
    "a cached pin, the service has none": (Host(home={**TEAM, CACHE: PIN}, service={"settings": [404, {}]}), "started"),
    "a policy without a pin of the server's beside the machine's pin": (Host(managed=PINNED, home=TEAM, service={"settings": [200, {**SERVER_PIN, "settings": {"permissions": {"deny": ["WebFetch"]}}}]}), "refused"),
    "a cached policy without a pin beside the machine's pin": (Host(managed=PINNED, home={**TEAM, CACHE: settings(permissions={"deny": ["WebFetch"]})}, service={"settings": None}), "refused"),
    "a cached sign-in rule and a key": (Host(home={**TEAM, CACHE: settings(**SIGN_IN)}, env=KEY, service={"settings": None}), "started"),
    "a sign-in rule of the server's and a key": (Host(home=TEAM, env=KEY, service={"settings": [200, {**SERVER_PIN, "settings": SIGN_IN}]}), "started"),
    "a method of the server's and a key": (Host(home=TEAM, env=KEY, service={"settings": [200, {**SERVER_PIN, "settings": {"forceLoginMethod": "claudeai"}}]}), "refused"),
    "a cached list of providers": (Host(home={**TEAM, CACHE: settings(allowedProviders=["bedrock"])}, service={"settings": None}), "refused"),
    "a cached method and a key": (Host(home={**TEAM, CACHE: settings(forceLoginMethod="claudeai")}, env=KEY, service={"settings": None}), "refused"),
    "a cached pin beside no method, and a token": (Host(home={CACHE: settings(**PIN_VALUE, forceLoginMethod=" claudeai ")}, env=token_variable(OTHER), service={"settings": None}), "refused"),
    "a cached pin, a Console key and a helper": (Host(home={CACHE: PIN, **CONSOLE, **WITH_HELPER}, service={"settings": None}), "started"),
    "a cached pin and a managed token": (Host(managed=managed(env=token_variable(OTHER)), home={CACHE: PIN}, service={"settings": None}), "started"),
    "a broken cache": (Host(managed=PINNED, home={**TEAM, CACHE: "{"}, service={"settings": None}), "refused"),
    "a cached pin against the machine's": (Host(managed=managed(forceLoginOrgUUID=OTHER), home={**TEAM, CACHE: PIN}, service={"settings": None}), "started"),
}  # fmt: skip

EXPIRED = login(OTHER, expiresAt=PAST_MS)
FRESH = {"access_token": "made-up-login-of-org-a", "refresh_token": "made-up-refresh-2-of-org-a", "expires_in": 3600, "scope": "user:inference user:profile"}  # fmt: skip


def _expired(answer, document=EXPIRED, **more):
    return Host(managed=PINNED, home={DOCUMENT: document, **more}, service={"token": answer})


REFRESH = {
    "into an allowed organisation": (_expired([200, FRESH]), "started"),
    "invalid grant": (_expired([400, {"error": "invalid_grant"}]), "session expired"),
    "invalid grant without a pin": (Host(home={DOCUMENT: EXPIRED}, service={"token": [400, {"error": "invalid_grant"}]}), "session expired"),
    "unauthorised": (_expired([401, {}]), "refused"),
    "an error of the service": (_expired([500, {}]), "refused"),
    "no answer": (_expired(None), "refused"),
    "no refresh token": (_expired([200, FRESH], login(OTHER, expiresAt=PAST_MS, refreshToken=None)), "refused"),
}  # fmt: skip

WHOLE = json.dumps({
    **json.loads(login()),
    "mcpOAuth": {"x": {"accessToken": "made-up-mcp-token"}},
    "coworkRemoteDevice": {"id": "kept"},
    "organizationUuid": OWN,
})  # fmt: skip
LOG_OUT = {
    "login and Console key": (Host(home={DOCUMENT: login(), GLOBAL: console_key(oauthAccount={"organizationUuid": OWN})}), "logged out"),
    "a whole document": (Host(home={DOCUMENT: WHOLE}), "logged out"),
    "a document behind a link": (Host(home={".claude/real.json": login(), DOCUMENT: {"link": "real.json"}}), "logged out"),
    "profile, variable and helper": (Host(home={**LOGIN, **profile(), **WITH_HELPER}, env=KEY), "logged out"),
    "the service does not confirm": (Host(home=LOGIN, service={"revoke": [500, {}]}), "logged out"),
    "a folder that cannot be written": (Host(home=LOGIN, read_only=(".claude",)), "logged out"),
    "a broken managed file": (Host(managed={"managed-settings.json": "{"}, home=LOGIN), "stopped"),
    "a lock of another's": (Host(home={**LOGIN, ".claude/.storage-write.lock": {"directory": True}}), "logged out"),
    "nothing stored": (Host(), "logged out"),
}  # fmt: skip

CASES = {
    **{f"layer: {name}": layer for name, layer in LAYERS.items()},
    **{f"store: {name}": store for name, store in STORES.items()},
    **{f"order: {name}": (host, "started") for name, host in ORDER.items()},
    **{f"blanks: {name}": blank for name, blank in BLANKS.items()},
    **{f"decision: {name}": decision for name, decision in DECISIONS.items()},
    **{f"server: {name}": content for name, content in SERVER.items()},
    **{f"refresh: {name}": content for name, content in REFRESH.items()},
    **{f"log-out: {name}": content for name, content in LOG_OUT.items()},
}
