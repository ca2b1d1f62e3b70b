"""TIP309 holds the clock against both ends of the policy's validity."""

import pytest

from support.machines.check_hosts import around, ordered, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.organisation.model import Rule


def when(now, **ends):
    orders = ordered(**{name: Rule(at, ()) for name, at in ends.items()})
    return around(orders=orders._replace(now=now))


# Never an error of its own: a policy that cannot be read is one for every check that reads it.
CASES = {
    "within": (when(5, valid_from=5, valid_until=6), "pass"),
    "before": (when(4, valid_from=5), "fail"),
    "after": (when(6, valid_until=6), "fail"),
    "without an end": (when(9, valid_from=5), "pass"),
    "no dates": (when(9), "not_applicable"),
    "no policy": (around(), "not_applicable"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_the_clock(host, status):
    assert [status] == statuses("TIP309", host)


def test_it_cannot_be_waived():
    assert not load_check("TIP309")[0].waivable
