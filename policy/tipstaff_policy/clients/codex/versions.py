"""What changed between versions of the client, as data: one row a change of behaviour.

Source: `make conformance CLIENT=x.y.z` on the versions in PROVEN.
"""

import re
from typing import Literal

from tipstaff_policy.record import Record

Version = tuple[int, int, int]
Federation = Literal["", "file", "spiffe"]

PROVEN: tuple[Version, ...] = (
    (0, 130, 0),
    (0, 146, 0),
    (0, 150, 0),
    (0, 160, 0),
    (0, 169, 0),
    (0, 171, 0),
)
"""The versions on which every case of the conformance suite agreed."""
NEWEST = PROVEN[-1]


class Behaviour(Record):
    """How a range of versions behaves, from ``since`` to the next row."""

    since: Version
    hides: bool
    """Whether what does not fit is hidden, by requirements too; before, only forced keys count."""
    passes_over_unreadable: bool
    """Whether it starts signed out where a credential is unreadable and nothing is forced."""
    reads_required_store: bool
    """Whether the requirements may name the store and the address of the service."""
    reads_required_provider: bool
    """Whether the requirements may choose and define model providers."""
    takes_workspace_lists: bool
    """Whether a forced workspace may be a list; before, only one text, taken as it stands."""
    profile_files: bool
    """Whether a profile is a file of its own; before, a table of the configuration."""
    encrypts: bool
    """Whether the keyring stores can keep an encrypted file."""
    requirement_integer_bits: int
    """How long an integer of the requirements may be; one of the configuration has 64 bits."""
    refuses_pipes: bool
    """Whether it stops at a pipe in place of a file; earlier versions wait without end."""
    reads_bundle: bool
    """Whether it keeps the policy of the service as one bundle, and goes by it."""
    trusts_by_managed: bool
    """Whether the managed layer has a say in which projects are trusted."""
    server_keeps_administrators: bool
    """Whether the app-server starts again with administrators' files; before, with flags alone."""
    server_drops_requirements: bool
    """Whether it starts again without requirements that are no document at all."""
    confirms_account: bool
    """Whether a forced workspace is judged by an account id that the access token confirms."""
    unknown_fields: tuple[str, ...]
    """Fields of a stored login that it ignores."""
    federation: Federation = ""
    """Which workload identities it signs in by: none; that of a file; that of SPIFFE too."""


_PROVENANCE = ("oauth_provenance", "login_owner_id")
_SINCE_0_130 = Behaviour(
    since=(0, 130, 0),
    hides=False,
    passes_over_unreadable=False,
    reads_required_store=False,
    reads_required_provider=False,
    takes_workspace_lists=False,
    profile_files=False,
    encrypts=False,
    requirement_integer_bits=128,
    refuses_pipes=False,
    reads_bundle=False,
    trusts_by_managed=False,
    server_keeps_administrators=False,
    server_drops_requirements=False,
    confirms_account=False,
    unknown_fields=(
        "personal_access_token",
        "bedrock_api_key",
        "bedrock_access_keys",
        *_PROVENANCE,
    ),
)
_SINCE_0_135 = _SINCE_0_130._replace(
    since=(0, 135, 0), takes_workspace_lists=True, profile_files=True
)
_SINCE_0_140 = _SINCE_0_135._replace(
    since=(0, 140, 0),
    encrypts=True,
    reads_bundle=True,
    requirement_integer_bits=64,
    unknown_fields=("bedrock_access_keys", *_PROVENANCE),
)
_SINCE_0_146 = _SINCE_0_140._replace(since=(0, 146, 0), refuses_pipes=True)
_SINCE_0_147 = _SINCE_0_146._replace(
    since=(0, 147, 0), hides=True, passes_over_unreadable=True, server_keeps_administrators=True
)
_SINCE_0_150 = _SINCE_0_147._replace(
    since=(0, 150, 0),
    reads_required_store=True,
    trusts_by_managed=True,
    unknown_fields=_PROVENANCE,
    federation="file",
)
_SINCE_0_160 = _SINCE_0_150._replace(
    since=(0, 160, 0), reads_required_provider=True, server_drops_requirements=True
)
_SINCE_0_165 = _SINCE_0_160._replace(since=(0, 165, 0), unknown_fields=())
_SINCE_0_166 = _SINCE_0_165._replace(since=(0, 166, 0), confirms_account=True)
_SINCE_0_171 = _SINCE_0_166._replace(since=(0, 171, 0), federation="spiffe")
BEHAVIOURS = (
    _SINCE_0_130,
    _SINCE_0_135,
    _SINCE_0_140,
    _SINCE_0_146,
    _SINCE_0_147,
    _SINCE_0_150,
    _SINCE_0_160,
    _SINCE_0_165,
    _SINCE_0_166,
    _SINCE_0_171,
)
NEWEST_BEHAVIOUR = BEHAVIOURS[-1]


def version_number(version: str) -> Version | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def behaviour_of(version: str) -> Behaviour | None:
    """Return how a version behaves; None where it is older than anything that was seen."""
    number = version_number(version)
    fitting = [
        behaviour for behaviour in BEHAVIOURS if number is not None and behaviour.since <= number
    ]
    return fitting[-1] if fitting else None


def name_of(behaviour: Behaviour) -> str:
    """Return the name of a row, as reports show it."""
    return "codex-" + ".".join(str(number) for number in behaviour.since)
