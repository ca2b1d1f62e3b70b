"""Saved reports: converted, merged, compared, and held to a signature."""

import json
import os
import shutil
import sys

import pytest
from example_hosts import copy_host

from support.clients.logins import chatgpt
from support.machines.hosts import BIN, audit, credential, run, tipstaff
from support.machines.local_users import NEEDS_ROOT
from tipstaff_schemas.export import faults


@pytest.fixture
def root(tmp_path):
    return copy_host("wrong-workspace", tmp_path / "hosts")


@pytest.fixture
def saved(root, tmp_path):
    path = tmp_path / "a.json"
    audit(root, "--report", f"json:{path}")
    return path


def key(folder, name="key", passphrase=""):
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", folder / name])
    return folder / name


def edited(path, *steps, value):
    """Write a report with one value changed, and return its path."""
    document = json.loads(path.read_text())
    part = document
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = value
    path.write_text(json.dumps(document))
    return path


def cut(path, data):
    path.write_bytes(data)
    return path


BAD = {
    "empty": (lambda path: cut(path, b""), ": is empty"),
    "cut off": (lambda path: cut(path, path.read_bytes()[:3000]), "is no JSON, or cut off: EOF while parsing"),
    "no JSON": (lambda path: cut(path, b"<html>"), "is no JSON, or cut off: expected value at line 1 column 1"),
    "a list": (lambda path: cut(path, b"[]"), ": is no report of Tipstaff"),
    "another program's": (lambda path: cut(path, b'{"tool": {"name": "lynis"}}'), ": is a report of another program"),
    "no schema": (lambda path: edited(path, "schema_version", value=None), ": schema_version: does not say"),
    "a newer schema": (lambda path: edited(path, "schema_version", value="2"), ": schema_version: is written by schema 2, newer than"),
    "an older schema": (lambda path: edited(path, "schema_version", value="0"), ": schema_version: is written by schema 0, older than"),
    "a field too many": (lambda path: edited(path, "findings", 3, "surprise", value=1), ": findings.3.surprise: Extra inputs are not permitted"),
    "an unknown word": (lambda path: edited(path, "findings", 0, "status", value="perhaps"), ": findings.0.status: Input should be 'pass'"),
    "bytes that are no text": (lambda path: cut(path, b'{"tool": "\xff"}'), "is no JSON, or cut off: invalid unicode"),
    "nested without end": (lambda path: cut(path, b"[" * 100_000), "is no JSON, or cut off"),
    "no moment": (lambda path: edited(path, "run", "finished_at", value="yesterday"), ": run.finished_at: Value error, is no moment in UTC"),
    "no day of the calendar": (lambda path: edited(path, "run", "finished_at", value="2026-13-01T00:00:00Z"), ": run.finished_at: Value error"),
    "a line that is none": (lambda path: cut(path, b'{"tool": 1}\n{"tool": 1}\n'), ":1: is no report of Tipstaff"),
}  # fmt: skip
COMMANDS = {
    "convert": lambda path: ("convert", path, "--to", "text"),
    "merge": lambda path: ("merge", path, "--to", "text"),
    "diff": lambda path: ("diff", path, path),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("spoil", "said"), BAD.values(), ids=BAD)
def test_what_is_no_report_is_refused_by_file_and_place(spoil, said, command, saved):
    done = tipstaff("report", *command(spoil(saved)))

    assert 4 == done.returncode
    assert "" == done.stdout
    assert f"error: {saved}" in done.stderr
    assert said in done.stderr


def test_nothing_of_what_is_no_report_is_shown(saved):
    secret = "sk-canarycanarycanary"

    done = [
        tipstaff("report", "convert", spoilt, "--to", "text")
        for spoilt in (
            cut(saved, f'{{"OPENAI_API_KEY": "{secret}"}}'.encode()),
            cut(saved, f'{{"tool": {{"name": "tipstaff"}}, "schema_version": "{secret}"}}'.encode()),
            cut(saved, f'{{"tool": {{"name": "tipstaff"}}, "schema_version": "1", "users": "{secret}"}}'.encode()),
        )
    ]  # fmt: skip

    assert [4, 4, 4] == [ended.returncode for ended in done]
    assert not [ended for ended in done if secret in ended.stdout + ended.stderr]


def test_the_report_of_another_command_is_refused(root, tmp_path):
    path = tmp_path / "doctor.json"
    path.write_text(tipstaff("doctor", "--system-root", root, "--format", "json").stdout)

    done = tipstaff("report", "convert", path, "--to", "text")

    assert 4 == done.returncode
    assert "another document of Tipstaff" in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = tipstaff("report", "convert", tmp_path / "none.json", "--to", "text")

    assert 4 == done.returncode
    assert f"error: {tmp_path / 'none.json'}: cannot be read: No such file" in done.stderr


def test_convert_wants_a_format(saved):
    done = tipstaff("report", "convert", saved)

    assert 2 == done.returncode
    assert "no format given" in done.stderr


def test_merge_holds_every_run_once_and_says_who_is_missing(tmp_path, saved):
    other = tmp_path / "reports"
    other.mkdir()
    second = copy_host("compliant-chatgpt", tmp_path / "hosts")
    audit(second, "--report", f"ndjson:{other / 'b.ndjson'}")
    with (other / "b.ndjson").open("a") as opened:
        opened.write('{"host":"lost","user":null,"reason":"no answer"}\n')
    shutil.copy(saved, other / "again.json")

    done = tipstaff("report", "merge", saved, other, "--to", "json")

    document = json.loads(done.stdout)
    assert [] == faults("merged-reports", document)
    assert ["compliant-chatgpt", "wrong-workspace"] == [
        report["run"]["host"]["name"] for report in document["reports"]
    ]
    assert [{"host": "lost", "user": None, "reason": "no answer"}] == document["missing"]
    again = tipstaff("report", "merge", "-", "--to", "json", input=done.stdout)
    assert done.stdout == again.stdout


def test_merge_names_every_file_that_is_no_report_and_writes_nothing(tmp_path, saved):
    for name in ("x", "y"):
        (tmp_path / f"{name}.json").write_text("{")

    done = tipstaff("report", "merge", tmp_path, "--report", f"text:{tmp_path / 'all'}")

    assert 4 == done.returncode
    assert not (tmp_path / "all").exists()
    assert all(f"error: {tmp_path / name}" in done.stderr for name in ("x.json", "y.json"))


def test_two_reports_of_one_run_that_differ_are_an_error(tmp_path, saved):
    other = tmp_path / "b.json"
    shutil.copy(saved, other)
    edited(other, "findings", 0, "observed", value="nothing at all")

    done = tipstaff("report", "merge", saved, other, "--to", "json")

    assert 4 == done.returncode
    assert "one of them was edited" in done.stderr


def test_simulate_reads_what_merge_wrote(tmp_path, saved):
    merged = tmp_path / "all.json"
    merged.write_text(tipstaff("report", "merge", saved, "--to", "json").stdout)
    policy = tmp_path / "policy.toml"
    policy.write_text('schema = 1\nid = "p"\nversion = "1"\nlogin_methods = ["chatgpt"]\n')

    done = tipstaff("policy", "simulate", policy, "--reports", merged, "--format", "json")

    assert (1, 0) == tuple(json.loads(done.stdout)[part] for part in ("simulated", "unreadable"))


@pytest.fixture
def later(root, tmp_path, saved):
    """Audit the host again, after a sign-in with an allowed workspace."""
    credential(root).write_text(chatgpt("ws-example"))
    audit(root, "--report", f"json:{tmp_path / 'b.json'}")
    return tmp_path / "b.json"


def test_diff_says_what_was_fixed(saved, later):
    done = tipstaff("report", "diff", saved, later, "--format", "json")

    document = json.loads(done.stdout)
    assert [] == faults("report-comparison", document)
    assert 0 == done.returncode
    (host,) = document["hosts"]
    changed = {change["check"]: (change["change"], change["because"]) for change in host["changes"]}
    assert {"TIP102": ("fixed", ["host"]), "TIP406": ("fixed", ["host"])} == changed


def test_diff_says_what_broke_since_when_and_why(saved, later):
    done = tipstaff("report", "diff", later, saved)

    assert 1 == done.returncode
    assert "BROKE                TIP102 critical Workspace not allowed (file)" in done.stdout
    held = json.loads(later.read_text())["run"]["finished_at"]
    failed = json.loads(saved.read_text())["run"]["finished_at"]
    assert f"since:    passed at {held}, failed at {failed}" in done.stdout
    assert "because:  something on the host changed" in done.stdout


def test_diff_tells_a_changed_policy_from_a_changed_host(root, tmp_path, later):
    managed = root / "etc/codex/managed_config.toml"
    managed.write_text(managed.read_text().replace("ws-example", "ws-other"))
    audit(root, "--report", f"json:{tmp_path / 'c.json'}")

    done = tipstaff("report", "diff", later, tmp_path / "c.json", "--format", "json")

    (host,) = json.loads(done.stdout)["hosts"]
    assert ["policy"] == host["differs"]
    (broke,) = [change for change in host["changes"] if change["check"] == "TIP102"]
    assert "broke" == broke["change"]
    assert "policy" in broke["because"]


def test_a_host_that_reports_no_more_was_not_judged(tmp_path, saved):
    second = copy_host("compliant-chatgpt", tmp_path / "hosts")
    audit(second, "--report", f"json:{tmp_path / 'b.json'}")
    both = tmp_path / "both.json"
    both.write_text(tipstaff("report", "merge", saved, tmp_path / "b.json", "--to", "json").stdout)

    gone = tipstaff("report", "diff", both, saved)
    apart = tipstaff("report", "diff", saved, tmp_path / "b.json")

    assert 4 == gone.returncode
    assert 5 == apart.returncode
    assert "only in the earlier report" in gone.stdout


def test_a_baseline_tells_since_when(root, tmp_path, saved):
    first = json.loads(saved.read_text())["run"]["finished_at"]

    one = json.loads(audit(root, "--baseline", saved, "--format", "json").stdout)
    (tmp_path / "b.json").write_text(json.dumps(one))
    two = json.loads(audit(root, "--baseline", tmp_path / "b.json", "--format", "json").stdout)

    known = {
        finding["first_failed_at"] for finding in two["findings"] if finding["status"] == "fail"
    }
    assert {first} == known
    assert {None} == {
        finding["first_failed_at"] for finding in two["findings"] if finding["status"] != "fail"
    }


def test_what_did_not_fail_before_fails_since_now(root, later):
    credential(root).write_text(chatgpt("ws-private"))

    found = json.loads(audit(root, "--baseline", later, "--format", "json").stdout)

    (failing,) = [finding for finding in found["findings"] if finding["check"] == "TIP102"]
    assert found["run"]["finished_at"] == failing["first_failed_at"]


def test_a_signed_report_holds_and_openssh_agrees(root, tmp_path):
    own = key(tmp_path)
    files = {form: tmp_path / f"a.{form}" for form in ("json", "text")}
    words = [word for form, path in files.items() for word in ("--report", f"{form}:{path}")]

    audit(root, *words, "--sign-key", own)

    done = [
        tipstaff("report", "verify", file, "--trusted-key", f"{own}.pub") for file in files.values()
    ]
    assert [0, 0] == [ended.returncode for ended in done]
    (tmp_path / "allowed").write_text(f"x {(tmp_path / 'key.pub').read_text()}")
    for path in files.values():
        judged = run(
            ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "allowed", "-I", "x", "-n", "tipstaff-report", "-s", f"{path}.sig"],
            input=path.read_text(), stdin=None,
        )  # fmt: skip
        assert 0 == judged.returncode, judged.stderr


def resign(path, own, purpose="tipstaff-report"):
    path.with_name(path.name + ".sig").unlink(missing_ok=True)
    run(["ssh-keygen", "-q", "-Y", "sign", "-n", purpose, "-f", own, path])


TAMPERED = {
    "edited": (lambda path, *_: edited(path, "summary", "fail", value=0), "is invalid"),
    "cut off": (lambda path, *_: cut(path, path.read_bytes()[:-10]), "is invalid"),
    "not signed": (lambda path, *_: os.unlink(f"{path}.sig"), "the report is not signed"),
    "signed by somebody else": (lambda path, _, other: resign(path, other), "which is not trusted"),
    "signed for another purpose": (lambda path, own, _: resign(path, own, "tipstaff"), "for another purpose"),
    "no signature": (lambda path, *_: cut(path.with_name("a.json.sig"), b"x"), "is not a complete SSH signature"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "said"), TAMPERED.values(), ids=TAMPERED)
def test_an_edit_shows(spoil, said, root, tmp_path):
    own, other, path = key(tmp_path), key(tmp_path, "other"), tmp_path / "a.json"
    audit(root, "--report", f"json:{path}", "--sign-key", own)
    spoil(path, own, other)

    done = tipstaff("report", "verify", path, "--trusted-key", f"{own}.pub")

    assert 6 == done.returncode
    assert "" == done.stdout
    assert said in done.stderr


CONTRADICTIONS = {
    "the verdict": (("decision", "verdict"), "allow", "decision: does not follow from state"),
    "the counts": (("summary", "fail"), 0, "summary.fail: is 0, and there are 2"),
    "the outcome": (("summary", "compliant"), True, "summary.compliant: is true, but should be false"),
    "a finding": (("findings", 0, "check"), "TIP102", "findings.0.fingerprint: is not that of"),
    "a file": (("policy", "files", 0, "sha256"), "0" * 64, "policy.fingerprint: is not that of policy.files"),
    "the client": (("client", "version"), "0.170.0", "client: is another one than state.client"),
    "the controls": (("frameworks",), [{"id": "soc2", "title": "SOC 2", "controls": []}], "frameworks.0: is not what the findings come to"),
    "the time": (("run", "finished_at"), "2000-01-01T00:00:00.000Z", "run.finished_at: is before run.started_at"),
    "what ran": (("run", "selected"), ["TIP101"], "findings: are not those of the checks that ran"),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "value", "said"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_signature_does_not_hide_a_contradiction(steps, value, said, tmp_path, saved):
    own = key(tmp_path)
    resign(edited(saved, *steps, value=value), own)

    done = tipstaff("report", "verify", saved, "--trusted-key", f"{own}.pub", "--format", "json")

    document = json.loads(done.stdout)
    assert [] == faults("report-verified", document)
    assert 6 == done.returncode == document["exit_code"]
    assert any(contradiction.startswith(said) for contradiction in document["contradictions"])


def test_a_passphrase_is_read_from_a_file(root, tmp_path):
    own = key(tmp_path, passphrase="correct horse")
    (tmp_path / "phrase").write_text("correct horse\n")

    words = ["--report", f"json:{tmp_path / 'a'}", "--sign-key", own]
    done = audit(root, *words, "--passphrase-file", tmp_path / "phrase")

    assert 1 == done.returncode
    assert (tmp_path / "a.sig").exists()


def test_a_key_that_is_none_fails_before_the_audit(root, tmp_path):
    done = audit(root, "--report", f"json:{tmp_path / 'a'}", "--sign-key", tmp_path / "none")

    assert 4 == done.returncode
    assert "" == done.stdout
    assert not (tmp_path / "a").exists()


def test_a_report_that_is_grouped_is_the_same_run(root, tmp_path, saved):
    grouped = tmp_path / "g.json"
    tipstaff("report", "convert", saved, "--framework", "soc2", "--report", f"json:{grouped}")

    done = tipstaff("report", "merge", saved, grouped, "--to", "json")

    assert 0 == done.returncode
    assert 1 == len(json.loads(done.stdout)["reports"])


def test_a_baseline_of_another_host_is_refused(root, tmp_path):
    other = copy_host("compliant-chatgpt", tmp_path / "hosts")
    audit(other, "--report", f"json:{tmp_path / 'other.json'}")

    done = audit(root, "--baseline", tmp_path / "other.json", "--report", f"json:{tmp_path / 'a'}")

    assert 2 == done.returncode
    assert "" == done.stdout
    assert not (tmp_path / "a").exists()
    assert "--baseline contains no report of this host" in done.stderr


SIGNED = {
    "cut off": lambda path: cut(path, path.read_bytes()[:3000]),
    "of a newer schema": lambda path: edited(path, "schema_version", value="2"),
    "with a field too many": lambda path: edited(path, "surprise", value=1),
}


@pytest.mark.parametrize("spoil", SIGNED.values(), ids=SIGNED)
def test_a_signed_report_that_cannot_be_read_is_no_other_format(spoil, tmp_path, saved):
    own = key(tmp_path)
    resign(spoil(saved), own)

    done = tipstaff("report", "verify", saved, "--trusted-key", f"{own}.pub")

    assert 4 == done.returncode
    assert "" == done.stdout
    assert f"error: {saved}" in done.stderr


def test_merge_names_what_it_leaves_out_of_a_folder(tmp_path, saved):
    (tmp_path / "more").mkdir()
    shutil.copy(saved, tmp_path / "more/B.JSON")
    (tmp_path / "more/c.json.gz").write_bytes(b"")

    done = tipstaff("report", "merge", tmp_path / "more", "--to", "json")

    assert 1 == len(json.loads(done.stdout)["reports"])
    assert f"1 files left out, such as {tmp_path / 'more/c.json.gz'}" in done.stderr


@NEEDS_ROOT
def test_merge_refuses_a_folder_that_it_cannot_look_into(tmp_path, saved):
    """As a user who is not root, from whom a folder is closed."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copy(saved, closed / "b.json")
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)
    script = "import os, sys; from pathlib import Path; from tipstaff_cli.shared.collecting import report_files; os.setuid(65534); report_files([Path(sys.argv[1])])"

    done = run([sys.executable, "-c", script, tmp_path])

    assert f"error: {closed}: cannot be read: Permission denied" in done.stderr


def test_a_closed_input_is_said(tmp_path):
    done = run(["sh", "-c", f"{BIN}/tipstaff report convert - --to text <&-"])

    assert 4 == done.returncode
    assert "error: standard input: is closed" in done.stderr


def test_a_number_beyond_all_bounds_is_a_number(tmp_path, saved):
    edited(saved, "run", "action_log", "length", value=10**400)

    done = tipstaff("report", "convert", saved, "--to", "prom")

    assert 0 == done.returncode
    assert f"}} {10**400}\n" in done.stdout
