"""The stand-in of the service answers as a host says, and remembers each credential."""

import pytest

from conformance_claude.stand_in import Service, credentials_of

NAME = "api.anthropic.com"
OWNED = {"Authorization": "Bearer made-up-login-of-org-a"}


def service(**answers):
    made = Service()
    made.begin(answers)
    return made


def ask(made, place, headers, method="POST"):
    return made.answer(method, NAME, place, headers, b"")


def test_a_token_says_whose_it_is():
    answer = ask(service(), "/api/oauth/validate", OWNED)

    assert answer == (200, {"organization_uuid": "org-a"})


def test_a_token_of_nobody_is_refused():
    status, _ = ask(service(), "/api/oauth/validate", {"Authorization": "Bearer x"})

    assert status == 401


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("validate", "/api/oauth/validate"),
        ("settings", "/api/claude_code/settings"),
        ("token", "/v1/oauth/token"),
        ("revoke", "/v1/oauth/token/revoke"),
    ],
)
def test_a_host_can_have_each_question_end_without_an_answer(name, place):
    assert ask(service(**{name: None}), place, OWNED) is None


@pytest.mark.parametrize(
    "place",
    [
        "/v1/messages?beta=true",
        "/model/made-up/invoke-with-response-stream",
        "/v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict",
    ],
)
def test_a_question_to_the_model_is_a_start(place):
    made = service()

    ask(made, place, {"x-api-key": "made-up-key"})

    assert made.started == [{"key": "made-up-key"}]


def test_counting_tokens_is_no_start():
    made = service()

    ask(made, "/v1/messages/count_tokens", OWNED)

    assert made.started == []


def test_an_empty_bearer_token_is_not_the_same_as_none():
    assert credentials_of({"Authorization": "Bearer "}) == {"bearer": "(empty)"}
    assert credentials_of({}) == {}


def test_of_the_signature_of_a_cloud_only_its_presence_is_kept():
    found = credentials_of({"Authorization": "AWS4-HMAC-SHA256 Credential=made-up"})

    assert found == {"cloud": "signature"}
