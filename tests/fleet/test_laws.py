"""The report of any history is what its definition says, in whatever order the reports came."""

import random
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.fleet import fleet_model as model
from support.fleet.fleet_histories import DAY, NOON, Finding, lines, report
from tipstaff_fleet.answers.expected import ExpectedHost
from tipstaff_fleet.answers.moments import Moments
from tipstaff_fleet.answers.report import Asked, make_report
from tipstaff_fleet.engines.embedded import open_store
from tipstaff_fleet.ingest.ingest import ingest
from tipstaff_fleet.store.store import Store
from tipstaff_reports.analysis.fleet_contradictions import fleet_contradictions

pytestmark = pytest.mark.rest

STEP = 12 * 3600
MOMENTS = Moments(NOON, NOON - 4 * DAY, model.SILENT_AFTER, model.GONE_AFTER)

_findings = st.builds(
    Finding,
    check=st.sampled_from(["TIP101", "TIP203"]),
    status=st.sampled_from(["fail", "fail", "pass", "error", "not_applicable"]),
    severity=st.sampled_from(["critical", "medium", "low"]),
    subject=st.sampled_from(["file", "keyring"]),
)


def _waived(finding):
    if finding.status != "fail" or finding.severity != "medium":
        return finding
    return finding._replace(waived=True, waived_until=NOON + DAY)


_runs = st.builds(
    model.Run,
    host=st.sampled_from(["a", "b", "c"]),
    user=st.sampled_from(["ada", "bob"]),
    seen=st.integers(0, 20).map(lambda step: NOON - step * STEP),
    run_id=st.integers(0, 10**9).map("{:012}".format),
    findings=st.lists(
        _findings.map(_waived),
        max_size=3,
        unique_by=lambda finding: (finding.check, finding.subject),
    ).map(tuple),
    image=st.sampled_from([False] * 9 + [True]),
    partial=st.sampled_from([False] * 9 + [True]),
)
_histories = st.lists(_runs, min_size=1, max_size=14, unique_by=lambda run: run.run_id)


def _document(run):
    return report(
        run.host,
        run.seen,
        run.findings,
        user=run.user,
        run_id=run.run_id,
        image="/mnt/image" if run.image else None,
        selected=["TIP101"] if run.partial else None,
    )


def _answer(runs, groups=1, expected=()):
    """Return the report over runs that are ingested in their order, in some groups."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"{folder}/store")
        for group in range(groups):
            source = Path(folder, f"{group}.ndjson")
            source.write_bytes(lines(map(_document, runs[group::groups])))
            if source.stat().st_size:
                ingest(store, [str(source)], now_s=NOON, processes=1)
        with open_store(store, threads=1) as engine:
            return make_report(engine, Asked(MOMENTS, expected, days=6))


@settings(max_examples=20)
@given(_histories)
def test_a_report_is_what_the_definition_says(runs):
    document = _answer(runs)

    assert [] == fleet_contradictions(document)
    standings = model.standings(runs, NOON)
    counts = {
        name: list(standings.values()).count(name)
        for name in ("complies", "fails", "silent", "cannot_tell")
    }
    assert counts == document.hosts.model_dump(exclude={"hosts"})
    moves = list(model.moves(runs, MOMENTS.since_s, NOON).values())
    assert {
        name: moves.count(name) for name in ("worse", "better", "unchanged", "new", "gone")
    } == document.movement.model_dump(exclude={"since"})
    assert model.failures(runs, NOON) == {
        (entry.host, entry.user, entry.check, entry.subject): _seconds(entry.since)
        for entry in document.failures.entries
    }
    assert model.checks(runs, NOON) == {
        check.check: (check.passed, check.failed, check.waived, check.errors)
        for check in document.checks
    }
    assert sorted(host for host, how in standings.items() if how == "fails") == sorted(
        entry.host for entry in document.failing.entries
    )


@settings(max_examples=8)
@given(_histories)
def test_a_day_of_the_trend_is_how_hosts_stood_then(runs):
    document = _answer(runs)

    for days, counts in enumerate(reversed(document.trend)):
        then = list(model.standings(runs, NOON - days * DAY).values())
        assert (then.count("fails"), then.count("silent"), len(then)) == (
            counts.fails,
            counts.silent,
            counts.hosts,
        )


@settings(max_examples=8)
@given(_histories, st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_ingest_does_not_matter(runs, groups, chance: random.Random):
    shuffled = list(runs)
    chance.shuffle(shuffled)

    assert _answer(runs) == _answer(shuffled, groups)


@settings(max_examples=8)
@given(_histories, st.sets(st.sampled_from("abcd"), min_size=1))
def test_a_host_is_missing_that_is_expected_and_not_seen_or_gone(runs, expected):
    document = _answer(runs, expected=tuple(ExpectedHost(host, "unit") for host in expected))

    standing = model.standings(runs, NOON).keys()
    assert document.expected is not None
    assert expected - standing == {entry.host for entry in document.missing.entries}
    assert len(standing - expected) == document.expected.unexpected


def _seconds(moment):
    return int(datetime.fromisoformat(moment).timestamp())
