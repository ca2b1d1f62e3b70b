"""The organisation's policy as a value: each restriction with the places that state it.

A field is None where no file speaks of it, which restricts nothing.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import Origin
from tipstaff_policy.record import Record

T = TypeVar("T")
LAYER = "organisation"
"""The layer that origins in the document name."""

OnViolation = Literal["log_out", "report"]
SECONDS_A_DAY = 86400


class Rule(Record, Generic[T]):
    """What one field says, and where."""

    value: T
    origins: tuple[Origin, ...]
    """Every place that has a part in the value, sorted; more than one after a merge."""


class Allowed(Record):
    """What a set still allows; an empty one allows nothing."""

    values: tuple[str, ...]
    """Sorted, each once."""
    origins: tuple[Origin, ...]
    wants_none: bool = False
    """Whether a file says so itself by `[]`; else an empty set is a contradiction."""


class TrustedKey(Record):
    """A public key by which the issuer signs tokens."""

    thumbprint: str
    """RFC 7638, SHA-256, base64url without padding."""
    jwk: str
    """The key as JSON."""


class Waiver(Record):
    """A person's responsibility for a failing check, until a day."""

    check: str
    expires_at: int
    """Seconds since 1970."""
    owner: str
    approver: str
    ticket: str
    reason: str
    host: str | None = None
    """A name, or a pattern with ``*``; None for every one (so for the next three)."""
    user: str | None = None
    group: str | None = None
    client: str | None = None
    signed_by: str | None = None
    """The fingerprint of the key of a waiver that was pasted; None for one in the policy."""
    origin: Origin = Origin(LAYER, "", None)


class Scope(Record):
    """Hosts for which another start holds than for the rest."""

    name: str
    hosts: tuple[str, ...]
    """Host names, or patterns with ``*``."""
    on_violation: OnViolation | None = None
    warn_from: int | None = None
    enforce_from: int | None = None
    cohort: int | None = None
    origin: Origin = Origin(LAYER, "", None)


class ClientRules(Record):
    """What holds for one client alone, by that client's own names."""

    client: str
    login_methods: Allowed | None = None
    workspaces: Allowed | None = None
    organisations: Allowed | None = None
    accounts: Allowed | None = None
    stores: Allowed | None = None
    oldest_version: Rule[tuple[int, int, int]] | None = None
    environment_credentials: Rule[str] | None = None
    """Beside the field of the whole policy, of which it loosens nothing."""
    names: tuple[tuple[str, str], ...] = ()
    """What people call those whose a login may be: pairs of id and name, sorted."""


class OrganisationPolicy(Record):
    """One document, or several merged; the fields have the document's names."""

    # The root file alone may state these.
    id: Rule[str] | None = None
    version: Rule[str] | None = None
    counter: Rule[int] | None = None
    owner: Rule[str] | None = None
    message: Rule[str] | None = None
    contact: Rule[str] | None = None
    help_url: Rule[str] | None = None
    workspace_names: tuple[tuple[str, str], ...] = ()
    """Pairs of id and name for people, sorted; of what a client has in place of workspaces where
    the policy stands for that client."""
    on_violation: Rule[str] | None = None
    warn_from: Rule[int] | None = None
    enforce_from: Rule[int] | None = None
    cohort: Rule[int] | None = None
    """Hundredths of a per cent of the hosts on which `enforce_from` counts."""
    scopes: tuple[Scope, ...] = ()
    running_clients: Rule[str] | None = None
    wipe_linked: Rule[bool] | None = None
    revoke_url: Rule[str] | None = None
    fleet_key: Rule[FleetKey] | None = None
    knowledge_keys: Allowed | None = None
    # Every file may state these; together they allow what all of them allow.
    valid_from: Rule[int] | None = None
    """Seconds since 1970."""
    valid_until: Rule[int] | None = None
    login_methods: Allowed | None = None
    workspaces: Allowed | None = None
    stores: Allowed | None = None
    environment_credentials: Rule[str] | None = None
    scrub_environment: Rule[bool] | None = None
    oldest_client: Rule[tuple[int, int, int]] | None = None
    longest_age_s: Rule[int] | None = None
    trusted_keys: Allowed | None = None
    """Thumbprints; the keys themselves stand in `keys`."""
    keys: tuple[TrustedKey, ...] = ()
    waiver_keys: Allowed | None = None
    homes: Allowed | None = None
    """Further folders with users' homes; each file adds to them."""
    on_error: Rule[str] | None = None
    severities: tuple[tuple[str, Rule[str]], ...] = ()
    """Pairs of check and severity, sorted by check."""
    not_waivable: Allowed | None = None
    """Checks; each file adds to them."""
    waivers: tuple[Waiver, ...] = ()
    client_keys: tuple[Any, ...] = ()
    """Other keys of the clients' files: each a `ClientKey`, a type that is loaded only where there
    are some; as `client_keys.sorted_keys` has them."""

    clients: tuple[ClientRules, ...] = ()
    """What holds for single clients, sorted; of the client that the fields above stand for, none
    but what has no field above."""


NO_POLICY = OrganisationPolicy()


def join_origins(left: tuple[Origin, ...], right: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """Return the places of both, each once, sorted."""
    return tuple(sorted({*left, *right}, key=lambda origin: (origin.path, origin.line or 0)))
