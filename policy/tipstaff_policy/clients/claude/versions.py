"""What changed between versions of the client: one row a change of behaviour.

Where a change is known to lie between two versions and not at which, the versions between have both
rows, and are judged as both.

Source: knowledge/versions.json; docs/clients/claude.md, "History".
"""

import re
from typing import Literal

from tipstaff_policy.clients.claude import knowledge
from tipstaff_policy.record import Record

Version = tuple[int, int, int]

PROVEN: tuple[Version, ...] = knowledge.PROVEN
"""The versions on which every recorded host agreed, at least 300 random ones of each."""
NEWEST = PROVEN[-1]


Failure = Literal["broken", "kind", "unloaded", "hidden"]
"""Why a managed file is not in force: no JSON object, a value of another kind than its key takes,
nothing that can be loaded as a file, or nothing that the user may read."""
ProfileRank = Literal["unknown", "first", "last"]
BlankVariables = Literal["set", "sent", "unset"]


class Behaviour(Record):
    """How a range of versions behaves.

    Source of every field but those that name another: tests/conformance_claude, the hosts of
    `cases_versions.py` and the random ones, recorded on each version of PROVEN.
    """

    name: str
    """As reports show it: the first version that is known to behave so."""
    reads_device: bool
    """Whether device management of macOS and the registry of Windows are read (changelog)."""
    reads_drop_ins: bool
    """Whether drop-ins are (changelog)."""
    wants_fresh_policy: bool
    """Whether `forceRemoteSettingsRefresh` is heeded (changelog)."""
    enforces_organisation: bool
    """Whether a login of another organisation stops the start; before, no pin does."""
    empty_list_binds: bool
    """Whether an organisation list that names none, or an empty text, lets no login in."""
    stops_on_broken: bool
    """Whether one managed document that is no JSON object stops every command."""
    stops_alone: tuple[Failure, ...]
    """What stops a start where no other managed source was loaded."""
    stops_logins_alone: bool
    """Whether that stops only what no pin would refuse and no provider takes over."""
    takes_other_kinds: bool
    """Whether only the key is lost whose value is of another kind, and not the whole file.

    Before 2.1.330 a file of which nothing is left is lost as well.
    """
    refuses_keys: bool
    """Whether a key, token or helper is refused under either pin."""
    refuses_clouds: bool
    """Whether cloud providers are refused with them (2.1.161: changelog)."""
    refuses_profiles: bool
    """Whether profiles are refused with them."""
    refuses_host_managed: bool
    """Whether the pins are asked for too where a host manages the provider."""
    refuses_keys_beside_profiles: bool
    """Whether a stored Console key is refused where there is a profile."""
    passes_keys_beside: tuple[str, ...]
    """The cloud providers with which a key passes a pin."""
    asks_without_scope: bool
    """Whether the service is asked about a login that is not for the client, and so signed out."""
    host_hides_logins: bool
    """Whether a provider that a host manages hides stored logins, and helper programs."""
    server_alone: bool
    """Whether a policy of the service replaces that of the machine, its variables too."""
    server_sets_variables: bool
    asks_by_plan_alone: bool
    """Whether a login has the service asked for a policy by its plan alone."""
    projects_also_set: tuple[str, ...]
    """What a project's files may set in addition to what they may since 2.1.330.

    A token only where there is no document of a login.
    """
    takes_lists: bool
    """Whether `forceLoginOrgUUID` may be a list; before, one costs the whole file."""
    profiles: ProfileRank
    """Whether profiles are known, and whether one that is only implied beats a stored login."""
    knows_gateway: bool
    """Whether a Cloud gateway can be forced, by the method or by an address."""
    gateway_pins: bool
    """Whether the method `gateway` pins a login as another method does where none is forced."""
    reads_providers: bool
    """Whether `allowedProviders` is heeded."""
    reads_given: bool
    """Whether `--managed-settings` is."""
    enforces_sign_in: bool
    """Whether `enforceAnthropicSignIn` is heeded."""
    blank_variables: BlankVariables
    """What a variable of blanks alone is: a credential (``set``), or none (``unset``).

    In between it is none, and a bearer of blanks is sent where there is no login (``sent``).
    """
    sends_empty_bearer: bool
    """Whether a bearer that is set and empty is sent where there is no login."""
    checks_server: bool
    """Whether a value of another kind costs a policy of the service as it does a file.

    Before, its helper is there too when the client asks whether it has changed.
    """
    limits_size: bool
    """Whether a managed file of more than 2 MiB cannot be loaded."""
    knows_secure_folder: bool
    """Whether `CLAUDE_SECURESTORAGE_CONFIG_DIR` moves the document of a login."""


_ROWS = {
    name: Behaviour._make((name.partition("+")[0], *row)) for name, row in knowledge.ROWS.items()
}
BEHAVIOURS_IN_ORDER = tuple(row for name, row in _ROWS.items() if "+" not in name)
"""What is known of some version for certain, and what only one of several readings has."""
NEWEST_BEHAVIOUR = BEHAVIOURS_IN_ORDER[-1]


class Span(Record):
    """A row of versions, from ``since`` to the next span."""

    since: Version
    behaviours: tuple[Behaviour, ...]
    """The likeliest first; more than one where it is not known when a change came."""


SPANS = tuple(Span(since, tuple(_ROWS[name] for name in names)) for since, names in knowledge.SPANS)


def version_number(version: str) -> Version | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def behaviours_of(version: str) -> tuple[Behaviour, ...]:
    """Return how a version may behave, the likeliest first; nothing for one that was never seen."""
    number = version_number(version)
    if number is None:
        return ()
    fitting = [span for span in SPANS if span.since <= number]
    own = fitting[-1].behaviours if fitting else ()
    return own if number <= NEWEST else _list_learned(number) or own


def _list_learned(number: Version) -> tuple[Behaviour, ...]:
    """Return how a newer version may behave by installed knowledge; nothing without it."""
    from tipstaff_policy.clients.interface.knowledge import as_values  # noqa: PLC0415 - newer ones
    from tipstaff_policy.clients.learned import of_client  # noqa: PLC0415 - as above

    learned = of_client("claude")
    return tuple(
        Behaviour._make((name.partition("+")[0], *as_values(row, knowledge.FIELDS)))
        for name, row in (learned.rows_of(number) if learned else ())
    )


def name_of(version: str) -> str:
    """Return the name of a version's row, as reports show it."""
    found = behaviours_of(version)
    return f"claude-{found[0].name}" if found else "none"
