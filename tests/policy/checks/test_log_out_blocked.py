"""TIP311 sees what stops the client's own log-out; tests/conformance/test_log_out.py asks it."""

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.model.host_facts import LogOut

CASES = {
    "works": (LogOut(works=True, why="works", places=()), "pass"),
    "refuses": (LogOut(works=False, why="bad file", places=("/x:3",)), "fail"),
    "unclear": (LogOut(works=None, why="too large", places=("/x",)), "error"),
    "nobody looked": (None, "not_applicable"),
}


@pytest.mark.parametrize(("found", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(found, status):
    assert [status] == statuses("TIP311", around(log_out=found))
