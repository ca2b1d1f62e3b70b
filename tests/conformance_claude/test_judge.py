"""What the client did is compared with what was foretold, and nothing that cannot be foretold is."""

import json

import pytest

from conformance_claude import cases, judge
from conformance_claude.copies import lay_out
from conformance_claude.credentials import BASE, DOCUMENT, KEY, LOGIN, SETTINGS
from conformance_claude.oracle import Host, Outcome
from tipstaff_policy.clients import CLIENTS

COPY = ".claude/backups/.claude.json.backup.<ms>"
SERVER_POLICY = ".claude/remote-settings.json"
OTHER_DOCUMENT = "other/.credentials.json"
SENDS_KEY = ((("key", KEY["ANTHROPIC_API_KEY"]),),)


def outcome(ending, *, sent=(), asked=()):
    return Outcome(ending, 1, sent, asked, {}, (), "")


def foretold(verdict, active=None):
    return {"verdict": verdict, "active": active, "reason": "because"}


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [
        ("allow", "started"),
        ("not_logged_in", "signed out"),
        ("block", "refused: gateway"),
        ("refuse", "stopped: document"),
    ],
)
def test_a_verdict_that_the_client_shows_is_no_difference(verdict, ending):
    assert judge.difference(foretold(verdict), outcome(ending)) == ""


@pytest.mark.parametrize("verdict", ["block", "unknown", "log_out", "failed: x"])
def test_another_verdict_is_a_difference(verdict):
    assert judge.difference(foretold(verdict), outcome("started"))


def test_another_active_credential_is_a_difference():
    real = outcome("started", sent=SENDS_KEY)

    assert judge.difference(foretold("allow", "CLAUDE_CODE_OAUTH_TOKEN"), real)
    assert judge.difference(foretold("allow", "ANTHROPIC_API_KEY"), real) == ""


def test_one_of_two_credentials_that_go_along_is_active():
    sent = ((("bearer", "made-up-login-of-org-a"), ("key", "made-up-key-of-header")),)

    found = judge.difference(foretold("allow", "credentials"), outcome("started", sent=sent))

    assert found == ""


def test_a_key_in_headers_takes_the_place_of_another_on_the_way():
    sent = ((("key", "made-up-key-of-header"),),)

    found = judge.difference(foretold("allow", "ANTHROPIC_API_KEY"), outcome("started", sent=sent))

    assert found == ""


@pytest.mark.parametrize(
    ("active", "agrees"),
    [("ANTHROPIC_AUTH_TOKEN", True), ("apiKeyHelper", True), ("config", True), ("credentials", False)],
)  # fmt: skip
def test_an_empty_bearer_is_of_a_variable_or_helper_and_of_no_store(active, agrees):
    sent = ((("bearer", "(empty)"), ("key", "made-up-console-key")),)

    found = judge.difference(foretold("allow", active), outcome("started", sent=sent))

    assert agrees is (found == "")


def test_an_invalid_rule_is_a_fault_of_the_policy():
    assert judge.difference(foretold("refuse"), outcome("refused: no organisation")) == ""
    assert judge.difference(foretold("refuse"), outcome("refused: sign-in"))


def test_a_host_that_the_service_has_a_policy_for_is_not_compared():
    asked = (("GET api.anthropic.com/api/claude_code/settings", (), ""),)
    host = Host(service={"settings": [200, {}]})

    assert not judge.is_comparable(host, outcome("started", asked=asked))
    assert judge.is_comparable(host, outcome("started"))


def test_a_refreshed_login_is_not_compared():
    asked = (("POST platform.claude.com/v1/oauth/token", (), "{}"),)

    assert not judge.is_comparable(Host(), outcome("started", asked=asked))


def test_a_kept_policy_is_compared_where_the_service_is_silent():
    kept = {".claude/remote-settings.json": "{}"}

    assert judge.is_comparable(Host(home=kept, service={"settings": None}), outcome("started"))
    assert not judge.is_comparable(Host(home=kept), outcome("started"))


HIDDEN = {
    "managed file: a file that the user cannot read",
    "managed file: an unreadable drop-in beside a good base",
    "managed file: a readable drop-in beside an unreadable base",
    "store: that nobody can read",
}


def test_the_hosts_with_hidden_files_are_known():
    found = {name for name, (host, _) in cases.CASES.items() if judge.hides_files(host)}

    assert found == HIDDEN


def test_every_variable_that_names_a_place_follows_the_copy(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "load_client", lambda _: None)
    monkeypatch.setattr(judge, "every_invocation", lambda _, request, __: [request])
    host = Host(env={"CLAUDE_CONFIG_DIR": "/mnt/host/home/other"})

    request = judge.request_of(host, str(tmp_path), "2.1.332")

    assert request.env["CLAUDE_CONFIG_DIR"] == f"{tmp_path}/home/other"


def test_the_client_is_made_known_once(monkeypatch):
    monkeypatch.setattr(judge, "CLIENTS", known := dict(CLIENTS))
    monkeypatch.setattr(judge, "PROGRAMS", {})

    judge.make_known()
    judge.make_known()

    assert list(known).count("claude") == 1


def test_a_copy_holds_what_the_host_holds(tmp_path):
    host = Host(managed={BASE: {"text": "{}", "blanks": 2}}, home=LOGIN)

    lay_out(tmp_path / "copy", host)

    assert (tmp_path / "copy/managed" / BASE).read_text() == "  {}"
    assert json.loads((tmp_path / "copy/home" / DOCUMENT).read_text())


def test_every_host_of_the_tables_can_be_copied(tmp_path):
    for host, _ in cases.CASES.values():
        lay_out(tmp_path / "copy", host)

    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "home",
        "managed",
        "project",
    ]


def left(holding=(), fates=None, code=0):
    return {"answer": {"code": code, "steps": []}, "left": fates or {}, "holding": list(holding)}


def logged_out(holding=()):
    return outcome("logged out")._replace(holding=tuple(holding))


LEFT = {
    "nothing": ([], [], True),
    "a login": ([DOCUMENT], [], False),
    "a copy that the client leaves": ([COPY], [COPY], False),
    "settings that both leave": ([SETTINGS], [SETTINGS], True),
    "settings that the client leaves and Tipstaff takes": ([], [SETTINGS], False),
    "settings that the client takes": ([SETTINGS], [], False),
    "the service's policy that the client takes": ([SERVER_POLICY], [], True),
    "a folder that no variable names": ([OTHER_DOCUMENT], [OTHER_DOCUMENT], True),
}


@pytest.mark.parametrize(("own", "client", "agrees"), LEFT.values(), ids=LEFT)
def test_what_a_log_out_leaves_is_compared(own, client, agrees):
    found = judge.difference_left(left(own), logged_out(client), Host(home=LOGIN))

    assert agrees is (found == "")


@pytest.mark.parametrize(
    ("code", "read_only", "client", "agrees"),
    [
        (11, (".claude",), [DOCUMENT], True),
        (0, (".claude",), [DOCUMENT], False),
        (11, (), [DOCUMENT], False),
        (11, (".claude",), [], False),
    ],
    ids=["and it says so", "unsaid", "in a folder that can be written", "that the client takes"],
)
def test_a_login_is_left_where_its_folder_cannot_be_written(code, read_only, client, agrees):
    own = left([DOCUMENT])
    own["answer"]["code"] = code

    found = judge.difference_left(own, logged_out(client), Host(home=LOGIN, read_only=read_only))

    assert agrees is (found == "")


def test_a_log_out_that_touches_what_is_no_store_is_a_difference():
    found = judge.difference_left(left(fates={SETTINGS: "changed"}), logged_out(), Host())

    assert found


def test_a_log_out_that_failed_is_a_difference():
    failed = {"answer": {"failed": "x"}, "left": {}, "holding": []}

    assert judge.difference_left(failed, logged_out(), Host())


def test_a_stored_login_that_is_still_sent_is_a_difference():
    sent = ((("bearer", "made-up-login-of-org-a"),),)

    assert judge.difference_again(outcome("started", sent=sent))


def test_a_key_in_headers_is_no_stored_login():
    sent = ((("key", "made-up-key-of-header"),),)

    assert judge.difference_again(outcome("started", sent=sent)) == ""
