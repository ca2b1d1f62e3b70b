"""In which order dpkg and rpm take policies for newer."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.artefacts.package_judges import needs, run
from tipstaff_rollout.artefacts.policy_package import VERSION_LIMIT, version_of

VERSIONS = {
    "1.2.3": "1.2.3",
    "2026-11": "2026.11",
    "2026-11 (draft)": "2026.11draft",
    "v3": "3",
    "version 3": "0version3",
    "1.0-rc.1": "1.0rc1",
    "release candidate": "0releasecandidate",
    "→": "0",
    "٣": "0",
    "1: 2": "1.2",
    "9" * 99: "9" * VERSION_LIMIT,
    "1" * 63 + ".2": "1" * 63,
}


@pytest.mark.parametrize(("version", "expected"), VERSIONS.items())
def test_a_version_becomes_one_that_both_tools_take(version, expected):
    assert expected == version_of(version)


ORDERED = (
    "alpha",
    "1",
    "1.0",
    "1.0a",
    "1.0b",
    "1.0.0",
    "1.0.1",
    "1.9",
    "1.10",
    "2026-2",
    "2026-11",
    "2026-11b",
    "2026-11.1",
    "2027",
)
VERSION_TEXTS = st.lists(
    st.sampled_from(["1", "2", "10", "007", "a", "b", "rc", "beta", ".", "-", " ", "~"]), max_size=6
).map("".join)


@needs("dpkg", "rpm")
@pytest.mark.parametrize("index", range(1, len(ORDERED)))
def test_versions_come_in_the_order_that_people_expect(index):
    older, newer = ORDERED[index - 1 : index + 1]

    assert (-1, -1) == order_of(version_of(older), version_of(newer))


@needs("dpkg", "rpm")
@settings(max_examples=60)
@given(VERSION_TEXTS, VERSION_TEXTS)
def test_dpkg_and_rpm_never_disagree_on_which_is_newer(one, other):
    by_dpkg, by_rpm = order_of(version_of(one), version_of(other))

    assert by_dpkg * by_rpm >= 0


def order_of(one, other):
    by_dpkg = {"lt": -1, "eq": 0, "gt": 1}
    (found,) = (
        sign
        for word, sign in by_dpkg.items()
        if not subprocess.run(
            ["dpkg", "--compare-versions", one, word, other], check=False
        ).returncode
    )
    return found, int(
        run("rpm", "--eval", '%{lua: print(rpm.vercmp("' + one + '", "' + other + '"))}')
    )
