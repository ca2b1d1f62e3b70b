"""Whole outputs, byte for byte; `make golden` writes them anew."""

import os
import re
from pathlib import Path

import pytest
from example_hosts import EXPECTED, copy_host, platform_of

from hosts import audit, enforce

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CHANGING = (
    (r'("id": )"[0-9a-f-]{32,36}"', r'\1"ID"'),
    (r'("(?:started|finished)_at": )"[^"]+"', r'\1"TIME"'),
    (r'("user": )"[^"]+"', r'\1"USER"'),
    (r'("evaluated_at": )\d+', r"\1 0"),
    (r'("owner(?:_expected)?": )\d+', r"\1 1000"),
    (r'("version": )"0\.1\.\d+[^"]*"', r'\1"VERSION"'),
    (r"owner \d+", "owner 1000"),
    (r"cli\|[0-9a-f]{16}", "cli|DIGEST"),
)
OUTPUTS = {
    **{f"audit-{name}.txt": (audit, name, "text") for name in EXPECTED},
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
    assert sorted(OUTPUTS) == sorted(each.name for each in GOLDEN.iterdir())


def test_hostile_text_cannot_move_the_terminal(tmp_path):
    from hosts import make_host

    hostile = 'forced_chatgpt_workspace_id = "a\\u001b[2Jb\\u202ec\\nd"\n'
    done = audit(make_host(tmp_path / "host", managed=hostile))

    assert not set(done.stdout) & {"\x1b", "\u202e"}
