"""How credentials stand to the administrators' rules, whatever the user writes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients.claude_hosts import (
    BEARER,
    BEDROCK,
    CONSOLE,
    HEADERS,
    HELPER,
    KEY,
    LOGIN,
    PROFILE,
    TOKEN,
    A,
    B,
    client_of,
    cloud,
    layers_by_content,
    make_claude,
    request_of,
    stand_in_for_credentials,
    state_of,
)
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.clients.claude.compliance import by_administrators
from tipstaff_policy.clients.claude.config.documents import personal_document
from tipstaff_policy.clients.claude.reading import read_state
from tipstaff_policy.model.request import ReadOptions
from tipstaff_policy.model.state import AbsentLayer, Ordered

ALL = {
    "login": LOGIN, "token": TOKEN, "Console key": CONSOLE, "key": KEY, "bearer": BEARER,
    "helper": HELPER, "headers": HEADERS, "profile": PROFILE, "Bedrock": BEDROCK,
    "Vertex": cloud("CLAUDE_CODE_USE_VERTEX"),
}  # fmt: skip
OWN = {"login", "token"}
CONSOLES = {"Console key", "key", "headers"}
CLOUDS = {"Bedrock", "Vertex"}
RULES = {
    "sign-in": ({"enforceAnthropicSignIn": True}, OWN),
    "claudeai": ({"forceLoginMethod": "claudeai"}, OWN),
    "console": ({"forceLoginMethod": "console"}, CONSOLES),
    "gateway": ({"forceLoginMethod": "gateway"}, set()),
    "gateway address": ({"forceLoginGatewayUrl": "https://gw.example"}, set()),
    "organisation of the logins": ({"forceLoginOrgUUID": A}, OWN),
    "organisation of the profile too": ({"forceLoginOrgUUID": [A, B]}, {*OWN, "profile"}),
    "organisation, a cloud by name": ({"forceLoginOrgUUID": A, "allowedProviders": ["anthropic", "bedrock"]}, {*OWN, "Bedrock"}),
    "method, a cloud by name": ({"forceLoginMethod": "claudeai", "allowedProviders": ["anthropic", "vertex"]}, {*OWN, "Vertex"}),
    "sign-in beats a cloud by name": ({"enforceAnthropicSignIn": True, "allowedProviders": ["anthropic", "bedrock"]}, OWN),
    "clouds only": ({"allowedProviders": ["bedrock", "vertex"]}, CLOUDS),
    "the service only": ({"allowedProviders": ["anthropic"]}, {*ALL} - CLOUDS),
    "both": ({"forceLoginMethod": "claudeai", "forceLoginOrgUUID": A}, OWN),
}  # fmt: skip


def judged(members, credentials, **more):
    state = state_of(layers_by_content(members), credentials, **more)
    return comply(state, by_administrators)


@pytest.mark.parametrize(("members", "allowed"), RULES.values(), ids=RULES)
@pytest.mark.parametrize("name", ALL)
def test_every_credential_under_every_rule(name, members, allowed):
    answers = {"credentials": A, "CLAUDE_CODE_OAUTH_TOKEN": A}

    found = judged(members, (ALL[name],), answers=answers)

    assert ("complies" if name in allowed else "violates") == found.verdict, found.reason


@pytest.mark.parametrize(("answers", "verdict"), [({}, "cannot_tell"), ({"credentials": A}, "complies"), ({"credentials": B}, "violates"), ({"credentials": None}, "cannot_tell")])  # fmt: skip
def test_whose_a_login_is_only_the_service_tells(answers, verdict):
    assert verdict == judged({"forceLoginOrgUUID": A}, (LOGIN,), answers=answers).verdict


def test_a_login_whose_method_is_not_allowed_is_not_asked_about():
    members = {"forceLoginMethod": "console", "forceLoginOrgUUID": A}

    assert "violates" == judged(members, (LOGIN,)).verdict


def test_a_key_under_an_organisation_belongs_to_none():
    (violation,) = judged({"forceLoginOrgUUID": A}, (KEY,)).credentials[0].violations

    assert ("organisation", None, (A,)) == (
        violation.attribute,
        violation.observed,
        violation.allowed,
    )


def test_a_stored_key_is_removed_although_the_client_starts_with_it():
    assert ("config",) == judged({"forceLoginOrgUUID": A}, (CONSOLE,)).removes


def test_what_is_no_store_is_named_and_not_removed():
    found = judged({"enforceAnthropicSignIn": True}, (HELPER, KEY, BEDROCK))

    assert ((), ("apiKeyHelper", "ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK")) == (
        found.removes,
        found.variables,
    )


INVALID = {
    "organisations empty": {"forceLoginOrgUUID": []},
    "organisations null": {"forceLoginOrgUUID": None},
    "organisations with a number": {"forceLoginOrgUUID": [A, 7]},
    "sign-in as text": {"enforceAnthropicSignIn": "true"},
    "sign-in as number": {"enforceAnthropicSignIn": 1},
    "providers empty": {"allowedProviders": []},
    "providers unknown": {"allowedProviders": ["sun"]},
    "nothing left": {"enforceAnthropicSignIn": True, "allowedProviders": ["bedrock"]},
}


@pytest.mark.parametrize("members", INVALID.values(), ids=INVALID)
def test_rules_that_let_nobody_in_are_a_fault_and_remove_nothing(members):
    found = judged(members, (LOGIN, CONSOLE))

    assert ("cannot_tell", ["refuse"], ()) == (
        found.verdict,
        [fault.effect for fault in found.faults],
        found.removes,
    )


@pytest.mark.parametrize("members", [{}, {"forceLoginMethod": "ClaudeAI"}, {"enforceAnthropicSignIn": False}, {"forceRemoteSettingsRefresh": True}])  # fmt: skip
def test_what_restricts_nothing_is_no_rule(members):
    assert "No rule" in judged(members, (KEY,)).reason


VALUES = st.sampled_from([A, B, [A], [], True, False, None, "claudeai", "gateway", "{", ["anthropic"]])  # fmt: skip
PERSONAL = st.dictionaries(
    st.sampled_from(["forceLoginMethod", "forceLoginOrgUUID", "forceLoginGatewayUrl", "enforceAnthropicSignIn", "allowedProviders", "managedSourcesBehavior"]),
    VALUES,
)  # fmt: skip


@given(
    st.sampled_from([members for members, _ in RULES.values()]),
    st.sampled_from([*ALL.values()]),
    st.dictionaries(st.sampled_from(["user", "project", "local", "flags", "server", "user registry"]), PERSONAL),
    st.sampled_from(["print", "interactive", "status"]),
    st.sampled_from(["2.1.332", "2.1.75", "0.9.0"]),
    st.dictionaries(st.sampled_from(["CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "ANTHROPIC_UNIX_SOCKET", "CLAUDE_CODE_SIMPLE"]), st.just("1")),
)  # fmt: skip
def test_nothing_that_the_user_writes_changes_compliance(
    members, credential, personal, entry_point, version, env
):
    plain = state_of(layers_by_content(members), (credential,))
    own = tuple(
        personal_document(name, f"/{name}", json.dumps(stated).encode(), "none").layer._replace(
            rank=number
        )
        for number, (name, stated) in enumerate(personal.items())
    )
    changed = state_of((*own, *plain.layers[1:]), (credential,), env=env)
    changed = changed._replace(client=client_of(version, entry_point))

    assert by_administrators(plain) == by_administrators(changed)


def test_what_the_organisation_orders_is_judged_with_it():
    ordered = Ordered(login_methods=("claudeai", "bedrock"), organisations=(A,))
    state = state_of((), (KEY, BEDROCK, LOGIN), ordered=ordered, answers={"credentials": B})

    found = comply(state, by_administrators)

    assert ["violates", "complies", "violates"] == [
        credential.verdict for credential in found.credentials
    ]


# Reading a host.


def test_a_lean_reading_has_the_administrators_layers_and_every_credential(tmp_path, monkeypatch):
    stand_in_for_credentials(monkeypatch, (CONSOLE, HELPER))
    root = make_claude(tmp_path, managed={"enforceAnthropicSignIn": True}, home={"model": "opus"})

    state = read_state(request_of(root, options=ReadOptions(lean=True)))

    assert {"managed"} == {layer.name for layer in state.layers}
    assert (CONSOLE, HELPER) == state.places


def test_without_a_rule_no_place_is_looked_into(tmp_path, monkeypatch):
    stand_in_for_credentials(monkeypatch, (CONSOLE,))

    assert read_state(request_of(make_claude(tmp_path))).places is None


def test_an_unseen_environment_is_not_read(tmp_path, monkeypatch):
    stand_in_for_credentials(monkeypatch, ())
    request = request_of(make_claude(tmp_path))._replace(env={"CLAUDE_CODE_USE_BEDROCK": "1"})

    state = read_state(request)

    assert ("not_seen", AbsentLayer()) == (state.environment, state.layers[0].content)


TAKEN = {
    "a file that exists": ("there.json", ()),
    "a file that holds no JSON": ("broken.json", ()),
    "a JSON object": ('{"model": "opus"}', ()),
    "no value": ("", ()),
    "no file": ("nowhere.json", ("Settings file not found",)),
    "half a JSON object": ("{", ("Settings file not found",)),
    "no JSON": ("{a}", ("Invalid JSON provided to --settings",)),
}


@pytest.mark.parametrize(("value", "faults"), TAKEN.values(), ids=TAKEN)
def test_the_client_stops_at_settings_that_it_does_not_find(value, faults, tmp_path, monkeypatch):
    stand_in_for_credentials(monkeypatch, (LOGIN,))
    cwd = {"../there.json": "{}", "../broken.json": "{"}
    root = make_claude(tmp_path, cwd=cwd)

    state = read_state(request_of(root, overrides=(value,)))

    assert faults == tuple(fault.what for fault in state.faults)
