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
    test_cloud_policy,
    verdicts,
)
from conformance.client import BEHAVIOUR, ROOT, VERSION, held, judge, remains
from tipstaff_policy import guard
from tipstaff_policy.clients import load_client
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
    )
    for name, case in module.CASES.items()
}
KEPT = {**cases_overrides.KEPT, **cases_stores.KEPT, **cases_entry_points.KEPT}
WORDS = ["audit", "--format", "json", "--client-version", VERSION]
AUDIT = [sys.executable, "-m", "tipstaff_cli.main", *WORDS]
GUARD = [sys.executable, "-I", "-S", guard.__file__, "--client-version", VERSION]
PASSING = ("run", "surroundings", "state")
"""The parts of a report that tell the time, or what else is running."""
CODEX = load_client("codex")
ADMINISTRATORS = ("system", "managed", "requirements")


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


def expected_guard(client, report):
    """Return exit code and which stores are left.

    What the client leaves in stores that it does not use, and what breaks an administrators' rule
    there, Tipstaff removes as well.
    """
    code, left = expected_without_residue(client, report)
    state = state_from_json(report["state"])
    broken = {each.source for each in CODEX.residue(state, report["decision"]["active"])}
    if code in (3, 4) or not broken & set(left):
        return code, left
    return code or 10, tuple(each for each in left if each not in broken)


def expected_without_residue(client, report):
    active = report["decision"]["active"]
    without_active = tuple(each for each in client.left if each != active)
    decision = report["decision"]
    broken = bool(decision["unread"])
    by_administrators = any(
        origin["layer"] in ADMINISTRATORS
        for each in decision["violations"]
        for origin in each["origins"]
    )
    match client.verdict:
        case "refuse":
            return 3, client.left
        case "log_out" if str(active).startswith("CODEX_"):
            return 11, client.left
        case "log_out":
            return 10, client.left
        case "ignore_credential" if by_administrators and not str(active).startswith("CODEX_"):
            return 10, without_active
        case "ignore_credential" if by_administrators:
            return 11, client.left
        case _:
            return (4 if broken and client.verdict == "not_logged_in" else 0), client.left


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
    assert (real.verdict, set(real.removes)) == (decision["verdict"], set(decision["removes"])), (
        real.out
    )
    assert (code == 3) == (real.verdict == "refuse")
    linked = any(
        isinstance(each, dict) and each.get("link") == "kept.json" for each in case.home.values()
    )
    if "Failed to remove " in real.out or case.entry_point == "status":
        return  # Tipstaff goes on where the client gives up: tests/conformance/test_keyring.py
    code, left = expected_guard(real, report)
    assert (11 if linked else code, left) == guard_run(namespace, case)


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

    assert ("unknown", False, 4) == (
        report["decision"]["verdict"],
        report["summary"]["compliant"],
        code,
    )
    assert 4 == guard_run(namespace, case)[0]


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
        {"code": each["code"], **json.loads(each["out"]), **dict.fromkeys(PASSING)}
        for each in found
    )

    assert served == own


def test_the_client_was_really_asked(namespace, client):
    assert len(CASES) >= 100
    assert "Logging out." in judge(namespace, client, CASES["rules: forced chatgpt, key"]).out
    assert judge(namespace, client, CASES["rules: no rule, key"]).verdict == "allow"


def test_the_client_is_run_from_the_project(client):
    assert os.path.commonpath([ROOT, client]) == ROOT
