"""TIP405: each obstacle fails; what could not be looked at is no pass."""

import pytest

from support.machines.check_hosts import AUTH, REFUSED, around, statuses
from tipstaff_policy.model.host_facts import Obstacle, Removal

IN_THE_WAY = (Obstacle("file", AUTH, "is immutable"),)


CASES = {
    "pass": around(removal=Removal(("file",))),
    "fail": around(removal=Removal(("file",), IN_THE_WAY)),
    "fail: beside what is not seen": around(removal=Removal(("file",), IN_THE_WAY, IN_THE_WAY)),
    "not_applicable": around(removal=Removal(())),
    "not_applicable: nobody looked": around(),
    "error": around(removal=Removal(("file",), (), IN_THE_WAY)),
    "error: no store is certain": around(REFUSED),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP405", host)
