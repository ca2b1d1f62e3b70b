"""What the programs leave in the action log, and what they say of it."""

import json
import os
import resource
import shutil
import subprocess

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import (
    APART,
    BIN,
    FORCED_CHATGPT,
    OWN_ETC,
    VERSION,
    credential,
    live_guard,
    make_host,
    run,
    run_guard,
    tipstaff,
)
from support.machines.private_etc import in_private_etc
from tipstaff_schemas.export import faults

VARIABLE = {"CODEX_API_KEY": "made-up-canary"}


@pytest.fixture
def root(tmp_path):
    """Return a host whose login breaks a rule."""
    return make_host(tmp_path / "host", user=FORCED_CHATGPT)


def live(root, *words, env=None, **options):
    home = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}
    command, *words = words
    return tipstaff(command, *VERSION, *words, env={**home, **(env or {})}, cwd=root, **options)


def log_of(root):
    return root / "home/dev/.local/state/tipstaff/actions.jsonl"


def records(root):
    return [json.loads(line) for line in log_of(root).read_text().splitlines()]


def sign_in_again(root):
    credential(root).write_text(API_KEY)


def test_a_log_out_is_recorded_and_stands_in_the_report(root):
    done = live(root, "enforce", "--format", "json")

    (written,) = records(root)
    report = json.loads(done.stdout)
    assert 10 == done.returncode
    assert "" == done.stderr
    assert [] == faults("action", written) == faults("enforcement", report)
    assert "enforce" == written["action"]
    assert 10 == written["exit_code"]
    assert "log_out" == written["verdict"]
    assert str(credential(root).parent) == written["home"]
    assert report["steps"] == written["steps"]
    assert {"head": written["hash"], "length": 1, "fault": ""} == report["run"]["action_log"]


def test_the_guard_records_and_goes_on_from_what_enforce_wrote(root):
    live(root, "enforce")
    sign_in_again(root)

    done = live_guard(root, managed=FORCED_CHATGPT)

    assert 10 == done.returncode
    assert ["enforce", "guard"] == [record["action"] for record in records(root)]


def test_a_variable_that_stays_is_recorded_once(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), user=FORCED_CHATGPT)

    codes = [live_guard(root, env=VARIABLE, managed=FORCED_CHATGPT).returncode for _ in range(3)]

    assert [11] * 3 == codes
    assert 1 == len(records(root))
    assert "CODEX_API_KEY" in log_of(root).read_text()
    assert "made-up-canary" not in log_of(root).read_text()


NOTHING_DONE = {
    "it complies": (chatgpt(), FORCED_CHATGPT, 0),
    "a broken file of the user's": (API_KEY, "x = [\n", 0),
    "a token under a rule of the user's own": (
        '{"personal_access_token": "made-up"}',
        'forced_chatgpt_workspace_id = "w"\n',
        0,
    ),
}


@pytest.mark.parametrize(("auth", "rules", "code"), NOTHING_DONE.values(), ids=NOTHING_DONE)
def test_where_nothing_had_to_be_removed_nothing_is_written(auth, rules, code, tmp_path):
    root = make_host(tmp_path / "host", auth=auth, user=rules)

    codes = live(root, "enforce").returncode, live_guard(root).returncode

    assert (code, code) == codes
    assert not (root / "home/dev/.local").exists()


def test_a_rehearsal_and_an_audit_write_nothing(root):
    codes = [
        live(root, *command).returncode
        for command in (["enforce", "--dry-run"], ["audit"], ["why"])
    ]

    assert [11, 1, 0] == codes
    assert not (root / "home/dev/.local").exists()


def test_for_an_image_nothing_is_written_in_it_nor_outside(root, tmp_path):
    own = {"HOME": str(tmp_path / "own"), "PATH": os.environ["PATH"]}
    (root / "etc/codex/managed_config.toml").write_text(FORCED_CHATGPT)

    tipstaff_done = tipstaff(
        "enforce", *VERSION, "--system-root", root, "--format", "json", env=own
    )
    sign_in_again(root)
    guard_done = run_guard(root, env=own)

    assert 10 == tipstaff_done.returncode
    assert 10 == guard_done.returncode
    assert [] == [*tmp_path.glob("own"), *root.rglob("actions*")]
    message = json.loads(tipstaff_done.stdout)["run"]["action_log"]
    assert {"head": None, "length": 0, "fault": ""} == message


def without_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("program", ["enforce", "guard"])
def test_a_log_that_cannot_be_written_is_said_and_the_log_out_stands(program, root):
    (root / "home/dev/.local").write_text("in the way")

    done = (
        live(root, "enforce", "--format", "json")
        if program == "enforce"
        else live_guard(root, managed=FORCED_CHATGPT)
    )

    assert 10 == done.returncode
    assert not credential(root).exists()
    assert "the action log could not be written: Not a directory\n" in done.stderr
    if program == "enforce":
        assert "Not a directory" == json.loads(done.stdout)["run"]["action_log"]["fault"]


def test_no_room_changes_nothing_of_the_log_out(root):
    live(root, "enforce")
    sign_in_again(root)

    done = live_guard(root, managed=FORCED_CHATGPT, preexec_fn=without_room)

    assert 10 == done.returncode
    assert not credential(root).exists()
    assert 1 == len(records(root))
    assert "the action log could not be written: File too large\n" in done.stderr


def test_the_guard_loads_nothing_of_the_log_where_it_allows(tmp_path):
    code = (
        "import sys; sys.argv = ['tipstaff-guard', *{words!r}]\n"
        "from tipstaff_policy import guard\n"
        "code = guard.main()\n"
        "print(code, [each for each in sys.modules if 'action' in each or each == '_socket'])"
    )
    root = make_host(tmp_path / "host", auth=chatgpt())
    env = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}
    etc, front = in_private_etc(tmp_path, BIN / "python", "-c", code.format(words=VERSION))
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    done = run(front, env=env)
    for made in ("old-etc", "etc"):
        shutil.move(tmp_path / made, tmp_path / f"first-{made}")
    credential(root).write_text(API_KEY)
    etc, front = in_private_etc(tmp_path, BIN / "python", "-c", code.format(words=VERSION))
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    denied = run(front, env=env)

    assert "0 []\n" == done.stdout
    assert "10 ['tipstaff_policy.action_" in denied.stdout


def symptom(done):
    return next(
        load for load in json.loads(done.stdout)["symptoms"] if load["name"] == "action log"
    )


def doctor(root, *words):
    return symptom(live(root, "doctor", "--format", "json", *words))


def test_doctor_verifies_the_log(root):
    assert "good" == doctor(root)["mark"]
    live(root, "enforce")
    sign_in_again(root)
    live(root, "enforce")
    assert "good" == doctor(root)["mark"]
    assert "whole, records 1 to 2" == doctor(root)["observed"]

    log_of(root).write_text(log_of(root).read_text().replace("log_out", "allow", 1))

    assert "bad" == doctor(root)["mark"]
    assert f"{log_of(root)}:1: was changed" in doctor(root)["observed"]


def test_doctor_cannot_tell_of_a_record_that_was_cut_or_a_log_it_cannot_read(root):
    live(root, "enforce")
    os.truncate(log_of(root), 50)
    assert "cannot tell" == doctor(root)["mark"]

    log_of(root).unlink()
    log_of(root).symlink_to("elsewhere")

    assert "cannot tell" == doctor(root)["mark"]


def test_doctor_finds_a_log_that_was_put_back_by_an_earlier_report(root, tmp_path):
    report = tmp_path / "report.json"
    live(root, "enforce")
    early = log_of(root).read_bytes()
    sign_in_again(root)
    report.write_text(live(root, "enforce", "--format", "json").stdout)
    assert "good" == doctor(root, "--report", report)["mark"]

    log_of(root).write_bytes(early)

    assert "good" == doctor(root)["mark"]
    assert "bad" == doctor(root, "--report", report)["mark"]
    assert "stood at 2" in doctor(root, "--report", report)["observed"]


@pytest.mark.parametrize(
    ("text", "code"), [("[]", 2), ("{", 2), ('{"run": {"action_log": 1}}', 2), (None, 4)]
)
def test_what_is_no_report_is_an_error(text, code, root, tmp_path):
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text)

    done = live(root, "doctor", "--report", path)

    assert code == done.returncode
    assert "" == done.stdout
    assert str(path) in done.stderr


def test_why_tells_the_last_log_out(root):
    assert "last:" not in live(root, "why").stdout
    live(root, "enforce")

    message = live(root, "why").stdout

    assert f"last:  {records(root)[0]['time']} logged out by `enforce`: " in message
    document = json.loads(live(root, "why", "--format", "json").stdout)
    assert [] == faults("why", document)
    assert 10 == document["last_log_out"]["exit_code"]


def test_taking_a_waiver_is_recorded(root, tmp_path):
    if run([*APART, "true"]).returncode:
        pytest.skip("this machine gives no mount table of its own")
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True
    )
    key = (tmp_path / "key.pub").read_text().strip()
    policy = tmp_path / "policy.toml"
    policy.write_text(f'schema = 1\nid = "p"\nversion = "1"\nwaiver_keys = ["{key}"]\n')
    who = ["--owner", "o", "--approver", "boss", "--ticket", "T-17", "--reason", "r"]
    here = ["--host", os.uname().nodename, "--user", os.environ.get("USER", "root")]
    text = tipstaff(
        "policy", "waive", "TIP102", *who, *here, "--key", tmp_path / "key"
    ).stdout.strip()
    env = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}

    done = run(
        [*APART, "sh", "-c", OWN_ETC, "sh", policy, BIN / "tipstaff", "waiver", "use", text],
        env=env,
    )

    (written,) = records(root)
    assert 0 == done.returncode
    assert "waiver use" == written["action"]
    assert 0 == written["exit_code"]
    assert [] == faults("action", written)
    for word in ("TIP102", "T-17", "boss", "SHA256:"):
        assert word in written["reason"]
