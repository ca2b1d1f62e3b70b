"""The real client ends today as it was recorded, on a host of each kind of ending."""

import pytest

from conformance_claude import cases, install
from conformance_claude.oracle import STARTED, log_out, start
from conformance_claude.record import corpus_of, read_corpus

pytestmark = pytest.mark.rest
RECORDED = read_corpus(corpus_of(install.NEWEST))
SAMPLE = tuple({outcome.ending: name for name, (_, outcome) in RECORDED.items()
                if not cases.is_log_out(name)}.values())  # fmt: skip
"""One host for each ending, the last in the tables."""
SENT = ("order: helper before token variable", "order: project's env: token is left out")


@pytest.mark.parametrize("name", [*SAMPLE, *SENT])
def test_the_client_ends_as_recorded(namespace, client, name):
    host, recorded = RECORDED[name]

    found = start(namespace, client, host)

    assert recorded.ending == found.ending, found.text


@pytest.mark.parametrize("name", [name for name in SAMPLE if RECORDED[name][1].kind != STARTED])
def test_a_client_that_does_not_start_leaves_the_files_as_recorded(namespace, client, name):
    host, recorded = RECORDED[name]

    found = start(namespace, client, host)

    assert (recorded.left, recorded.holding) == (found.left, list(found.holding))


@pytest.mark.parametrize("name", SENT)
def test_the_client_sends_the_recorded_credential(namespace, client, name):
    host, recorded = RECORDED[name]

    found = start(namespace, client, host)

    assert [[list(pair) for pair in request] for request in found.sent] == recorded.sent


def test_the_clients_own_log_out_leaves_a_key_in_its_copies(namespace, client):
    name = "log-out: login and Console key"

    found = log_out(namespace, client, RECORDED[name][0])

    assert found.holding == (".claude/backups/.claude.json.backup.<ms>",)


def test_the_client_runs_as_an_ordinary_user(namespace):
    host, _ = RECORDED["matrix: none under none"]

    found = namespace.run(["/usr/bin/id", "-u"], host)

    assert found["out"] == "1000\n"


def test_a_managed_file_of_the_administrators_cannot_be_changed(namespace):
    host, _ = RECORDED["managed file: a file that the user cannot read"]
    place = "/etc/claude-code/managed-settings.json"

    found = namespace.run(["/bin/sh", "-c", f"cat {place} || echo unreadable"], host)

    assert found["out"] == "unreadable\n"
