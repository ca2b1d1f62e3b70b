"""A version that is not certain: judged as all that it may be, and unknown where they differ."""

import json

import pytest

from support.clients.installed_clients import install, install_bare
from support.clients.logins import API_KEY, chatgpt, with_fields
from support.machines.check_hosts import host_of
from support.machines.hosts import BIN, FORCED_CHATGPT, make_host, run, tipstaff
from tipstaff_policy.assessment.findings import evaluate_checks
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex import installations
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HeldCredential, UnreadableCredential
from tipstaff_schemas.values import as_json, state_from_json

ADAPTER = load_client("codex")
ALLOWED = 'allowed_login_methods = ["chatgpt"]\n'
LISTED = 'forced_chatgpt_workspace_id = ["ws-a"]\n'
NEWEST_NAME = ".".join(map(str, NEWEST))
STORE = 'cli_auth_credentials_store = "ephemeral"\n'


@pytest.fixture(autouse=True)
def the_oldest_proven_version_knows_no_requirements(monkeypatch):
    monkeypatch.setattr(installations, "PROVEN", ((0, 130, 0), (0, 169, 0)))


def make(folder, source, **files):
    """Lay out a host whose client has no package, a package of the user's, or one newer than any proven."""
    root = make_host(folder / "host", **files)
    if source == "assumed":
        install_bare(root / "usr")
    else:
        install(root / "usr", "99.0.0" if source == "newer" else "0.169.0")
    if source == "doubted":
        (root / "usr/lib").chmod(0o777)
    return root


def request(root, **more):
    return Request({}, "/", 2_000_000_000, system_root=str(root), **more)


def judged(root, *, detail="none", **more):
    state = ADAPTER.read_state(request(root, **more).read_with(detail=detail))
    return state, ADAPTER.decide(state)


SOURCES = ("assumed", "doubted")
DIFFER = {
    "a requirement that one does not know": {"requirements": ALLOWED},
    "a list that stops one": {"auth": chatgpt("ws-a"), "managed": LISTED},
    "a store that one does not read": {"requirements": STORE},
    "a login that stops one": {"auth": "{}x"},
    "a kind that one does not know": {
        "auth": with_fields(chatgpt(), auth_mode="personalAccessToken", personal_access_token="x")
    },
}
ENFORCED = {"a requirement that one does not know": 10}
"""The exit code of an enforcement, which no version changes; else nothing forbids the login."""
AGREE = {
    "a login that all let in": ({"auth": chatgpt(), "requirements": ALLOWED}, "allow"),
    "a rule that all know": ({"managed": FORCED_CHATGPT}, "log_out"),
    "a file that stops all": ({"managed": "x = ["}, "refuse"),
    "nothing stored": ({"auth": None, "requirements": ALLOWED}, "not_logged_in"),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("files", DIFFER.values(), ids=DIFFER)
def test_where_the_versions_differ_the_verdict_is_unknown(files, source, tmp_path):
    decision = judged(make(tmp_path, source, **files))[1]

    assert "unknown" == decision.verdict
    assert "judged as 0.1" in decision.reason
    assert "judged as 0.130.0 it is" in decision.reason


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("case", DIFFER)
def test_what_is_enforced_hangs_on_no_version(case, source, tmp_path):
    root = make(tmp_path, source, **DIFFER[case])

    assert ENFORCED.get(case, 0) == enforce(ADAPTER, request(root)).exit_code


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("files", "verdict"), AGREE.values(), ids=AGREE)
def test_where_they_agree_nothing_changes(files, verdict, source, tmp_path):
    assert verdict == judged(make(tmp_path, source, **files))[1].verdict


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("assumed", ["No package states the version of /usr/bin/codex"]),
        ("doubted", ["says 0.169.0", "/usr/lib is writable by others (mode 0777)"]),
    ],
)
def test_the_reason_says_why_the_version_is_not_certain(source, words, tmp_path):
    reason = judged(make(tmp_path, source, requirements=ALLOWED))[1].reason

    assert [] == [word for word in words if word not in reason], reason


def test_a_removal_of_another_store_counts_as_a_difference(tmp_path):
    """Both log out because of the variable; the one that reads the required store empties none."""
    state, _ = judged(make(tmp_path, "doubted", managed=FORCED_CHATGPT, requirements=STORE))
    variable = Credential("CODEX_API_KEY", None, HeldCredential("apikey", "api"))
    *_, oldest = state.readings
    oldest = oldest._replace(credentials=(variable, *oldest.credentials))
    state = state._replace(credentials=(variable, *state.credentials), readings=(oldest,))

    decision = ADAPTER.decide(state)

    assert "unknown" == decision.verdict
    assert "0.169.0 it is log_out, judged as 0.130.0 it is log_out (removing file)" in (
        decision.reason
    )


@pytest.mark.parametrize(("source", "status"), [("doubted", "fail"), ("newer", "pass")])
def test_a_rule_that_the_oldest_passes_over_restricts_nobody_for_certain(source, status, tmp_path):
    state, decision = judged(make(tmp_path, source, auth=chatgpt(), requirements=ALLOWED))

    (finding,) = evaluate_checks(host_of(state, decision), ("TIP301",))

    assert status == finding.status


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("files", DIFFER.values(), ids=DIFFER)
def test_the_state_alone_gives_the_decision_again(files, source, tmp_path):
    state, decision = judged(make(tmp_path, source, **files), detail="all")

    again = state_from_json(json.loads(json.dumps(as_json(state))))

    assert state == again
    assert decision == ADAPTER.decide(again)


@pytest.mark.parametrize("files", DIFFER.values(), ids=DIFFER)
def test_a_newer_version_is_judged_as_the_newest_proven_one_alone(files, tmp_path):
    root = make(tmp_path, "newer", **files)
    newer, decision = judged(root)

    expected = judged(root, client_version=NEWEST_NAME)[1]

    assert () == newer.readings
    assert newer.client.proven is False
    assert expected == decision


def test_a_version_that_is_certain_is_read_once(tmp_path):
    root = make_host(tmp_path / "host", requirements=ALLOWED)
    install(root / "usr", "0.169.0")

    state, decision = judged(root)

    assert () == state.readings
    assert "ignore_credential" == decision.verdict


@pytest.mark.parametrize(
    ("auth", "steps", "left"),
    [
        (chatgpt(), ["CODEX_API_KEY"], True),
        (API_KEY, ["file", "CODEX_API_KEY"], False),
    ],
)
def test_beside_a_variable_that_violates_a_stored_login_is_judged_by_itself(
    auth, steps, left, tmp_path
):
    client = ADAPTER.find_installations(request(make(tmp_path, "doubted")))[0]
    stored = tmp_path / "home/auth.json"
    stored.parent.mkdir()
    stored.write_text(auth)
    (stored.parent / "config.toml").write_text(FORCED_CHATGPT)
    env = {"CODEX_API_KEY": "made-up"}

    asked = Request(env, "/", 0, client=client, client_home=str(stored.parent))
    result = enforce_all(ADAPTER, asked)

    assert 11 == result.exit_code
    assert steps == [step.store for step in result.steps]
    assert left == stored.exists()


def test_the_programs_say_it_too(tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY, requirements=ALLOWED)
    install(root / "usr", "0.140.0")
    (root / "usr").chmod(0o777)

    done = tipstaff("audit", "--system-root", root)
    listed = tipstaff("client", "list", "--system-root", root)
    diffed = tipstaff("client", "diff", "0.140.0", "0.169.0", "--system-root", root)

    assert 4 == done.returncode
    assert "codex 0.140.0 (doubted)" in done.stdout
    newest = f"judged as {NEWEST_NAME} it is ignore_credential"
    assert f"judged as 0.140.0 it is allow, {newest}" in done.stdout
    assert "0.140.0    not proven  doubted  /usr/bin/codex\n" in listed.stdout
    assert "can be changed: /usr is writable by others (mode 0777)" in listed.stdout
    assert "this host: allow -> ignore_credential" in diffed.stdout


def test_a_recorded_host_with_an_uncertain_version_is_judged_as_the_versions_named(tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY, requirements=ALLOWED)
    install(root / "usr", "0.140.0")
    (root / "usr").chmod(0o777)
    report = tmp_path / "report.json"
    report.write_text(tipstaff("audit", "--system-root", root, "--format", "json").stdout)

    out = tipstaff(
        "client", "diff", "--client", "codex", "0.140.0", "0.169.0", "--report", report
    ).stdout

    assert f"{report} (dev): allow -> ignore_credential" in out


def test_a_program_of_the_machine_is_no_program_of_an_image(tmp_path):
    words = ["--program", "/usr/bin/codex", "--system-root", make_host(tmp_path / "host")]

    for front in (
        [BIN / "tipstaff", "audit"],
        [BIN / "tipstaff", "enforce"],
        [BIN / "tipstaff-guard"],
    ):
        assert 2 == run([*front, *words]).returncode


def test_a_store_that_only_the_full_program_reads_is_left_to_it(tmp_path):
    root = make(tmp_path, "doubted", auth=chatgpt(), managed=FORCED_CHATGPT)
    found = UnreadableCredential("needs the full program", "unknown", needs_library=True)
    keyring = Credential("keyring", "keyring entry", found)

    def read_state(given):
        state = ADAPTER.read_state(given)
        return state._replace(places=(*state.places, keyring))

    asked = request(root).read_with(hands_over=True)
    result = enforce(ADAPTER._replace(read_state=read_state), asked)

    assert 4 == result.exit_code
    assert result.needs_library is True
    assert "keyring entry needs the full program" in result.note
