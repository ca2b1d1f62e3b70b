"""Every example host is judged as its table says, by both programs."""

import json
import os
import sys

import pytest
from example_hosts import (
    BOTH,
    EXPECTED,
    HERE,
    client_of,
    copy_host,
    holds_login,
    hosts_of,
    options_of,
    platform_of,
)

from support.machines.hosts import VERSION, run, tipstaff
from tipstaff_policy import guard
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_schemas.export import faults

OTHER_USER = 12345
LIVE = {"TIP104", "TIP108", "TIP206", "TIP314", "TIP402", "TIP404", "TIP407", "TIP410"}
"""What an image cannot show; the tests at the end and in tests/cli/test_live_checks.py do."""


ONE_CLIENT = hosts_of("codex", "claude")


def audited(root, *words):
    done = tipstaff("audit", "--system-root", root, "--format", "json", *words)
    report = json.loads(done.stdout)
    assert faults("report", report) == []
    return report, done.returncode


def enforce(*words):
    return tipstaff("enforce", *words)


def run_guard(*words):
    """Run the guard as it is shipped: isolated, by absolute path."""
    return run([sys.executable, "-I", "-S", guard.__file__, *words])


def failing(report):
    return sorted(
        {
            finding["check"]
            for finding in report["findings"]
            if finding["status"] in ("fail", "error")
        }
    )


def test_folders_and_table_name_the_same_hosts():
    assert sorted(EXPECTED) == sorted(path.name for path in (HERE / "hosts").iterdir())


@pytest.mark.parametrize("name", ONE_CLIENT)
def test_audit_says_what_the_table_says(name, tmp_path):
    report, code = audited(copy_host(name, tmp_path), *options_of(name))

    expected = EXPECTED[name]
    assert expected["verdict"] == report["decision"]["verdict"]
    assert expected["audit"] == code
    assert expected["fails"] == failing(report)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("program", [enforce, run_guard])
def test_enforcement_leaves_what_the_table_says(program, name, tmp_path):
    root = copy_host(name, tmp_path)

    code = program("--system-root", root, *options_of(name)).returncode

    expected = dict(EXPECTED[name])
    if program is run_guard:  # it leaves the user's own rules and stores to the client
        expected |= expected.get("guard", {})
    assert expected["enforce"] == code
    assert expected["left"] == holds_login(name, root)


def test_a_host_with_two_clients_has_a_report_for_each(tmp_path):
    (name,) = hosts_of(BOTH)

    done = tipstaff("audit", "--system-root", copy_host(name, tmp_path), "--format", "json")

    reports = json.loads(done.stdout)["reports"]
    assert EXPECTED[name]["audit"] == done.returncode
    assert {"codex": True, "claude": False} == {
        report["client"]["name"]: report["summary"]["compliant"] for report in reports
    }


def statuses(check_id, page, folder):
    """Audit the host that a page names, with the options that it names; HOST is where it is."""
    name, _, options = page.removeprefix("examples/hosts/").partition(", with ")
    root = copy_host(name, folder)
    given = options.replace("HOST", str(root)).split()
    own = options_of(name)
    if "--client-version" in given:
        own = ("--client", client_of(name), *platform_of(name))
    report, _ = audited(root, *own, *given)
    return {finding["status"] for finding in report["findings"] if finding["check"] == check_id}


@pytest.mark.parametrize("check_id", sorted(set(MODULES) - LIVE))
def test_a_check_fails_and_passes_on_the_hosts_that_its_page_names(check_id, tmp_path):
    check, _ = load_check(check_id)

    bad, good = (
        statuses(check_id, page, tmp_path / name)
        for name, page in (("bad", check.fails_on), ("good", check.passes_on))
    )

    assert bad & {"fail", "error"}
    assert good
    assert good <= {"pass", "not_applicable"}


@pytest.mark.parametrize("check_id", ["TIP104", "TIP108"])
@pytest.mark.parametrize(
    ("variables", "status"), [({"CODEX_API_KEY": "made-up"}, "fail"), ({}, "pass")]
)
def test_the_environment_fails_and_passes_as_the_page_says(check_id, variables, status, tmp_path):
    root = copy_host("variable-beats-login", tmp_path)
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **variables}

    done = tipstaff("audit", *VERSION, "--format", "json", "--select", check_id, env=env)

    assert [status] == [load["status"] for load in json.loads(done.stdout)["findings"]]


def test_a_managed_file_that_only_root_can_read_is_no_policy_for_the_user(tmp_path):
    root = copy_host("claude-compliant", tmp_path)
    (root / "etc/claude-code/managed-settings.json").chmod(0o600 if os.geteuid() == 0 else 0)
    if os.geteuid() == 0:
        os.chown(root / "home/dev", OTHER_USER, OTHER_USER)

    report, _ = audited(root, *options_of("claude-compliant"))

    (finding,) = [load for load in report["findings"] if load["check"] == "TIP314"]
    assert "fail" == finding["status"]
    assert "/etc/claude-code/managed-settings.json" == finding["evidence"][0]["path"]


def test_a_dry_run_says_that_a_login_which_is_allowed_stays(tmp_path):
    root = copy_host("claude-console-key", tmp_path)

    done = enforce("--dry-run", "--system-root", root, *options_of("claude-console-key"))

    assert "after     signed in by a login that is allowed; this dry run" in done.stdout
