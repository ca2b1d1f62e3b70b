"""TIP406: a stored credential that a rule forbids stays with the editor's server."""

import pytest

from support.machines.check_hosts import (
    REFUSED,
    UNKNOWN,
    around,
    broke,
    decided,
    state,
    statuses,
    stored,
    variable,
)

BROKE = {"violations": broke("login_method", "api")}
CASES = {
    "pass": around(),
    "fail": around(decided("ignore_credential", **BROKE)),
    "fail: the command line would remove it": around(decided("log_out", **BROKE)),
    "not_applicable": around(decided("not_logged_in", None)),
    "not_applicable: a variable": around(
        decided("log_out", "CODEX_API_KEY", **BROKE), of=state(variable(), stored())
    ),
    "error": around(UNKNOWN),
    "error: refused": around(REFUSED),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP406", host)
