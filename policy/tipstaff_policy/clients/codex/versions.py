"""What changed between versions of the client: one row a change of behaviour.

Source: knowledge/versions.json; `make conformance CLIENT=x.y.z` on the versions in PROVEN.
"""

import re
from typing import Literal

from tipstaff_policy.clients.codex import knowledge
from tipstaff_policy.record import Record

Version = tuple[int, int, int]
Federation = Literal["", "file", "spiffe"]

PROVEN: tuple[Version, ...] = knowledge.PROVEN
"""The versions on which every case of the conformance suite agreed, the oldest first."""
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
    """Whether it starts again without requirements that it cannot read as a document."""
    confirms_account: bool
    """Whether a forced workspace is judged by an account id that the access token confirms."""
    stops_without_account: bool
    """Whether the interactive client stops at a login whose account id is empty."""
    unknown_fields: tuple[str, ...]
    """Fields of a stored login that it ignores."""
    federation: Federation = ""
    """Which workload identities it signs in by: none; that of a file; that of SPIFFE too."""


BEHAVIOURS = tuple(
    Behaviour._make((since, *knowledge.ROWS[name])) for since, (name,) in knowledge.SPANS
)
NEWEST_BEHAVIOUR = BEHAVIOURS[-1]


def version_number(version: str) -> Version | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def behaviour_of(version: str) -> Behaviour | None:
    """Return how a version behaves; None where it is older than anything that was seen."""
    number = version_number(version)
    if number is None:
        return None
    rows = BEHAVIOURS if number <= NEWEST else every_behaviour()
    fitting = [behaviour for behaviour in rows if behaviour.since <= number]
    return fitting[-1] if fitting else None


def every_behaviour() -> tuple[Behaviour, ...]:
    """Return the rows of this release, then those of installed knowledge; the oldest first."""
    from tipstaff_policy.clients.interface.knowledge import as_values  # noqa: PLC0415 - newer ones
    from tipstaff_policy.clients.learned import of_client  # noqa: PLC0415 - as above

    learned = of_client("codex")
    newer = (
        Behaviour._make((since, *as_values(rows[0][1], knowledge.FIELDS)))
        for since, rows in (learned.spans if learned else ())
    )
    return (*BEHAVIOURS, *newer)


def name_of(behaviour: Behaviour) -> str:
    """Return the name of a row, as reports show it."""
    return "codex-" + ".".join(str(number) for number in behaviour.since)
