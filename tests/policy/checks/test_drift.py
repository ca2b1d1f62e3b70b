"""TIP308 compares what is deployed with what was ordered, and says in which way it differs."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, around, ordered, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import CarriedKey
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import Allowed, Rule, Scope

CHATGPT = Allowed(("chatgpt",), ())
BOTH = Allowed(("api", "chatgpt"), ())
METHODS = ordered(login_methods=CHATGPT)
STORES = ordered(stores=Allowed(("auto", "keyring"), ()))
AT = (Origin("organisation", "p", 7),)
STARTING = ordered(login_methods=CHATGPT, enforce_from=Rule(9, AT))
REPORTED = ordered(login_methods=CHATGPT, on_violation=Rule("report", AT))
FIRST = ordered(login_methods=CHATGPT, cohort=Rule(9999, AT))
SCOPED = ordered(
    login_methods=CHATGPT, scopes=(Scope("ci", ("ci-*",), enforce_from=9, origin=AT[0]),)
)
STARTED = ordered(login_methods=CHATGPT, enforce_from=Rule(0, AT), cohort=Rule(10_000, AT))
CASES = {
    "the same": ((rule(),), METHODS, ["pass"]),
    "nothing deployed": ((), METHODS, ["fail"]),
    "nothing deployed, all allowed": ((), ordered(login_methods=BOTH), ["pass"]),
    "stricter": ((rule(),), ordered(login_methods=BOTH), ["fail"]),
    "together the same": (
        (rule(key="a", allows=("w", "x")), rule(key="b", allows=("w", "y"))),
        ordered(login_methods=Allowed(("w",), ())),
        ["pass"],
    ),
    "beaten by the administrators themselves": (
        (rule(allows=("api",)), rule(layer="system")),
        METHODS,
        ["fail"],
    ),
    "the user's own does not count": ((rule(layer="user"),), METHODS, ["fail"]),
    "one of the stores": ((rule("store", ("keyring",)),), STORES, ["pass"]),
    "another store": ((rule("store", ("file",)),), STORES, ["fail"]),
    "no store": ((), STORES, ["fail"]),
    "no workspaces": ((), ordered(workspaces=Allowed(("w",), ())), ["fail"]),
    "not ordered": ((rule(),), ordered(), ["not_applicable"]),
    "no policy": ((rule(),), None, ["not_applicable"]),
    "not yet spoken of": (
        (),
        ordered(login_methods=CHATGPT, valid_from=Rule(9, ())),
        ["not_applicable"],
    ),
    "not yet enforced": ((), STARTING, ["not_applicable"]),
    "only reported": ((), REPORTED, ["not_applicable"]),
    "on a part of the hosts": ((), FIRST, ["not_applicable"]),
    "not yet in one scope": ((), SCOPED, ["not_applicable"]),
    "on all hosts": ((), STARTED, ["fail"]),
    "nobody looked": (None, METHODS, ["not_applicable"]),
}


@pytest.mark.parametrize(("rules", "orders", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_the_difference(rules, orders, found):
    assert found == statuses("TIP308", around(rules=rules, orders=orders))


def test_it_says_why_nothing_is_deployed_yet():
    (outcome,) = load_check("TIP308")[1](around(rules=(), orders=STARTING))

    assert outcome.observed.endswith("enforced on every host: enforce_from at p:7")


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP308", around(REFUSED, rules=(), orders=METHODS))


def carried(found):
    at = None if found == "missing" else Origin("requirements", "/etc/codex/requirements.toml", 3)
    return CarriedKey("clients.codex.requirements.x", found, at, (Origin("organisation", "p", 7),))


CARRIED = {
    "the same": (("same",), ["pass"]),
    "another value": (("other", "same"), ["fail", "pass"]),
    "not deployed": (("missing",), ["fail"]),
}


@pytest.mark.parametrize(("found", "expected"), CARRIED.values(), ids=CARRIED)
def test_a_key_that_the_policy_carries_is_compared_too(found, expected):
    keys = tuple(map(carried, found))

    assert expected == statuses("TIP308", around(rules=(), carried=keys, orders=ordered()))


def test_it_names_the_key_and_both_places():
    (outcome,) = load_check("TIP308")[1](
        around(rules=(), carried=(carried("other"),), orders=ordered())
    )

    assert "clients.codex.requirements.x: another value is deployed" == outcome.observed
    assert [3, 7] == [evidence.line for evidence in outcome.evidence]


@pytest.mark.parametrize(
    ("deployed", "ordered_values", "words"),
    [
        (("a",), ("a", "b"), "stricter: the client refuses what the policy allows"),
        (("a", "b"), ("a",), "looser"),
        (("a",), ("b",), "another"),
    ],
)
def test_it_says_in_which_way_it_differs(deployed, ordered_values, words):
    orders = ordered(workspaces=Allowed(ordered_values, ()))

    (outcome,) = load_check("TIP308")[1](
        around(rules=(rule("workspace", deployed),), orders=orders)
    )

    assert f"deployed: {' or '.join(deployed)} ({words})" == outcome.observed
