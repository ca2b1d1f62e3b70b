"""Installing and uninstalling on a tree that stands for a Mac."""

import plistlib

import pytest

from clients import install as install_client
from clients import install_bare
from setups import (
    GUARD,
    PYTHON,
    bad,
    installed,
    snapshot,
    started,
    uninstalled,
)
from tipstaff_policy import errors
from tipstaff_policy.installation import launchd
from tipstaff_policy.installation.platforms.macos import PLACES

ENTRY = "/usr/local/bin/codex"
FOLDERS = (
    "Library/Application Support", "Library/LaunchDaemons", "Library/LaunchAgents",
    "private/etc/newsyslog.d", "private/var/log", "usr/local/bin",
)  # fmt: skip
KINDS = {"link": install_client, "file": install_bare}
MAC = {"platform": "macos"}


def make_mac(root):
    """Lay out a Mac with Tipstaff's package, and no client yet; `/etc` and `/var` are links."""
    for path, mode in ((PYTHON, 0o755), (GUARD, 0o644)):
        place = root / path[1:]
        place.parent.mkdir(parents=True)
        place.write_text("")
        place.chmod(mode)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    for name in ("etc", "var"):
        (root / name).symlink_to(f"private/{name}")
    for each in (root, *root.rglob("*")):
        if each.is_dir() and not each.is_symlink():
            each.chmod(0o755)
    return root


@pytest.fixture(params=KINDS)
def root(request, tmp_path):
    root = make_mac(tmp_path / "root")
    KINDS[request.param](root / "usr/local")
    return root


def test_an_uninstall_leaves_what_was_there_before(root):
    before = snapshot(root)

    first, guarded = installed(root, **MAC), started(root, ENTRY)
    last = uninstalled(root, **MAC)

    assert 0 == first.exit_code
    assert "guarded" == guarded[1]
    assert 0 == last.exit_code
    assert before == snapshot(root)


def test_a_second_installation_changes_nothing(root):
    installed(root, **MAC)
    before = snapshot(root)

    assert ((), 0) == installed(root, **MAC)
    assert before == snapshot(root)
    assert [] == bad(root, **MAC)


def test_the_list_stands_beside_the_policy(root):
    installed(root, **MAC)

    assert (root / PLACES.manifest[1:]).is_file()
    assert PLACES.manifest == "/Library/Application Support/Tipstaff/install.json"


@pytest.mark.parametrize("job", launchd.JOBS, ids=lambda job: job.label)
def test_every_service_has_its_property_list(job, root):
    installed(root, **MAC)

    keys = plistlib.loads((root / job.place[1:]).read_bytes())

    assert keys["Label"] == job.label
    assert keys["ProgramArguments"][:3] == [PYTHON, "-I", "/opt/tipstaff/bin/tipstaff"]


def test_the_folder_of_logs_is_made_for_root_alone(root):
    installed(root, **MAC)

    assert 0o700 == (root / "private/var/log/tipstaff").stat().st_mode & 0o777


def test_logs_stay_where_there_are_some(root):
    installed(root, **MAC)
    (root / "var/log/tipstaff/reports.ndjson").write_text("{}\n")

    done = uninstalled(root, **MAC)

    assert 0 == done.exit_code
    assert "{}\n" == (root / "var/log/tipstaff/reports.ndjson").read_text()


def test_a_homebrew_that_belongs_to_a_user_gets_no_shim(tmp_path):
    root = make_mac(tmp_path / "root")
    install_client(root / "opt/homebrew")
    (root / "opt/homebrew/bin").chmod(0o775)

    done = installed(root, **MAC)

    assert errors.FINDINGS_EXIT == done.exit_code
    assert "bare" == started(root, "/opt/homebrew/bin/codex")[1]
