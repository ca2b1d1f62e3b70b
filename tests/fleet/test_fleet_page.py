"""The page of a fleet: its numbers are the document's, and nothing in it runs or is fetched."""

import re
from html import unescape

import pytest

from tipstaff_reports.page.fleet.page import render_page
from tipstaff_schemas.fleet import (
    CheckCounts,
    DayCounts,
    ExpectedCounts,
    FailingHost,
    FailingList,
    FailureList,
    FleetReport,
    HostCounts,
    HostEntry,
    HostList,
    ImageList,
    Movement,
    RollbackList,
    UnitCheckCounts,
    UnitCounts,
    WaiverCounts,
)
from tipstaff_schemas.report import Tool

AT = "2026-11-30T00:00:00.000Z"
HOSTILE = '"><script>alert(1)</script>\u202e<img src=x>'
NONE_MISSING = HostList(total=0, entries=[])


def counts(**given):
    found = {"complies": 0, "fails": 0, "silent": 0, "cannot_tell": 0} | given
    return {"hosts": sum(found.values())} | found


def fleet(units=("alpha", "beta"), failing=1, name="ws-1", **changes):
    """Return a report of a fleet, with as many failing hosts in each unit."""
    hosts = counts(complies=9 * len(units), fails=failing * len(units), silent=1)
    failed = [
        FailingHost(
            host=name, host_id=name, unit=unit, users=["ann"], checks=["TIP101"],
            severity="critical", since=AT, seen_at=AT,
        )
        for unit in units
    ]  # fmt: skip
    given = {
        "tool": Tool(version="9"), "at": AT, "silent_after_s": 7 * 86_400, "gone_after_s": 90 * 86_400,
        "hosts": HostCounts(**hosts),
        "expected": ExpectedCounts(expected=30, reporting=28, missing=2, unexpected=1),
        "movement": Movement(since=AT, worse=3, better=2, unchanged=5, new=1, gone=4),
        "trend": [
            DayCounts(at=f"2026-11-{day:02}T00:00:00.000Z", **counts(complies=day, fails=30 - day))
            for day in range(10, 20)
        ],
        "images": 2, "rejected": 7,
        "units": [
            UnitCounts(unit=unit, missing=0, **counts(complies=9, fails=failing)) for unit in units
        ],
        "checks": [
            CheckCounts(
                check="TIP101", title="Login method not allowed", severity="critical", passed=18,
                failed=failing * len(units), waived=0, errors=0, since=AT if failing else None,
            )
        ],
        "units_by_check": [
            UnitCheckCounts(unit=unit, check="TIP101", passed=9, failed=failing, waived=0, errors=0)
            for unit in units
        ],
        "clients": [], "policies": [], "releases": [], "frameworks": [],
        "waivers": [
            WaiverCounts(check="TIP203", owner="ann", ticket="T-1", ends=AT, ended=True, hosts=4)
        ],
        "log_rollbacks": RollbackList(total=0, entries=[]),
        "failing": FailingList(total=hosts["fails"], entries=failed if failing else []),
        "failures": FailureList(total=0, entries=[]),
        "silent": HostList(
            total=1,
            entries=[
                HostEntry(host="ws-9", host_id="", unit="", user="", client="", seen_at=AT, why="")
            ],
        ),
        "cannot_tell": HostList(total=0, entries=[]),
        "missing": HostList(total=2, entries=[]),
        "image_list": ImageList(total=2, entries=[]),
        "exit_code": 1,
    }  # fmt: skip
    return FleetReport(**given | changes)


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.partition("</style>")[2]))


@pytest.mark.parametrize(
    "said",
    [
        "2 of 21 hosts fail",
        "1 have not reported lately",
        "2 of 30 expected never came",
        "3 worse, 2 better, 1 new, 4 gone",
        "7 documents could not be counted",
        "2, counted apart",
        "TIP101",
        "Login method not allowed",
        "ended 2026-11-30",
        "1 of 1 hosts that are silent",
    ],
)
def test_the_numbers_of_the_document_stand_on_the_page(said):
    assert said in text_of(render_page(fleet()))


def test_without_expected_hosts_the_page_says_that_none_is_known_to_be_missing():
    page = render_page(fleet(expected=None, missing=NONE_MISSING))

    assert "Which hosts are expected is not known" in text_of(page)


def test_a_fleet_that_complies_is_said_to_comply():
    page = render_page(
        fleet(failing=0, hosts=HostCounts(**counts(complies=18)), missing=NONE_MISSING)
    )

    assert "All 18 hosts comply" in text_of(page)


def test_a_fleet_of_which_nothing_was_reported_is_not_said_to_comply():
    page = render_page(fleet(units=(), hosts=HostCounts(**counts()), missing=NONE_MISSING))

    assert "Nothing was reported" in text_of(page)
    assert "hosts comply" not in text_of(page)


def test_no_name_becomes_markup():
    page = render_page(fleet(units=(HOSTILE,), name=HOSTILE))

    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page


def test_nothing_runs_or_is_fetched():
    page = render_page(fleet())

    assert "default-src 'none'" in unescape(page)
    assert not re.search(r"<(script|link|img|iframe|object)\b|\son\w+=|\bstyle=|url\(", page)


def test_a_cell_of_the_heat_map_is_the_share_of_the_units_reporting_hosts():
    page = render_page(fleet(failing=3))

    assert ">25<" in page
    assert 'title="3 of 12"' in page


def test_the_page_of_many_units_stays_small():
    page = render_page(fleet(units=tuple(f"unit-{number}" for number in range(500))))

    assert len(page.encode()) < 1_000_000
    assert "The 460 further units fail less" in text_of(page)


def test_lists_that_are_cut_say_how_long_they_are():
    page = render_page(fleet(failing=3))

    assert "2 of 6 hosts that fail, the gravest first" in text_of(page)
