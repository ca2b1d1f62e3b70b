"""Every example host is judged as its table says, by both programs."""

import json

import pytest
from example_hosts import EXPECTED, HERE, copy_host, platform_of

from support.machines.hosts import VERSION, audit, enforce, run_guard, tipstaff
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_schemas.export import faults

LIVE = {"TIP104", "TIP108", "TIP206", "TIP402", "TIP404", "TIP407", "TIP410"}
"""What an image cannot show; the tests at the end and in tests/cli/test_live_checks.py do."""


def audited(root, *words):
    done = audit(root, "--format", "json", *platform_of(root.name), *words)
    report = json.loads(done.stdout)
    assert faults("report", report) == []
    return report, done.returncode


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


@pytest.mark.parametrize("name", EXPECTED)
def test_audit_says_what_the_table_says(name, tmp_path):
    report, code = audited(copy_host(name, tmp_path))

    expected = EXPECTED[name]
    assert expected["verdict"] == report["decision"]["verdict"]
    assert expected["audit"] == code
    assert expected["fails"] == failing(report)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("program", [enforce, run_guard])
def test_enforcement_leaves_what_the_table_says(program, name, tmp_path):
    root = copy_host(name, tmp_path)

    code = program(root, *platform_of(name)).returncode

    stored = root / EXPECTED[name].get("home", "home/dev/.codex") / "auth.json"
    left = stored.is_symlink() or stored.exists()
    expected = dict(EXPECTED[name])
    if program is run_guard:  # it leaves the user's own rules and stores to the client
        expected |= expected.get("guard", {})
    assert expected["enforce"] == code
    assert expected["left"] == left


def statuses(check_id, page, folder):
    """Audit the host that a page names, with the options that it names; HOST is where it is."""
    name, _, options = page.removeprefix("examples/hosts/").partition(", with ")
    root = copy_host(name, folder)
    report, _ = audited(root, *options.replace("HOST", str(root)).split())
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
