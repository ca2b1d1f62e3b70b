"""TIP401: what is older than the organisation allows fails; what may lie is no pass."""

import pytest

from support.machines.check_hosts import CLIENT, RULE, around, ordered, state, statuses
from tipstaff_policy.organisation.model import Rule

ORDERS = ordered(oldest_client=Rule((0, 150, 0), (RULE,)))


def of(**client):
    return around(of=state()._replace(client=CLIENT._replace(**client)), orders=ORDERS)


CASES = {
    "pass": of(version="0.150.0"),
    "pass: compared as numbers": of(version="0.1000.0"),
    "fail": of(version="0.149.9"),
    "fail: a prerelease is taken as its release": of(version="0.149.9-alpha.1"),
    "not_applicable": of(version_source="assumed"),
    "not_applicable: no policy": around(),
    "not_applicable: no such rule": around(orders=ordered()),
    "error": of(version_source="assumed", path="/usr/bin/codex"),
    "error: its user can write what it says": of(version_source="doubted", path="/c"),
    "fail: even if it lies": of(version="0.1.0", version_source="doubted", path="/c"),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP401", host)
