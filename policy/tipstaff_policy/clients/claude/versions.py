"""What changed between versions of the client, as data: one row a change of behaviour.

Where a change is known to lie between two versions and not at which, the versions between have both
rows, and are judged as both.

Source: docs/clients/claude.md, "History".
"""

import re

from tipstaff_policy.record import Record

Version = tuple[int, int, int]

PROVEN: tuple[Version, ...] = ((2, 1, 332),)
"""The versions on which every case of the conformance suite agreed."""
NEWEST = PROVEN[-1]


class Behaviour(Record):
    """How a range of versions behaves."""

    name: str
    """As reports show it: the first version that is known to behave so."""
    reads_device: bool
    """Whether device management of macOS and the registry of Windows are read."""
    reads_drop_ins: bool
    wants_fresh_policy: bool
    """Whether `forceRemoteSettingsRefresh` is heeded."""
    enforces_organisation: bool
    """Whether a login of another organisation stops the start; before, no pin does."""
    stops_on_broken: bool
    """Whether a managed document that is no JSON object stops every command."""
    refuses_keys: bool
    """Whether a key, token or helper is refused under either pin."""
    refuses_clouds: bool
    """Whether cloud providers are refused with them."""
    reads_gateway_url: bool
    enforces_sign_in: bool
    """Whether `enforceAnthropicSignIn` is heeded."""


_OLDEST = Behaviour(
    name="1.0.93",
    reads_device=False,
    reads_drop_ins=False,
    wants_fresh_policy=False,
    enforces_organisation=False,
    stops_on_broken=False,
    refuses_keys=False,
    refuses_clouds=False,
    reads_gateway_url=False,
    enforces_sign_in=False,
)
_DEVICE = _OLDEST._replace(name="2.1.51", reads_device=True)
_DROP_INS = _DEVICE._replace(name="2.1.83", reads_drop_ins=True)
_ORGANISATION = _DROP_INS._replace(name="2.1.84", enforces_organisation=True)
_FRESH = _ORGANISATION._replace(name="2.1.92", wants_fresh_policy=True)
_BROKEN = _FRESH._replace(name="2.1.131", stops_on_broken=True)
_KEYS_AND_CLOUDS = _BROKEN._replace(name="2.1.146", refuses_keys=True, refuses_clouds=True)
_KEYS = _KEYS_AND_CLOUDS._replace(name="2.1.161", refuses_clouds=False)
_GATEWAY = _KEYS._replace(name="2.1.212", reads_gateway_url=True)
_SIGN_IN = _GATEWAY._replace(name="2.1.330", enforces_sign_in=True)
BEHAVIOURS_IN_ORDER = (
    _OLDEST,
    _DEVICE,
    _DROP_INS,
    _ORGANISATION,
    _FRESH,
    _BROKEN,
    _KEYS_AND_CLOUDS,
    _KEYS,
    _GATEWAY,
    _SIGN_IN,
)
NEWEST_BEHAVIOUR = BEHAVIOURS_IN_ORDER[-1]


class Span(Record):
    """A row of versions, from ``since`` to the next span."""

    since: Version
    behaviours: tuple[Behaviour, ...]
    """The likeliest first; more than one where it is not known when a change came."""


SPANS = (
    Span((1, 0, 93), (_OLDEST,)),
    Span((2, 1, 51), (_DEVICE,)),
    Span((2, 1, 76), (_DEVICE._replace(enforces_organisation=True), _DEVICE)),
    Span((2, 1, 83), (_ORGANISATION, _DROP_INS)),
    Span((2, 1, 84), (_ORGANISATION,)),
    Span((2, 1, 92), (_FRESH,)),
    Span((2, 1, 113), (_BROKEN, _FRESH)),
    Span((2, 1, 131), (_BROKEN,)),
    Span((2, 1, 132), (_KEYS_AND_CLOUDS, _KEYS, _BROKEN)),
    Span((2, 1, 146), (_KEYS_AND_CLOUDS,)),
    Span((2, 1, 147), (_KEYS_AND_CLOUDS, _KEYS)),
    Span((2, 1, 161), (_KEYS,)),
    Span((2, 1, 198), (_GATEWAY, _KEYS)),
    Span((2, 1, 212), (_GATEWAY,)),
    Span((2, 1, 324), (_SIGN_IN, _GATEWAY)),
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
