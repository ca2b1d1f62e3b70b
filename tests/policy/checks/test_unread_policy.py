"""TIP314 fails for each policy file that the user may not read."""

import os

import pytest

from support.machines.check_hosts import RULE, around, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import UnreadFile
from tipstaff_policy.system.owners.readers import why_unreadable

FILE = UnreadFile(RULE.path, f"{RULE.path} has mode 0600 and owner 0")
USER, GROUP = 12345, 12346
"""Neither is a user of this machine."""
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can own a file as another")


@pytest.mark.parametrize(
    ("files", "found"), [((), ["pass"]), ((FILE,), ["fail"]), (None, ["not_applicable"])]
)
def test_the_status_follows_what_the_user_may_not_read(files, found):
    assert found == statuses("TIP314", around(unread_files=files))


def test_the_finding_names_the_file_and_why():
    (outcome,) = load_check("TIP314")[1](around(unread_files=(FILE,)))

    assert FILE.why == outcome.observed
    assert RULE.path == outcome.evidence[0].path


@pytest.fixture
def image(tmp_path):
    """An image with a file of the administrators, whose own folder is closed to others."""
    folder = tmp_path / "image/etc/client"
    folder.mkdir(parents=True)
    (folder / "policy.json").write_text("{}")
    for place in (folder.parent, folder):
        place.chmod(0o755)
    (tmp_path / "image").chmod(0o700)
    return tmp_path / "image"


def why(image, user=USER, group=GROUP):
    return why_unreadable("/etc/client/policy.json", str(image), user, group)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o444])
def test_a_file_that_everyone_may_read_is_read(mode, image):
    (image / "etc/client/policy.json").chmod(mode)

    assert "" == why(image)


@NEEDS_ROOT
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o000])
def test_a_file_of_root_alone_is_not_read(mode, image):
    (image / "etc/client/policy.json").chmod(mode)

    assert f"/etc/client/policy.json has mode {mode:04o} and owner 0" == why(image)


@NEEDS_ROOT
def test_a_closed_folder_above_the_file_hides_it(image):
    (image / "etc/client").chmod(0o700)

    assert "/etc/client has mode 0700 and owner 0" == why(image)


@NEEDS_ROOT
def test_a_group_that_may_hold_the_user_is_no_proof(image):
    file = image / "etc/client/policy.json"
    file.chmod(0o640)
    os.chown(file, 0, GROUP + 1)

    assert "" == why(image)


@NEEDS_ROOT
def test_the_users_own_group_decides(image):
    file = image / "etc/client/policy.json"
    file.chmod(0o604)
    os.chown(file, 0, GROUP)

    assert "/etc/client/policy.json has mode 0604 and owner 0" == why(image)


def test_root_reads_every_file(image):
    (image / "etc/client/policy.json").chmod(0)

    assert "" == why(image, user=0, group=0)


def test_a_file_that_is_not_there_is_no_finding(image):
    (image / "etc/client/policy.json").unlink()

    assert "" == why(image)
