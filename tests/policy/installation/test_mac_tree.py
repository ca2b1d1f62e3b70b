"""Installing and uninstalling on a tree that stands for a Mac."""

import fcntl
import os
import plistlib

import pytest

from support.clients.installed_clients import install as install_client
from support.machines.setups import (
    CLIENT,
    KINDS,
    MAC_ENTRY,
    PYTHON,
    bad,
    installed,
    mac_tree,
    make_mac,
    snapshot,
    started,
    uninstalled,
)
from tipstaff_policy import errors
from tipstaff_policy.installation import launchd
from tipstaff_policy.installation.model import Seen
from tipstaff_policy.installation.platforms.macos import MACOS, PLACES
from tipstaff_policy.installation.status import Look, diagnose_status
from tipstaff_policy.installation.survey import find_personal
from tipstaff_policy.model.host_facts import Program

MAC = {"platform": "macos"}
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")


@pytest.fixture(params=KINDS)
def root(request, tmp_path):
    return mac_tree(tmp_path, request.param)


def test_an_uninstall_leaves_what_was_there_before(root):
    before = snapshot(root)

    first, guarded = installed(root, **MAC), started(root, MAC_ENTRY)
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


@pytest.mark.parametrize(
    "place", ["Caskroom/codex/0.171.0/codex-aarch64-apple-darwin", "Cellar/codex/0.171.0/bin/codex"]
)
def test_a_link_of_a_homebrew_that_belongs_to_root_comes_back_as_it_was(place, tmp_path):
    root = make_mac(tmp_path / "root")
    client = root / "usr/local" / place
    client.parent.mkdir(parents=True)
    client.write_text(CLIENT)
    client.chmod(0o755)
    (root / MAC_ENTRY[1:]).symlink_to(f"../{place}")
    before = snapshot(root)

    installed(root, **MAC)
    guarded = started(root, MAC_ENTRY)
    uninstalled(root, **MAC)

    assert (CLIENT, "guarded") == guarded
    assert before == snapshot(root)


def test_an_upgrade_by_homebrew_that_replaces_the_shim_is_seen_and_repaired(tmp_path):
    root = make_mac(tmp_path / "root")
    install_client(root / "usr/local")
    installed(root, **MAC)
    newer = root / "usr/local/Cellar/codex/9/bin/codex"
    newer.parent.mkdir(parents=True)
    newer.write_text("newer")
    newer.chmod(0o755)
    (root / MAC_ENTRY[1:]).unlink()
    (root / MAC_ENTRY[1:]).symlink_to("../Cellar/codex/9/bin/codex")

    seen = bad(root, **MAC)
    installed(root, **MAC)

    assert any("was replaced by a client" in each for each in seen)
    assert ("newer", "guarded") == started(root, MAC_ENTRY)


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (".local/bin/codex", "a stand-alone installation"),
        (".vscode/extensions/some.editor-1.2/bin/macos-aarch64/codex", "an editor starts it"),
        (".cursor/extensions/some.editor-1.2/resources/native/codex", "an editor starts it"),
    ],
)
def test_a_client_that_cannot_be_fronted_is_named(place, what, tmp_path, monkeypatch):
    client = tmp_path / place
    client.parent.mkdir(parents=True)
    client.write_text("")
    client.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))

    found = find_personal(MACOS, ("codex",))
    look = Look("1", Seen(None, b"", (), {}), (), (), None, True, "macos", found)

    (seen,) = (
        diagnosis for diagnosis in diagnose_status(look) if diagnosis.name == f"client {client}"
    )
    assert "bad" == seen.mark
    assert what in seen.observed


def test_a_client_of_the_path_is_named_once(tmp_path):
    path = "/Users/ada/.local/bin/codex"
    look = Look(
        "1", Seen(None, b"", (), {}), (), (Program(path, "is not Tipstaff's shim"),), None, True,
        "macos", ((path, "x"),),
    )  # fmt: skip

    assert 1 == len(
        [diagnosis for diagnosis in diagnose_status(look) if diagnosis.name == f"client {path}"]
    )


def test_nothing_is_written_where_the_system_protects_itself():
    protected = ("/usr/bin", "/bin", "/sbin", "/usr/lib", "/usr/sbin", "/System")
    written = (
        PLACES.state, PLACES.aside, *PLACES.folders, *PLACES.services, *PLACES.made,
        *(file.path for file in launchd.service_files(PYTHON)),
    )  # fmt: skip

    assert [] == [path for path in written if path.startswith(protected)]


@AS_ROOT
@pytest.mark.parametrize("folder", PLACES.owned)
def test_a_folder_that_a_user_made_first_ends_an_installation(folder, root):
    place = root / folder[1:]
    place.mkdir(parents=True)
    place.parent.chmod(0o755)
    os.chown(place, 501, 20)
    before = snapshot(root)

    with pytest.raises(errors.EvaluationError, match="others could change") as raised:
        installed(root, **MAC)

    assert folder == raised.value.where
    assert before == snapshot(root)


def test_of_two_installations_at_once_the_second_waits_for_nothing(root):
    state = root / PLACES.state[1:]
    state.mkdir()
    state.chmod(0o755)
    descriptor = os.open(state, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    with pytest.raises(errors.StoreLockedError):
        installed(root, version="0.2.0", **MAC)

    os.close(descriptor)
    assert 0 == installed(root, version="0.2.0", **MAC).exit_code


def test_an_older_version_over_a_newer_one_is_whole_again(root):
    installed(root, version="0.2.0", **MAC)

    installed(root, version="0.1.0", **MAC)

    assert [] == bad(root, "0.1.0", **MAC)
