"""What became of a finding, over every pair of statuses; and when it began to fail."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.records.saved_reports import example, merged, of_users, waive
from tipstaff_reports.analysis.compare import compare
from tipstaff_reports.analysis.history import with_history
from tipstaff_reports.analysis.merge import merge
from tipstaff_reports.model import as_audit
from tipstaff_reports.texts.report_diff import render

REPORT = example("wrong-workspace").reports[0]
ONE = REPORT.findings[0]
EARLY, LATE = "2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"
STATUSES = ("pass", "fail", "error", "not_applicable")
EXPECTED = {
    "pass": {"pass": None, "fail": "broke", "error": "unjudged", "not_applicable": None},
    "not_applicable": {"pass": None, "fail": "broke", "error": "unjudged", "not_applicable": None},
    "fail": {"pass": "fixed", "fail": "still_failing", "error": "unjudged", "not_applicable": "no_longer_applies"},
    "error": {"pass": "judged", "fail": "new", "error": "unjudged", "not_applicable": "judged"},
    None: {"pass": None, "fail": "new", "error": "unjudged", "not_applicable": None},
}  # fmt: skip
"""Before, then after."""


def report(status, *, at, first_failed_at=None, waiver=False, **others):
    """Return a report of one finding, or of none, at a time."""
    findings = []
    if status is not None:
        finding = ONE.model_copy(update={"status": status, "first_failed_at": first_failed_at})
        findings = [waive(finding) if waiver else finding]
    run = REPORT.run.model_copy(update={"finished_at": at, "id": at})
    return REPORT.model_copy(update={"findings": findings, "run": run, **others})


def compared(before, after):
    return compare(as_audit(before), as_audit(after), names=("a", "b"))


def change(before, after):
    """Return what became of the one finding; None where nothing is said of it."""
    (host,) = compared(before, after).hosts
    return next(iter(host.changes), None)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(EXPECTED, STATUSES)), ids=str)
def test_what_became_of_a_finding(before, after):
    found = change(report(before, at=EARLY), report(after, at=LATE))

    assert EXPECTED[before][after] == (found and found.change)


@pytest.mark.parametrize("before", EXPECTED)
def test_what_is_there_no_more_is_told_where_it_was_open(before):
    found = change(report(before, at=EARLY), report(None, at=LATE))

    expected = {"fail": "no_longer_applies", "error": "no_longer_applies"}
    assert expected.get(before) == (found and found.change)


WAIVERS = {
    (False, True): "waived",
    (True, False): "waiver_ended",
    (True, True): "still_failing",
    (False, False): "still_failing",
}


@pytest.mark.parametrize(("waivers", "expected"), WAIVERS.items())
def test_a_waiver_that_begins_or_ends_is_a_change(waivers, expected):
    before, after = (
        report("fail", at=at, waiver=waiver)
        for at, waiver in zip((EARLY, LATE), waivers, strict=True)
    )

    assert expected == change(before, after).change


EXITS = {
    ("pass", "fail"): 1,
    ("error", "fail"): 1,
    ("fail", "fail"): 0,
    ("fail", "pass"): 0,
    ("pass", "error"): 4,
    ("pass", "pass"): 0,
}


@pytest.mark.parametrize(("statuses", "expected"), EXITS.items())
def test_the_exit_code_says_whether_it_got_worse(statuses, expected):
    before, after = statuses

    assert expected == compared(report(before, at=EARLY), report(after, at=LATE)).exit_code


OTHERS = {
    "policy": {"policy": REPORT.policy.model_copy(update={"fingerprint": "sha256:0"})},
    "client": {"client": REPORT.client._replace(version="0.170.0")},
    "tipstaff": {"tool": REPORT.tool.model_copy(update={"version": "9"})},
}


@pytest.mark.parametrize(("cause", "others"), OTHERS.items())
def test_what_else_changed_may_be_why(cause, others):
    found = change(report("pass", at=EARLY), report("fail", at=LATE, **others))

    assert ["host", cause] == found.because


def test_where_only_the_expectation_changed_it_is_not_the_host():
    before = report("pass", at=EARLY)
    after = report("fail", at=LATE, **OTHERS["policy"])
    other = after.findings[0].model_copy(update={"expected": "something else"})

    found = change(before, after.model_copy(update={"findings": [other]}))

    assert ["policy"] == found.because


def test_the_newest_report_of_a_host_counts():
    both = merge([as_audit(report("pass", at=LATE)), as_audit(report("fail", at=EARLY))])

    (host,) = compare(as_audit(both), as_audit(report("fail", at=LATE)), names=("a", "b")).hosts

    assert ["broke"] == [finding_change.change for finding_change in host.changes]


def test_since_when_is_carried_over_any_number_of_reports():
    first = report("fail", at=EARLY)

    second = with_history(report("fail", at=LATE), as_audit(first))
    third = with_history(report("fail", at="2026-11-03T00:00:00.000Z"), as_audit(second))

    assert (EARLY, EARLY) == tuple(
        document.findings[0].first_failed_at for document in (second, third)
    )


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=6))
def test_it_fails_since_the_first_failure_that_nothing_good_came_after(statuses):
    """Law: over any history. An error is nothing good; right after one the state is unknown."""
    times = [f"2026-11-{day:02d}T00:00:00.000Z" for day in range(1, len(statuses) + 1)]
    earlier = None
    for at, status in zip(times, statuses, strict=True):
        now = report(status, at=at)
        earlier = with_history(now, as_audit(earlier or now))

    begin = len(statuses)
    while begin and statuses[begin - 1] in ("fail", "error"):
        begin -= 1
    failures = [number for number in range(begin, len(statuses)) if statuses[number] == "fail"]
    first = failures[0] if failures else None
    after_error = first == len(statuses) - 1 and statuses[first - 1 : first] == ["error"]
    expected = None if first is None or after_error else times[first]
    assert expected == earlier.findings[0].first_failed_at


def test_a_check_that_did_not_run_before_says_nothing_of_since_when():
    narrowed = report(None, at=EARLY)
    run = narrowed.run.model_copy(update={"selected": ["TIP999"]})

    found = with_history(
        report("fail", at=LATE), as_audit(narrowed.model_copy(update={"run": run}))
    )

    assert None is found.findings[0].first_failed_at


def test_a_check_that_did_not_run_any_more_is_not_judged():
    after = report(None, at=LATE)
    run = after.run.model_copy(update={"selected": ["TIP999"]})

    found = change(report("fail", at=EARLY), after.model_copy(update={"run": run}))

    assert "unjudged" == found.change
    assert found.after is None


def test_a_graver_failure_got_worse():
    after = report("fail", at=LATE)
    low = report("fail", at=EARLY).findings[0].model_copy(update={"severity": "low"})
    before = report("fail", at=EARLY).model_copy(update={"findings": [low]})

    assert "graver" == change(before, after).change
    assert 1 == compared(before, after).exit_code


def test_what_is_open_on_a_host_that_is_there_only_now_is_new():
    one = report("pass", at=EARLY)
    run = one.run.model_copy(
        update={"id": "x", "host": one.run.host.model_copy(update={"name": "other"})}
    )
    other = report("fail", at=LATE).model_copy(update={"run": run})
    both = merge([as_audit(one), as_audit(other)])

    found = compare(as_audit(one), as_audit(both), names=("a", "b"))

    assert 1 == found.counts["new"]
    assert 1 == found.exit_code


def test_who_is_missing_is_told_and_is_not_judged():
    found = compare(merged(), merged(), names=("a", "b"))

    assert ["lost"] == [missing.host for missing in found.missing]
    assert 4 == found.exit_code
    assert "1 MISSING" in render(found).splitlines()[0]


def test_merging_is_idempotent_and_has_no_order():
    one, two = merged(), of_users()

    both = merge([one, two])

    assert both == merge([two, one]) == merge([as_audit(both), one]) == merge([as_audit(both)])
    assert len(one.missing) + len(two.missing) == len(both.missing)
