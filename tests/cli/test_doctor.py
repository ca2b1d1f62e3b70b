"""`tipstaff doctor` on real hosts: what it sees, what it leaves, and that it shows no secret."""

import json
import os
import shutil
import subprocess
import time

import pytest

from support.clients.logins import chatgpt
from support.machines.hosts import (
    APART,
    BIN,
    FORCED_CHATGPT,
    OWN_ETC,
    VERSION,
    credential,
    make_host,
    run,
    tipstaff,
)
from tipstaff_schemas.export import faults

CANARY = "canary-secret-of-the-doctor"
POLICY = 'schema = 1\nid = "example"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'

pytestmark = pytest.mark.xdist_group("machine")
"""Not at the same time as the tests that put something onto this machine."""


def doctor(root, *words, form="json", front=(), version=VERSION, **env):
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **env}
    words = ["doctor", *version, "--format", form, *words]
    if front:
        return run([*front, BIN / "tipstaff", *words], env=env, cwd=root)
    return tipstaff(*words, env=env, cwd=root)


def marks(done):
    found = {}
    for load in json.loads(done.stdout)["symptoms"]:
        found.setdefault(load["name"], []).append(load["mark"])
    return found


@pytest.fixture
def host(tmp_path):
    return make_host(tmp_path / "host", auth=chatgpt("ws-a"))


@pytest.fixture
def home(host):
    return host / "home/dev/.codex"


def tree(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def with_policy(host, text, form="json"):
    """Run it on this machine with a policy in a private /etc."""
    if run([*APART, "true"]).returncode:
        pytest.skip("this machine gives no mount table of its own")
    path = host / "policy.toml"
    path.write_text(text)
    return doctor(host, form=form, front=(*APART, "sh", "-c", OWN_ETC, "sh", path))


def test_a_good_host_is_good_throughout(host):
    done = with_policy(host, POLICY)

    assert [] == [load for load in json.loads(done.stdout)["symptoms"] if load["mark"] != "good"]
    assert 0 == done.returncode
    lines = with_policy(host, POLICY, form="text").stdout.splitlines()
    assert ["GOOD", "good"] == [line.split()[0] for line in lines]


def test_a_broken_policy_is_bad_with_its_line(host):
    done = with_policy(host, POLICY + "login_method = 1\n")

    (found,) = [e for e in json.loads(done.stdout)["symptoms"] if e["name"] == "policy"]
    assert 1 == done.returncode
    assert "bad" == found["mark"]
    assert "/etc/tipstaff/policy.toml:5" in found["observed"]
    assert "cannot tell" in marks(done)["evaluation"]


def test_nothing_is_left_and_the_client_s_folder_is_not_touched(host):
    before, login = tree(host / "home"), credential(host).read_bytes()

    done = doctor(host)

    assert ["good"] == marks(done)["log-out rehearsed"]
    after = tree(host / "home")
    del before[host / "home/dev"], after[host / "home/dev"]
    assert before == after
    assert login == credential(host).read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets the flag")
@pytest.mark.parametrize(
    ("below", "symptom", "mark"),
    [(".codex", "log-out here", "bad"), (".", "log-out rehearsed", "cannot tell")],
)
def test_an_immutable_folder_keeps_from_logging_out(below, symptom, mark, host):
    folder = host / "home/dev" / below
    if subprocess.run(["chattr", "+i", folder], check=False).returncode:
        pytest.skip("this file system knows no immutable files")
    try:
        done = doctor(host)
    finally:
        subprocess.run(["chattr", "-i", folder], check=True)

    assert [mark] == marks(done)[symptom]
    assert ["good"] == marks(doctor(host))[symptom]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives the folder to somebody else")
def test_root_makes_nothing_where_somebody_else_could_swap_it(host):
    shutil.chown(host / "home/dev", 4711)

    done = doctor(host)

    assert ["cannot tell"] == marks(done)["log-out rehearsed"]


def test_a_host_without_a_client_cannot_be_told(host):
    done = doctor(host, version=())

    assert ["cannot tell"] == marks(done)["client"]


def test_a_keyring_out_of_reach_is_not_good(host):
    done = doctor(host, "-c", 'cli_auth_credentials_store="keyring"')

    assert "good" not in marks(done)["store keyring"]


def test_a_clock_before_the_login_is_bad(host, home):
    login = json.loads((home / "auth.json").read_text())
    ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    (home / "auth.json").write_text(json.dumps({**login, "last_refresh": ahead}))

    assert ["bad"] == marks(doctor(host))["clock"]


def test_an_image_is_looked_at_and_not_changed(tmp_path):
    root = make_host(tmp_path / "image", managed=FORCED_CHATGPT)
    before = tree(root)

    done = tipstaff("doctor", *VERSION, "--system-root", root)

    assert 4 == done.returncode
    assert before == tree(root)
    assert done.stdout.startswith("CANNOT TELL  ")


def test_json_fits_its_schema_and_has_the_exit_code(host):
    done = doctor(host)
    report = json.loads(done.stdout)

    assert [] == faults("doctor", report)
    assert done.returncode == report["exit_code"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_told(form, tmp_path):
    auth = json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": CANARY, CANARY: CANARY})
    done = doctor(make_host(tmp_path / "host", auth=auth), form=form, CODEX_API_KEY=CANARY)

    assert done.stdout
    assert "canary-secret" not in done.stdout + done.stderr


def test_what_is_good_is_one_line_and_all_of_it_on_request(host):
    words = ("doctor", *VERSION, "--system-root", host)

    short, whole = tipstaff(*words).stdout, tipstaff(*words, "--verbose").stdout

    good = whole.count("\n  good  ")
    assert f"\n  good  {good}   (--verbose lists them)\n" in short
    assert 1 == short.count("\n  good  ") < good


def test_an_image_is_never_told_to_look_at_the_owner_of_its_log(host):
    message = tipstaff("doctor", *VERSION, "--system-root", host).stdout

    log = message.partition("  action log  ")[2].splitlines()
    assert "the action log of an image is not read" == log[0].strip()
    assert log[1].startswith("        to do: run it on the host itself")
