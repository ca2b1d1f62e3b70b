"""Workflow commands, read back by the runner's own rules."""

import re

from hypothesis import given
from hypothesis import strategies as st

from support.records.saved_reports import example, hostile, nobody, of_users, waived
from tipstaff_reports.formats.github import render
from tipstaff_reports.model import as_audit
from tipstaff_reports.text import clean

COMMAND = re.compile(r"::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)")


def commands(text):
    """Return every command as the runner reads it (actions/runner, ActionCommand.TryParseV2)."""
    found = []
    for line in text.splitlines():
        read = COMMAND.fullmatch(line)
        assert read, line
        pairs = [part.partition("=") for part in read["properties"].split(",") if part]
        properties = {
            name: value.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
            for name, _, value in pairs
        }  # fmt: skip
        data = read["data"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        found.append((read["name"], properties, data))
    return found


def test_a_failure_is_an_annotation_at_its_file():
    (first, *_) = commands(render(example("wrong-workspace")))

    name, properties, data = first
    assert "error" == name
    assert "TIP102 Workspace not allowed" == properties["title"]
    assert properties["file"].endswith("/home/dev/.codex/auth.json")
    assert data.startswith(
        "critical fail: file: workspace ws-private\nexpected: ws-example\nto do: "
    )


def test_a_compliant_report_is_one_notice():
    (only,) = commands(render(example("compliant-chatgpt")))

    assert ("notice", {"title": "Tipstaff"}) == only[:2]
    assert only[2].startswith("compliant: compliant-chatgpt, ")


def test_only_an_active_waiver_makes_a_notice():
    found = commands(render(waived()))

    assert ["notice", "error", "error", "error"] == [name for name, _, _ in found]
    assert "waiver: TIP102 active, ends in 6 days" in found[0][2]


def test_who_is_missing_is_an_error():
    found = [
        command for command in commands(render(of_users())) if command[1]["title"] == "No report"
    ]

    assert [
        "ops on many: no answer within 60 s",
        "an unknown user on many: /srv/homes: permission denied",
    ] == [data for _, _, data in found]
    assert [("error", {"title": "No report"}, "nothing was audited")] == commands(render(nobody()))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_value_is_read_back(text):
    report = example("wrong-workspace").reports[0]
    first = report.findings[0]
    broken = first.model_copy(
        update={"status": "fail", "observed": text, "subject": "s", "expected": "", "remedy": "", "title": text, "evidence": [first.evidence[0]._replace(path=f"/{text}")]}
    )  # fmt: skip

    command, _ = commands(render(as_audit(report.model_copy(update={"findings": [broken]}))))

    assert f"/{clean(text)}" == command[1]["file"]
    assert f"{first.check} {clean(text)}" == command[1]["title"]
    assert f"critical fail: s: {clean(text)}" == command[2]


def test_hostile_text_forges_no_command():
    assert "forged" not in {command[1].get("title", "") for command in commands(render(hostile()))}
