"""The grammar of the sign-in keys: from merged values to rules, or to the fault that stops.

Source: tests/conformance/cases_rules.py (client 0.169.0).
"""

from collections.abc import Callable

from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting
from tipstaff_policy.model.state import Fault, Method, Odd, Origin, Setting, Value
from tipstaff_policy.record import Record

METHODS = (
    Method("chatgpt", "ChatGPT", "a ChatGPT login", has_workspace=True),
    Method("api", "an API key", "an API key", has_workspace=False),
)
METHOD_NAMES = tuple(method.name for method in METHODS)
STORES = ("file", "keyring", "auto", "ephemeral")
FORCED_KEYS = ("forced_login_method", "forced_chatgpt_workspace_id")
CONFIG_KEYS = (
    *FORCED_KEYS,
    "cli_auth_credentials_store",
    "chatgpt_base_url",
)
REQUIREMENT_KEYS = (
    "allowed_login_methods",
    "allowed_chatgpt_workspaces",
    "cli_auth_credentials_store",
    "chatgpt_base_url",
)
ENUM_KEYS = ("forced_login_method", "cli_auth_credentials_store", "allowed_login_methods")

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What the client trims: Unicode's White_Space. Python's own ``strip`` takes four more."""


class Restriction(Record):
    """What a key still allows."""

    values: tuple[str, ...]
    origin: Origin


class Rules(Record):
    """The sign-in keys in force; None where a key does not restrict."""

    forced_method: Restriction | None
    forced_workspaces: Restriction | None
    allowed_methods: Restriction | None
    allowed_workspaces: Restriction | None
    store: str
    encrypted: bool
    """Whether the keyring stores keep an encrypted file in place of an entry."""


NO_RULES = Rules(None, None, None, None, "file", encrypted=False)
ENCRYPTION = "features.secret_auth_storage"


def read_rules(
    config: EffectivePolicy,
    requirements: EffectivePolicy,
    behaviour: Behaviour,
    *,
    encrypts: bool,
) -> Rules | Fault:
    """Return the rules in force, or the first value that makes the client refuse to start.

    Args:
        behaviour: Of the version that reads them.
        encrypts: Whether the platform keeps an encrypted file by default.
    """
    fault = (
        _choice_fault(config, behaviour)
        or _value_fault(requirements)
        or _value_fault(config, workspace_lists=behaviour.takes_workspace_lists)
    )
    if fault:
        return fault
    store = requirements.get("cli_auth_credentials_store") or config.get(
        "cli_auth_credentials_store"
    )
    workspaces = restriction(config.get("forced_chatgpt_workspace_id"))
    return Rules(
        forced_method=restriction(config.get("forced_login_method")),
        # Blanks alone are no restriction here, and allow no workspace in the requirement.
        forced_workspaces=workspaces if workspaces and workspaces.values else None,
        allowed_methods=restriction(requirements.get("allowed_login_methods")),
        allowed_workspaces=restriction(requirements.get("allowed_chatgpt_workspaces")),
        store=str(store.value) if store else "file",
        encrypted=behaviour.encrypts
        and _is_on(requirements.get(ENCRYPTION) or config.get(ENCRYPTION), encrypts),
    )


def _is_on(setting: EffectiveSetting | None, default: bool) -> bool:  # noqa: FBT001 - a value
    if setting is None:
        return default
    return isinstance(setting.value, Odd) and setting.value.text == "true"


def restriction(setting: EffectiveSetting | None) -> Restriction | None:
    """Return what a setting of a login method or of workspaces still allows; None without one."""
    if setting is None:
        return None
    values = (setting.value,) if isinstance(setting.value, str) else setting.value
    trimmed = (str(value).strip(WHITE_SPACE) for value in values)
    return Restriction(tuple(word for word in trimmed if word), setting.origin)


def _value_fault(policy: EffectivePolicy, *, workspace_lists: bool = True) -> Fault | None:
    for setting in policy.settings:
        if setting.key == "forced_chatgpt_workspace_id" and not workspace_lists:
            if not isinstance(setting.value, str):
                return _fault(setting, "one workspace id; this version takes no list")
            continue
        expected = _find_expected(setting.key, setting.value)
        if expected:
            return _fault(setting, expected)
    return None


def _find_expected(key: str, value: Value) -> str | None:
    """Return what a key takes where the value is something else, else None."""
    grammar = GRAMMARS.get(key)
    return None if grammar is None or grammar.accepts(value) else grammar.expected


def _is_words(value: Value) -> bool:
    """Return whether a value is a list of text and nothing else."""
    is_list = isinstance(value, tuple) and not isinstance(value, Odd)
    return is_list and all(isinstance(element, str) for element in value)


def _is_one_or_more_ids(value: Value) -> bool:
    return _is_words(value) or (isinstance(value, str) and "," not in value)


class _Grammar(Record):
    accepts: Callable[[Value], bool]
    expected: str


GRAMMARS = {
    "forced_login_method": _Grammar(lambda value: value in METHOD_NAMES, '"chatgpt" or "api"'),
    "forced_chatgpt_workspace_id": _Grammar(
        _is_one_or_more_ids, "one workspace id, or a list of them"
    ),
    "cli_auth_credentials_store": _Grammar(
        lambda value: value in STORES, '"file", "keyring", "auto" or "ephemeral"'
    ),
    "allowed_login_methods": _Grammar(
        lambda value: _is_words(value) and set(value) <= set(METHOD_NAMES),
        'a list of "chatgpt" and "api"',
    ),
    "allowed_chatgpt_workspaces": _Grammar(_is_words, "a list of workspace ids"),
    "chatgpt_base_url": _Grammar(lambda value: isinstance(value, str), "an address"),
}


def _choice_fault(config: EffectivePolicy, behaviour: Behaviour) -> Fault | None:
    """Return what is wrong with the choice of a profile in the configuration."""
    setting = config.get("profile")
    if setting is None:
        return None
    if behaviour.profile_files:
        return _fault(setting, "no such key; choose a profile by `--profile` and NAME.config.toml")
    every: tuple[EffectiveSetting | Setting, ...] = (setting, *setting.overridden)
    by_flag = [
        setting_in_force for setting_in_force in every if setting_in_force.origin.layer == "profile"
    ]
    in_files = [setting_in_force for setting_in_force in every if setting_in_force not in by_flag]
    for file in in_files[:1]:
        if not isinstance(file.value, str):
            return _fault(file, "the name of a profile")
    # What `--profile` names must be there, also where the managed layer has the last word.
    for setting_in_force in (*every[:1], *by_flag):
        if config.get(f"profiles.{setting_in_force.value}") is None:
            return _fault(setting_in_force, "the name of a table [profiles.NAME]")
    return None


def _fault(setting: EffectiveSetting | Setting, expected: str) -> Fault:
    return Fault(
        what=f"{setting.key} is {show_plain(setting.value)}",
        where=str(setting.origin),
        effect="refuse",
        expected=expected,
        remedy=f"correct {setting.origin}; the client does not start with it",
    )


def show_plain(value: Value) -> str:
    """Return a value as a person would write it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Odd):
        return f"{value.text} ({value.type})" if value.text else f"a {value.type}"
    return "[" + ", ".join(show_plain(element) for element in value) + "]"
