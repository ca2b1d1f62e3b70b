"""What changed between versions of the client, as data: one row a change of behaviour.

Where a change is known to lie between two versions and not at which, the versions between have both
rows, and are judged as both.

Source: docs/clients/claude.md, "History".
"""

import re
from typing import Literal

from tipstaff_policy.record import Record

Version = tuple[int, int, int]

PROVEN: tuple[Version, ...] = ((2, 1, 146), (2, 1, 212), (2, 1, 330), (2, 1, 332))
"""The versions on which every recorded host agreed, at least 300 random ones of each."""
NEWEST = PROVEN[-1]


Failure = Literal["broken", "kind", "unloaded", "hidden"]
"""Why a managed file is not in force: no JSON object, a value of another kind than its key takes,
nothing that can be loaded as a file, or nothing that the user may read."""
ProfileRank = Literal["unknown", "first", "last"]


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
    """Whether an organisation list that names none lets no login in."""
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
    """Whether a provider that a host manages is refused with them."""
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
    """Whether with a login or token only its plan has the service asked for a policy."""
    projects_also_set: tuple[str, ...]
    """What a project's files may set in addition to what they may since 2.1.330."""
    takes_lists: bool
    """Whether `forceLoginOrgUUID` may be a list; before, one costs the whole file."""
    profiles: ProfileRank
    """Whether profiles are known, and whether one that is only implied beats a stored login."""
    knows_gateway: bool
    """Whether a Cloud gateway can be forced, by the method or by an address."""
    reads_providers: bool
    """Whether `allowedProviders` is heeded."""
    reads_given: bool
    """Whether `--managed-settings` is."""
    enforces_sign_in: bool
    """Whether `enforceAnthropicSignIn` is heeded."""


_OLDEST = Behaviour(
    name="1.0.93",
    reads_device=False,
    reads_drop_ins=False,
    wants_fresh_policy=False,
    enforces_organisation=False,
    empty_list_binds=False,
    stops_on_broken=False,
    stops_alone=(),
    stops_logins_alone=True,
    takes_other_kinds=False,
    refuses_keys=False,
    refuses_clouds=False,
    refuses_profiles=False,
    refuses_host_managed=False,
    refuses_keys_beside_profiles=False,
    passes_keys_beside=("bedrock",),
    asks_without_scope=True,
    host_hides_logins=False,
    server_alone=True,
    server_sets_variables=True,
    asks_by_plan_alone=True,
    projects_also_set=("CLAUDE_CODE_SIMPLE", "CLAUDE_CODE_OAUTH_TOKEN"),
    takes_lists=False,
    profiles="unknown",
    knows_gateway=False,
    reads_providers=False,
    reads_given=False,
    enforces_sign_in=False,
)
_DEVICE = _OLDEST._replace(name="2.1.51", reads_device=True)
_DROP_INS = _DEVICE._replace(name="2.1.83", reads_drop_ins=True)
_ORGANISATION = _DROP_INS._replace(name="2.1.84", enforces_organisation=True)
_FRESH = _ORGANISATION._replace(name="2.1.92", wants_fresh_policy=True)
_BROKEN = _FRESH._replace(name="2.1.131", stops_alone=("broken",))
_KEYS_AND_CLOUDS = _BROKEN._replace(
    name="2.1.146",
    empty_list_binds=True,
    stops_alone=("broken", "kind"),
    refuses_keys=True,
    refuses_clouds=True,
    refuses_profiles=True,
    refuses_host_managed=True,
    asks_by_plan_alone=False,
    projects_also_set=("CLAUDE_CODE_SIMPLE",),
    takes_lists=True,
    profiles="first",
    reads_given=True,
)
_KEYS = _KEYS_AND_CLOUDS._replace(name="2.1.161", refuses_clouds=False)
_KINDS = _KEYS._replace(
    name="2.1.212",
    stops_alone=("broken", "kind", "unloaded", "hidden"),
    takes_other_kinds=True,
    refuses_profiles=False,
    refuses_host_managed=False,
    refuses_keys_beside_profiles=True,
    host_hides_logins=True,
    server_sets_variables=False,
    profiles="last",
)
_SIGN_IN = _KINDS._replace(
    name="2.1.330",
    stops_on_broken=True,
    stops_alone=("unloaded",),
    stops_logins_alone=False,
    passes_keys_beside=(),
    projects_also_set=(),
    asks_without_scope=False,
    server_alone=False,
    knows_gateway=True,
    reads_providers=True,
    enforces_sign_in=True,
)
BEHAVIOURS_IN_ORDER = (
    _OLDEST,
    _DEVICE,
    _DROP_INS,
    _ORGANISATION,
    _FRESH,
    _BROKEN,
    _KEYS_AND_CLOUDS,
    _KEYS,
    _KINDS,
    _SIGN_IN,
)
NEWEST_BEHAVIOUR = BEHAVIOURS_IN_ORDER[-1]


class Span(Record):
    """A row of versions, from ``since`` to the next span."""

    since: Version
    behaviours: tuple[Behaviour, ...]
    """The likeliest first; more than one where it is not known when a change came."""


def _later(before: Behaviour) -> Behaviour:
    """Return a row with what came between 2.1.84 and 2.1.146, at a version that is not known."""
    return before._replace(
        empty_list_binds=True, takes_lists=True, profiles="first", reads_given=True
    )


_UNSIGNED = _SIGN_IN._replace(enforces_sign_in=False)
"""Everything of 2.1.330 but the sign-in rule, which 2.1.323 does not know yet."""
SPANS = (
    Span((1, 0, 93), (_OLDEST,)),
    Span((2, 1, 51), (_DEVICE,)),
    Span((2, 1, 76), (_DEVICE._replace(enforces_organisation=True), _DEVICE)),
    Span((2, 1, 83), (_ORGANISATION, _DROP_INS)),
    Span((2, 1, 84), (_ORGANISATION,)),
    Span((2, 1, 85), (_later(_ORGANISATION), _ORGANISATION)),
    Span((2, 1, 92), (_later(_FRESH), _FRESH)),
    Span((2, 1, 113), (_later(_BROKEN), _BROKEN, _later(_FRESH), _FRESH)),
    Span((2, 1, 131), (_later(_BROKEN), _BROKEN)),
    Span((2, 1, 132), (_KEYS_AND_CLOUDS, _KEYS, _later(_BROKEN), _BROKEN)),
    Span((2, 1, 146), (_KEYS_AND_CLOUDS,)),
    Span((2, 1, 147), (_KINDS, _KEYS, _KEYS_AND_CLOUDS)),
    Span((2, 1, 161), (_KINDS, _KEYS)),
    Span((2, 1, 212), (_KINDS,)),
    Span((2, 1, 213), (_UNSIGNED, _KINDS)),
    Span((2, 1, 324), (_SIGN_IN, _UNSIGNED, _KINDS)),
    Span((2, 1, 330), (_SIGN_IN,)),
)


def version_number(version: str) -> Version | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def behaviours_of(version: str) -> tuple[Behaviour, ...]:
    """Return how a version may behave, the likeliest first; nothing for one that was never seen."""
    number = version_number(version)
    fitting = [span for span in SPANS if number is not None and span.since <= number]
    return fitting[-1].behaviours if fitting else ()


def name_of(version: str) -> str:
    """Return the name of a version's row, as reports show it."""
    found = behaviours_of(version)
    return f"claude-{found[0].name}" if found else "none"
