"""What checks and sign-in keys are about in a client's own terms: its commands, files, variables.

A check speaks of any client. Where one client's own words say more, its adapter has them.
"""

from tipstaff_policy.record import Record


class CheckAdvice(Record):
    """A check's texts for one client; empty where the check's own text serves."""

    title: str = ""
    fails_when: str = ""
    rationale: str = ""
    remedy: str = ""
    not_applicable: str = ""
    """Why this client cannot have the fault, so that nothing is judged; empty where it can."""


class KeyText(Record):
    """What a person should know of a sign-in key."""

    does: str
    belongs: str
    """The files that it works in."""
    default: str
