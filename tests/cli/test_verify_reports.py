"""A signed report is held to the evidence inside it: every finding, and whose host it is."""

import json
import os
from pathlib import Path

import pytest
from example_hosts import BOTH, copy_host, hosts_of, options_of

from support.machines.hosts import audit, make_host, run, tipstaff
from tipstaff_policy.checks import MODULES
from tipstaff_reports.analysis.contradictions import contradictions
from tipstaff_reports.reevaluation import LIVE_EVIDENCE
from tipstaff_schemas.saved import read_saved

POLICIES = Path(__file__).resolve().parents[2] / "examples/policies"
HOSTS = {
    "policy-drift": "linux",
    "policy-expired": "linux",
    "policy-of-newer-schema": "linux",
    "malformed-policy": "linux",
    "unsigned-token": "linux",
    "claims-disagree": "linux",
    "custom-provider": "linux",
    "second-client-folder": "linux",
    "nobody-may-sign-in": "linux",
    "macos-not-forced": "macos",
    "windows-user-managed": "windows",
}


def report_of(root, *words, platform="linux"):
    return json.loads(audit(root, "--platform", platform, "--format", "json", *words).stdout)


def against(document):
    return contradictions(read_saved(json.dumps(document).encode(), "report"))


def whitewashed(document, *checks):
    """Turn what fails, or is unknown, into a pass, and let the counts follow."""
    for finding in document["findings"]:
        if finding["status"] in ("fail", "error") and finding["check"] in (checks or MODULES):
            finding["status"] = "pass"
    statuses = [finding["status"] for finding in document["findings"]]
    for status in ("pass", "fail", "error"):
        document["summary"][status] = statuses.count(status)
    document["summary"]["waived"] = 0
    if not checks:
        document["summary"]["compliant"] = document["decision"]["verdict"] not in (
            "refuse",
            "unknown",
        )
    return document


@pytest.mark.parametrize(("host", "platform"), HOSTS.items(), ids=HOSTS)
def test_a_report_as_it_was_written_does_not_contradict_itself(host, platform, tmp_path):
    assert [] == against(report_of(copy_host(host, tmp_path), platform=platform))


@pytest.mark.parametrize(("host", "platform"), HOSTS.items(), ids=HOSTS)
def test_no_failure_can_be_turned_into_a_pass(host, platform, tmp_path):
    document = report_of(copy_host(host, tmp_path), platform=platform)
    spoilt = {
        finding["check"]
        for finding in document["findings"]
        if finding["status"] in ("fail", "error")
    }

    found = {
        check: against(whitewashed(json.loads(json.dumps(document)), check)) for check in spoilt
    }

    assert spoilt
    assert [] == [
        check
        for check in spoilt
        if not any(".status: is not what" in text for text in found[check])
    ]


def test_a_report_that_was_made_to_comply_contradicts_itself(tmp_path):
    document = whitewashed(report_of(copy_host("wrong-workspace", tmp_path)))

    assert True is document["summary"]["compliant"]
    assert any(
        difference.endswith("status: is not what TIP102 makes of the evidence")
        for difference in against(document)
    )


IN_WORDS = {
    "what is observed": ("observed", "nothing at all"),
    "how grave it is": ("severity", "info"),
    "where it stands": ("evidence", []),
    "what to do": ("remedy", ""),
}


@pytest.mark.parametrize(("field", "value"), IN_WORDS.values(), ids=IN_WORDS)
def test_no_field_of_a_finding_can_be_edited(field, value, tmp_path):
    document = report_of(copy_host("wrong-workspace", tmp_path))
    failing = next(finding for finding in document["findings"] if finding["check"] == "TIP102")
    failing[field] = value

    assert any(
        difference.endswith(f".{field}: is not what TIP102 makes of the evidence")
        for difference in against(document)
    )


@pytest.mark.parametrize("name", hosts_of("claude", BOTH))
def test_no_report_of_a_host_with_claude_contradicts_itself(name, tmp_path):
    root = copy_host(name, tmp_path)

    done = tipstaff("audit", *options_of(name), "--system-root", root, "--format", "json")

    assert [] == against(json.loads(done.stdout))


def test_no_report_by_a_policy_with_every_field_contradicts_itself(tmp_path):
    root = copy_host("both-clients", tmp_path)
    policy = (POLICIES / "every-field/policy.toml").read_text()
    # The file of trusted keys is on the policy's own hosts alone.
    kept = [line for line in policy.splitlines(keepends=True) if "trusted_keys" not in line]
    (root / "etc/tipstaff/policy.toml").write_text("".join(kept))

    done = tipstaff("audit", "--system-root", root, "--format", "json")

    assert [] == against(json.loads(done.stdout))


def test_a_report_shows_no_rule_that_is_for_another_client_alone(tmp_path):
    root = copy_host("both-clients", tmp_path)

    done = tipstaff("audit", "--client", "claude", "--system-root", root, "--format", "json")

    fields = {rule["field"] for rule in json.loads(done.stdout)["policy"]["rules"]}
    assert "clients.claude.login_methods" in fields
    assert not fields & {"login_methods", "workspaces", "stores", "oldest_client"}


def test_a_carried_key_cannot_be_taken_out_of_the_rules(tmp_path):
    document = report_of(copy_host("policy-drift", tmp_path))
    document["surroundings"]["carried"] = [
        {"name": "clients.codex.config.model", "found": "same", "at": None, "wanted": []}
    ]

    assert "policy.rules: do not hold the keys of surroundings.carried" in against(document)


@pytest.mark.parametrize("client", ["codex", "claude"])
def test_the_report_of_a_live_host_of_each_client_holds(client, tmp_path):
    root = make_host(tmp_path / "host")
    env = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}

    done = tipstaff("audit", "--client", client, "--format", "json", env=env)

    assert [] == against(json.loads(done.stdout))


def test_when_a_finding_first_failed_may_come_from_an_earlier_report(tmp_path):
    document = report_of(copy_host("wrong-workspace", tmp_path))
    for finding in document["findings"]:
        finding["first_failed_at"] = (
            "2026-01-01T00:00:00.000Z" if finding["status"] == "fail" else None
        )

    assert [] == against(document)


def test_a_finding_that_was_doubled_or_dropped_shows(tmp_path):
    document = report_of(copy_host("compliant-chatgpt", tmp_path))
    fewer = {**document, "findings": document["findings"][1:]}
    more = {**document, "findings": [document["findings"][0], *document["findings"]]}

    assert any(difference.startswith("findings: there are") for difference in against(fewer))
    assert any(difference.startswith("findings: there are") for difference in against(more))


PARTS = {
    "a rule of the client": (lambda it: it["surroundings"]["rules"].clear(), "surroundings.rules: does not follow from state"),
    "the store": (lambda it: it["surroundings"]["store"].update(name="keyring"), "surroundings.store: does not follow from state"),
    "the policy's stage": (lambda it: it["policy"]["stage"].update(mode="silent"), "policy.stage: is another one"),
    "the stage in the orders": (lambda it: it["policy"]["orders"]["stage"].update(mode="silent"), "policy.orders.stage: is another one"),
    "the orders' time": (lambda it: it["policy"]["orders"].update(now=1), "policy.orders.now: is another one"),
    "the orders' host": (lambda it: it["policy"]["orders"]["machine"].update(host_name="x"), "policy.orders.machine: is another one"),
    "the orders": (lambda it: it["policy"].update(orders=None), "policy.orders: is missing although there is a policy"),
    "a rule of the policy": (lambda it: it["policy"]["rules"].pop(), "policy.rules: is another one"),
    "the policy's version": (lambda it: it["policy"].update(version="99"), "policy.version: is another one"),
    "a setting": (lambda it: it["policy"]["settings"].clear(), "policy.settings: do not follow"),
    "a credential": (lambda it: it["credentials"].clear(), "credentials: do not follow"),
    "the files": (lambda it: it["policy"]["files"].clear(), "policy.files: do not hold those"),
    "the environment": (lambda it: it["run"].update(environment="own"), "run.environment: is another one"),
    "the image": (lambda it: it["run"].update(system_root=None), "run.system_root: is another one than state.system_root"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), PARTS.values(), ids=PARTS)
def test_no_part_can_be_edited_alone(edit, said, tmp_path):
    document = report_of(copy_host("policy-drift", tmp_path))
    assert [] == against(document)

    edit(document)

    assert any(difference.startswith(said) for difference in against(document))


def test_an_image_does_not_pass_for_a_live_host_though_its_state_is_edited_too(tmp_path):
    document = report_of(copy_host("compliant-chatgpt", tmp_path))
    document["run"]["system_root"] = document["state"]["system_root"] = None

    found = [
        difference for difference in against(document) if difference.startswith("surroundings.")
    ]

    assert [f"surroundings.{part}: does not fit state.system_root" for part in LIVE_EVIDENCE] == [
        difference.partition(",")[0] for difference in found
    ]


def test_the_report_of_a_live_host_holds(tmp_path):
    root = make_host(tmp_path / "host", managed='forced_login_method = "chatgpt"\n')
    env = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"], "CODEX_API_KEY": "k"}

    done = tipstaff("audit", "--format", "json", env=env)

    assert [] == against(json.loads(done.stdout))


WAIVED = """
schema = 1
id = "p"
version = "1"
login_methods = ["api"]
fleet_key = "a-made-up-key-of-a-fleet"
[[waivers]]
check = "TIP101"
owner = "o"
approver = "a"
ticket = "T-1"
reason = "r"
expires = 2099-01-01
"""


def test_a_waiver_is_part_of_the_evidence(tmp_path):
    root = copy_host("compliant-chatgpt", tmp_path)
    (root / "etc/tipstaff").mkdir(exist_ok=True)
    (root / "etc/tipstaff/policy.toml").write_text(WAIVED)
    document = report_of(root)
    waived = [finding for finding in document["findings"] if finding["waiver"]]

    held = against(document)
    document["policy"]["waivers"] = []

    assert ["TIP101"] == [finding["check"] for finding in waived]
    assert [] == held
    assert any(
        ".waiver: is not what TIP101 makes" in difference for difference in against(document)
    )
    assert "a-made-up-key" not in json.dumps(document)


NO_REPORT = {
    "a word": ("a.json", b"hello"),
    "lists without end": ("a.json", b"[" * 200_000),
    "an object": ("a.json", b'{"a": 1}'),
    "an empty list": ("a.json", b"[]"),
    "lines": ("a.ndjson", b"hello\nhello\n"),
    "JSON by another name": ("a.txt", b'{"a": 1}'),
}


@pytest.mark.parametrize(("name", "data"), NO_REPORT.values(), ids=NO_REPORT)
def test_a_signature_makes_no_report_of_what_is_none(name, data, tmp_path):
    path, own = tmp_path / name, tmp_path / "key"
    path.write_bytes(data)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own])
    run(["ssh-keygen", "-q", "-Y", "sign", "-n", "tipstaff-report", "-f", own, path])

    done = tipstaff("report", "verify", path, "--trusted-key", f"{own}.pub")

    assert 4 == done.returncode
    assert "" == done.stdout
    assert f"error: {path}: is no" in done.stderr


@pytest.mark.parametrize("form", ["sarif", "ocsf", "oscal", "html", "junit"])
def test_another_format_is_held_to_its_signature_alone(form, tmp_path):
    root, path, own = (
        copy_host("wrong-workspace", tmp_path),
        tmp_path / f"a.{form}.json",
        tmp_path / "key",
    )
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own])
    path = path if form in ("sarif", "ocsf", "oscal") else tmp_path / f"a.{form}"
    audit(root, "--report", f"{form}:{path}", "--sign-key", own)

    done = tipstaff("report", "verify", path, "--trusted-key", f"{own}.pub")

    assert 0 == done.returncode
    assert "in another format, not read back" in done.stdout
