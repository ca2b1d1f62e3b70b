"""Whose a login is: by a workspace, an organisation or an account, and how that is known."""

import pytest

from tipstaff_policy.clients import load_client
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    Identity,
    Judged,
    Method,
    Ordered,
    Origin,
    Violation,
    WorkspaceClaims,
)
from tipstaff_policy.organisation.violations import check_of, in_words, judge, violations_of
from tipstaff_schemas.values import as_json

RULE = Origin("organisation", "/etc/tipstaff/policy.toml", 3)
RULES = {
    "workspace": Ordered(workspaces=("good",), origins=(("workspace", (RULE,)),)),
    "organisation": Ordered(organisations=("good",), origins=(("organisation", (RULE,)),)),
    "account": Ordered(accounts=("good",), origins=(("account", (RULE,)),)),
}


def login(*identities):
    return Credential("file", "/f", HeldCredential("oauth", "console", identity=identities))


def judged(credential, ordered):
    return judge(credential, Judged("file", "complies"), ordered, 0)


@pytest.mark.parametrize(("attribute", "ordered"), RULES.items())
@pytest.mark.parametrize("known", ["token", "claimed"])
@pytest.mark.parametrize(
    ("value", "verdict", "check"),
    [("good", "complies", None), ("other", "violates", "TIP102"), (None, "violates", "TIP103")],
)
def test_a_login_is_held_against_the_rule_on_its_attribute(
    attribute, ordered, known, value, verdict, check
):
    found = judged(login(Identity(attribute, value, known)), ordered)

    assert verdict == found.verdict
    assert [check] * bool(check) == [check_of(violation) for violation in found.violations]


@pytest.mark.parametrize(("attribute", "ordered"), RULES.items())
def test_what_only_the_service_can_tell_is_no_violation_and_does_not_comply(attribute, ordered):
    found = judged(login(Identity(attribute, None, "service")), ordered)

    assert "cannot_tell" == found.verdict
    assert f"only the service knows to which {attribute} /f belongs." == found.reason


@pytest.mark.parametrize(("attribute", "ordered"), RULES.items())
def test_a_rule_on_one_attribute_does_not_judge_another(attribute, ordered):
    others = [Identity(rule, "other", "token") for rule in RULES if rule != attribute]

    assert "complies" == judged(login(*others), ordered).verdict


@pytest.mark.parametrize(("attribute", "ordered"), RULES.items())
def test_every_rule_on_whose_a_login_is_restricts(attribute, ordered):
    assert ordered.restricts()


@pytest.mark.parametrize(
    ("value", "words"), [("other", 'organisation "other"'), (None, "no organisation")]
)
def test_a_violation_names_the_attribute(value, words):
    (found,) = violations_of(
        login(Identity("organisation", value, "token")), RULES["organisation"], 0
    )

    assert f'belongs to {words}; {RULE} allows "good"' == in_words(found, str)


KNOWN = {
    "the access token counts": (WorkspaceClaims("id", "access", "account"), "access", "token"),
    "then the id token": (WorkspaceClaims("id", None, "account"), "id", "token"),
    "then the plain field, which can be edited": (WorkspaceClaims(None, None, "p"), "p", "claimed"),
    "none": (WorkspaceClaims(), None, "claimed"),
}


@pytest.mark.parametrize(("claims", "value", "known"), KNOWN.values(), ids=KNOWN)
def test_the_claims_of_a_chatgpt_login_are_one_identity(claims, value, known):
    held = HeldCredential("chatgpt", "chatgpt", claims=claims)

    assert (Identity("workspace", value, known),) == held.identities


def test_an_access_token_alone_is_known_to_the_service():
    held = HeldCredential("personalAccessToken", "chatgpt", ask="whoami")

    assert ("service",) == tuple(identity.known for identity in held.identities)


def test_a_key_belongs_to_no_one():
    assert () == HeldCredential("apikey", "api").identities


def test_every_method_with_a_workspace_gives_an_identity():
    methods = load_client("codex").methods

    assert {method.name: method.has_workspace for method in methods} == {
        method.name: bool(HeldCredential("kind", method.name).identities) for method in methods
    }


def test_a_report_says_no_more_of_a_login_than_before():
    assert "identity" not in as_json(HeldCredential("chatgpt", "chatgpt"))


@pytest.mark.parametrize(("name", "words"), [("sso", "the company's own sign-in"), ("api", "api")])
def test_a_method_is_called_as_its_client_calls_it(name, words):
    methods = (Method("sso", "the company's own sign-in", "a login", has_workspace=True),)

    found = in_words(Violation("login_method", "file", name, ("key",), (RULE,)), methods)

    assert f'signs in with {words}; {RULE} allows "key"' == found
