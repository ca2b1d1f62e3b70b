"""What a log-out of Claude Code asks its issuer to revoke is what the client itself asks."""

import json
import pickle

import pytest

from support.clients.claude_logins import (
    ADAPTER,
    DOCUMENT,
    GLOBAL,
    OAUTH,
    filled,
    request_of,
    write,
)
from support.clients.slot_contract import SECRET
from support.services.issuers import Authority, IssuerServer, serving
from tipstaff_policy.clients.claude.ca_bundle import authorities
from tipstaff_policy.clients.claude.logins.revocation import ISSUER, revocable
from tipstaff_policy.clients.interface.issuer import NotRevocable, Revocable
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.logins.revocation import Revoker

SENT = {
    "token": OAUTH["refreshToken"],
    "token_type_hint": "refresh_token",
    "client_id": "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def issuer(authority):
    with serving(IssuerServer(authority.certify("localhost"))) as server:
        yield server


def test_the_refresh_token_is_revoked(tmp_path):
    write(tmp_path / ".claude/.credentials.json", {"claudeAiOauth": OAUTH})

    found = ISSUER.read(request_of(tmp_path), str(tmp_path / ".claude"), "credentials")

    assert (SENT, "") == (json.loads(found.body.reveal()), found.nearby)


def test_the_client_that_a_login_names_is_named():
    found = revocable({"claudeAiOauth": OAUTH | {"clientId": "own"}})

    assert "own" == json.loads(found.body.reveal())["client_id"]


def test_other_logins_of_the_document_are_revoked_or_named():
    found = revocable(
        DOCUMENT
        | {
            "designOauth": {"refreshToken": "d", "clientId": "design"},
            "cloudSessionsOauth": {"refreshToken": "c"},
        }
    )

    sent = [json.loads(other.body.reveal()) for other in found.others]
    assert [
        ("d", "refresh_token", "design"),
        (f"history-{SECRET}", "access_token", SENT["client_id"]),
        ("c", "refresh_token", SENT["client_id"]),
    ] == [(request["token"], request["token_type_hint"], request["client_id"]) for request in sent]
    assert "hybridOauth, mcpOAuth stays valid until it is revoked by itself" == found.nearby


def test_a_document_without_the_login_itself_has_its_other_logins_revoked():
    found = revocable({"designOauth": {"refreshToken": "d"}})

    assert ("d", "of designOauth", ()) == (
        json.loads(found.body.reveal())["token"],
        found.nearby,
        found.others,
    )


NOT = {
    "no refresh token": ({"claudeAiOauth": OAUTH | {"refreshToken": None}}, "no refresh token"),
    "a login that is no object": ({"claudeAiOauth": "x"}, "no refresh token"),
    "a key": (GLOBAL, "revoked in the Console"),
}


@pytest.mark.parametrize(("members", "why"), NOT.values(), ids=NOT)
def test_what_no_issuer_revokes_says_why(members, why):
    found = revocable(members)

    assert isinstance(found, NotRevocable)
    assert why in found.why


@pytest.mark.parametrize("store", ["profiles", "backups", "other-folders", "config"])
def test_every_store_has_an_answer(store, tmp_path):
    filled(tmp_path)

    found = ISSUER.read(request_of(tmp_path), str(tmp_path / ".claude"), store)

    assert isinstance(found, NotRevocable)


def test_a_broken_document_is_an_error_that_quotes_nothing(tmp_path):
    write(tmp_path / ".claude/.credentials.json", f'{{"claudeAiOauth": "{SECRET}')

    with pytest.raises(EvaluationError) as raised:
        ISSUER.read(request_of(tmp_path), str(tmp_path / ".claude"), "credentials")

    assert SECRET not in f"{raised.value} {raised.value!r}"


STAMPED = b"HTTP/1.1 200 OK\r\nrequest-id: req_1\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(STAMPED, "revoked"), (STAMPED.replace(b"request-id: req_1\r\n", b""), "failed")],
)
def test_what_was_removed_is_revoked_afterwards(answer, outcome, tmp_path, authority, issuer):
    issuer.answer = answer
    write(tmp_path / ".claude/.credentials.json", {"claudeAiOauth": OAUTH})
    request = request_of(tmp_path, NODE_EXTRA_CA_CERTS=str(authority.file))
    adapter = ADAPTER._replace(issuer=lambda: ISSUER._replace(url=issuer.url("/revoke")))
    revoker = Revoker(adapter, request)

    done = enforce(adapter, request, before_removal=revoker.take)
    (revocation,) = revoker.finish(done)

    assert (10, outcome, ("NODE_EXTRA_CA_CERTS",)) == (
        done.exit_code,
        revocation.outcome,
        revocation.through,
    )
    assert [("/revoke", "application/json", SENT)] == [
        (path, kind, json.loads(body)) for path, kind, body in issuer.received
    ]


def test_the_address_that_a_user_sets_is_ignored_and_named(tmp_path, authority, issuer):
    write(tmp_path / ".claude/.credentials.json", {"claudeAiOauth": OAUTH})
    env = {"CLAUDE_CODE_CUSTOM_OAUTH_URL": "https://elsewhere.example"}
    revoker = Revoker(ADAPTER, request_of(tmp_path, **env))

    (revocation,) = revoker.finish(enforce(ADAPTER, request_of(tmp_path, **env), dry_run=True))

    assert (ISSUER.url, tuple(env)) == (revocation.issuer, revocation.ignored)


BUNDLES = {
    "missing": (None, "cannot be read"),
    "empty": ("", "no certificate"),
    "broken": ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "is no certificate"),
}


@pytest.mark.parametrize(("text", "why"), BUNDLES.values(), ids=BUNDLES)
def test_a_bundle_that_cannot_be_used_is_an_error(text, why, tmp_path):
    file = tmp_path / "bundle.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(EvaluationError, match=why):
        authorities(request_of(tmp_path, NODE_EXTRA_CA_CERTS=str(file)))


def test_what_is_sent_shows_no_secret_and_stays_in_the_process():
    found = revocable({"claudeAiOauth": OAUTH})

    assert isinstance(found, Revocable)
    assert SECRET not in repr(found)
    with pytest.raises(TypeError):
        pickle.dumps(found.body)
