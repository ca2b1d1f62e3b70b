"""A check speaks of any client; what a client calls things, and what it cannot have, it says."""

import pytest

from support.clients.stated_rules import rule
from support.machines.check_hosts import around, decided
from tipstaff_policy.assessment.findings import evaluate_checks
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.model.advice import CheckAdvice

PASSED_OVER = (rule(heeded=False, in_force=False),)
FREE = around(decided(methods=("chatgpt", "api")), rules=())


def found(**advice):
    (finding,) = evaluate_checks(FREE, ("TIP301",), advice={"TIP301": CheckAdvice(**advice)})
    return finding


def test_a_finding_asks_for_what_the_client_calls_it():
    assert found(remedy="Run `made-up lock`.").remedy == "Run `made-up lock`."


def test_a_client_without_words_of_its_own_is_spoken_of_in_general():
    assert found().remedy == load_check("TIP301")[0].remedy


def test_what_one_outcome_asks_for_comes_before_what_every_one_does():
    ignored = FREE._replace(surroundings=FREE.surroundings._replace(rules=PASSED_OVER))
    advice = {"TIP301": CheckAdvice(remedy="Run `made-up lock`.")}

    (finding,) = evaluate_checks(ignored, ("TIP301",), advice=advice)

    assert finding.remedy.startswith("Update the client")


def test_a_fault_that_a_client_cannot_have_is_not_judged():
    finding = found(not_applicable="the client has no such file")

    assert "not_applicable" == finding.status
    assert "the client has no such file" == finding.observed


@pytest.mark.parametrize("client", CLIENTS)
def test_advice_is_given_to_checks_that_there_are(client):
    assert {*load_client(client).advice()} <= {*MODULES}


@pytest.mark.parametrize("client", CLIENTS)
def test_advice_says_something_else_than_the_check(client):
    same = [
        (check_id, name)
        for check_id, advice in load_client(client).advice().items()
        for name, text in advice._asdict().items()
        if text and text == getattr(load_check(check_id)[0], name, "")
    ]

    assert same == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_command_to_sign_in_is_one_of_a_method_that_there_is(client):
    adapter = load_client(client)

    assert {*adapter.sign_in} == {method.name for method in adapter.methods}
