"""What changed between versions of the client, as data: one row a change of behaviour.

Source: `make conformance CLIENT=x.y.z` on the versions in PROVEN.
"""

import re
from typing import NamedTuple

Version = tuple[int, int, int]

PROVEN: tuple[Version, ...] = ((0, 169, 0),)
"""The versions on which every case of the conformance suite agreed."""
OLDEST, NEWEST = PROVEN[0], PROVEN[-1]


class Behaviour(NamedTuple):
    """How a range of versions behaves, from ``since`` to the next row."""

    since: Version
    reads_sign_in_requirements: bool
    """Whether the requirements may name login methods and workspaces."""
    reads_required_store: bool
    """Whether the requirements may name the store and the address of the service."""
    confirms_account: bool
    """Whether a forced workspace is judged by an account id that the access token confirms."""


BEHAVIOURS = (
    Behaviour((0, 140, 0), False, False, False),
    Behaviour((0, 147, 0), True, False, False),
    Behaviour((0, 150, 0), True, True, False),
    Behaviour((0, 166, 0), True, True, True),
)


def version_number(version: str) -> Version | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def behaviour_of(version: str) -> Behaviour | None:
    """Return how a version behaves; None where it is older than anything that was seen."""
    number = version_number(version)
    fitting = [each for each in BEHAVIOURS if number is not None and each.since <= number]
    return fitting[-1] if fitting else None


def name_of(behaviour: Behaviour) -> str:
    """Return the name of a row, as reports show it."""
    return "codex-" + ".".join(str(each) for each in behaviour.since)
