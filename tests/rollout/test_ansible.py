"""The role, judged by Ansible itself: its syntax, a check, a run, and a run that changes nothing."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from rollout.drafts import DOCUMENT, draft, drafts, example
from support.machines.private_etc import in_private_etc
from support.services.signing import issuer, jwks
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.proving import render_artefact
from tipstaff_rollout.storing import write_artefact

PLAY = Path(sys.executable).parent / "ansible-playbook"
ON_THIS_HOST = (
    "-i",
    "localhost,",
    "-c",
    "local",
    "-e",
    f"ansible_python_interpreter={sys.executable}",
)
MADE = example()
FILES = [
    "/etc/codex/managed_config.toml",
    "/etc/codex/requirements.toml",
    "/etc/tipstaff/jwks.json",
    "/etc/tipstaff/policy.toml",
]


@pytest.fixture
def role(tmp_path):
    return write_artefact(render_artefact(MADE, channel("ansible")), tmp_path / "role")


def play(role, home, *options, before=()):
    return run([*before, PLAY, *ON_THIS_HOST, role / "site.yml", *options], home)


def run(words, home):
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
    }
    return subprocess.run(
        [str(word) for word in words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def changed(done):
    assert 0 == done.returncode, done.stdout + done.stderr
    return int(re.search(r"changed=(\d+)", done.stdout)[1])


def test_ansible_takes_the_role(role, tmp_path):
    assert 0 == play(role, tmp_path, "--syntax-check").returncode


@pytest.mark.rest
@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives files to root")
def test_a_check_changes_nothing(role, tmp_path):
    etc, before = in_private_etc(tmp_path)

    done = play(role, tmp_path, "--check", "--diff", before=before)

    assert 4 <= changed(done)
    assert [] == [file for file in FILES if (etc / Path(file).relative_to("/etc")).exists()]


@pytest.mark.rest
@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives files to root")
def test_a_run_brings_all_repairs_edits_changes_nothing_else_and_takes_all_away(role, tmp_path):
    _, before = in_private_etc(tmp_path)
    words = " ".join(map(str, (PLAY, *ON_THIS_HOST, role / "site.yml")))
    script = (
        f"{words} && echo x >>/etc/codex/requirements.toml && chmod 666 /etc/tipstaff/policy.toml"
        f" && {words} && {words} && stat -c '%n %a %u' {' '.join(FILES)} && sha256sum {' '.join(FILES)}"
        f" && {words} -e tipstaff_policy_state=absent && ls /etc/codex /etc/tipstaff"
    )

    done = run([*before, "sh", "-c", script], tmp_path)

    assert 0 == done.returncode, done.stdout + done.stderr
    counts = [int(count) for count in re.findall(r"changed=(\d+)", done.stdout)]
    assert [2, 0, 4] == counts[1:]
    assert {f"{file} 644 0" for file in FILES} == set(
        re.findall(r"^/.* 644 0$", done.stdout, re.MULTILINE)
    )
    digests = {hashlib.sha256(payload.data).hexdigest() for payload in MADE.payloads}
    assert digests == set(re.findall(r"^([0-9a-f]{64})  ", done.stdout, re.MULTILINE))
    assert done.stdout.endswith("/etc/codex:\n\n/etc/tipstaff:\n")


@pytest.mark.parametrize("path", ["/etc/{{ x }}.json", "/etc/a: b", "/etc/a #b", "/etc/a "])
def test_a_place_that_would_be_read_as_something_else_is_refused(path):
    keys = jwks(issuer("k").jwk()).encode()
    made = compile_policy(draft(f"{DOCUMENT}trusted_keys = '{path}'\n", keys))

    with pytest.raises(ArtefactError, match="is no plain path"):
        render_artefact(made, channel("ansible"))


@given(drafts())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_policy_is_called_the_role_is_yaml(draft):
    made = compile_policy(draft, at_once=True)

    files = {file.path: file.data for file in render_artefact(made, channel("ansible"))}

    for name, data in files.items():
        if name.endswith(".yml"):
            assert yaml.safe_load(data), name
    meta = yaml.safe_load(files["tipstaff_policy/meta/main.yml"])
    assert made.version in meta["galaxy_info"]["description"]
    tasks = yaml.safe_load(files["tipstaff_policy/tasks/main.yml"])
    assert len(tasks) == len({json.dumps(task) for task in tasks})


OTHERS = """\
mkdir -p /etc/codex; cat >/etc/codex/requirements.toml <<'X'
allowed_sandbox_modes = ["read-only"]
[rules]
prefix_rules = []
token = "hush"
X
cp /etc/codex/requirements.toml $HOME/mine
"""


@pytest.mark.rest
@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives files to root")
def test_a_file_of_another_administrator_stops_the_play_until_it_may_be_replaced(role, tmp_path):
    _, before = in_private_etc(tmp_path)
    words = " ".join(map(str, (PLAY, *ON_THIS_HOST, role / "site.yml")))
    script = (
        f"{OTHERS}{words} -vvv; echo code=$?; cmp /etc/codex/requirements.toml $HOME/mine && ls /etc/codex /etc/tipstaff*\n"
        f"{words} -e tipstaff_policy_replace=true && cmp /etc/codex/requirements.toml.before-tipstaff $HOME/mine"
        f" && {words} && {words} -e tipstaff_policy_state=absent && cmp /etc/codex/requirements.toml $HOME/mine && ls /etc/codex"
    )

    done = run([*before, "sh", "-c", script], tmp_path)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "code=2\n/etc/codex:\nrequirements.toml\n" in done.stdout
    assert "/etc/codex/requirements.toml is not Tipstaff's own;" in done.stdout
    assert "contains allowed_sandbox_modes at :1, which would be lost;" in done.stdout
    assert "contains rules.prefix_rules at :3, which would be lost;" in done.stdout
    assert "hush" not in done.stdout
    assert '"content": "' not in done.stdout
    assert done.stdout.endswith("requirements.toml\n")


@pytest.mark.rest
@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives files to root")
def test_a_file_that_took_the_place_of_ours_is_not_removed(role, tmp_path):
    _, before = in_private_etc(tmp_path)
    words = " ".join(map(str, (PLAY, *ON_THIS_HOST, role / "site.yml")))

    done = run(
        [*before, "sh", "-c", f"{OTHERS}{words} -e tipstaff_policy_state=absent && ls /etc/codex"],
        tmp_path,
    )

    assert done.stdout.endswith("requirements.toml\n"), done.stdout + done.stderr


@pytest.mark.rest
@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives files to root")
def test_a_warning_of_lint_does_not_stop_the_role(tmp_path):
    _, before = in_private_etc(tmp_path)
    text = DOCUMENT + 'fleet_key = "0123456789abcdefghij"\n'
    role = write_artefact(
        render_artefact(compile_policy(draft(text)), channel("ansible")), tmp_path / "role"
    )
    (role / "tipstaff_policy/files/policy.toml").chmod(0o644)
    program = PLAY.parent / "tipstaff"

    done = play(role, tmp_path, "-e", f"tipstaff_policy_program={program}", before=before)

    assert 0 < changed(done)
