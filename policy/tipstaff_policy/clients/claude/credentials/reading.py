"""Every credential of a host in the client's order, and which of them it uses.

Source: docs/clients/claude.md, "Which credential is active" (client 2.1.332).
"""

from collections.abc import Mapping
from typing import Any

from tipstaff_policy.clients.claude.credentials.keychain import keychain_credential
from tipstaff_policy.clients.claude.credentials.places import places_of
from tipstaff_policy.clients.claude.credentials.profiles import (
    credential_of,
    profile_of,
    read_stored_profile,
)
from tipstaff_policy.clients.claude.credentials.stored import (
    BROKEN,
    DOCUMENT_STORE,
    LEGACY_STORE,
    MAIN_STORE,
    document_credential,
    global_credentials,
    other_credential,
    read_copied_credential,
)
from tipstaff_policy.clients.claude.credentials.unstored import (
    BEARER,
    HEADERS,
    HELPER,
    KEY,
    before_stores,
    custom_headers,
    effective_environment,
    is_on,
    workload_identity,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HeldCredential, UnreadableCredential

MANAGED_BY_HOST = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"
SIMPLE = "CLAUDE_CODE_SIMPLE"
LOGINS = (DOCUMENT_STORE, MAIN_STORE, LEGACY_STORE)
"""The stores that a start by the host, or a bare one, does not read."""


def read_credentials(
    request: Request, settings: Mapping[str, object], home: str | None = None
) -> tuple[Credential, ...]:
    """Return every credential that the client could use, the one that it prefers first.

    Args:
        settings: What is in force of `apiKeyHelper` and of `env`; a value is plain, or a `Setting`.
        home: The client's folder, where it is known.

    Raises:
        EvaluationError, UsageError: The client's folder is not known.
    """
    places = places_of(request, home)
    environment = effective_environment(request, settings)
    profile = profile_of(request, places, environment)
    chosen = credential_of(request, profile) if profile else None
    in_force, *_ = global_credentials(request, places)
    found: list[Credential | None] = [*before_stores(request, settings)]
    found += [chosen] if profile and profile.explicit else []
    found += [*keychain_credential(request, places)]
    found += [document_credential(request, places), in_force]
    found += [*workload_identity(request, settings)]
    found += [] if profile and profile.explicit else [chosen]
    found += [*custom_headers(request, settings)]
    return tuple(credential for credential in found if credential)


def read_places(
    request: Request, settings: Mapping[str, object], home: str | None = None
) -> tuple[Credential, ...]:
    """Return every place of a credential, also those that the client does not look into now.

    Raises:
        EvaluationError, UsageError: The client's folder is not known.
    """
    places = places_of(request, home)
    environment = effective_environment(request, settings)
    profiles = read_stored_profile(request, places, environment)
    used = read_credentials(request, settings, home)
    known = {credential.path for credential in used if credential.is_stored}
    stored = (
        *global_credentials(request, places),
        read_copied_credential(request, places),
        profiles,
        other_credential(request, places),
    )
    return (*used, *(credential for credential in stored if credential.path not in known))


def active_of(
    credentials: tuple[Credential, ...], environment: Mapping[str, str]
) -> Credential | None:
    """Return the credential that a start uses; None where it is signed out.

    One that cannot be read here, or that stops the client, is in the place where it would count.

    Args:
        credentials: As `read_credentials` returns them.
        environment: Of the user's own process; no settings file says who manages the provider.
    """
    return next(
        (credential for credential in credentials if _counts(credential, environment)), None
    )


def list_sent(
    credentials: tuple[Credential, ...], environment: Mapping[str, str]
) -> tuple[Credential, ...]:
    """Return the credentials that one request carries: as bearer, as key, and in a header."""
    active = active_of(credentials, environment)
    if active is None:
        return ()
    by_source = {
        credential.source: credential
        for credential in credentials
        if _counts(credential, environment)
    }
    sent = [active]
    if active.source in (BEARER, HELPER):
        second = by_source.get(KEY) or by_source.get(HELPER)
        sent += [second] if second and second is not active else []
    headers = by_source.get(HEADERS)
    return (*sent, headers) if headers and headers is not active else tuple(sent)


def _counts(credential: Credential, environment: Mapping[str, str]) -> bool:
    content: Any = credential.content
    if isinstance(content, UnreadableCredential):
        # What its user may not read, the client takes for signed out.
        stops = content.effect == "unknown" or content.reason == BROKEN
        is_there = stops and (content.present or content.unseen)
    else:
        is_there = isinstance(content, HeldCredential) and content.usable
    by_host = is_on(environment.get(MANAGED_BY_HOST)) or is_on(environment.get(SIMPLE))
    return is_there and not (by_host and credential.source in LOGINS)
