"""The credentials and rules that hosts are made of; every secret in them is made up.

A token says whose it is by its own text, to the stand-in of the service alone: the client does not
look into it.
"""

import json

from conformance_claude.oracle import Host

DOCUMENT = ".claude/.credentials.json"
GLOBAL = ".claude.json"
SETTINGS = ".claude/settings.json"
PROJECT_SETTINGS = ".claude/settings.json"
LOCAL_SETTINGS = ".claude/settings.local.json"
BASE = "managed-settings.json"
DROP_INS = "managed-settings.d"
PROFILES = ".config/anthropic"
OWN, OTHER = "org-a", "org-b"
FAR_MS, PAST_MS = 4102444800000, 1577836800000
HELPER = "echo made-up-key-of-helper"
KEY = {"ANTHROPIC_API_KEY": "made-up-key-of-variable"}
BEARER = {"ANTHROPIC_AUTH_TOKEN": "made-up-bearer-of-variable"}
HEADER_KEY = {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: made-up-key-of-header"}
HOST_MANAGED = {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}
BEDROCK = {
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "made-up-cloud-id",
    "AWS_SECRET_ACCESS_KEY": "made-up-cloud-key",
}
VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
    "CLOUD_ML_REGION": "us-east5",
    "ANTHROPIC_VERTEX_PROJECT_ID": "made-up-project",
}
SILENT = {"validate": None}
GATEWAY_URL = "https://gateway.example.org"
OTHER_ADDRESS = {"ANTHROPIC_BASE_URL": GATEWAY_URL}


def login(org=OWN, **changed):
    """Return the document of a stored login; a member that is None stays away."""
    members = {
        "accessToken": f"made-up-login-of-{org}",
        "refreshToken": f"made-up-refresh-of-{org}",
        "expiresAt": FAR_MS,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "pro",
        **changed,
    }
    kept = {name: value for name, value in members.items() if value is not None}
    return json.dumps({"claudeAiOauth": kept})


def console_key(**more):
    """Return the global file with a stored Console key."""
    return json.dumps(
        {"primaryApiKey": "made-up-console-key", "hasCompletedOnboarding": True, **more}
    )


def token_variable(org):
    return {"CLAUDE_CODE_OAUTH_TOKEN": f"made-up-token-of-{org}"}


def profile(org=OTHER, name="default"):
    """Return the two files of a profile of the `ant` tool."""
    config = {"version": "1.0", "authentication": {"type": "user_oauth"}}
    tokens = {
        "version": "1.0",
        "type": "oauth_token",
        "access_token": f"made-up-profile-of-{org}",
        "refresh_token": f"made-up-profile-refresh-of-{org}",
        "expires_at": FAR_MS // 1000,
    }
    return {
        f"{PROFILES}/configs/{name}.json": json.dumps(config),
        f"{PROFILES}/credentials/{name}.json": json.dumps(tokens),
    }


def settings(**values):
    return json.dumps(values)


def managed(**values):
    """Return the managed folder with these values in its base file."""
    return {BASE: json.dumps(values)}


LOGIN = {DOCUMENT: login(OWN)}
LOGIN_OF_OTHER = {DOCUMENT: login(OTHER)}
TEAM = {DOCUMENT: login(OWN, subscriptionType="team")}
TEAM_OF_OTHER = {DOCUMENT: login(OTHER, subscriptionType="team")}
CONSOLE = {GLOBAL: console_key()}
WITH_HELPER = {SETTINGS: settings(apiKeyHelper=HELPER)}

CREDENTIALS = {
    "none": Host(),
    "login of A": Host(home=LOGIN),
    "login of B": Host(home=LOGIN_OF_OTHER),
    "login, service silent": Host(home=LOGIN, service=SILENT),
    "Console key": Host(home=CONSOLE),
    "key variable": Host(env=KEY),
    "key variable and login": Host(home=LOGIN, env=KEY),
    "bearer variable": Host(env=BEARER),
    "bearer variable and login": Host(home=LOGIN, env=BEARER),
    "helper": Host(home=WITH_HELPER),
    "helper and login": Host(home={**WITH_HELPER, **LOGIN}),
    "token variable of A": Host(env=token_variable(OWN)),
    "token variable of B": Host(env=token_variable(OTHER)),
    "custom headers": Host(env=HEADER_KEY),
    "Bedrock": Host(env=BEDROCK),
    "Bedrock and login": Host(home=LOGIN_OF_OTHER, env=BEDROCK),
    "Vertex": Host(env=VERTEX),
    "Vertex and login": Host(home=LOGIN_OF_OTHER, env=VERTEX),
    "Bedrock and key variable": Host(env={**BEDROCK, **KEY}),
    "Vertex and key variable": Host(env={**VERTEX, **KEY}),
    "profile of B": Host(home=profile(OTHER)),
    "host-managed with a key": Host(env={**HOST_MANAGED, **KEY}),
}
"""Hosts without a policy, one for each way to be signed in."""

RULES = {
    "none": {},
    "claudeai": {"forceLoginMethod": "claudeai"},
    "console": {"forceLoginMethod": "console"},
    "org A": {"forceLoginOrgUUID": OWN},
    "gateway": {"forceLoginMethod": "gateway", "forceLoginGatewayUrl": GATEWAY_URL},
    "sign-in": {"enforceAnthropicSignIn": True},
    "sign-in + org A": {"enforceAnthropicSignIn": True, "forceLoginOrgUUID": OWN},
    "no organisation": {"forceLoginOrgUUID": []},
}
"""What administrators can ask for."""
