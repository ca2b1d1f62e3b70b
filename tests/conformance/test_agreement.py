"""Tipstaff says what the real client does: verdict, exit code, and what is left on disk."""

import json
import os
import sys

import pytest

from conformance import (
    cases_credentials,
    cases_entry_points,
    cases_layers,
    cases_not_evaluated,
    cases_other_keys,
    cases_overrides,
    cases_permissions,
    cases_rules,
    cases_stores,
    cases_toml,
    cases_workload,
    test_cloud_policy,
    verdicts,
)
from conformance.client import AS_VERSION, BEHAVIOUR, ROOT, held, judge, remains
from tipstaff_policy import guard
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR
from tipstaff_schemas.export import faults
from tipstaff_schemas.values import as_json, state_from_json

CASES = {
    f"{module.__name__.removeprefix('conformance.cases_')}: {name}": case
    for module in (
        cases_rules,
        cases_toml,
        cases_credentials,
        cases_overrides,
        cases_layers,
        cases_stores,
        cases_entry_points,
        cases_other_keys,
        cases_permissions,
        cases_workload,
    )
    for name, case in module.CASES.items()
}
KEPT = {**cases_overrides.KEPT, **cases_stores.KEPT, **cases_entry_points.KEPT}
WORDS = ["audit", "--format", "json", *AS_VERSION]
AUDIT = [sys.executable, "-m", "tipstaff_cli.main", *WORDS]
GUARD = [
    sys.executable,
    "-I",
    "-S",
    guard.__file__,
    *AS_VERSION,
]
PASSING = ("run", "surroundings", "state")
"""The parts of a report that state the time, or what else is running."""
CODEX = load_client("codex")


def audit(namespace, case):
    words = ["--entry-point", case.entry_point, *tipstaff_flags(case)]
    if case.without_capabilities:  # which only a new process is
        found = namespace.run([*AUDIT, *words], case)
    else:
        found = namespace.run([*WORDS, *words], case, audit=True)
    assert found["err"] == "", found
    report = json.loads(found["out"])
    assert faults("report", report) == []
    again = CODEX.decide(state_from_json(report["state"]))
    assert report["decision"] == as_json(again)
    return report, found["code"]


def guard_run(namespace, case):
    words = {
        "exec": ["exec"],
        "interactive": [],
        "app-server": ["app-server"],
        "status": ["login", "status"],
    }
    front = [*GUARD, "--", "codex", *words[case.entry_point], *case.flags]
    found = namespace.run(front, case._replace(env={**case.env, "PATH": "/nowhere"}))
    assert found["out"] == ""
    # With nothing against it the guard becomes the client, which this environment has not.
    allowed = found["code"] == 2 and "cannot start codex" in found["err"]
    return 0 if allowed else found["code"], remains(found)


def tipstaff_flags(case):
    names = {"-p": "--profile", "-C": "--cwd"}
    return [names.get(flag, flag) for flag in case.flags]


def expected_guard(case, report):
    """Return the exit codes that fit the compliance of a host, and which stores are left."""
    sign_in, decision, left = report["sign_in"], report["decision"], held(case)
    if sign_in["faults"]:
        effects = {fault["effect"] for fault in sign_in["faults"]}
        return (3 if "refuse" in effects else 4,), left
    unread = any(credential["verdict"] == "cannot_tell" for credential in sign_in["credentials"])
    unused = decision["active"] not in sign_in["removes"] and "file" not in sign_in["removes"]
    if sign_in["removes"] and unused and not sign_in["variables"]:
        # The guard of this checkout has no library for a keyring: one that this start does not
        # use stops no one, and is left to the full program (docs/guard.md).
        return (0, 10, 11), None
    if sign_in["verdict"] == "violates":
        gone = tuple(store for store in left if store not in sign_in["removes"])
        whole = bool(sign_in["removes"]) and not sign_in["variables"] and not unread
        return (10 if whole else 11,), gone
    if sign_in["verdict"] == "cannot_tell":
        used = {
            credential["source"]: credential["verdict"] for credential in sign_in["credentials"]
        }
        passes = used.get(decision["active"]) == "complies" or not decision["unread"]
        return ((0, 4) if passes else (4,)), left
    return (0,), left


FORBIDS = ("log_out", "ignore_credential")


def is_plain(case):
    """Return whether a host has no file of the user's but a login in the plain file."""
    personal = [name for name in case.home if name != "auth.json"]
    apart = case.cwd or case.flags or case.env or case.keyring or case.without_capabilities
    return (
        not personal and not apart and case.entry_point == "exec" and "config.toml" not in case.etc
    )


@pytest.mark.parametrize("name", CASES)
def test_verdict_exit_and_remains_are_those_of_the_client(namespace, client, name, see, unfit):
    case = CASES[name]
    if name in cases_not_evaluated.OLDER and cases_not_evaluated.OLDER[name](BEHAVIOUR):
        assert_not_evaluated(namespace, case)
        unfit(name, "not evaluated")
    real = judge(namespace, client, case)
    see(name, real.verdict, real.removes)

    report, code = audit(namespace, case)

    decision = report["decision"]
    assert real.verdict == decision["verdict"], real.out
    assert set(real.removes) == set(decision["removes"]), real.out
    assert_report_fits(case, real, report, code)
    assert_guard_fits(namespace, case, real, report)


def assert_report_fits(case, real, report, code):
    """Compare exit code and compliance of an audit with how the client ended."""
    assert (code == 3) == (real.verdict == "refuse" or bool(report["sign_in"]["faults"]))
    if is_plain(case) and BEHAVIOUR == NEWEST_BEHAVIOUR:
        assert (real.verdict in FORBIDS) == (report["sign_in"]["verdict"] == "violates")


def assert_guard_fits(namespace, case, real, report):
    """Compare exit code and remains of the guard with what the report says of the sign-in."""
    linked = any(
        isinstance(content, dict) and content.get("link") == "kept.json"
        for content in case.home.values()
    )
    if "Failed to remove " in real.out or case.entry_point == "status":
        return  # Tipstaff goes on where the client gives up: tests/conformance/test_keyring.py
    codes, left = expected_guard(case, report)
    found, remaining = guard_run(namespace, case)
    assert found in ((11,) if linked and 10 in codes else codes), report["sign_in"]
    visible = {store for store in held(case) if store in ("file", "keyring")}
    assert visible - {*report["sign_in"]["removes"]} <= {*remaining} <= visible
    if left is not None:
        assert {store for store in left if store in visible} == {*remaining}


@pytest.mark.parametrize("name", KEPT)
def test_a_variable_never_costs_a_stored_login(namespace, client, name, see):
    case = KEPT[name]
    real = judge(namespace, client, case)
    see(name, real.verdict, real.removes)
    assert real.left == ()

    report, _ = audit(namespace, case)

    assert report["decision"]["verdict"] == "log_out"
    assert (11, held(case)) == guard_run(namespace, case)


UNKNOWN = {**cases_not_evaluated.CASES, **cases_other_keys.UNKNOWN, **cases_permissions.UNKNOWN}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_modelled_is_unknown_and_left_alone(namespace, client, name):
    case = UNKNOWN[name]
    if name in cases_not_evaluated.EVALUATED and cases_not_evaluated.EVALUATED[name](BEHAVIOUR):
        report, _ = audit(namespace, case)
        assert judge(namespace, client, case).verdict == report["decision"]["verdict"]
        return
    assert_not_evaluated(namespace, case)


def assert_not_evaluated(namespace, case):
    report, code = audit(namespace, case)

    assert "unknown" == report["decision"]["verdict"]
    assert report["summary"]["compliant"] is False
    assert 4 == code
    assert guard_run(namespace, case)[0] in expected_guard(case, report)[0]


def test_the_table_of_verdicts_names_every_host():
    cloud = {f"cloud policy: {name}" for name in test_cloud_policy.CASES}

    assert {*CASES, *KEPT, *cloud} == set(verdicts.recorded())


@pytest.mark.parametrize(
    "name",
    [
        "rules: forced chatgpt, key",
        "credentials: forced chatgpt: 500 deep",
        "stores: keyring: entry alone",
    ],
)
def test_an_audit_is_the_same_in_a_process_of_its_own(namespace, name):
    case = CASES[name]

    ignored = ("--ignore", "TIP407")  # it finds what else is running at this moment
    found = (
        namespace.run([*WORDS, *ignored], case, audit=True),
        namespace.run([*AUDIT, *ignored], case),
    )
    served, own = (
        {"code": answer["code"], **json.loads(answer["out"]), **dict.fromkeys(PASSING)}
        for answer in found
    )

    assert served == own


def test_the_client_was_really_asked(namespace, client):
    assert len(CASES) >= 100
    assert "Logging out." in judge(namespace, client, CASES["rules: forced chatgpt, key"]).out
    assert judge(namespace, client, CASES["rules: no rule, key"]).verdict == "allow"


def test_the_client_is_run_from_the_project(client):
    assert os.path.commonpath([ROOT, client]) == ROOT
