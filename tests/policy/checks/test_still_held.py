"""TIP407: under a rule, a process that may hold what is not allowed fails."""

import pytest

from support.machines.check_hosts import UNKNOWN, around, broke, decided, ordered, state, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import Running, RunningClient

LATER, EARLIER = RunningClient(7, 200, True), RunningClient(7, 50, True)
NONE_STORED = {"of": state(), "decision": decided("not_logged_in", None)}
FREE = decided(methods=("chatgpt", "api"))
BROKEN = decided("log_out", violations=broke("login_method", "api"))


def with_clients(*clients, unread=None, decision=None, **more):
    return around(decision, running=Running(clients, 100, unread), **more)


CASES = {
    "pass": with_clients(LATER),
    "pass: none runs": with_clients(decision=BROKEN),
    "pass: of another folder": with_clients(EARLIER._replace(here=False)),
    "pass: perhaps here, and it does not matter": with_clients(LATER._replace(here=None)),
    "fail": with_clients(LATER, decision=BROKEN),
    "fail: none is stored any more": with_clients(LATER, **NONE_STORED),
    "fail: it holds the one before": with_clients(EARLIER),
    "not_applicable": around(),
    "not_applicable: nothing is forbidden": with_clients(EARLIER, decision=FREE),
    "fail: with a policy": with_clients(EARLIER, decision=FREE, orders=ordered()),
    "error": with_clients(LATER, decision=UNKNOWN),
    "error: cannot be looked into": with_clients(EARLIER._replace(here=None)),
    "error: no process is seen": with_clients(unread="no process can be seen"),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP407", host)


def test_a_change_that_may_be_the_processes_own_refresh_is_milder():
    _, evaluate = load_check("TIP407")

    assert "low" == evaluate(with_clients(EARLIER))[0].severity
    assert evaluate(with_clients(EARLIER, decision=BROKEN))[0].severity is None
