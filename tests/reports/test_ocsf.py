"""OCSF: an event a finding, with an outcome that is never better than the raw status."""

import json

import pytest

from support.records.saved_reports import example, merged, nobody, of_users, waived
from tipstaff_reports.formats import load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.report import ControlEntry, FrameworkEntry

VERSIONS = {"ocsf": "1.8.0", "ocsf-1.5.0": "1.5.0"}


def events(audit, form="ocsf"):
    return json.loads(load_format(form).render(audit))


@pytest.mark.parametrize("form", VERSIONS)
@pytest.mark.parametrize("host", ["wrong-workspace", "broken-credential"])
def test_an_event_is_what_its_finding_is(host, form):
    findings = example(host).reports[0].findings

    outcomes = {"pass": 1, "fail": 3, "error": 0, "not_applicable": 99}
    severities = {"critical": 5, "high": 4, "medium": 3, "low": 2, "info": 1}
    expected = [
        (
            finding.fingerprint,
            outcomes[finding.status],
            severities[finding.severity],
            VERSIONS[form],
            200301,
        )
        for finding in findings
    ]
    assert expected == [
        (event["finding_info"]["uid"], event["compliance"]["status_id"], event["severity_id"], event["metadata"]["version"], event["type_uid"])
        for event in events(example(host), form)
    ]  # fmt: skip


def test_a_waived_failure_is_suppressed_and_fails():
    first, second, third, *_ = events(waived())

    assert [(3, 3), (1, 3), (1, 3)] == [
        (event["status_id"], event["compliance"]["status_id"]) for event in (first, second, third)
    ]
    assert ("active", "ciso@example.com", 1_800_000_000) == tuple(
        first["unmapped"]["waiver"][field] for field in ("standing", "approver", "expires_at")
    )
    assert "expired" == second["unmapped"]["waiver"]["standing"]


def test_who_is_missing_is_an_event_of_unknown_outcome():
    *_, one, two = events(of_users())

    assert [(0, 4), (0, 4)] == [
        (event["compliance"]["status_id"], event["severity_id"]) for event in (one, two)
    ]
    assert [
        "No report of ops on many: no answer within 60 s",
        "No report of an unknown user on many: /srv/homes: permission denied",
    ] == [one["message"], two["message"]]
    assert [("No report of an unknown user on any host: nothing was audited", 0)] == [
        (event["message"], event["time"]) for event in events(nobody())
    ]


def test_no_two_events_have_one_id():
    found = [event["metadata"]["uid"] for event in events(merged())]

    assert len(found) == len(set(found)) > 100


def test_a_failure_that_was_known_is_an_update():
    report = example("wrong-workspace").reports[0]
    known = report.findings[0].model_copy(
        update={"status": "fail", "first_failed_at": "2026-01-01T00:00:00.000Z"}
    )

    (event,) = events(as_audit(report.model_copy(update={"findings": [known]})))

    assert 2 == event["activity_id"]
    assert 200302 == event["type_uid"]
    assert 1767225600000 == event["finding_info"]["first_seen_time"]


def test_controls_are_requirements_of_standards():
    report = example("wrong-workspace").reports[0]
    first = report.findings[0].fingerprint
    control = ControlEntry(id="AC-2", title="t", status="pass", waived=False, findings=[first])
    framework = FrameworkEntry(
        id="nist-800-53r5", title="NIST SP 800-53 Rev. 5", controls=[control]
    )

    one, two, *_ = events(as_audit(report.model_copy(update={"frameworks": [framework]})))

    assert ["NIST SP 800-53 Rev. 5"] == one["compliance"]["standards"]
    assert ["NIST SP 800-53 Rev. 5: AC-2"] == one["compliance"]["requirements"]
    assert "standards" not in two["compliance"]
