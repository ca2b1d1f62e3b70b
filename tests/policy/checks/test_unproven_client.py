"""TIP408: what was compared with the client passes. There is no error: the fact is always known."""

import json
import os
import time

import pytest

from support.clients.installed_clients import install, install_bare
from support.machines.check_hosts import CLIENT, around, state, statuses
from support.machines.hosts import make_host, tipstaff
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import Release

NOW, DAY = 2_000_000_000, 86400
PROVEN = ("0.169.0", "0.171.0")
HERE = {"proven": False, "path": "/usr/bin/codex", "version": "0.172.0"}
LOOSE = "/usr is writable by others (mode 0777)"


def of(days=None, **client):
    held = state()._replace(client=CLIENT._replace(**client), evaluated_at=NOW)
    since = None if days is None else NOW - days * DAY
    return around(of=held, release=Release(PROVEN, since))


CASES = {
    "pass": of(),
    "fail": of(**HERE),
    "fail: nobody looked around": around(of=of(**HERE).state),
    "not_applicable": of(version_source="assumed"),
}
AGES = {
    "just installed": (of(0, **HERE), "low"),
    "for 29 days": (of(29, **HERE), "low"),
    "for 30 days": (of(30, **HERE), None),
    "the clock was set back": (of(-3, **HERE), "low"),
    "nobody knows since when": (of(**HERE), None),
    "its user can make it look new": (of(0, **HERE, writable_at=LOOSE), None),
}


def outcome(host):
    (found,) = load_check("TIP408")[1](host)
    return found


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP408", host)


@pytest.mark.parametrize(("host", "severity"), AGES.values(), ids=AGES)
def test_a_new_version_is_milder_for_thirty_days(host, severity):
    assert severity == outcome(host).severity


def test_the_proven_versions_are_named():
    assert "a proven version: 0.169.0, 0.171.0" == outcome(of(3, **HERE)).expected


def test_it_says_since_when_the_version_is_here():
    assert "0.172.0 (installed here 3 days ago)" == outcome(of(3, **HERE)).observed


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ({"version_source": "assumed"}, "because no package around /usr/bin/codex states it"),
        ({"version_source": "doubted", "writable_at": LOOSE}, f"because {LOOSE}"),
    ],
)
def test_it_says_why_a_version_is_not_certain(client, why):
    assert why in outcome(of(**{**HERE, **client})).observed


def finding(root):
    words = ("audit", "--system-root", root, "--select", "TIP408", "--format", "json")
    report = json.loads(tipstaff(*words).stdout)
    (found,) = report["findings"]
    return report, found


def test_the_day_of_the_installation_is_in_the_report(tmp_path):
    root = make_host(tmp_path / "host")
    install(root / "usr", "99.0.0")

    report, found = finding(root)

    since = report["surroundings"]["release"]["since"]
    assert abs(time.time() - since) < DAY
    assert "fail" == found["status"]
    assert "low" == found["severity"]


def test_the_age_that_a_package_brings_along_is_not_believed(tmp_path):
    root = make_host(tmp_path / "host")
    install(root / "usr", "99.0.0")
    os.utime(root / "usr/lib/node_modules/@openai/codex/package.json", (0, 0))

    assert "low" == finding(root)[1]["severity"]


def test_a_program_without_a_package_is_told_to_be_assumed(tmp_path):
    root = make_host(tmp_path / "host")
    install_bare(root / "usr")

    assert "no package around /usr/bin/codex states it" in finding(root)[1]["observed"]
