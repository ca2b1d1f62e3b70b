"""The README shows what the program prints, links what is there, and names commands that exist."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from support.machines.hosts import tipstaff

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
HOST = "wrong-workspace"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What an audit of that example host prints, as it would read on the host itself."""
    host = tmp_path_factory.mktemp("readme") / HOST
    shutil.copytree(ROOT / "examples/hosts" / HOST, host)
    for login in host.rglob("auth.json"):
        login.chmod(0o600)
    text = tipstaff(
        "audit", "--system-root", host, "--client", "codex", "--client-version", "0.171.0"
    ).stdout
    return text.replace(str(host), "").replace(" (option)", "")


def transcript():
    block = README.split("```text\n$ tipstaff audit\n")[1].split("```")[0]
    return [line for line in block.splitlines() if line]


def test_the_transcript_is_what_an_audit_of_the_example_prints(printed):
    assert [] == [line for line in transcript() if line not in printed.splitlines()]


def test_the_transcript_begins_as_the_audit_does(printed):
    assert printed.splitlines()[:3] == transcript()[:3]


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line))[:1] == ["tipstaff"]]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_in_the_readme_is_one_of_its_command(words):
    names = [word for word in words[1:3] if re.fullmatch("[a-z]+", word)]
    for depth in (2, 1):  # a group and its command, or a command alone
        done = tipstaff(*names[:depth], "--help")
        if done.returncode == 0:
            break
    assert [] == [word for word in words if word.startswith("--") and word not in done.stdout]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)", README))))
def test_every_link_of_the_readme_leads_to_a_file(link):
    assert (ROOT / link).exists()
