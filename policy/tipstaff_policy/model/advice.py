"""What a check is called and asks for in a client's own terms: its commands, files and variables.

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
