"""TIP403: a log that others can read, or that holds a secret, fails; one not searched is no pass."""

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.model.host_facts import LoginLog

LOG = LoginLog("/home/dev/.codex/log/codex-login.log", "0600", 1000, 1000)


def with_log(**found):
    return around(login_log=LOG._replace(**found))


CASES = {
    "pass": with_log(),
    "fail": with_log(secrets=("an API key",)),
    "fail: readable by others": with_log(mode="0644"),
    "fail: of another user": with_log(owner=0),
    "fail: found in the part that was searched": with_log(secrets=("a web token",), unread="long"),
    "not_applicable": around(),
    "error": with_log(unread="is a fifo, and was not read"),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP403", host)


def test_a_live_windows_has_no_modes_to_judge():
    host = with_log(mode="0666")
    windows = host._replace(state=host.state._replace(platform="windows"))

    assert ["pass"] == statuses("TIP403", windows)
