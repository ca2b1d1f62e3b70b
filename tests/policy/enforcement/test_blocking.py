"""A client that blocks keeps the credential; Tipstaff removes it where an administrator orders so."""

import os

import pytest

from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.explanation import why
from tipstaff_policy.assessment.findings import audit_exit, is_compliant
from tipstaff_policy.assessment.removal_plan import plan_by_personal_rule
from tipstaff_policy.assessment.simulation import Client, _by_client
from tipstaff_policy.clients import load_client
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Decision
from tipstaff_policy.model.wording import DECISIONS

CODEX = load_client("codex")


def blocks(state):
    """Decide as a client that stops on a forbidden login and keeps it."""
    found = CODEX.decide(state)
    if found.verdict != "log_out":
        return found
    return found._replace(verdict="block", removes=(), reason=f"{found.reason} It stops.")


BLOCKING = CODEX._replace(decide=blocks)


def request_of(root):
    return Request({}, "/", 1_800_000_000, "0.169.0", system_root=str(root))


@pytest.mark.parametrize(("layer", "code", "kept"), [("managed", 10, False), ("user", 0, True)])
def test_what_the_client_keeps_goes_by_an_administrators_rule_alone(layer, code, kept, tmp_path):
    root = make_host(tmp_path / "host", **{layer: FORCED_CHATGPT})

    done = enforce_all(BLOCKING, request_of(root))

    assert code == done.exit_code
    assert "block" == done.decision.verdict
    assert kept == credential(root).exists()


def test_a_rule_of_the_users_own_plans_nothing(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    state = CODEX.read_state(request_of(root))
    sign_in = comply(state, CODEX.by_administrators)

    assert plan_by_personal_rule(state, blocks, sign_in, ()) is None


@pytest.mark.parametrize(("layer", "outcome"), [("managed", "log_out"), ("user", "left_alone")])
def test_a_simulation_takes_it_for_a_log_out_where_administrators_want_it(layer, outcome, tmp_path):
    root = make_host(tmp_path / "host", **{layer: FORCED_CHATGPT})
    state = CODEX.read_state(request_of(root))
    client = Client("codex", blocks, CODEX.by_administrators, lambda state, *_: state)

    assert outcome == _by_client(state, blocks(state), client)


def test_a_client_that_blocks_for_no_credential_is_refused_in_a_simulation(tmp_path):
    state = CODEX.read_state(request_of(make_host(tmp_path / "host")))
    client = Client("codex", blocks, CODEX.by_administrators, lambda state, *_: state)

    assert "refused" == _by_client(state, Decision("block", "no login is left"), client)


def test_the_person_is_sent_to_sign_in_and_not_to_correct_a_file(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    state = CODEX.read_state(request_of(root))
    sign_in = comply(state, CODEX.by_administrators)

    message = why(state, sign_in, blocks(state), {"chatgpt": "client login"}, "")

    assert "block" == message.verdict
    assert "sign in by `client login`" == message.to_do


def test_an_audit_is_evaluated_and_its_exit_is_that_of_its_findings(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    state = CODEX.read_state(request_of(root))
    sign_in, decision = comply(state, CODEX.by_administrators), blocks(state)

    assert is_compliant(decision, (), fail_on="medium", complete=True, sign_in=sign_in) is True
    assert 5 == audit_exit(decision, (), "medium", sign_in=sign_in)


def test_every_report_has_words_for_it():
    assert "keeps the credential" in DECISIONS["block"]


def test_a_credential_that_is_kept_reads_as_it_was(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)

    enforce_all(BLOCKING, request_of(root))

    assert API_KEY == credential(root).read_text()
    assert os.stat(credential(root)).st_nlink == 1
