"""Hosts on which versions differ, and how the facts say that each version ends on them."""

from conformance_claude.cases import CASES
from conformance_claude.install import VERSIONS

NAMES = (
    "matrix: none under no organisation",
    "matrix: login of A under none",
    "matrix: login of A under org A",
    "matrix: login of A under gateway",
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
)
HOSTS = {name: CASES[name] for name in NAMES}
KEYS = (
    "matrix: key variable under claudeai",
    "matrix: key variable under org A",
    "matrix: bearer variable under org A",
    "matrix: helper under org A",
)
NO_SIGN_IN = {"matrix: key variable under sign-in": "started"}
OLDER = {
    "2.1.84": {
        "matrix: login of B under org A": "refused",
        "drop-in: one alone": "refused",
        "managed file: broken JSON": "started",
        "matrix: Bedrock under org A": "started",
        **dict.fromkeys(KEYS, "started"),
        **NO_SIGN_IN,
    },
    "2.1.146": {
        "managed file: broken JSON": "stopped",
        "matrix: Bedrock under org A": "refused",
        **dict.fromkeys(KEYS, "refused"),
        **NO_SIGN_IN,
    },
    "2.1.212": {
        "managed file: broken JSON": "stopped",
        "matrix: Bedrock under org A": "started",
        "value: forceLoginGatewayUrl: alone": "refused",
        **dict.fromkeys(KEYS, "refused"),
        **NO_SIGN_IN,
    },
    "2.1.330": {name: kind for name, (_, kind) in HOSTS.items() if kind},
}
"""What is known of each older version, by host."""
assert tuple(OLDER) == VERSIONS[:-1]
