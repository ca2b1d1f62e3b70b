"""A policy as the client's file and back, and what lint says of such files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients.claude_hosts import A, B
from tipstaff_policy.clients.claude.deployment.rendering import DEPLOYMENT
from tipstaff_policy.clients.claude.deployment.stamps import FILE, NAME
from tipstaff_policy.clients.claude.lint.rules import LINT
from tipstaff_policy.clients.claude.methods import NAMES
from tipstaff_policy.clients.interface.lint import Aim, Files, Given, Policy
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import NO_POLICY, Allowed, ClientRules

HERE = (Origin("policy", "policy.toml", 5),)
AIM = Aim("2.1.332", 1_800_000_000)


def policy_of(methods=None, organisations=None):
    rules = ClientRules(
        "claude",
        login_methods=None if methods is None else Allowed(tuple(methods), HERE),
        organisations=None if organisations is None else Allowed(tuple(organisations), HERE),
    )
    return NO_POLICY._replace(clients=(rules,))


def members_of(policy):
    return {key: value for file in DEPLOYMENT.files_of(policy) for key, value in json.loads(file.text).items()}  # fmt: skip


WRITTEN = {
    "claude.ai alone": (["claudeai"], {"enforceAnthropicSignIn": True, "forceLoginMethod": "claudeai", "allowedProviders": ["anthropic"]}),
    "Console alone": (["console"], {"forceLoginMethod": "console", "allowedProviders": ["anthropic"]}),
    "gateway alone": (["gateway"], {"forceLoginMethod": "gateway", "allowedProviders": ["gateway"]}),
    "a cloud alone": (["bedrock"], {"allowedProviders": ["bedrock"]}),
    "claude.ai and a cloud": (["claudeai", "vertex"], {"forceLoginMethod": "claudeai", "allowedProviders": ["anthropic", "vertex"]}),
    "both kinds of account": (["claudeai", "console"], {"allowedProviders": ["anthropic"]}),
    "a cloud that no list can name": (["claudeai", "anthropicGoogleCloud"], {}),
}  # fmt: skip


@pytest.mark.parametrize(("methods", "members"), WRITTEN.values(), ids=WRITTEN)
def test_allowed_methods_are_written_as_the_client_can_say_them(methods, members):
    assert members == members_of(policy_of(methods))


def test_allowed_organisations_are_a_list():
    assert {"forceLoginOrgUUID": [A, B]} == members_of(policy_of(organisations=[B, A]))


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.none() | st.sets(st.sampled_from([A, B]), min_size=1))  # fmt: skip
def test_a_file_reads_back_to_a_policy_that_writes_the_same_file(methods, organisations):
    policy = policy_of(sorted(methods), organisations)
    files = {file.name: file.text for file in DEPLOYMENT.files_of(policy)}

    again = DEPLOYMENT.files_of(DEPLOYMENT.restrictions_in(files))

    assert files == {file.name: file.text for file in again}


@given(st.sets(st.sampled_from(NAMES), min_size=1))
def test_what_is_written_forbids_no_allowed_method(methods):
    files = {file.name: file.text for file in DEPLOYMENT.files_of(policy_of(sorted(methods)))}
    (rules,) = DEPLOYMENT.restrictions_in(files).clients or (ClientRules("claude"),)

    assert rules.login_methods is None or methods <= {*rules.login_methods.values}


def test_a_file_that_is_no_object_is_refused_at_its_line():
    with pytest.raises(PolicyError) as raised:
        DEPLOYMENT.restrictions_in({NAME: "{\n,}"})

    assert f"{FILE}:2" == raised.value.where


OBSTACLES = {(2, 1, 332): 0, (2, 1, 323): 2, (2, 1, 100): 4, (2, 1, 75): 4}


@pytest.mark.parametrize(("version", "count"), OBSTACLES.items())
def test_what_a_version_cannot_enforce_is_named(version, count):
    policy = policy_of(["claudeai"], [A])

    assert count == len(DEPLOYMENT.obstacles(policy, version, frozenset({NAME})))


# Lint.

ID = "01234567-89ab-4cde-8f01-23456789abcd"
FOUND = {
    "misspelt": ({"forceloginmethod": "console"}, "claude_idle_key"),
    "unknown method": ({"forceLoginMethod": "ClaudeAI"}, "claude_idle_key"),
    "below another key": ({"permissions": {"forceLoginOrgUUID": A}}, "claude_idle_key"),
    "no organisation": (
        {"forceLoginOrgUUID": [], "enforceAnthropicSignIn": True},
        "claude_locks_out",
    ),
    "sign-in as text": ({"enforceAnthropicSignIn": "true"}, "claude_locks_out"),
    "no provider": ({"allowedProviders": ["sun"]}, "claude_locks_out"),
    "an open pin": ({"forceLoginOrgUUID": ID}, "claude_open_pin"),
}


def rules_hit(files):
    rules = (rule for group in LINT.groups.values() for rule in group)
    return [rule.name for rule in rules if list(rule.find(files, AIM))]


def read(members):
    return LINT.read(Given(FILE, json.dumps(members).encode(), NAME), None)


@pytest.mark.parametrize(("members", "rule"), FOUND.values(), ids=FOUND)
def test_lint_finds_what_the_client_passes_over(members, rule):
    assert [rule] == rules_hit(Files(clients=(read(members),)))


@pytest.mark.parametrize("members", [{}, {"model": "opus"}, {"forceLoginOrgUUID": ID, "enforceAnthropicSignIn": True}])  # fmt: skip
def test_lint_says_nothing_of_a_good_file(members):
    assert [] == rules_hit(Files(clients=(read(members),)))


def test_lint_finds_organisations_for_methods_that_belong_to_none():
    policy = Policy("policy.toml", policy_of(["console"], [ID]))

    assert "claude_idle_organisations" in rules_hit(Files(policies=(policy,)))
