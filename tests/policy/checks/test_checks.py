"""Each check: what passes, what fails, what does not apply, what is an error."""

from pathlib import Path

import pytest

from support.machines.check_hosts import (
    GOOD_FILE,
    IN_A,
    LOGIN,
    REFUSED,
    RULE,
    UNKNOWN,
    broke,
    decided,
    host_of,
    layer,
    state,
    stored,
    variable,
)
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.checks.model import parse_evidence
from tipstaff_policy.model.state import (
    NoCredential,
    Origin,
    Stray,
    UnreadableCredential,
    WorkspaceClaims,
)

STORE = "cli_auth_credentials_store"
STRAY = Stray(
    "allowed_login_method", Origin("requirements", "/r", 2), "misspelt", "`allowed_login_methods`"
)

CASES = {
    "TIP101": {
        "pass": (state(stored()), decided()),
        "fail": (state(stored()), decided("log_out", violations=broke("login_method", "api"))),
        "not_applicable": (state(stored(NoCredential(), None)), decided("not_logged_in", None)),
        "error": (state(stored()), UNKNOWN),
    },
    "TIP102": {
        "pass": (state(stored()), decided(**IN_A)),
        "fail": (
            state(stored()),
            decided("log_out", violations=broke("workspace", "ws-z"), **IN_A),
        ),
        "not_applicable": (state(stored()), decided()),
        "error": (state(stored()), REFUSED),
    },
    "TIP103": {
        "pass": (
            state(stored()),
            decided("log_out", violations=broke("workspace", "ws-z"), **IN_A),
        ),
        "fail": (state(stored()), decided("log_out", violations=broke("workspace", None), **IN_A)),
        "not_applicable": (state(stored()), decided()),
        "error": (state(stored()), UNKNOWN),
    },
    "TIP104": {
        "pass": (state(variable()), decided(active="CODEX_API_KEY", methods=("api",))),
        "fail": (state(variable(), stored()), decided()),
        "not_applicable": (state(stored(), environment="not_seen"), decided()),
        "error": (state(variable()), REFUSED),
    },
    "TIP105": {
        "pass": (state(stored()), decided()),
        "fail": (
            state(stored(LOGIN._replace(claims=WorkspaceClaims("ws-z", None, "ws-a")))),
            decided(),
        ),
        "not_applicable": (state(variable()), decided()),
    },
    "TIP203": {
        "pass": (state(stored()), decided()),
        "fail": (state(stored(file=GOOD_FILE._replace(mode="0640"))), decided()),
        "not_applicable": (state(stored(NoCredential(), None)), decided()),
    },
    "TIP204": {
        "pass": (state(stored()), decided()),
        "fail": (state(stored(file=GOOD_FILE._replace(links=2))), decided()),
        "not_applicable": (state(stored(NoCredential(), None)), decided()),
    },
    "TIP205": {
        "pass": (state(stored()), decided()),
        "error": (state(stored(UnreadableCredential("is not JSON", "refuse"))), decided()),
        "not_applicable": (state(stored(NoCredential(), None)), decided()),
    },
    "TIP304": {
        "pass": (state(layers=[layer("system", [(STORE, "file")])]), decided()),
        "fail": (state(layers=[layer("requirements", strays=(STRAY,))]), decided()),
    },
    "TIP305": {
        "pass": (state(), decided()),
        "fail": (state(), REFUSED._replace(blocked_by=(RULE,))),
        "error": (state(), REFUSED),
    },
}
ROWS = {f"{check} {status}": (check, status) for check, rows in CASES.items() for status in rows}


def outcomes(check_id, host, decision):
    return load_check(check_id)[1](host_of(host, decision))


@pytest.mark.parametrize(("check_id", "status"), ROWS.values(), ids=ROWS)
def test_the_status_follows_what_was_found(check_id, status):
    assert [status] == [outcome.status for outcome in outcomes(check_id, *CASES[check_id][status])]


def test_every_check_has_cases_and_metadata():
    here = Path(__file__).parent
    own = {check for check, name in MODULES.items() if (here / f"test_{name}.py").exists()}

    assert sorted({*CASES, *own}) == sorted(MODULES)
    assert sorted(MODULES) == [load_check(module)[0].id for module in sorted(MODULES)]


@pytest.mark.parametrize("check_id", [check for check, rows in CASES.items() if "fail" in rows])
def test_a_failure_says_what_was_seen_where_and_what_to_do(check_id):
    check, _ = load_check(check_id)
    (outcome,) = outcomes(check_id, *CASES[check_id]["fail"])

    assert outcome.observed
    assert outcome.expected
    assert check.remedy
    assert outcome.evidence or check_id in ("TIP104", "TIP301")


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (GOOD_FILE._replace(owner=0), "fail"),
        (GOOD_FILE._replace(mode="0604"), "fail"),
        (GOOD_FILE._replace(mode="0400"), "pass"),
    ],
)
def test_owner_and_every_bit_for_others_count(facts, status):
    assert status == outcomes("TIP203", state(stored(file=facts)), decided())[0].status


def test_a_live_windows_has_no_modes_to_judge():
    windows = state(stored(file=GOOD_FILE._replace(mode="0666")))._replace(platform="windows")

    assert "not_applicable" == outcomes("TIP203", windows, decided())[0].status
    image = windows._replace(system_root="/image")
    assert "fail" == outcomes("TIP203", image, decided())[0].status


@pytest.mark.parametrize(
    "facts", [GOOD_FILE._replace(type="link", target="/x"), GOOD_FILE._replace(type="fifo")]
)
def test_what_is_no_plain_file_fails(facts):
    assert "fail" == outcomes("TIP204", state(stored(file=facts)), decided())[0].status


@pytest.mark.parametrize(
    ("workspaces", "severity"), [(None, "low"), (("ws-a", "ws-z"), "low"), (("ws-a",), "medium")]
)
def test_disagreeing_claims_are_graver_with_one_outside(workspaces, severity):
    login = LOGIN._replace(claims=WorkspaceClaims("ws-z", None, "ws-a"))

    (outcome,) = outcomes("TIP105", state(stored(login)), decided(workspaces=workspaces))

    assert "fail" == outcome.status
    assert severity == outcome.severity


def test_each_key_without_effect_is_a_finding_of_its_own():
    strays = (STRAY, STRAY._replace(key="forced_login_methods"))

    found = outcomes("TIP304", state(layers=[layer("requirements", strays=strays)]), decided())

    assert ["allowed_login_method", "forced_login_methods"] == [
        outcome.subject for outcome in found
    ]


PLACES = {
    "/etc/codex/config.toml:3": ("/etc/codex/config.toml", 3),
    "/etc/codex/config.toml": ("/etc/codex/config.toml", None),
    "C:\\x\\config.toml": ("C:\\x\\config.toml", None),
    "CODEX_API_KEY": ("CODEX_API_KEY", None),
    ":3": (":3", None),
}


@pytest.mark.parametrize(("where", "expected"), PLACES.items())
def test_a_place_as_people_write_it_is_a_path_and_a_line(where, expected):
    assert (*expected, None) == tuple(parse_evidence(where))
