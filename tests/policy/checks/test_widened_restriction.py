"""TIP315 fails for each list of a restriction to which a further file adds."""

import pytest

from support.machines.check_hosts import REFUSED, RULE, around, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import Widened

WIDENED = Widened("allowedProviders", ("bedrock", "vertex"), (RULE,))


@pytest.mark.parametrize(
    ("widened", "found"), [((), ["pass"]), ((WIDENED,), ["fail"]), (None, ["not_applicable"])]
)
def test_the_status_follows_what_was_widened(widened, found):
    assert found == statuses("TIP315", around(widened=widened))


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP315", around(REFUSED, widened=()))


def test_the_finding_names_what_is_added_and_where():
    (outcome,) = load_check("TIP315")[1](around(widened=(WIDENED,)))

    assert "allowedProviders also allows bedrock, vertex" == outcome.observed
    assert RULE.path == outcome.evidence[0].path
