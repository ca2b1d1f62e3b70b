"""What the organisation's policy makes of a host: removed, warned of, waived, or left alone."""

import json

import pytest

from support.artefacts.policies import ROOT, waiver
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import audit, credential, enforce, make_host, run_guard

ONLY_CHATGPT = 'login_methods = ["chatgpt"]\n'
ONLY_A = '[[workspaces]]\nid = "ws-a"\n'
FAR = "2098-12-31"


def host(folder, policy, *fragments, auth=API_KEY, **files):
    """Lay out a host with the organisation's policy on it."""
    root = make_host(folder / "host", auth=auth, **files)
    place = root / "etc/tipstaff"
    (place / "policy.d").mkdir(parents=True)
    (place / "policy.toml").write_text(policy)
    for number, text in enumerate(fragments):
        (place / f"policy.d/{number}.toml").write_text(text)
    return root


REMOVED = {
    "a method that it does not allow": (ROOT + ONLY_CHATGPT, API_KEY),
    "no method at all": (ROOT + "login_methods = []\n", chatgpt()),
    "another workspace": (ROOT + ONLY_A, chatgpt("ws-z")),
    "no workspace": (ROOT + ONLY_A, chatgpt(None)),
    "nobody's workspace": (ROOT + "workspaces = []\n", chatgpt("ws-a")),
    "an edited account id": (ROOT + ONLY_A, chatgpt("ws-z", account="ws-a")),
    "an edited id token": (ROOT + ONLY_A, chatgpt("ws-a", access="ws-z")),
    "too old": (ROOT + 'longest_age = "1m"\n', chatgpt()),
    "an expired policy": (ROOT + "valid_until = 2020-01-01\n" + ONLY_CHATGPT, API_KEY),
    "a waiver that has ended": (ROOT + ONLY_A + waiver(expires="2020-01-01"), chatgpt("ws-z")),
    "a waiver of somebody else": (
        ROOT + ONLY_A + waiver(expires=FAR, user='"bob"'),
        chatgpt("ws-z"),
    ),
    "a waiver of another host": (
        ROOT + ONLY_A + waiver(expires=FAR, host='"x*"'),
        chatgpt("ws-z"),
    ),
}
KEPT = {
    "what complies": (ROOT + ONLY_CHATGPT + ONLY_A, chatgpt("ws-a"), 0),
    "a workspace rule and a key": (ROOT + ONLY_A, API_KEY, 0),
    "not valid yet": (ROOT + f"valid_from = {FAR}\n" + ONLY_CHATGPT, API_KEY, 0),
    "before the warning": (ROOT + f"warn_from = {FAR}\n" + ONLY_CHATGPT, API_KEY, 0),
    "only warned of": (ROOT + f"enforce_from = {FAR}\n" + ONLY_CHATGPT, API_KEY, 1),
    "only reported": (ROOT + 'on_violation = "report"\n' + ONLY_CHATGPT, API_KEY, 1),
    "not in the cohort": (
        ROOT + 'enforce_from = 2020-01-01\ncohort = "0%"\n' + ONLY_CHATGPT,
        API_KEY,
        1,
    ),
    "waived": (ROOT + ONLY_A + waiver(expires=FAR, user='"dev"'), chatgpt("ws-z"), 0),
    "an invalid policy": (ROOT + 'login_methods = ["sso"]\n', API_KEY, 3),
    "a misspelt policy": (ROOT + 'login_method = ["chatgpt"]\n', API_KEY, 3),
    "no TOML": ("schema = [", API_KEY, 3),
    "a schema of the future without a good copy": ("schema = 2\n", API_KEY, 3),
}


@pytest.mark.parametrize("program", [enforce, run_guard])
@pytest.mark.parametrize(("policy", "auth"), REMOVED.values(), ids=REMOVED)
def test_what_violates_is_removed(policy, auth, program, tmp_path):
    root = host(tmp_path, policy, auth=auth)

    done = program(root)

    assert 10 == done.returncode, done
    assert not credential(root).exists(), done


@pytest.mark.parametrize("program", [enforce, run_guard])
@pytest.mark.parametrize(("policy", "auth", "code"), KEPT.values(), ids=KEPT)
def test_what_is_allowed_waived_or_not_due_stays(policy, auth, code, program, tmp_path):
    root = host(tmp_path, policy, auth=auth)

    done = program(root)

    assert code == done.returncode, done
    assert credential(root).exists(), done


def test_two_files_that_contradict_each_other_are_both_named_and_nothing_is_removed(tmp_path):
    root = host(tmp_path, ROOT + ONLY_A, 'schema = 1\n[[workspaces]]\nid = "ws-b"\n')

    done = run_guard(root)

    assert 3 == done.returncode
    assert credential(root).exists()
    assert "/etc/tipstaff/policy.toml" in done.stderr
    assert "/etc/tipstaff/policy.d/0.toml" in done.stderr


def test_a_fragment_tightens_and_never_loosens(tmp_path):
    more = 'schema = 1\nlogin_methods = ["api", "chatgpt"]\n'

    assert 10 == run_guard(host(tmp_path, ROOT + ONLY_CHATGPT, more)).returncode


def test_the_last_good_copy_stands_in_for_a_newer_schema(tmp_path):
    root = host(tmp_path, "schema = 2\nfrom_the_future = 1\n")
    kept = root / "var/lib/tipstaff/last-good"
    kept.mkdir(parents=True)
    (kept / "policy.toml").write_text(ROOT + ONLY_CHATGPT)

    report = json.loads(audit(root, "--format", "json").stdout)

    failing = [finding["check"] for finding in report["findings"] if finding["status"] == "fail"]
    assert "TIP312" in failing
    assert 10 == run_guard(root).returncode


def test_the_person_reads_what_the_organisation_says(tmp_path):
    words = 'message = "Use the company account."\ncontact = "phone 17"\nhelp_url = "https://h.example"\n'

    done = run_guard(host(tmp_path, ROOT + words + ONLY_CHATGPT))

    assert "Use the company account.\n  ask: phone 17\n  see: https://h.example\n" in done.stderr


def test_an_invalid_policy_names_every_fault_with_its_line(tmp_path):
    root = host(tmp_path, ROOT + 'stores = ["x"]\nlongest_age = 5\n')

    for done in (run_guard(root), audit(root)):
        said = done.stdout + done.stderr
        assert 3 == done.returncode
        assert "/etc/tipstaff/policy.toml:4: " in said
        assert "/etc/tipstaff/policy.toml:5: " in said


def test_no_check_that_reads_an_invalid_policy_passes(tmp_path):
    root = host(tmp_path, "schema = 1\n", auth=chatgpt("ws-a"))

    report = json.loads(audit(root, "--format", "json").stdout)

    status = {finding["check"]: finding["status"] for finding in report["findings"]}
    assert not report["summary"]["compliant"]
    assert {"error"} == {
        status[check] for check in ("TIP101", "TIP102", "TIP106", "TIP201", "TIP308")
    }


def test_what_only_warns_lets_the_client_start_and_says_so(tmp_path):
    root = host(tmp_path, ROOT + f"enforce_from = {FAR}\n" + ONLY_CHATGPT)

    done = run_guard(root, "--", "sh", "-c", "echo started")

    assert 0 == done.returncode
    assert "started\n" == done.stdout
    assert "(enforce_from)" in done.stderr


CANNOT_TELL = {
    "while the policy warns": (f"enforce_from = {FAR}\n", "warns and starts the client"),
    "before it speaks": (f"warn_from = {FAR}\n", "starts the client"),
    "where the policy is open": ('on_error = "open"\n', "warns and starts the client"),
    "once it is enforced": ("", "does not start the client"),
}


@pytest.mark.parametrize(("more", "says"), CANNOT_TELL.values(), ids=CANNOT_TELL)
def test_an_audit_says_what_the_guard_does_where_a_login_cannot_be_judged(more, says, tmp_path):
    root = host(tmp_path, ROOT + more + ONLY_CHATGPT, auth="no JSON")

    line = audit(root).stdout.splitlines()[1]
    done = run_guard(root, "--", "sh", "-c", "echo started")

    assert line.endswith(f"and the guard {says}")
    assert ("started\n" if "starts" in says else "") == done.stdout
    assert bool(done.stderr) == (says != "starts the client")


def test_a_login_that_cannot_be_judged_has_time_while_the_policy_warns(tmp_path):
    root = host(tmp_path, ROOT + f"enforce_from = {FAR}\n" + ONLY_CHATGPT, auth="no JSON")

    said = run_guard(root, "--", "sh", "-c", "echo started").stderr

    assert said.startswith("tipstaff: not evaluated, not enforced yet: ")
    assert "(enforce_from)" in said
    assert "to do: before it is enforced, remove what cannot be read" in said


@pytest.mark.parametrize(("on_error", "code", "out"), [("open", 0, "started\n"), ("closed", 3, "")])
def test_on_error_says_whether_the_client_starts_where_nobody_can_tell(
    on_error, code, out, tmp_path
):
    policy = ROOT + f'on_error = "{on_error}"\n'
    root = host(tmp_path, policy, managed="x = [\n")

    done = run_guard(root, "--", "sh", "-c", "echo started")

    assert code == done.returncode
    assert out == done.stdout


def test_an_invalid_policy_never_starts_the_client(tmp_path):
    root = host(tmp_path, ROOT + 'on_error = "open"\nstores = 5\n')

    done = run_guard(root, "--", "sh", "-c", "echo started")

    assert 3 == done.returncode
    assert "" == done.stdout


def test_a_severity_of_the_policy_replaces_the_checks_own(tmp_path):
    root = host(tmp_path, ROOT + '[severity]\nTIP301 = "info"\n', auth=chatgpt("ws-a"))

    report = json.loads(audit(root, "--format", "json", "--select", "TIP301").stdout)

    assert ["info"] == [finding["severity"] for finding in report["findings"]]


def test_a_waiver_stands_beside_the_raw_status(tmp_path):
    root = host(tmp_path, ROOT + ONLY_A + waiver(expires=FAR), auth=chatgpt("ws-z"))

    report = json.loads(audit(root, "--format", "json", "--select", "TIP102").stdout)

    (finding,) = report["findings"]
    assert "fail" == finding["status"]
    assert "active" == finding["waiver"]["standing"]
    assert 1 == report["summary"]["waived"]


def test_the_fleet_key_is_in_no_output(tmp_path):
    secret = "a-secret-of-the-organisation"
    root = host(tmp_path, ROOT + f'fleet_key = "{secret}"\n' + ONLY_CHATGPT, auth=chatgpt())

    said = "".join(
        done.stdout + done.stderr
        for done in (audit(root), audit(root, "--format", "json"), run_guard(root))
    )

    assert secret not in said
    assert "(set, not shown)" in said
