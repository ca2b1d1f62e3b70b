"""Hosts on which versions differ, and how the facts say that each version ends on them."""

from conformance_claude.cases import CASES
from conformance_claude.install import VERSIONS

NAMES = (
    "matrix: none under no organisation",
    "matrix: login of A under none",
    "matrix: login of A under org A",
    "matrix: login of A under gateway",
    "matrix: key variable under gateway",
    "matrix: login of A under no organisation",
    "matrix: login of A under sign-in",
    "matrix: login of B under claudeai",
    "matrix: login of B under org A",
    "matrix: login, service silent under org A",
    "matrix: Console key under org A",
    "matrix: key variable under claudeai",
    "matrix: key variable under org A",
    "matrix: key variable under sign-in",
    "matrix: bearer variable under org A",
    "matrix: helper under org A",
    "matrix: token variable of B under org A",
    "matrix: custom headers under org A",
    "matrix: Bedrock under org A",
    "matrix: profile of B under org A",
    "matrix: host-managed with a key under org A",
    "managed file: broken JSON",
    "drop-in: one alone",
    "value: allowedProviders: another one",
    "value: forceLoginGatewayUrl: alone",
    "value: forceLoginGatewayUrl: a number",
    "blanks: a key and a login",
    "blanks: a key alone",
    "blanks: a key and a key in headers",
    "blanks: a key and a login of another under a pin",
    "blanks: a bearer and a login",
    "blanks: a bearer alone",
    "blanks: a bearer alone under a pin",
    "blanks: a bearer and a Console key",
    "blanks: an empty bearer alone",
    "blanks: an empty bearer and a key",
    "blanks: a token alone",
    "blanks: a token and a login under a pin",
    "managed file: more than 2 MiB",
    "value: forceLoginOrgUUID: empty",
    "store: in the folder of CLAUDE_SECURESTORAGE_CONFIG_DIR",
    "order: project's env: token is left out",
    "decision: host-managed with a login",
    "server: a cached pin beside no method, and a token",
    "server: a cached pin and a managed token",
    "server: a cached pin, a Console key and a helper",
    "decision: a project's token alone",
)
HOSTS = {name: CASES[name] for name in NAMES}
KEYS = (
    "matrix: key variable under claudeai",
    "matrix: key variable under org A",
    "matrix: bearer variable under org A",
    "matrix: helper under org A",
)
OUTSIDE_PINS = (
    "matrix: Bedrock under org A",
    "matrix: profile of B under org A",
    "matrix: host-managed with a key under org A",
)
NEWEST = {name: kind for name, (_, kind) in HOSTS.items()}
BEFORE_SIGN_IN = {
    **NEWEST,
    "matrix: key variable under sign-in": "started",
    "matrix: login of A under gateway": "started",
    "value: allowedProviders: another one": "started",
    "value: forceLoginGatewayUrl: alone": "started",
}
BEFORE_LIMITS = {
    **BEFORE_SIGN_IN,
    "decision: a project's token alone": "started",
    "managed file: more than 2 MiB": "refused",
    "decision: host-managed with a login": "refused",
    "blanks: a key and a login": "signed out",
    "blanks: a bearer alone": "started",
    "blanks: a token alone": "started",
    "blanks: a token and a login under a pin": "refused",
}
OLDER = {
    "2.1.84": {
        **BEFORE_LIMITS,
        "blanks: a key and a login of another under a pin": "signed out",
        "blanks: a bearer alone under a pin": "started",
        "blanks: an empty bearer alone": "started",
        "value: forceLoginOrgUUID: empty": "started",
        "store: in the folder of CLAUDE_SECURESTORAGE_CONFIG_DIR": "signed out",
        "managed file: broken JSON": "started",
        "matrix: none under no organisation": "signed out",
        "matrix: login of A under no organisation": "started",
        "matrix: profile of B under org A": "signed out",
        "matrix: key variable under gateway": "started",
        **dict.fromkeys(KEYS, "started"),
    },
    "2.1.146": {
        **BEFORE_LIMITS,
        "blanks: a bearer alone under a pin": "refused",
        "blanks: an empty bearer and a key": "signed out",
        "server: a cached pin beside no method, and a token": "started",
        "matrix: login of A under gateway": "stopped",
        "matrix: key variable under gateway": "started",
        **dict.fromkeys(OUTSIDE_PINS, "refused"),
    },
    "2.1.212": {
        **BEFORE_SIGN_IN,
        "decision: a project's token alone": "started",
        "blanks: a bearer alone": "started",
        "blanks: a bearer alone under a pin": "started",
    },
    "2.1.330": NEWEST,
}
"""How each older version ends on every one of these hosts; one that is not named, as the newest."""
OLDER |= {version: NEWEST for version in VERSIONS[:-1] if version not in OLDER}
