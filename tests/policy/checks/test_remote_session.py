"""TIP410: under a rule, a client that works by another host's login fails."""

import pytest

from support.machines.check_hosts import around, decided, ordered, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.clients.codex.facts.remote import address_of, remote_sessions, show_address
from tipstaff_policy.model.host_facts import RemoteSession, Running
from tipstaff_policy.model.request import Request

FREE = decided(methods=("chatgpt", "api"))
SESSION = RemoteSession("wss://host:1", 7)


def with_sessions(*sessions, decision=None, **more):
    return around(decision, remote_sessions=sessions, **more)


CASES = {
    "pass": with_sessions(),
    "fail": with_sessions(SESSION),
    "fail: the command line": with_sessions(SESSION._replace(pid=None)),
    "fail: with a policy": with_sessions(SESSION, decision=FREE, orders=ordered()),
    "not_applicable": around(),
    "not_applicable: nothing is forbidden": with_sessions(SESSION, decision=FREE),
}
ADDRESSES = {
    "ws://host:1": "ws://host:1",
    "wss://[::1]:9/x": "wss://[::1]:9",
    "wss://user:made-up@host:1/made-up?made-up#made-up": "wss://host:1",
    "unix:///run/x.sock": "unix:///run/x.sock",
    "made-up": "an address of no known form",
    "ws://a b": "an address of no known form",
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP410", host)


def test_the_process_and_the_address_are_named():
    (outcome,) = load_check("TIP410")[1](with_sessions(SESSION))

    assert "process 7" == outcome.subject
    assert "/proc/7" == outcome.evidence[0].path
    assert "wss://host:1" in outcome.observed


@pytest.mark.parametrize(("address", "expected"), ADDRESSES.items())
def test_an_address_is_shown_without_what_may_be_secret(address, expected):
    assert expected == show_address(address)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("codex exec --remote ws://h hi", "ws://h"),
        ("codex --remote=ws://h", "ws://h"),
        ("codex --nonsense exec --remote ws://h", "ws://h"),
        ("codex exec-server --remote ws://h", None),
        ("codex exec hi", None),
    ],
)
def test_the_address_is_read_from_the_command_line(line, address):
    assert address == address_of(tuple(line.split()))


def test_the_command_line_that_is_judged_counts_where_no_process_is_seen():
    request = Request({}, "/", 0, remote="ws://h:1")

    assert (RemoteSession("ws://h:1"),) == remote_sessions(request, None)
    assert None is remote_sessions(request._replace(remote=None), Running(unread="hidden"))
