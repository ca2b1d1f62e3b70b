"""Waivers: who answers for a failure, and how long still."""

from tipstaff_policy.organisation.waivers.standing import Waived
from tipstaff_reports.page.elements import Content
from tipstaff_reports.page.parts import Fact
from tipstaff_reports.page.shown import (
    code,
    count_in_words,
    days_left,
    join_in_words,
    moment,
    prose,
)

STANDINGS = {
    "active": "in force",
    "expired": "expired: it covers nothing any more",
    "not_waivable": "without effect: this check may not be waived",
}


def waiver_facts(waived: Waived, now: str) -> list[Fact]:
    """Return a waiver as facts.

    Args:
        waived: The waiver and how it stands.
        now: When the run ended, from which the days are counted.
    """
    waiver = waived.waiver
    found: list[Fact] = [
        ("Waiver of", code(waiver.check)),
        ("Standing", STANDINGS[waived.standing]),
        ("Owner", prose(waiver.owner)),
        ("Approved by", prose(waiver.approver)),
        ("Ticket", prose(waiver.ticket)),
        ("Reason", prose(waiver.reason)),
        ("Until", until(waived, now)),
        ("Covers", covers(waived)),
        ("Stated in", code(str(waiver.origin))),
    ]
    if waiver.signed_by:
        found.append(("Signed by", code(waiver.signed_by)))
    return found


def until(waived: Waived, now: str) -> Content:
    """Return the end of a waiver, with the days that were left when the run ended."""
    ends_at = waived.waiver.expires_at
    return (moment(ends_at), " (", _in_days(days_left(ends_at, now)), ")")


def covers(waived: Waived) -> Content:
    """Return which hosts, persons, groups and clients a waiver is for."""
    waiver = waived.waiver
    named = {
        "host": waiver.host,
        "person": waiver.user,
        "group": waiver.group,
        "client": waiver.client,
    }
    bounds = [(f"{name} ", prose(value)) for name, value in named.items() if value is not None]
    return join_in_words(bounds) if bounds else "every host and person under this policy"


def _in_days(left: int) -> str:
    if left < 0:
        return f"ended {count_in_words(-left, 'day')} before the run did"
    return f"{count_in_words(left, 'day')} left when the run ended"
