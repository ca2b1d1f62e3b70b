"""The fleet's key is in a file for root alone: reports of root show fingerprints, no user needs it."""

import json

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, audit, make_host, run_guard
from support.machines.local_users import NEEDS_ROOT

pytestmark = pytest.mark.xdist_group("users")
KEY = "made-up-fleet-key-1"
POLICY = 'schema = 1\nid = "p"\nversion = "1"\n'


def place(machine, text=POLICY, key=KEY, mode=0o600):
    machine.write("etc/tipstaff/policy.toml", text)
    machine.write("etc/tipstaff/fleet.key", f"{key}\n").chmod(mode)


def reports(done):
    document = json.loads(done.stdout)
    found = document.get("users")
    return {user["user"]: user["report"] for user in found if user["report"]} if found else document


def fingerprints(report):
    return [credential["fingerprint"] for credential in report["credentials"]]


def message(report):
    rules = report["policy"]["rules"]
    return [
        (rule["value"], rule["origins"][0]["path"])
        for rule in rules
        if rule["field"] == "fleet_key"
    ]


@NEEDS_ROOT
def test_a_root_run_keys_the_fingerprints_of_every_user_with_the_key_that_none_of_them_can_read(
    machine,
):
    place(machine)
    machine.sign_in("alice", "bob", auth=chatgpt())

    done = machine.run(BIN / "tipstaff", "audit", *VERSION, "--all-users", "--format", "json")

    found = reports(done)
    (one,) = {*fingerprints(found["alice"]), *fingerprints(found["bob"])}
    assert 64 == len(one)
    assert [("(set, not shown)", "/etc/tipstaff/fleet.key")] == message(found["alice"])
    assert KEY not in done.stdout + done.stderr


@NEEDS_ROOT
def test_a_user_who_cannot_read_the_key_is_judged_all_the_same_and_the_report_says_what_is_missing(
    machine,
):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice", auth=chatgpt())
    words = (BIN / "tipstaff", "audit", *VERSION, "--format")
    machine.write("etc/tipstaff/policy.toml", POLICY)
    without = machine.run(*words, "json", user="alice")
    place(machine)

    done, text = (machine.run(*words, form, user="alice") for form in ("json", "text"))

    report = reports(done)
    assert without.returncode == done.returncode
    assert [None] == fingerprints(report)
    assert [
        (
            "(not read: Permission denied; so no credential has a fingerprint here)",
            "/etc/tipstaff/fleet.key",
        )
    ] == message(report)
    assert "not read: Permission denied" in text.stdout
    assert reports(without)["findings"] == report["findings"]


@NEEDS_ROOT
@pytest.mark.parametrize(("auth", "code"), [(chatgpt(), 0), (API_KEY, 10)])
def test_guard_and_enforce_of_a_user_do_their_work_without_the_key(machine, auth, code):
    machine.rule(FORCED_CHATGPT)
    place(machine)
    for program in ("tipstaff-guard", "tipstaff"):
        machine.sign_in("alice", auth=auth)
        words = () if program == "tipstaff-guard" else ("enforce",)

        done = machine.run(BIN / program, *words, *VERSION, user="alice")

        assert code == done.returncode, done.stderr
        assert (code == 0) == machine.login("alice").exists(), done.stderr


UNUSABLE = {
    "too short": ("short", 0o600, "it does not hold 16 to 200 printable characters"),
    "of several lines": ("made-up-fleet-key-1\nmore", 0o600, "it does not hold 16 to 200"),
    "open to writers": (KEY, 0o622, "others than the administrators could change it"),
}


@pytest.mark.parametrize(("key", "mode", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_holds_no_key_stops_nothing_and_is_told(key, mode, why, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    folder = root / "etc/tipstaff"
    folder.mkdir()
    (folder / "policy.toml").write_text(POLICY)
    (folder / "fleet.key").write_text(key)
    (folder / "fleet.key").chmod(mode)

    done = audit(root, "--format", "json")

    ((value, _),) = message(json.loads(done.stdout))
    assert why in value
    assert key not in value
    assert [None] == fingerprints(json.loads(done.stdout))
    assert 0 == run_guard(root).returncode


def test_the_last_good_policy_uses_the_key_of_the_host(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    for folder, text in (("etc/tipstaff", "schema = 2\n"), ("var/lib/tipstaff/last-good", POLICY)):
        (root / folder).mkdir(parents=True)
        (root / folder / "policy.toml").write_text(text)
    (root / "etc/tipstaff/fleet.key").write_text(KEY)

    report = json.loads(audit(root, "--format", "json").stdout)

    assert 64 == len(fingerprints(report)[0])


def test_a_key_in_the_document_is_read_as_before_and_counts(tmp_path):
    found = []
    for name, text, own in (
        ("inline", f'fleet_key = "{KEY}"\n', None),
        ("both", f'fleet_key = "{KEY}"\n', KEY[::-1]),
        ("own", "", KEY),
    ):
        root = make_host(tmp_path / name, auth=chatgpt())
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(POLICY + text)
        if own:
            (root / "etc/tipstaff/fleet.key").write_text(own)
        found += fingerprints(json.loads(audit(root, "--format", "json").stdout))

    assert 3 == len(found)
    assert 1 == len({*found})
