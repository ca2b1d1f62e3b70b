"""The example policy that uses every field, judged on three example hosts."""

import json
import shutil
import tomllib

import pytest
from example_hosts import HERE, copy_host

from support.machines.hosts import audit, enforce
from tipstaff_policy.organisation.fields import FIELDS, TABLES

POLICY = HERE / "policies/every-field"
EXPECTED = {
    "compliant-chatgpt": (set(), 0, True),
    "wrong-workspace": ({"TIP102", "TIP406"}, 10, False),
    "api-key-under-chatgpt-only": ({"TIP101", "TIP406"}, 10, False),
}
"""What fails without a waiver, the exit code of `enforce`, and whether auth.json is left."""


def host(name, folder):
    root = copy_host(name, folder)
    shutil.copytree(POLICY, root / "etc/tipstaff")
    for place in (root / "etc/tipstaff").rglob("*"):
        place.chmod(0o755 if place.is_dir() else 0o644)
    return root


def test_the_example_states_every_field_there_is():
    files = (POLICY / "policy.toml", POLICY / "policy.d/20-waivers.toml")
    read = [tomllib.loads(file.read_text("utf-8")) for file in files]
    stated = {name: document[name] for document in read for name in document}

    assert {*FIELDS, *TABLES, "schema", "severity", "clients"} == set(stated)
    for name, table in TABLES.items():
        assert set(table.fields) == {field for row in stated[name] for field in row}


@pytest.mark.parametrize("name", EXPECTED)
def test_three_hosts_are_judged_by_it(name, tmp_path):
    fails, code, left = EXPECTED[name]
    root = host(name, tmp_path)

    report = json.loads(audit(root, "--format", "json").stdout)
    done = enforce(root)

    failing = {
        finding["check"]
        for finding in report["findings"]
        if finding["status"] in ("fail", "error")
        and not (finding["waiver"] and finding["waiver"]["standing"] == "active")
    }
    assert "example-corp-sign-in" == report["policy"]["id"]
    assert "enforce" == report["policy"]["stage"]["mode"]
    assert fails == failing
    assert code == done.returncode
    assert left == (root / "home/dev/.codex/auth.json").exists()
