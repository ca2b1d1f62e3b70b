"""TIP312 says that an older copy stands in for a policy."""

import pytest

from support.machines.check_hosts import around, ordered, statuses
from tipstaff_policy.model.state import Origin

PLACES = (Origin("organisation", "/a", None), Origin("organisation", "/b", None))
# Never an error of its own: without a good copy the policy is invalid for every check.
CASES = {
    "newer": (ordered()._replace(newer=PLACES), ["fail", "fail"]),
    "known": (ordered(), ["pass"]),
    "no policy": (None, ["not_applicable"]),
}


@pytest.mark.parametrize(("orders", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_read(orders, found):
    assert found == statuses("TIP312", around(orders=orders))
