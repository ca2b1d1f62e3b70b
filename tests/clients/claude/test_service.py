"""Whose a login of Claude Code is, its service says; an answer is kept for a while, and no secret."""

import json
import os
import ssl
import stat

import pytest

from support.clients.claude_logins import NOW, OAUTH, read_state, request_of, write
from support.clients.slot_contract import SECRET
from support.services.issuers import Authority, IssuerServer, Proxy, serving
from tipstaff_policy.clients.claude import service, service_answers
from tipstaff_policy.model.request import ReadOptions
from tipstaff_policy.system.https import UnreachableError

STORE = "credentials"
LOGIN = {"claudeAiOauth": OAUTH}
KEPT = "state/tipstaff/claude-organisations.json"


def answering(status, body):
    head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body.encode()


NAMES_A = answering(200, json.dumps({"organization_uuid": "org-a"}))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def vendor(authority, monkeypatch):
    with serving(IssuerServer(authority.certify("localhost"))) as server:
        server.answer = NAMES_A
        monkeypatch.setattr(service, "SERVICE", server.url(path=""))
        trusted = ssl.create_default_context(cafile=authority.file)
        monkeypatch.setattr(service, "administrators_context", lambda: trusted)
        yield server


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service._remembered.clear()
    yield
    service._remembered.clear()


@pytest.fixture
def home(tmp_path):
    write(tmp_path / ".claude/.credentials.json", LOGIN)
    return tmp_path


def asking(home, now=NOW, **env):
    env = {"XDG_STATE_HOME": str(home / "state"), **env}
    return request_of(home, **env)._replace(now=now)


def ask(home, source=STORE, request=None):
    request = request or asking(home)
    (answer,) = service.identify(request, read_state(request), (source,))
    return answer


def test_the_question_is_the_clients_own(vendor, home):
    answer = ask(home)

    assert (("org-a", ""), [("/api/oauth/validate", "application/json", "")]) == (
        (answer.workspace, answer.fault),
        vendor.received,
    )


def test_a_token_variable_is_asked_about(vendor, home):
    name = "CLAUDE_CODE_OAUTH_TOKEN"

    answer = ask(home, name, asking(home, **{name: "token"}))

    assert "org-a" == answer.workspace


def test_a_token_of_settings_is_asked_about(vendor, home):
    write(home / ".claude/settings.json", {"env": {"CLAUDE_CODE_OAUTH_TOKEN": "token"}})

    answer = ask(home, "CLAUDE_CODE_OAUTH_TOKEN")

    assert "org-a" == answer.workspace


def test_an_expired_token_is_not_asked_about(vendor, home):
    answer = ask(home, request=asking(home, now=NOW + 100_001))

    assert (None, "", []) == (answer.workspace, answer.service, vendor.received)
    assert "has expired" in answer.fault


def test_what_has_no_token_is_not_asked_about(vendor, home):
    answer = ask(home, "config")

    assert (None, "", []) == (answer.workspace, answer.service, vendor.received)


REFUSALS = {
    "refused": (answering(401, ""), "", "refuses the login (401)"),
    "forbidden": (answering(403, ""), "", "refuses the login (403)"),
    "out of order": (answering(500, SECRET), "asked", "status 500"),
    "a redirect": (answering(302, ""), "asked", "status 302"),
    "no JSON": (answering(200, SECRET), "asked", "cannot be read"),
    "another document": (answering(200, '{"a": 1}'), "asked", "names no organisation"),
    "a number": (answering(200, '{"organization_uuid": 5}'), "asked", "names no organisation"),
    "too long": (answering(200, "x" * (1 << 21)), "asked", "too long"),
}


@pytest.mark.parametrize(("said", "asked", "why"), REFUSALS.values(), ids=REFUSALS)
def test_no_answer_is_no_organisation(said, asked, why, vendor, home):
    vendor.answer = said

    answer = ask(home)

    expected = service.SERVICE if asked else ""
    assert (None, expected, True) == (answer.workspace, answer.service, why in answer.fault)


def test_a_service_that_is_silent_is_given_up_in_time(vendor, home, monkeypatch):
    monkeypatch.setattr(service, "TIME_LIMIT_S", 0.3)
    vendor.before_answer = lambda: vendor.ended.wait(20)

    answer = ask(home)

    assert (None, True) == (answer.workspace, "in time" in answer.fault)


def test_a_service_that_cannot_be_reached_is_said(home, monkeypatch):
    monkeypatch.setattr(service, "SERVICE", "https://localhost:1")

    assert "cannot be reached" in ask(home).fault


def test_an_authority_of_the_users_own_is_not_trusted(authority, home, monkeypatch):
    with serving(IssuerServer(authority.certify("localhost"))) as server:
        server.answer = NAMES_A
        monkeypatch.setattr(service, "SERVICE", server.url(path=""))
        env = dict.fromkeys(("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), str(authority.file))
        answer = ask(home, request=asking(home, **env))

    assert (None, []) == (answer.workspace, server.received)


def test_no_variable_of_the_user_moves_the_question(vendor, home):
    elsewhere = "https://localhost:1"
    env = dict.fromkeys(("ANTHROPIC_BASE_URL", "CLAUDE_CODE_CUSTOM_OAUTH_URL"), elsewhere)

    assert "org-a" == ask(home, request=asking(home, **env)).workspace


def test_a_proxy_is_used_as_everywhere(vendor, home):
    with serving(Proxy(vendor.server_port)) as proxy:
        address = f"http://localhost:{proxy.server_port}"
        answer = ask(home, request=asking(home, https_proxy=address))

    assert ("org-a", 1) == (answer.workspace, len(proxy.asked))


def again(home, **changes):
    """Ask in another process, as far as what is remembered goes."""
    service._remembered.clear()
    return ask(home, request=asking(home, **changes))


def test_an_answer_is_kept_for_a_while(vendor, home):
    ask(home)

    answer = again(home, now=NOW + service_answers.KEPT_FOR_S - 1)

    assert ("org-a", 1) == (answer.workspace, len(vendor.received))


@pytest.mark.parametrize("later", [service_answers.KEPT_FOR_S, -1])
def test_an_answer_that_is_old_or_from_the_future_does_not_count(later, vendor, home):
    ask(home)

    again(home, now=NOW + later)

    assert 2 == len(vendor.received)


def test_an_answer_is_about_one_token_alone(vendor, home):
    ask(home)
    write(home / ".claude/.credentials.json", {"claudeAiOauth": OAUTH | {"accessToken": "new"}})

    again(home)

    assert 2 == len(vendor.received)


def test_no_answer_is_kept_where_there_was_none(vendor, home):
    vendor.answer = answering(500, "")
    ask(home)
    vendor.answer = NAMES_A

    assert "org-a" == again(home).workspace


def test_what_is_kept_is_for_its_user_alone_and_holds_no_secret(vendor, home):
    ask(home)

    kept = home / KEPT
    assert (0o600, False, False) == (
        stat.S_IMODE(kept.stat().st_mode),
        SECRET in kept.read_text(),
        "sk-ant" in kept.read_text(),
    )


def changed(**fields):
    def change(file):
        document = json.loads(file.read_text())
        document["answers"][0] |= fields
        file.write_text(json.dumps(document))

    return change


TAMPERED = {
    "another organisation": changed(organisation="org-b"),
    "a later moment": changed(at=NOW + 1),
    "readable by others": lambda file: file.chmod(0o644),
    "a link": lambda file: (file.rename(f"{file}.x"), file.symlink_to(f"{file}.x")),
    "no JSON": lambda file: file.write_text("{"),
    "another shape": lambda file: file.write_text('{"answers": [{"token": 1}, 5]}'),
    "too large": lambda file: file.write_text(file.read_text() + " " * (1 << 17)),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_an_answer_that_was_changed_does_not_count(tamper, vendor, home):
    ask(home)
    tamper(home / KEPT)

    answer = again(home, now=NOW + 2)

    assert ("org-a", 2) == (answer.workspace, len(vendor.received))


def test_only_so_many_answers_are_kept(vendor, home):
    for number in range(service_answers.MOST + 3):
        name = "CLAUDE_CODE_OAUTH_TOKEN"
        ask(home, name, asking(home, **{name: f"token-{number}"}))

    assert service_answers.MOST == len(json.loads((home / KEPT).read_text())["answers"])


def test_a_run_that_no_user_asks_for_reads_and_writes_no_answer(vendor, home):
    request = asking(home)._replace(
        client_home=str(home / ".claude"), options=ReadOptions(unasked=True)
    )

    ask(home, request=request)

    assert not (home / KEPT).exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_state_folder_that_cannot_be_written_hides_no_answer(vendor, home):
    (home / "state").mkdir(mode=0o500)

    assert "org-a" == ask(home).workspace


def test_no_representation_holds_a_secret(vendor, home):
    vendor.answer = answering(200, f'{{"organization_uuid": "sk-ant-oat01-{SECRET}"}}')

    assert SECRET not in repr(ask(home))


def test_an_error_names_nothing_that_was_sent(home, monkeypatch):
    def broken(source):
        raise UnreachableError("it did not answer in time")

    monkeypatch.setattr(service, "get", broken)
    monkeypatch.setattr(service, "administrators_context", lambda: None)

    assert SECRET not in repr(ask(home))
