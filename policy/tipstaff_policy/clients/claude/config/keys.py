"""The sign-in keys of the client's settings, as data, and what their values mean.

Source: docs/clients/claude.md, "Keys" (client 2.1.332).
"""

import re
from collections.abc import Callable
from typing import Any

from tipstaff_policy.clients.claude.methods import PROVIDERS, ROLES
from tipstaff_policy.model.state import Odd, Setting, Value

METHOD = "forceLoginMethod"
ORGANISATIONS = "forceLoginOrgUUID"
GATEWAY_URL = "forceLoginGatewayUrl"
SIGN_IN = "enforceAnthropicSignIn"
ALLOWED_PROVIDERS = "allowedProviders"
FRESH_POLICY = "forceRemoteSettingsRefresh"
MERGES_SOURCES = "managedSourcesBehavior"
ABOUT_SOURCES = (MERGES_SOURCES, "wslInheritsWindowsSettings")
"""What says how sources are read, and states nothing by itself."""
READ_AS_NOBODY = (ORGANISATIONS, SIGN_IN, ALLOWED_PROVIDERS)
"""The keys of which a value of another kind lets no one in."""
HELPER = "apiKeyHelper"
ENV = "env"
RULES = (METHOD, ORGANISATIONS, GATEWAY_URL, SIGN_IN, ALLOWED_PROVIDERS, FRESH_POLICY)
"""What restricts a sign-in, in managed settings alone."""
PINS = (METHOD, ORGANISATIONS, GATEWAY_URL)
KEYS = (*RULES, MERGES_SOURCES, HELPER)
LOGIN_METHODS = ("claudeai", "console", "gateway")
KNOWN_PROVIDERS = (
    "anthropic", "customEndpoint", "bedrock", "vertex", "foundry", "anthropicAws", "mantle",
    "gateway",
)  # fmt: skip
HOST_MANAGED = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"
UNIX_SOCKET = "ANTHROPIC_UNIX_SOCKET"
SIMPLE = "CLAUDE_CODE_SIMPLE"
BASE_URL = "ANTHROPIC_BASE_URL"
PROFILE = "ANTHROPIC_PROFILE"
SWITCHES = (*PROVIDERS, HOST_MANAGED, SIMPLE)
"""The variables that are on or off."""
OF_ENVIRONMENT_ALONE = (HOST_MANAGED,)
"""What counts in the real environment only."""
STATE_VARIABLES = (
    *SWITCHES, UNIX_SOCKET, BASE_URL, PROFILE, "ANTHROPIC_ORGANIZATION_ID",
    "ANTHROPIC_FEDERATION_RULE_ID", *(name for name in ROLES if name.isupper()),
)  # fmt: skip
"""The variables that a decision reads; a state holds whether they are set, never a value."""
PROJECT_VARIABLES = (
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", BASE_URL, *PROVIDERS,
)  # fmt: skip
"""What the files of a project may set; everything else of theirs is left out."""
ON, OFF, SET, BLANK = "on", "off", "set", "blank"
OWN_ADDRESS, OTHER_ADDRESS = "Anthropic's own", "another address"
ANTHROPIC_HOST = re.compile(r"https://api\.anthropic\.com(?::443)?(?:[/?#].*)?", re.IGNORECASE)
USER_INFO = re.compile(r"(?<=//)[^/@]*@")
SHOWN = 40
NOT_SHOWN = "…"


def env_key(variable: str) -> str:
    """Return the key by which a layer of a state holds a variable."""
    return f"{ENV}.{variable}"


def value_of(key: str, value: Any) -> Value:
    """Return the value of a key as a state holds it; nothing that could be a secret."""
    if key == HELPER:
        return NOT_SHOWN if isinstance(value, str) and value.strip() else odd(value)
    if isinstance(value, str):
        return USER_INFO.sub("", value)
    if isinstance(value, list):
        return tuple(item if isinstance(item, str) else odd(item) for item in value)
    return odd(value)


def odd(value: Any) -> Odd:
    """Return a value of another type than text or list, without what is inside of it."""
    if value is None:
        return Odd("odd", "null", "null")
    if isinstance(value, bool):
        return Odd("odd", "boolean", "true" if value else "false")
    if isinstance(value, int | float):
        return Odd("odd", "number", f"{value:g}"[:SHOWN])
    if isinstance(value, str):
        return Odd("odd", "text", NOT_SHOWN)
    return Odd("odd", "list" if isinstance(value, list) else "object", NOT_SHOWN)


def states_anything(document: dict[str, Any]) -> bool:
    """Return whether a document states anything: more than objects with nothing in them.

    Source: tests/conformance_claude, the hosts "given: …" (client 2.1.332).
    """
    return any(
        name not in ABOUT_SOURCES and (name in READ_AS_NOBODY or not _is_hollow(value))
        for name, value in document.items()
    )


def _is_hollow(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_hollow, value.values()))


def is_boolean(value: Value, text: str) -> bool:
    """Return whether a value is this boolean, and no text that reads like it."""
    return isinstance(value, Odd) and (value.type, value.text) == ("boolean", text)


def state_of_variable(name: str, value: str) -> str:
    """Return what a state holds of a variable: whether it is on or set, and where an address is."""
    if not value.strip():
        return BLANK
    if name in SWITCHES:
        return ON if value.strip().casefold() in ("1", "true", "yes", "on") else OFF
    if name == BASE_URL:
        return OWN_ADDRESS if ANTHROPIC_HOST.fullmatch(value.strip()) else OTHER_ADDRESS
    return SET


def why_idle(key: str, value: Value) -> tuple[str, str] | None:
    """Return why a managed value restricts nothing and what to write; None where it counts."""
    if key == METHOD and value not in LOGIN_METHODS:
        return "is no login method that the client knows, so that it restricts nothing", _one_of(
            LOGIN_METHODS
        )
    if key == GATEWAY_URL and (not isinstance(value, str) or not value):
        return "is no address, so that it restricts nothing", "write the address as a text"
    if key == FRESH_POLICY and not (is_boolean(value, "true") or is_boolean(value, "false")):
        return "is neither true nor false, so that it is ignored", "write true without quotes"
    return None


def why_refused(document: dict[str, Any]) -> str:
    """Return why the client takes no personal file with these members; nothing where it does.

    Only the keys are known of which it was seen: a value of another kind costs the whole file.
    """
    for key, takes in PERSONAL_KINDS.items():
        if key in document and not takes(document[key]):
            return f"has a value of another kind for {key}"
    return ""


def _is_text_or_texts(value: Any) -> bool:
    listed = value if isinstance(value, list) else [value]
    return all(isinstance(entry, str) for entry in listed)


PERSONAL_KINDS: dict[str, Callable[[Any], bool]] = {
    ORGANISATIONS: _is_text_or_texts,
    FRESH_POLICY: lambda value: isinstance(value, bool),
    ENV: lambda value: isinstance(value, dict),
    "permissions": lambda value: isinstance(value, dict),
    "model": lambda value: isinstance(value, str),
}


def is_of_other_kind(key: str, value: Value) -> bool:
    """Return whether an earlier client takes a file for none because of a rule's value."""
    if key == METHOD:
        return value not in LOGIN_METHODS or value == "gateway"
    if key == ORGANISATIONS:
        return not isinstance(value, str) and _texts(value) != value
    return key == FRESH_POLICY and why_idle(key, value) is not None


def as_counted(setting: Setting) -> Setting | None:
    """Return a managed setting as the client counts it before it merges files.

    A single value that it does not know is left out, so that an earlier file's stays; a list of
    another kind is an empty one.
    """
    key, value = setting.key, setting.value
    if why_idle(key, value) is not None:
        return None
    if key == ALLOWED_PROVIDERS:
        return setting._replace(value=_texts(value))
    if key == ORGANISATIONS and not isinstance(value, str):
        words = _texts(value)
        return setting._replace(value=words if words == value else ())
    return setting


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, str | Odd):
        return ()
    return tuple(element for element in value if isinstance(element, str))


def _one_of(words: tuple[str, ...]) -> str:
    return "write one of " + ", ".join(f'"{word}"' for word in words)


def likely_key(name: str) -> str:
    """Return the key that a misspelt one stands for, or nothing."""
    folded = re.sub(r"[^a-z]", "", name.casefold())
    return next((key for key in KEYS if key.casefold() == folded and key != name), "")
