"""TIP307 sees what a folder, a profile or a flag brings along, where it has effect."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, around, statuses

CASES = {
    "a project's": ((rule(layer="project"),), ["fail"]),
    "two": ((rule(layer="project"), rule("store", layer="flags")), ["fail", "fail"]),
    "one that lifts a restriction": ((rule(allows=None, layer="profile"),), ["fail"]),
    "one that is beaten": ((rule(layer="project", in_force=False),), ["pass"]),
    "the user's own file": ((rule(layer="user"),), ["pass"]),
    "none": ((), ["pass"]),
    "nobody looked": (None, ["not_applicable"]),
}


@pytest.mark.parametrize(("rules", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_whose_rules_are_in_force(rules, found):
    assert found == statuses("TIP307", around(rules=rules))


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP307", around(REFUSED, rules=()))
