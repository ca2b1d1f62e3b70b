"""The scripts for Macs, run as root in a tree of their own; Tipstaff reads what they brought."""

import json
import os
import plistlib
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from rollout.drafts import DOCUMENT, KEYS_PATHS, example
from support.machines.private_etc import in_private_etc
from support.machines.private_root import in_private_root
from tipstaff_rollout.channels import channel
from tipstaff_rollout.proving import render_artefact

MADE = example("macos")
TIPSTAFF = Path(sys.executable).parent / "tipstaff"
FOLDER = "/Library/Application Support/Tipstaff"
INSTALLERS = {
    "jamf": ("jamf-check.sh", "jamf-install.sh", "jamf-remove.sh"),
    "intune-macos": ("intune-check.sh", "intune-install.sh", "intune-remove.sh"),
    "kandji": ("audit.sh", "remediate.sh", "remove.sh"),
    "fleet": (None, "tipstaff-install.sh", "tipstaff-remove.sh"),
}
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="device managers run them as root")


def run(folder, files, text):
    """Run shell in a tree of its own; the scripts stand in variables of their names' first words."""
    before = in_private_root(folder, "sh", "-c", text)
    env = {
        "PATH": os.environ["PATH"],
        **{name: content.decode() for name, content in files.items()},
    }
    return subprocess.run(before, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("name", "scripts"), INSTALLERS.items(), ids=INSTALLERS)
def test_a_device_managers_scripts_bring_and_take_the_policy(tmp_path, name, scripts):
    folder = {file.path: file.data for file in render_artefact(MADE, channel(name))}
    check, install, remove = (folder.get(script, b"") for script in scripts)
    files = {"check": check, "install": install, "remove": remove}
    found = "! " if check else ""
    text = f"""
set -e
{found}sh -c "$check" jamf / name user
sh -c "$install" jamf / name user
sh -c "$check"
sh -c "$install"
stat -c '%a %u %g %n' '{FOLDER}' '{FOLDER}'/*
cat '{FOLDER}/policy.toml' >/tmp/copy
echo 'edited' >>'{FOLDER}/policy.toml'
{found}sh -c "$check"
sh -c "$install"
cmp '{FOLDER}/policy.toml' /tmp/copy
sh -c "$remove"
ls '/Library/Application Support'
"""

    done = run(tmp_path, files, text)

    assert 0 == done.returncode, done.stdout
    assert "" == done.stderr, done.stdout
    assert (
        f"755 0 0 {FOLDER}\n644 0 0 {FOLDER}/jwks.json\n644 0 0 {FOLDER}/policy.toml\n"
        in done.stdout
    )
    assert 3 == done.stdout.count("written: ")
    assert done.stdout.endswith(f"removed: {KEYS_PATHS['macos']}\nremoved: {FOLDER}/policy.toml\n")


def test_tipstaff_reads_what_the_script_brought(tmp_path):
    folder = {file.path: file.data for file in render_artefact(MADE, channel("kandji"))}
    text = 'sh -c "$install" >/dev/null && tar -c -C / Library'
    before = in_private_root(tmp_path, "sh", "-c", text)
    tar = subprocess.run(
        before,
        env={"PATH": os.environ["PATH"], "install": folder["remediate.sh"]},
        capture_output=True,
        check=True,
    )
    tree = tmp_path / "tree"
    (tree / "Users/ada/.codex").mkdir(parents=True)
    subprocess.run(["tar", "-x", "-C", tree], input=tar.stdout, check=True)
    words = [TIPSTAFF, "audit", "--client", "codex", "--format", "json"]
    words += ["--platform", "macos", "--system-root", tree]

    done = subprocess.run(
        [*words, "--codex-home", tree / "Users/ada/.codex"], capture_output=True, check=False
    )

    policy = json.loads(done.stdout)["policy"]
    assert MADE.id == policy["id"]
    assert MADE.version == policy["version"]
    assert {f"{FOLDER}/policy.toml": MADE.fingerprint.removeprefix("sha256:")}.items() <= {
        file["path"]: file["sha256"] for file in policy["files"]
    }.items()


WAIVED = """
[[waivers]]
check = "TIP308"
expires = 2099-01-01
owner = "o"
approver = "a"
ticket = "T-1"
reason = "r"
[[waivers]]
check = "TIP203"
expires = 2020-01-01
owner = "o"
approver = "a"
ticket = "T-1"
reason = "r"
"""


@pytest.fixture
def report(tmp_path):
    """Give a report of a real root run on a host with one user and a login that is not allowed."""
    (tmp_path / "host").mkdir()
    etc, before = in_private_etc(tmp_path / "host")
    home = tmp_path / "home"
    (home / ".codex").mkdir(parents=True)
    login = home / ".codex/auth.json"
    login.write_text(json.dumps({"OPENAI_API_KEY": "sk-test"}))
    login.chmod(0o666)
    (etc / "passwd").write_text(f"ada:x:0:0::{home}:/bin/sh\n")
    (etc / "tipstaff").mkdir()
    (etc / "tipstaff/policy.toml").write_text(DOCUMENT.replace('2026-11"', '<1> & 2"') + WAIVED)
    words = [*before, TIPSTAFF, "audit", "--all-users", "--format", "json"]
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False).stdout


def attribute(folder, name, report, code, mode="755"):
    script = next(
        file.data
        for file in render_artefact(MADE, channel("jamf"))
        if file.path.endswith(f"{name}.sh")
    )
    (folder / name).mkdir()
    (folder / name / "report").write_text(report)
    text = f"""
mkdir -p /opt/tipstaff/bin
printf '#!/bin/sh\\ncat /opt/report; echo noise >&2; exit {code}\\n' >/opt/tipstaff/bin/tipstaff
chmod {mode} /opt/tipstaff/bin/tipstaff
cat >/opt/report
sh -c "$script"
"""
    before = in_private_root(folder / name, "sh", "-c", text)
    env = {"PATH": os.environ["PATH"], "script": script.decode()}
    done = subprocess.run(
        before, env=env, input=report, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode
    assert "" == done.stderr
    assert done.stdout.startswith("<result>")
    return done.stdout.removeprefix("<result>").removesuffix("</result>\n")


def test_the_attributes_of_jamf_say_what_the_report_says(tmp_path, report):
    runs = json.loads(report)["users"]  # one of each client; a check counts once for a person
    failed = [
        finding
        for run in runs
        if run["report"]
        for finding in run["report"]["findings"]
        if finding["status"] == "fail"
    ]
    active = [
        finding["check"]
        for finding in failed
        if finding["waiver"] and finding["waiver"]["standing"] == "active"
    ]
    open_ones = [
        *dict.fromkeys(finding["check"] for finding in failed if finding["check"] not in active)
    ]
    assert {"ada"} == {run["user"] for run in runs}
    assert {"TIP308"} == {*active}
    assert {"TIP101", "TIP203"} <= {*open_ones}

    shown = {
        name: attribute(tmp_path, name, report, 1)
        for name in ("policy-version", "failed-count", "failed-list", "waivers")
    }

    assert {
        "policy-version": "&lt;1&gt; &amp; 2",
        "failed-count": str(len(open_ones)),
        "failed-list": "\n".join(f"{one} ada" for one in open_ones),
        "waivers": "TIP308 ada",
    } == shown


ODD_HOSTS = {
    "not all judged": ("failed-count", 4, "755", "-1"),
    "not all judged, listed": (
        "failed-list",
        4,
        "755",
        "no findings can be read\nnot everything could be judged (exit 4)",
    ),
    "a report of another form": ("failed-count", 0, "755", "-1"),
    "a program that others can change": ("failed-count", 0, "777", "-1"),
    "no report": ("policy-version", 70, "755", "unknown"),
    "a program that others can change, listed": ("waivers", 0, "777", "Tipstaff is not installed"),
}


@pytest.mark.parametrize(("name", "code", "mode", "expected"), ODD_HOSTS.values(), ids=ODD_HOSTS)
def test_the_attributes_of_jamf_never_call_what_is_unknown_fine(
    tmp_path, name, code, mode, expected
):
    assert expected == attribute(tmp_path, name, "", code, mode)


BUDDY = """\
#!/bin/sh
value=$(sed -n "/<key>${2#Print :}</{n;s/.*<string>\\(.*\\)<.string>.*/\\1/p;}" "$3")
test -n "$value" && printf '%s\\n' "$value"
"""
"""An imitation of the system's own reader of property lists."""
FORCE = """
mkdir -p '/Library/Managed Preferences' /tmp/libexec
printf '%s' "$buddy" >/tmp/libexec/PlistBuddy
chmod 755 /tmp/libexec/PlistBuddy
mount --bind /tmp/libexec /usr/libexec
printf '%s' "$forced" >'/Library/Managed Preferences/com.openai.codex.plist'
"""
THEIRS = 'allowed_approval_policies = ["on-request"]\nallowed_login_methods = ["chatgpt"]\n'
LOST = "  contains allowed_approval_policies at requirements_toml_base64:1, which would be lost"


def forced(text):
    values = {"requirements_toml_base64": b64encode(text).decode()}
    return plistlib.dumps(values)


def run_with_profile(folder, text, name, words):
    """Run a script of Jamf's on a Mac on which a profile forces the client's domain."""
    made = {file.path: file.data for file in render_artefact(MADE, channel("jamf"))}
    files = {
        "buddy": BUDDY.encode(),
        "forced": forced(text),
        "script": made[name],
    }
    return run(folder, files, f'{FORCE}sh -c "$script" jamf {words}')


@pytest.mark.parametrize("name", ["jamf-check.sh", "jamf-install.sh"])
def test_a_profile_that_sets_the_domain_already_is_named_with_the_keys_that_would_be_lost(
    tmp_path, name
):
    done = run_with_profile(tmp_path, THEIRS.encode(), name, "/ name user")

    assert 3 == done.returncode, done.stdout + done.stderr
    assert LOST in done.stdout
    assert "allowed_login_methods" not in done.stdout
    assert "written: " not in done.stdout


def test_the_document_is_installed_next_to_that_profile_where_the_administrator_says_so(tmp_path):
    done = run_with_profile(tmp_path, THEIRS.encode(), "jamf-install.sh", "/ name user --replace")

    assert f"written: {FOLDER}/policy.toml" in done.stdout
    assert LOST in done.stdout


def test_a_profile_of_tipstaffs_own_is_no_other(tmp_path):
    text = MADE.data("requirements")

    done = run_with_profile(tmp_path, text, "jamf-install.sh", "/ name user")

    assert 0 == done.returncode, done.stdout + done.stderr
