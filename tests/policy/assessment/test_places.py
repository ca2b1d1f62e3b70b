"""A credential says what gives it, a store or something outside of any, and how that ends."""

import pytest

from support.machines.hosts import FORCED_CHATGPT, make_host
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.explanation import why
from tipstaff_policy.assessment.remedies import to_take_out
from tipstaff_policy.assessment.removal_plan import plan_by_personal_rule
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HeldCredential, Ordered, Origin
from tipstaff_policy.organisation.violations import violations_of
from tipstaff_schemas.values import as_json, state_from_json

CODEX = load_client("codex")
SETTINGS = "/home/dev/.client/settings.json"
HELD = HeldCredential("apikey", "api")
STORED = Credential("file", "/home/dev/.client/login.json", HELD)
VARIABLE = Credential("CLIENT_KEY", None, HELD)
HELPER = Credential("keyHelper", SETTINGS, HELD, kind_of_place="helper", scrub=())
LINE = Credential("env.CLIENT_KEY", SETTINGS, HELD, kind_of_place="settings", scrub=("SWITCH",))
EVERY = {"store": STORED, "variable": VARIABLE, "helper": HELPER, "settings": LINE}
ORDERS = Ordered(login_methods=("chatgpt",), origins=(("login_method", (Origin("o", "p", 1),)),))


def host(tmp_path, *credentials, **layers):
    root = make_host(tmp_path / "host", **{"auth": None, **layers})
    request = Request({}, "/", 1_800_000_000, "0.169.0", system_root=str(root))
    return request, CODEX.read_state(request)._replace(credentials=credentials, places=credentials)


@pytest.mark.parametrize(("kind", "credential"), EVERY.items())
def test_a_credential_says_of_which_kind_its_place_is(kind, credential):
    assert kind == credential.place
    assert (kind == "store") == credential.is_stored


@pytest.mark.parametrize(
    ("credential", "names"),
    [(STORED, ()), (VARIABLE, ("CLIENT_KEY",)), (HELPER, ()), (LINE, ("SWITCH",))],
)
def test_a_credential_says_which_variables_take_it_away(credential, names):
    assert names == credential.scrubbed_by


def test_only_what_is_stored_is_removed_and_the_rest_is_named(tmp_path):
    _, state = host(tmp_path, *EVERY.values())

    sign_in = comply(state._replace(ordered=ORDERS), lambda _: Administrators((), restricts=False))

    assert ("file",) == sign_in.removes
    assert ("CLIENT_KEY", "keyHelper", "env.CLIENT_KEY") == sign_in.variables
    assert f"keyHelper in {SETTINGS} signs in with" in sign_in.reason


@pytest.mark.parametrize(("kind", "credential"), EVERY.items())
def test_a_policy_that_forbids_the_environment_forbids_all_but_a_store(kind, credential):
    found = violations_of(credential, Ordered(forbids_variables=True), 0)

    assert (kind != "store") == bool(found)


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        (HELPER, f"take keyHelper out of {SETTINGS}"),
        (LINE, f"unset SWITCH, or take env.CLIENT_KEY out of {SETTINGS}"),
    ],
)
def test_the_remedy_is_a_change_of_the_settings(credential, message):
    assert message == to_take_out(credential)


def test_why_names_what_to_take_out_first(tmp_path):
    _, state = host(tmp_path, HELPER)
    state = state._replace(ordered=ORDERS)
    sign_in = comply(state, lambda _: Administrators((), restricts=False))

    message = why(state, sign_in, CODEX.decide(state), {"chatgpt": "client login"}, "")

    assert f"take keyHelper out of {SETTINGS}, then sign in by `client login`" == message.to_do


def test_enforcement_names_what_it_cannot_remove(tmp_path):
    request, state = host(tmp_path, HELPER, managed=FORCED_CHATGPT)
    adapter = CODEX._replace(read_state=lambda _: state)

    done = enforce(adapter, request)

    (step,) = done.steps
    assert 11 == done.exit_code
    assert "keep" == step.action
    assert "failed" == step.outcome
    assert SETTINGS == step.path
    assert "Tipstaff changes no settings" in step.detail


def test_a_rule_of_the_users_own_removes_nothing_for_a_helper(tmp_path):
    _, state = host(tmp_path, HELPER, user=FORCED_CHATGPT)
    sign_in = comply(state, CODEX.by_administrators)

    plan = plan_by_personal_rule(
        state,
        lambda state: CODEX.decide(state)._replace(verdict="log_out", active="keyHelper"),
        sign_in,
        (),
    )

    assert ("keyHelper",) == plan.variables


@pytest.mark.parametrize("credential", EVERY.values(), ids=EVERY)
def test_a_report_keeps_what_gives_a_credential(credential, tmp_path):
    _, state = host(tmp_path, credential)

    assert credential == state_from_json(as_json(state)).credentials[0]


def test_a_report_of_a_store_or_a_variable_says_no_more_than_before():
    assert {"kind_of_place", "scrub"}.isdisjoint({**as_json(STORED), **as_json(VARIABLE)})
