"""TIP301 fails where nothing restricts sign-in, whatever is deployed without effect."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, RULE, around, decided, ordered, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.organisation.model import Allowed

FREE = decided(methods=("chatgpt", "api"))
STORE = rule("store", ("keyring",), "store")
PASSED_OVER = rule(heeded=False, in_force=False)
CASES = {
    "a method is restricted": (around(), "pass"),
    "a workspace is restricted": (around(FREE._replace(workspaces=("ws-a",))), "pass"),
    "a store is required": (around(FREE, rules=(STORE,)), "pass"),
    "a store is the administrators' default": (
        around(FREE, rules=(rule("store", ("keyring",), "store", "system"),)),
        "pass",
    ),
    "the policy restricts": (
        around(FREE, orders=ordered(stores=Allowed(("file",), (RULE,)))),
        "pass",
    ),
    "nothing is stated": (around(FREE, rules=()), "fail"),
    "the user chose a store": (
        around(FREE, rules=(rule("store", ("keyring",), "store", "user"),)),
        "fail",
    ),
    "a required store is passed over": (
        around(FREE, rules=(STORE._replace(heeded=False, in_force=False),)),
        "fail",
    ),
    "a method rule is passed over": (around(FREE, rules=(PASSED_OVER,)), "fail"),
    "rules not read": (around(REFUSED), "error"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_what_is_in_force(host, status):
    assert [status] == statuses("TIP301", host)


def test_what_is_passed_over_is_named():
    (outcome,) = load_check("TIP301")[1](around(FREE, rules=(PASSED_OVER,)))

    assert outcome.observed == "no restriction: version 0.169.0 passes over /requirements:1"


def test_nobody_is_told_to_deploy_what_is_deployed():
    (outcome,) = load_check("TIP301")[1](around(FREE, rules=(PASSED_OVER,)))

    assert outcome.remedy.startswith("Update the client")
