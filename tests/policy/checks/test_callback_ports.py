"""TIP404: only two ports taken by others fail."""

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.model.host_facts import CallbackPorts, TakenPort

FIRST, SECOND = TakenPort(1455, "process 7 (nc)"), TakenPort(1457, "process 7 (nc)")


def with_ports(*taken, unread=None):
    return around(callback_ports=CallbackPorts((1455, 1457), taken, unread))


CASES = {
    "pass": with_ports(),
    "pass: one is free": with_ports(FIRST),
    "pass: the client signs in": with_ports(FIRST, SECOND._replace(client=True)),
    "fail": with_ports(FIRST, SECOND),
    "not_applicable": around(),
    "error": with_ports(unread="the table of sockets: Permission denied"),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP404", host)
