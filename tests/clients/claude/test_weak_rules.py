"""Where the client's rules are weaker than they read: what passes a pin, what a drop-in adds."""

import pytest

from support.clients.claude_hosts import BASE, ETC, A, B, layers_of, make_claude, state_of
from tipstaff_policy.clients.claude.facts.weak_rules import find_widened, gaps_of

PIN, ORGANISATION = {"forceLoginMethod": "claudeai"}, {"forceLoginOrgUUID": [A]}
SIGN_IN = {"enforceAnthropicSignIn": True}


def state_with(folder, managed, version="2.1.332", **drop_ins):
    root = make_claude(folder / "host", managed=managed, drop_ins=drop_ins or None)
    return state_of(layers_of(root), version=version)


GAPS = {
    "no rule": ({}, []),
    "a method": (PIN, ["enforceAnthropicSignIn", "allowedProviders"]),
    "an organisation": (ORGANISATION, ["enforceAnthropicSignIn", "allowedProviders"]),
    "the sign-in rule": (SIGN_IN, []),
    "a method and the sign-in rule": (PIN | SIGN_IN, []),
    "a method, and the sign-in rule off": (
        PIN | {"enforceAnthropicSignIn": False},
        ["enforceAnthropicSignIn", "allowedProviders"],
    ),
    "a method and Anthropic's own service": (
        PIN | {"allowedProviders": ["anthropic"]},
        ["enforceAnthropicSignIn"],
    ),
    "a gateway": ({"forceLoginMethod": "gateway"}, ["allowedProviders"]),
    "a gateway's address": ({"forceLoginGatewayUrl": "https://g.example"}, ["allowedProviders"]),
    "a gateway as only provider": (
        {"forceLoginMethod": "gateway", "allowedProviders": ["gateway"]},
        [],
    ),
    "a method that the client does not know": ({"forceLoginMethod": "sso"}, []),
}


@pytest.mark.parametrize(("managed", "closed_by"), GAPS.values(), ids=GAPS)
def test_a_gap_is_what_a_missing_key_would_close(managed, closed_by, tmp_path):
    gaps = gaps_of(state_with(tmp_path, managed))

    assert closed_by == [gap.remedy.split("`")[1] for gap in gaps]


def test_a_gap_that_would_forbid_an_allowed_provider_cannot_be_closed(tmp_path):
    managed = PIN | {"allowedProviders": ["anthropic", "bedrock"]}

    (gap,) = gaps_of(state_with(tmp_path, managed))

    assert not gap.closable


def test_a_method_without_an_organisation_lets_any_stored_login_pass(tmp_path):
    gap, _ = gaps_of(state_with(tmp_path, PIN))

    assert gap.passes.startswith("any stored login, ")


def test_a_client_that_does_not_know_the_sign_in_rule_has_the_gap(tmp_path):
    assert gaps_of(state_with(tmp_path, PIN | SIGN_IN, version="2.1.212"))


ADDED = {
    "one file": ({"allowedProviders": ["anthropic"]}, {}, ()),
    "a provider": (
        {"allowedProviders": ["anthropic"]},
        {"50-more.json": {"allowedProviders": ["anthropic", "bedrock"]}},
        ("bedrock",),
    ),
    "an organisation": (ORGANISATION, {"50.json": {"forceLoginOrgUUID": [B]}}, (B,)),
    "the same again": (ORGANISATION, {"50.json": ORGANISATION}, ()),
    "an empty list": (ORGANISATION, {"50.json": {"forceLoginOrgUUID": []}}, ()),
    "a text replaces": (ORGANISATION, {"50.json": {"forceLoginOrgUUID": B}}, ()),
    "a list behind a text": ({"forceLoginOrgUUID": A}, {"50.json": {"forceLoginOrgUUID": [B]}}, ()),
}


@pytest.mark.parametrize(("managed", "drop_ins", "added"), ADDED.values(), ids=ADDED)
def test_what_a_drop_in_adds_to_a_list_widens_it(managed, drop_ins, added, tmp_path):
    widened = find_widened(state_with(tmp_path, managed, **drop_ins))

    assert [added] * bool(added) == [restriction.added for restriction in widened]


def test_a_widened_list_names_the_drop_in_and_the_file_that_it_widens(tmp_path):
    more = {"50-more.json": {"forceLoginOrgUUID": [B]}}

    (widened,) = find_widened(state_with(tmp_path, ORGANISATION, **more))

    places = [origin.path for origin in widened.origins]
    assert [f"/{ETC}/managed-settings.d/50-more.json", BASE] == places
