"""TIP106 says of each login whether a trusted key signed its tokens."""

import pytest

from support.machines.check_hosts import (
    LOGIN,
    RULE,
    decided,
    host_of,
    ordered,
    state,
    statuses,
    stored,
    variable,
)
from tipstaff_policy.organisation.model import Allowed

TRUSTING = ordered(trusted_keys=Allowed(("thumbprint",), (RULE,)))


def login(signature):
    return state(stored(LOGIN._replace(signature=signature)))


CASES = {
    "trusted": (login("trusted"), TRUSTING, "pass"),
    "unsigned": (login("unsigned"), TRUSTING, "fail"),
    "untrusted": (login("untrusted"), TRUSTING, "fail"),
    "unknown key": (login("unknown key"), TRUSTING, "fail"),
    "not verified": (login("not verified"), TRUSTING, "error"),
    "an API key": (state(variable()), TRUSTING, "not_applicable"),
    "a policy without keys": (login(None), ordered(), "not_applicable"),
    "no policy": (login(None), None, "not_applicable"),
}


@pytest.mark.parametrize(("host", "orders", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_the_signature(host, orders, status):
    assert [status] == statuses("TIP106", host_of(host, decided(), orders))
