"""Whole outputs, byte for byte; `make golden` writes them anew."""

import os
import re
from pathlib import Path

import pytest
from example_hosts import EXPECTED, client_of, copy_host, options_of, platform_of

from support.machines.hosts import audit, enforce, tipstaff

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CHANGING = (
    (r'("id": )"[0-9a-f-]{32,36}"', r'\1"ID"'),
    (r'("(?:started|finished)_at": )"[^"]+"', r'\1"TIME"'),
    (r'("user": )"[^"]+"', r'\1"USER"'),
    (r'("audited_by": )"[^"]+"', r'\1"AUDITOR"'),
    (r"(; audited by )\S+", r"\1AUDITOR"),
    (r"(?m)^(\S+  \S+  )20\S+Z$", r"\1TIME"),
    (r'("evaluated_at": )\d+', r"\1 0"),
    (r'("owner(?:_expected)?": )\d+', r"\1 1000"),
    (r'("version": )"0\.1\.\d+[^"]*"', r'\1"VERSION"'),
    (r"owner \d+", "owner 1000"),
    (r"cli\|[0-9a-f]{16}", "cli|DIGEST"),
)
SHORT = ("broken-credential", "compliant-chatgpt", "policy-expired", "wrong-workspace")
"""Hosts of which what a person sees without `--verbose` is held too."""


def audit_verbosely(root, *words):
    """Audit for the client of an example so that every finding stands in the text."""
    if client_of(root.name) == "codex":
        return audit(root, "--verbose", *words)
    of_client = options_of(root.name)
    return tipstaff("audit", *of_client, "--system-root", root, "--verbose", *words)


OUTPUTS = {
    **{f"audit-{name}.txt": (audit_verbosely, name, "text") for name in EXPECTED},
    **{f"audit-short-{name}.txt": (audit, name, "text") for name in SHORT},
    "audit-wrong-workspace.json": (audit, "wrong-workspace", "json"),
    "audit-malformed-policy.json": (audit, "malformed-policy", "json"),
    "enforce-wrong-workspace.txt": (enforce, "wrong-workspace", "text"),
    "enforce-credential-behind-link.json": (enforce, "credential-behind-link", "json"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_output_is_the_golden_one(name, tmp_path):
    program, host, form = OUTPUTS[name]
    root = copy_host(host, tmp_path)
    found = program(root, *platform_of(host), "--format", form).stdout.replace(str(root), "ROOT")
    for pattern, steady in CHANGING:
        found = re.sub(pattern, steady, found)

    if os.environ.get("TIPSTAFF_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(found, "utf-8")
    assert (GOLDEN / name).read_text("utf-8") == found


def test_every_golden_file_is_used():
    assert sorted(OUTPUTS) == sorted(path.name for path in GOLDEN.iterdir())


def test_hostile_text_cannot_move_the_terminal(tmp_path):
    from support.machines.hosts import make_host

    hostile = 'forced_chatgpt_workspace_id = "a\\u001b[2Jb\\u202ec\\nd"\n'
    done = audit(make_host(tmp_path / "host", managed=hostile))

    assert not set(done.stdout) & {"\x1b", "\u202e"}


def test_text_counts_what_passes_or_does_not_apply(tmp_path):
    root = copy_host("wrong-workspace", tmp_path)

    folded, listed = audit(root).stdout, audit(root, "--verbose").stdout

    assert "  22 pass, 19 do not apply   (--verbose lists them)\n" in folded
    assert [] == re.findall(r"^  (?:pass|n/a) .*", folded, re.MULTILINE)
    assert [22, 19] == [
        len(re.findall(rf"^  {word} ", listed, re.MULTILINE)) for word in ("pass", "n/a")
    ]


def test_a_line_that_says_pass_names_no_fault(tmp_path):
    """Read as a sentence, `pass TIP301 No policy in force` says the opposite of what was found."""
    listed = audit(copy_host("wrong-workspace", tmp_path), "--verbose").stdout

    assert "  pass  TIP301 high     policy: a restriction is in force\n" in listed
    assert "No policy in force" not in listed


def test_a_file_of_text_lists_what_passes_where_that_is_asked_for(tmp_path):
    root, file = copy_host("wrong-workspace", tmp_path), tmp_path / "audit.txt"

    done = audit(root, "--verbose", "--report", f"text:{file}")

    assert done.stdout == file.read_text("utf-8")
    assert "  pass  TIP301" in done.stdout


def test_a_reason_that_is_said_already_is_not_said_again(tmp_path):
    message = audit(copy_host("wrong-workspace", tmp_path)).stdout

    assert 1 == message.count('holds a ChatGPT login of workspace "ws-private"')
