"""TIP313 fails for each group of credentials that a restriction in force lets pass."""

import pytest

from support.machines.check_hosts import REFUSED, RULE, around, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import Gap

GAP = Gap("forceLoginMethod", "a stored key", "Set the other key.", (RULE,))


def outcome_of(gap):
    (outcome,) = load_check("TIP313")[1](around(gaps=(gap,)))
    return outcome


@pytest.mark.parametrize(
    ("gaps", "found"),
    [
        ((), ["pass"]),
        ((GAP,), ["fail"]),
        ((GAP, GAP), ["fail", "fail"]),
        (None, ["not_applicable"]),
    ],
)
def test_the_status_follows_the_gaps(gaps, found):
    assert found == statuses("TIP313", around(gaps=gaps))


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP313", around(REFUSED, gaps=()))


def test_the_finding_names_the_restriction_and_what_passes_it():
    found = outcome_of(GAP)

    assert "forceLoginMethod lets pass: a stored key" == found.observed
    assert RULE.path == found.evidence[0].path


def test_the_finding_says_what_closes_the_gap():
    assert "Set the other key." == outcome_of(GAP).remedy


@pytest.mark.parametrize(("closable", "severity"), [(True, None), (False, "low")])
def test_a_gap_that_cannot_be_closed_is_of_low_severity(closable, severity):
    assert severity == outcome_of(GAP._replace(closable=closable)).severity
