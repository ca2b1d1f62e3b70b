"""Credentials outside of any store: variables, what settings set, programs, cloud providers.

The environment is that of the user's process with what settings add to it; what settings set is
taken away only by changing them.
Source: docs/clients/claude.md, "Which credential is active" (client 2.1.332).
"""

from collections.abc import Mapping
from typing import Any

from tipstaff_policy.clients.claude.credentials.members import ASKS, BLANK, EMPTY, Known
from tipstaff_policy.clients.claude.credentials.places import is_own
from tipstaff_policy.clients.claude.credentials.stored import with_fingerprint
from tipstaff_policy.clients.claude.methods import PROVIDERS
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    Identity,
    Setting,
    UnreadableCredential,
)
from tipstaff_policy.record import Record

BEARER, HELPER, KEY = "ANTHROPIC_AUTH_TOKEN", "apiKeyHelper", "ANTHROPIC_API_KEY"
TOKEN = "CLAUDE_CODE_OAUTH_TOKEN"  # noqa: S105 - a name, not a token
KEY_DESCRIPTOR = "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"
TOKEN_DESCRIPTOR = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"  # noqa: S105 - as above
HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
FEDERATION = ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID")
ENVIRONMENT = "env"
FROM_REAL_ONLY = ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",)
"""Variables that no settings file sets."""
NOT_FROM_PROJECTS = (TOKEN,)
"""Variables that a project's settings do not set."""
PROJECT_LAYERS = ("project", "local")
OFF = ("", "0", "false", "no", "off")
KEY_HEADERS = ("x-api-key", "authorization")
KEPT_BLANK = (BEARER, KEY, TOKEN)
"""Variables that are stated also where they hold blanks alone: to some versions that counts."""


class Given(Record):
    """A value of settings, and where it stands, where that is known."""

    value: Any
    path: str | None = None
    layer: str = ""


def find_given(settings: Mapping[str, object], key: str) -> Given | None:
    """Return the value of a key of settings; None where no file has it."""
    if key not in settings:
        return None
    found = settings[key]
    if isinstance(found, Setting):
        return Given(found.value, found.origin.path, found.origin.layer)
    return Given(found)


def variables_of(settings: Mapping[str, object]) -> dict[str, Given]:
    """Return the variables that settings set: of the object `env`, or as keys `env.NAME`."""
    found: dict[str, Given] = {}
    whole = find_given(settings, ENVIRONMENT)
    if whole is not None and isinstance(whole.value, Mapping):
        for name, value in whole.value.items():
            one = find_given({name: value}, name)
            found[name] = one._replace(path=one.path or whole.path) if one else whole
    prefix = f"{ENVIRONMENT}."
    for key in settings:
        if key.startswith(prefix) and (one := find_given(settings, key)):
            found[key.removeprefix(prefix)] = one
    return {name: value for name, value in found.items() if _counts(name, value)}


def effective_environment(request: Request, settings: Mapping[str, object]) -> dict[str, str]:
    """Return the variables that the client works with; without a user's own, those of settings."""
    own = dict(request.env) if is_own(request) else {}
    return own | {name: str(variable.value) for name, variable in variables_of(settings).items()}


def provider_of(environment: Mapping[str, str]) -> str | None:
    """Return the variable that switches to a cloud provider; None where none does."""
    return next((name for name in PROVIDERS if is_on(environment.get(name))), None)


def is_on(value: str | None) -> bool:
    """Return whether a switch is on."""
    return (value or "").strip().lower() not in OFF


def before_stores(request: Request, settings: Mapping[str, object]) -> tuple[Credential, ...]:
    """Return the credentials that the client takes before any stored one, in its order."""
    seen = _Seen(request, settings)
    switch = provider_of(seen.environment)
    found = [seen.provider(switch) if switch else None]
    found += [seen.text(BEARER, HeldCredential("oauth_token", "token", identity=()))]
    found += [seen.helper()]
    key = HeldCredential("api_key", "console", identity=())
    found += [seen.text(KEY, key), seen.text(KEY_DESCRIPTOR, key, secret=False)]
    owner = (Identity("organisation", None, "service"),)
    token = HeldCredential("oauth_token", "claudeai", ask=ASKS, identity=owner)
    found += [seen.text(TOKEN, token), seen.text(TOKEN_DESCRIPTOR, token, secret=False)]
    return tuple(credential for credential in found if credential)


def workload_identity(request: Request, settings: Mapping[str, object]) -> tuple[Credential, ...]:
    """Return the sign-in by the identity of a workload, which beats a profile that is implied."""
    seen = _Seen(request, settings)
    rule, organisation = (seen.environment.get(name, "").strip() for name in FEDERATION)
    if not rule or not organisation:
        return ()
    owner = (Identity("organisation", organisation, "claimed"),)
    held = HeldCredential("oidc_federation", "profile", identity=owner)
    found = seen.text(FEDERATION[0], held, secret=False)
    return (found._replace(scrub=_scrub(found)),) if found else ()


def custom_headers(request: Request, settings: Mapping[str, object]) -> tuple[Credential, ...]:
    """Return the key that is added to whatever else is sent.

    A header of blanks alone is sent too, and signs in by nothing.
    """
    seen = _Seen(request, settings)
    lines = seen.environment.get(HEADERS, "").splitlines()
    headers = [line.partition(":") for line in lines if ":" in line]
    keys = [text.strip() for name, _, text in headers if name.strip().lower() in KEY_HEADERS]
    if not keys:
        return ()
    if not any(keys):
        return (seen.blank(HEADERS),)
    found = seen.text(HEADERS, HeldCredential("none", "console", identity=()))
    return (found,) if found else ()


class _Seen:
    """The variables and settings of one request."""

    def __init__(self, request: Request, settings: Mapping[str, object]) -> None:
        self._request = request
        self._settings = settings
        self._set = variables_of(settings)
        self.environment = effective_environment(request, settings)

    def text(self, name: str, held: HeldCredential, *, secret: bool = True) -> Credential | None:
        """Return the credential that a variable holds; None where it is not set.

        Args:
            secret: Whether the text itself is the secret.
        """
        given_text = self.environment.get(name)
        value = (given_text or "").strip()
        if not value:
            return self.blank(name) if given_text and name in KEPT_BLANK else self._empty(name)
        known = Known(held, (held.kind, value) if secret else ())
        content = with_fingerprint(known, self._request.policy_inputs.fleet_key)
        if isinstance(content, HeldCredential) and "\n" in value and name != HEADERS:
            content = content._replace(sendable=False)
        return self._make_credential(name, content)

    def blank(self, name: str) -> Credential:
        """Return a variable that holds no credential, and yet is there."""
        return self._make_credential(name, UnreadableCredential(BLANK, "unknown", present=False))

    def _empty(self, name: str) -> Credential | None:
        if name != BEARER or name not in self.environment:
            return None
        return self._make_credential(name, UnreadableCredential(EMPTY, "unknown", present=False))

    def provider(self, switch: str) -> Credential:
        """Return the cloud's own credentials, which the client does not keep."""
        name = PROVIDERS[switch]
        return self._make_credential(switch, HeldCredential("third_party", name, identity=()))

    def helper(self) -> Credential | None:
        """Return the program that prints a key, blanks too; it is never run."""
        named = find_given(self._settings, HELPER)
        if named is None or not isinstance(named.value, str) or not named.value:
            return None
        held = HeldCredential("api_key_helper", "helper", identity=())
        return Credential(HELPER, named.path, held, kind_of_place="helper", scrub=())

    def _make_credential(self, name: str, content: Any) -> Credential:
        by_settings = self._set.get(name)
        if by_settings is None:
            return Credential(name, None, content)
        return Credential(name, by_settings.path, content, kind_of_place="settings", scrub=())


def _counts(name: str, value: Given) -> bool:
    if name in FROM_REAL_ONLY or not isinstance(value.value, (str, int, float)):
        return False
    return not (value.layer in PROJECT_LAYERS and name in NOT_FROM_PROJECTS)


def _scrub(found: Credential) -> tuple[str, ...] | None:
    return FEDERATION if found.place == "variable" else found.scrub
