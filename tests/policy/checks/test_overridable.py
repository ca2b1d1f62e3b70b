"""TIP302 sees restrictions that one line of the user's own lifts."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import REFUSED, around, ordered, statuses
from support.machines.hosts import make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.facts.stated_rules import find_stated_rules
from tipstaff_policy.model.request import Request
from tipstaff_policy.organisation.model import Allowed

FIRM = rule(key="allowed", allows=("chatgpt",))
ORDERED = ordered(login_methods=Allowed(("chatgpt",), ()))
CASES = {
    "firm": ((FIRM,), "pass"),
    "the system's default": ((rule(layer="system"),), "fail"),
    "the user's own": ((rule(layer="user"),), "fail"),
    "a default that a firm one covers": ((FIRM, rule(layer="system")), "pass"),
    "a default that goes further": (
        (rule(key="x", allows=("a", "b")), rule(layer="system", allows=("a",))),
        "fail",
    ),
    "a default that a firm one of its key beats": (
        (rule(allows=("a", "b")), rule(layer="system", allows=("c",))),
        "pass",
    ),
    "the user's own beyond a firm one": ((FIRM, rule(layer="user", allows=("api",))), "pass"),
    "a firm one that is not heeded": ((FIRM._replace(heeded=False), rule(layer="system")), "fail"),
    "a default that the user has lifted": (
        (rule(layer="user", allows=None), rule(layer="system", in_force=False)),
        "fail",
    ),
    "a store of the system's": ((rule("store", layer="system"),), "fail"),
    "a store that the user chose": ((rule("store", layer="user"),), "not_applicable"),
    "nothing": ((), "not_applicable"),
}


@pytest.mark.parametrize(("rules", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_where_the_rules_stand(rules, status):
    assert [status] == statuses("TIP302", around(rules=rules))


def test_the_organisations_policy_holds_what_a_default_says():
    assert ["pass"] == statuses("TIP302", around(rules=(rule(layer="system"),), orders=ORDERED))


def test_rules_that_were_not_read_are_an_error():
    assert ["error"] == statuses("TIP302", around(REFUSED, rules=()))


def test_where_nobody_looked_it_does_not_apply():
    assert ["not_applicable"] == statuses("TIP302", around())


LAYERS = {
    "managed": ({"managed": 'forced_login_method = "api"'}, ("administrators", False)),
    "system": ({"system": 'forced_login_method = "api"'}, ("administrators", True)),
    "user": ({"user": 'forced_login_method = "api"'}, ("user", True)),
    "requirements": (
        {"requirements": 'allowed_login_methods = ["api"]'},
        ("administrators", False),
    ),
}


@pytest.mark.parametrize(("files", "expected"), LAYERS.values(), ids=LAYERS)
def test_a_layer_tells_whether_the_user_can_beat_it(files, expected, tmp_path):
    root = make_host(tmp_path / "host", **files)
    state = load_client("codex").read_state(Request({}, "/", 0, "0.169.0", str(root)))

    (found,) = find_stated_rules(state)

    assert (("api",), *expected) == (found.allows, found.held_by, found.beatable)
