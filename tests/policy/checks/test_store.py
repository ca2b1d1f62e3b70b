"""TIP201 holds the store that the client really uses against the strongest word on it."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, around, ordered, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import StoreUse
from tipstaff_policy.organisation.model import Allowed

FILE, KEYRING = StoreUse("file", ()), StoreUse("keyring", ())
REQUIRED = rule("store", ("keyring",), "store")
PASSED_OVER = REQUIRED._replace(heeded=False, in_force=False)
DEFAULT = rule("store", ("keyring",), "store", "system", in_force=False)
OWN = rule("store", ("file",), "store", "user")
BY_POLICY = ordered(stores=Allowed(("keyring", "auto"), ()))
CASES = {
    "the required one": (around(rules=(REQUIRED,), store=KEYRING), "pass"),
    "another than the required one": (around(rules=(REQUIRED,), store=FILE), "fail"),
    "a required one that is passed over": (around(rules=(PASSED_OVER, OWN), store=FILE), "fail"),
    "a default that the user beats": (around(rules=(OWN, DEFAULT), store=FILE), "fail"),
    "the user's own choice": (around(rules=(OWN,), store=FILE), "not_applicable"),
    "one of the policy's": (around(orders=BY_POLICY, store=KEYRING), "pass"),
    "none of the policy's": (around(orders=BY_POLICY, store=FILE), "fail"),
    "nothing names one": (around(rules=(), store=FILE), "not_applicable"),
    "rules not read": (around(REFUSED, rules=(REQUIRED,)), "error"),
    "nobody looked": (around(rules=(REQUIRED,)), "not_applicable"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_the_store_in_use(host, status):
    assert [status] == statuses("TIP201", host)


def test_a_store_that_this_version_passes_over_asks_for_another_version():
    (outcome,) = load_check("TIP201")[1](around(rules=(PASSED_OVER, OWN), store=FILE))

    assert outcome.remedy.startswith("Update the client")
