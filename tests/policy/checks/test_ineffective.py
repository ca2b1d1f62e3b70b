"""TIP310 sees restrictions that the version judged here has never heard of."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, around, statuses
from support.machines.hosts import make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.facts.stated_rules import find_stated_rules
from tipstaff_policy.model.request import Request

CASES = {
    "heeded": ((rule(),), ["pass"]),
    "passed over": ((rule(heeded=False), rule("store", heeded=False)), ["fail", "fail"]),
    "passed over, and no restriction": ((rule(allows=None, heeded=False),), ["not_applicable"]),
    "nothing restricted": ((), ["not_applicable"]),
    "nobody looked": (None, ["not_applicable"]),
}


@pytest.mark.parametrize(("rules", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_what_the_version_heeds(rules, found):
    assert found == statuses("TIP310", around(rules=rules))


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP310", around(REFUSED, rules=()))


@pytest.mark.parametrize(
    ("version", "heeded"),
    [("0.146.0", [False, False]), ("0.147.0", [True, False]), ("0.150.0", [True, True])],
)
def test_the_version_decides_which_requirements_count(version, heeded, tmp_path):
    text = 'allowed_login_methods = ["api"]\ncli_auth_credentials_store = "file"\n'
    root = make_host(tmp_path / "host", requirements=text)
    state = load_client("codex").read_state(Request({}, "/", 0, version, str(root)))

    assert heeded == [stated_rule.heeded for stated_rule in find_stated_rules(state)]
