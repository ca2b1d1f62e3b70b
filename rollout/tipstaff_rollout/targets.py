"""Which releases of Tipstaff read what an artefact carries."""

from tipstaff_policy.organisation.fields import SCHEMA

Release = tuple[int, int, int]
READS_SCHEMA: dict[int, Release] = {1: (0, 1, 0)}
"""The first release that reads a schema of policy documents."""


def obstacle(release: Release) -> str:
    """Return why a release of Tipstaff could not read a document of this one; empty if it can."""
    first = READS_SCHEMA[SCHEMA]
    if release >= first:
        return ""
    return f"it does not read schema {SCHEMA}; {'.'.join(map(str, first))} is the first that does"
