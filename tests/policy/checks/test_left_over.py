"""TIP207 sees credentials that no log-out reaches, and searches only what belongs to the user."""

import json
import os

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.check_hosts import LOGIN, REFUSED, around, statuses
from support.machines.hosts import audit, credential, make_host
from tipstaff_policy.clients.codex.facts import stray_credentials
from tipstaff_policy.clients.own_files import PREFIX
from tipstaff_policy.model.host_facts import LeftOver, LeftOvers

KEY = LeftOver("keyring", "keyring entry x", LOGIN)
CASES = {
    "one": (around(left_over=LeftOvers((KEY,), ())), ["fail"]),
    "one, and a place not seen": (around(left_over=LeftOvers((KEY,), ("/x",))), ["fail", "error"]),
    "none": (around(left_over=LeftOvers((), ())), ["pass"]),
    "nobody looked": (around(), ["not_applicable"]),
    "rules not read": (around(REFUSED), ["error"]),
}


@pytest.mark.parametrize(("host", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(host, found):
    assert found == statuses("TIP207", host)


def subjects(root, status="fail"):
    report = json.loads(audit(root, "--format", "json", "--select", "TIP207").stdout)
    return [
        finding["subject"].removeprefix(str(root))
        for finding in report["findings"]
        if finding["status"] == status
    ]


def test_other_folders_of_the_client_are_searched_and_links_are_not(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"))
    user = root / "home/dev"
    for name in (".codex-old", "codex-copy", ".other"):
        (user / name).mkdir()
        (user / name / "auth.json").write_text(API_KEY)
    (user / ".codex-link").symlink_to(user / ".other")

    assert ["/home/dev/.codex-old/auth.json", "/home/dev/codex-copy/auth.json"] == subjects(root)


def test_what_a_killed_sign_in_has_left_is_found(tmp_path):
    root = make_host(tmp_path / "host")
    left = credential(root).parent / f"{PREFIX}0123"
    left.mkdir()
    (left / "auth.json").write_text(API_KEY)

    assert [f"/home/dev/.codex/{PREFIX}0123/auth.json"] == subjects(root)


def test_what_is_no_plain_file_is_found_and_not_waited_for(tmp_path):
    root = make_host(tmp_path / "host")
    (root / "home/dev/.codex-old").mkdir()
    os.mkfifo(root / "home/dev/.codex-old/auth.json")

    assert ["/home/dev/.codex-old/auth.json"] == subjects(root)


def test_the_homes_that_the_policy_names_are_searched(tmp_path):
    root = make_host(tmp_path / "host")
    other = root / "srv/homes/dev/.codex"
    other.mkdir(parents=True)
    (other / "auth.json").write_text(API_KEY)
    assert [] == subjects(root)

    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(
        'schema = 1\nid = "x"\nversion = "1"\nhomes = ["/srv/homes"]\n'
    )

    assert ["/srv/homes/dev/.codex/auth.json"] == subjects(root)


def test_a_folder_with_too_many_entries_is_an_error(tmp_path, monkeypatch):
    unseen = []
    monkeypatch.setattr(stray_credentials, "ENTRIES", 1)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    stray_credentials._list_folders(str(tmp_path), unseen)

    assert [f"{tmp_path}: more than 1 entries"] == unseen
