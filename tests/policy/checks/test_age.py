"""TIP107 says of each login whether it is older than the policy allows, or has expired."""

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
from tipstaff_policy.organisation.model import Rule
from tipstaff_policy.organisation.violations import violations_of

DAY = 86400
NOW = 100 * DAY
RULED = ordered(longest_age_s=Rule(30 * DAY, (RULE,)))


def login(refreshed=None, expires=None, **more):
    made = LOGIN._replace(last_refresh=refreshed, expires_at=expires, **more)
    return state(stored(made))._replace(evaluated_at=NOW)


CASES = {
    "young": (login(NOW - DAY), RULED, "pass"),
    "as old as allowed": (login(NOW - 30 * DAY), RULED, "pass"),
    "a second too old": (login(NOW - 30 * DAY - 1), RULED, "fail"),
    "young and expired": (login(NOW - DAY, NOW), RULED, "fail"),
    "age not known": (login(None, NOW + 1), RULED, "error"),
    "refreshed in the future": (login(NOW + 2 * DAY), RULED, "error"),
    "clock a little late": (login(NOW + 60), RULED, "pass"),
    "old, no rule, not expired": (login(0, NOW + 1), None, "pass"),
    "expired, no rule": (login(NOW, NOW), None, "fail"),
    "expired, a policy without the rule": (login(NOW, NOW), ordered(), "fail"),
    "expiry not known, no rule": (login(NOW), None, "not_applicable"),
    "a key": (state(variable()), RULED, "not_applicable"),
    "an access token": (login(ask="whoami"), RULED, "not_applicable"),
}


@pytest.mark.parametrize(("host", "orders", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_age_and_expiry(host, orders, status):
    assert [status] == statuses("TIP107", host_of(host, decided(), orders))


@pytest.mark.parametrize(
    ("host", "logs_out"), [(login(0), ["age"]), (login(NOW, NOW), [])], ids=["old", "expired"]
)
def test_only_the_age_that_a_policy_states_logs_out(host, logs_out):
    found = violations_of(host.credentials[0], RULED.make_ordered(), NOW)

    assert logs_out == [violation.attribute for violation in found]
