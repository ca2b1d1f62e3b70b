"""A process that may open no more files: nothing was judged, and no file is called broken."""

import os
import sys

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, VERSION, run
from support.machines.private_etc import in_private_etc
from support.machines.shortages import LIMITED
from tipstaff_policy import guard

PLACES = (
    "policy.toml",
    "policy.d",
    "a.toml",
    "managed_config.toml",
    "requirements.toml",
    "auth.json",
)


def guard_short_of(place, folder, login):
    home = folder / "home/.codex"
    home.mkdir(parents=True)
    (home / "auth.json").write_text(login)
    front = [sys.executable, "-I", "-S", "-c", LIMITED, place, guard.__file__, *VERSION]
    etc, words = in_private_etc(folder, *front, "--", "echo", "started")
    (etc / "tipstaff/policy.d").mkdir(parents=True)
    (etc / "tipstaff/policy.toml").write_text(f'{ROOT}login_methods = ["chatgpt"]\n')
    (etc / "tipstaff/policy.d/a.toml").write_text("schema = 1\n")
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    (etc / "codex/requirements.toml").write_text('allowed_login_methods = ["chatgpt"]\n')
    env = {"HOME": str(home.parent), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(folder)}
    return home / "auth.json", run(words, env=env)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("login", [API_KEY, chatgpt()])
def test_what_was_not_read_for_want_of_a_descriptor_is_not_evaluated(place, login, tmp_path):
    stored, done = guard_short_of(place, tmp_path, login)

    assert 4 == done.returncode, done.stderr
    assert "" == done.stdout, done.stderr
    assert stored.exists(), done.stderr
    assert f"{place}" in done.stderr
    assert "Too many open files" in done.stderr
    assert "to do: close programs, or raise the limit of open files" in done.stderr
    assert "correct the file" not in done.stderr
