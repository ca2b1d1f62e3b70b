"""TIP408: what was compared with the client passes. There is no error: the fact is always known."""

import pytest

from check_hosts import CLIENT, around, state, statuses


def of(**client):
    return around(of=state()._replace(client=CLIENT._replace(**client)))


CASES = {
    "pass": of(),
    "fail": of(proven=False, path="/usr/bin/codex"),
    "not_applicable": of(version_source="assumed"),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP408", host)
