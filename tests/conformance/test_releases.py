"""What Tipstaff says and does on two releases of the client, as docs/clients/codex-releases.md has it.

A release must stop no good host and let no forbidden login stay: so the table is run, with both.
"""

import pytest

from conformance.account import REASON
from conformance.client import find_client
from conformance.releases import PAGE, POLICIES, RELEASES, case_of, fits, page_text, rows, seen

pytestmark = pytest.mark.rest

ROWS = rows()


@pytest.fixture(scope="module")
def clients(request):
    found = {version: find_client(version) for version in RELEASES}
    missing = [version for version, path in found.items() if path is None]
    if missing:
        request.config.stash[REASON] = f"client {missing[0]} is not installed"
        pytest.skip(request.config.stash[REASON])
    return found


def test_the_table_has_a_login_that_complies_and_one_that_does_not_for_every_policy():
    policies = {*POLICIES, "the organisation's policy"}
    free = {"required store file", "required store keyring"}

    assert policies == {policy for policy, _ in ROWS}
    assert policies == {policy for policy, login in ROWS if login == "complies"}
    assert policies - free == {policy for policy, login in ROWS if login != "complies"}


@pytest.mark.parametrize(("policy", "login"), ROWS, ids=map(", ".join, ROWS))
def test_both_releases_end_as_the_page_says(policy, login, namespace, clients):
    case = case_of(policy, login)

    found = tuple(seen(namespace, case, clients[release], release) for release in RELEASES)

    assert ROWS[policy, login] == found


def test_what_complies_starts_and_what_does_not_goes_on_every_release():
    ends = [(login, ending) for (_, login), endings in ROWS.items() for ending in endings]

    assert [] == [(login, ending) for login, ending in ends if not fits(login, ending)]


def test_the_page_has_the_two_newest_proven_releases():
    found = {key: list(endings) for key, endings in ROWS.items()}

    assert PAGE.read_text("utf-8") == page_text(PAGE.read_text("utf-8"), RELEASES, found)
