"""Why a verdict is what it is, and what it does not cover, is the same in every format."""

import html

import pytest
from example_hosts import EXPECTED, client_of, copy_host, hosts_of

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import make_host
from support.machines.judged_hosts import report_of
from tipstaff_policy.clients import load_client
from tipstaff_reports.formats import load_format
from tipstaff_reports.model import as_audit
from tipstaff_reports.summary import bounds, explain_undecided, reasons, reasons_against

NEVER_YET = 'enforce_from = 2099-01-01\nlogin_methods = ["chatgpt"]\n'


def audited(name, folder, **options):
    platform = EXPECTED[name].get("platform", "linux")
    adapter = load_client(client_of(name))
    return report_of(copy_host(name, folder), platform=platform, adapter=adapter, **options)


def rendered(report, form):
    return html.unescape(load_format(form).render(as_audit(report)))


def words(found):
    return [reason.words for reason in found]


@pytest.mark.parametrize("name", hosts_of("codex", "claude"))
def test_a_host_is_not_compliant_exactly_where_a_reason_stands_against_it(name, tmp_path):
    report = audited(name, tmp_path)

    assert bool(reasons_against(report)) == (report.summary.compliant is False)


@pytest.mark.parametrize("name", hosts_of("codex", "claude"))
def test_every_report_says_why_its_verdict_is_what_it_is(name, tmp_path):
    assert reasons(audited(name, tmp_path))


@pytest.mark.parametrize("form", ["text", "md", "junit", "github", "sarif", "ocsf", "oscal"])
def test_every_format_says_what_the_verdict_does_not_cover(form, tmp_path):
    report = audited("expired-login", tmp_path, fail_on="high")

    shown = rendered(report, form).replace("\\", "")  # which Markdown puts before signs

    assert [bound for bound in bounds(report) if bound.in_full() not in shown] == []


def test_the_page_says_what_the_verdict_does_not_cover(tmp_path):
    report = audited("expired-login", tmp_path, fail_on="high")

    shown = rendered(report, "html").lower()

    assert [bound for bound in words(bounds(report)) if bound.lower() not in shown] == []


def test_a_threshold_that_hides_findings_is_a_bound(tmp_path):
    report = audited("expired-login", tmp_path, fail_on="critical")

    assert "only findings of severity critical and higher count against it" in words(bounds(report))


def test_a_policy_that_is_not_enforced_yet_is_a_bound(tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY)
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(f"{ROOT}{NEVER_YET}")

    report = report_of(root)

    assert report.run.trial
    assert "the organisation's policy is not enforced here yet" in words(bounds(report))


def test_a_policy_that_is_enforced_is_no_trial(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"))
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(f'{ROOT}login_methods = ["chatgpt"]\n')

    assert not report_of(root).run.trial


def test_a_sign_in_that_a_finding_shows_is_no_second_reason(tmp_path):
    assert not explain_undecided(audited("api-key-under-chatgpt-only", tmp_path))
