"""Which waiver covers what, for how long, and how it is reported."""

import pytest

from tipstaff_policy.model.state import Machine
from tipstaff_policy.organisation.model import (
    SECONDS_A_DAY,
    Allowed,
    OrganisationPolicy,
    Scope,
    Waiver,
)
from tipstaff_policy.organisation.waivers.standing import ends, find_waiver

NOW = 1_000_000
HOST = Machine("0123", "dev-7.example.com", "ada")


def waiver(expires_at=NOW + 1, **fields):
    return Waiver("TIP102", expires_at, "owner", "approver", "T-1", "reason", **fields)


def standing(*waivers, check="TIP102", machine=HOST, **fields):
    policy = OrganisationPolicy(waivers=waivers, scopes=(Scope("dev", ("dev-*",)),), **fields)
    found = find_waiver(policy, check, client="codex", machine=machine, now=NOW)
    return found and found.standing


CASES = {
    "for everybody": (waiver(), "active"),
    "until this second": (waiver(NOW), "expired"),
    "of this host": (waiver(host="dev-7.example.com"), "active"),
    "of this host by its id": (waiver(host="0123"), "active"),
    "of hosts like this": (waiver(host="DEV-*"), "active"),
    "of another host": (waiver(host="dev-8*"), None),
    "of this user": (waiver(user="ada"), "active"),
    "of another user": (waiver(user="bob"), None),
    "of this scope": (waiver(group="dev"), "active"),
    "of another scope": (waiver(group="ci"), None),
    "of this client": (waiver(client="codex"), "active"),
    "of another client": (waiver(client="other"), None),
    "of host and another user": (waiver(host="dev-7*", user="bob"), None),
}


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_a_waiver_covers_what_it_selects(given, expected):
    assert expected == standing(given)


def test_a_waiver_of_another_check_covers_nothing():
    assert standing(waiver(), check="TIP101") is None


def test_an_active_waiver_is_preferred_to_one_that_has_ended():
    assert "active" == standing(waiver(NOW - 9), waiver(NOW + 9))


def test_a_host_or_user_that_nobody_knows_fits_no_selector():
    nobody = Machine(None, "", "")

    assert [None, None] == [
        standing(selector, machine=nobody) for selector in (waiver(host="*"), waiver(user="*"))
    ]


def test_a_check_that_may_not_be_waived_is_not():
    assert "not_waivable" == standing(waiver(), not_waivable=Allowed(("TIP102",), ()))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3 * SECONDS_A_DAY, "ends in 3 days"),
        (SECONDS_A_DAY, "ends in 24 hours"),
        (60, "ends in less than 2 hours"),
        (0, "ended less than 2 hours ago"),
        (-5 * SECONDS_A_DAY, "ended 5 days ago"),
    ],
)
def test_the_end_is_told_in_words(seconds, words):
    assert words == ends(NOW + seconds, NOW)
