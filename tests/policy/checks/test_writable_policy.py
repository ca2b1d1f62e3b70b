"""TIP303 names who could change a policy file, and no waiver covers it."""

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import LooseFile

LOOSE = LooseFile("/etc/codex/requirements.toml", ("/etc/codex belongs to user 7",))
# Never an error: what cannot be looked at is named as loose.
CASES = {
    "loose": ((LOOSE, LOOSE._replace(path="/x")), ["fail", "fail"]),
    "tight": ((), ["pass"]),
    "nobody looked": (None, ["not_applicable"]),
}


@pytest.mark.parametrize(("files", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(files, found):
    assert found == statuses("TIP303", around(loose_files=files))


def test_it_cannot_be_waived():
    assert not load_check("TIP303")[0].waivable
