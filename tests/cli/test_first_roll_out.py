"""docs/rollout/first-roll-out.md is done as it stands, on hosts that have files of their own."""

import os
import plistlib
import re
import shlex
import subprocess
import sys
import tomllib
from base64 import b64encode
from pathlib import Path

import pytest

from support.machines.private_etc import in_private_etc

PAGE = Path(__file__).resolve().parents[2] / "docs/rollout/first-roll-out.md"
AT_MOST = 15
STEP = re.compile(r"```sh\n(?P<command>[^\n]+)\n```\n(?:```text\n(?P<shown>.*?)```\n)?", re.DOTALL)
EXIT = re.compile(r"  # exit (\d+)$")
LINUX = 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n\n[features]\nx = true\n'
MAC = 'allowed_approval_policies = ["on-request"]\n'
LAST = "sh whole/shell/policy.sh"


def steps():
    return [(found["command"], found["shown"] or "") for found in STEP.finditer(PAGE.read_text())]


def lay_out(folder):
    """Write what an administrator has: a host of each kind, and the profile of the Macs."""
    (folder / "linux/home/dev/.codex").mkdir(parents=True)
    (folder / "linux/etc/codex").mkdir(parents=True)
    (folder / "linux/etc/codex/requirements.toml").write_text(LINUX)
    (folder / "mac/Users/dev/.codex").mkdir(parents=True)
    forced = folder / "mac/Library/Managed Preferences/com.openai.codex.plist"
    forced.parent.mkdir(parents=True)
    values = {"requirements_toml_base64": b64encode(MAC.encode()).decode()}
    forced.write_bytes(plistlib.dumps(values))
    shared = {"PayloadVersion": 1, "PayloadRemovalDisallowed": True}
    inner = {"PayloadType": "com.openai.codex", "PayloadIdentifier": "a.b", "PayloadUUID": "A"}
    outer = {"PayloadType": "Configuration", "PayloadIdentifier": "a", "PayloadUUID": "B"}
    profile = {
        **shared,
        **outer,
        "PayloadScope": "System",
        "PayloadContent": [{**shared, **inner, **values}],
    }
    (folder / "codex.mobileconfig").write_bytes(plistlib.dumps(profile))


def test_the_commands_for_claude_code_work(tmp_path):
    section = PAGE.read_text().partition("## The same for Claude Code")[2]
    commands = section.partition("```sh\n")[2].partition("```")[0]
    bin_ = Path(sys.executable).parent
    env = {"PATH": f"{bin_}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    done = subprocess.run(
        ["bash", "-ec", commands],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done
    assert {"jamf", "intune-windows", "ansible"} <= {*os.listdir(tmp_path / "both")}


def test_it_takes_at_most_fifteen_commands():
    assert 0 < len(steps()) <= AT_MOST


@pytest.mark.skipif(os.geteuid() != 0, reason="its last commands are for root")
def test_each_command_does_what_the_page_shows_and_nothing_is_lost(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    lay_out(folder)
    etc, apart = in_private_etc(tmp_path)
    theirs = etc / "codex/requirements.toml"
    theirs.write_text(LINUX)
    bin_ = Path(sys.executable).parent
    env = {"PATH": f"{bin_}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    for command, shown in steps():
        wanted = EXIT.search(command)
        text = EXIT.sub("", command).removeprefix("sudo ")
        before = apart if LAST in text else []
        done = subprocess.run(
            [*map(str, before), "sh", "-c", f"cd {shlex.quote(str(folder))}; {text}"],
            env=env, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        output = done.stdout + done.stderr
        assert int(wanted[1] if wanted else 0) == done.returncode, (command, output)
        missing = [line for line in shown.splitlines() if line != "…" and line not in output]
        assert [] == missing, (command, output)
        if "--replace" in text:
            shipped = tomllib.loads(theirs.read_text())
            assert {**shipped, **tomllib.loads(LINUX), **tomllib.loads(MAC)} == shipped
    assert LINUX == theirs.read_text()
