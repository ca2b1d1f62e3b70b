"""A change of any store of Claude Code is seen, wherever it is, and no keyring is waited for."""

import os

import pytest

from support.clients.claude_logins import ADAPTER, GLOBAL, filled, read_state, request_of, write
from tipstaff_policy.watch import needs_keyring, places_of, take_snapshot


def snapshot(home):
    request = request_of(home)
    return take_snapshot(places_of(ADAPTER, request, read_state(request)))


CHANGED = [
    ".claude/.credentials.json",
    ".claude/.config.json",
    ".claude.json",
    ".config/anthropic/credentials/default.json",
    ".claude/backups/.claude.json.backup.1700000000000",
]


@pytest.mark.parametrize("path", CHANGED)
def test_a_change_is_seen(path, tmp_path):
    before = snapshot(filled(tmp_path))

    write(tmp_path / path, GLOBAL | {"more": 1})

    assert before != snapshot(tmp_path)


def test_a_new_copy_is_seen(tmp_path):
    before = snapshot(filled(tmp_path))

    write(tmp_path / ".claude/backups/.claude.json.backup.2", GLOBAL)

    assert before != snapshot(tmp_path)


def test_a_first_login_is_seen(tmp_path):
    os.makedirs(tmp_path / ".claude")
    before = snapshot(tmp_path)

    write(tmp_path / ".claude.json", GLOBAL)

    assert before != snapshot(tmp_path)


def test_no_keyring_is_needed(tmp_path):
    assert not needs_keyring(ADAPTER, read_state(request_of(filled(tmp_path))))
