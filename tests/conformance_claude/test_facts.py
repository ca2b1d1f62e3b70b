"""What the client did, as it was recorded, is what the tables say of it; no client is run.

`python -m conformance_claude.record` writes the records again.
"""

import pytest

from conformance_claude import cases, cases_versions, install
from conformance_claude.record import corpus_of, missing_of, read_corpus

RECORDED = read_corpus(corpus_of(install.NEWEST))
STARTED, OUT = "started", "signed out"


def sent(name):
    """Return what a start sends, as texts."""
    _, outcome = RECORDED[name]
    return {text for request in outcome.sent for _, text in request}


def test_every_host_of_the_tables_is_recorded_as_it_is():
    assert sorted(missing_of(cases.CASES, RECORDED)) == []


@pytest.mark.parametrize("name", [name for name, (_, kind) in cases.CASES.items() if kind])
def test_the_client_ended_as_expected(name):
    assert cases.CASES[name][1] == RECORDED[name][1].kind


@pytest.mark.parametrize("version", cases_versions.OLDER)
def test_every_host_on_which_versions_differ_is_recorded(version):
    recorded = read_corpus(corpus_of(version))

    assert sorted(missing_of(cases_versions.HOSTS, recorded)) == []


@pytest.mark.parametrize("version", cases_versions.OLDER)
def test_an_older_version_ended_as_the_tables_say(version):
    recorded = read_corpus(corpus_of(version))
    expected = cases_versions.OLDER[version]

    assert expected == {name: recorded[name][1].kind for name in expected}


def test_no_refusal_and_no_stop_removes_anything():
    ends = [
        (name, outcome.left)
        for name, (_, outcome) in RECORDED.items()
        if outcome.kind in ("refused", "stopped", OUT)
    ]

    assert [] == [(name, left) for name, left in ends if "gone" in left.values()]


def test_every_refusal_ends_with_1():
    codes = {
        outcome.code
        for _, outcome in RECORDED.values()
        if outcome.kind in ("refused", "stopped", OUT)
    }

    assert codes == {1}


SENT = {
    "bearer variable before helper": {"made-up-bearer-of-variable", "made-up-key-of-helper"},
    "bearer variable before key variable": {
        "made-up-bearer-of-variable",
        "made-up-key-of-variable",
    },
    "bearer variable before token variable": {"made-up-bearer-of-variable"},
    "helper beside key variable": {"made-up-key-of-helper", "made-up-key-of-variable"},
    "helper before token variable": {"made-up-key-of-helper"},
    "key variable before token variable": {"made-up-key-of-variable"},
    "token variable before login": {"made-up-token-of-org-a"},
    "login before Console key": {"made-up-login-of-org-a"},
    "login before an implied profile": {"made-up-login-of-org-a"},
    "named profile before login": {"made-up-profile-of-org-b"},
    "Console key before profile": {"made-up-console-key"},
    "blank and empty variables": {"made-up-login-of-org-a"},
    "custom headers beside a login": {"made-up-login-of-org-a", "made-up-key-of-header"},
    "project's env: token is left out": {"made-up-login-of-org-a"},
}


@pytest.mark.parametrize("name", SENT)
def test_the_credential_that_comes_first_is_sent(name):
    assert SENT[name] == sent(f"order: {name}")


def test_a_failing_helper_does_not_fall_back_to_the_login():
    assert sent("decision: a failing helper") == {"(empty)"}


def test_a_log_out_leaves_the_key_in_the_copies_of_the_global_file():
    _, outcome = RECORDED["log-out: login and Console key"]

    assert outcome.holding == [".claude/backups/.claude.json.backup.<ms>"]


def test_a_log_out_in_a_folder_that_cannot_be_written_says_success_and_leaves_the_login():
    _, outcome = RECORDED["log-out: a folder that cannot be written"]

    assert (outcome.kind, outcome.left) == ("logged out", {".claude/.credentials.json": "same"})
