"""The two runs of the client's table together take every host, and each takes it once."""

import json
import subprocess
import sys

import pytest

from conformance.client import ROOT
from conformance.sampling import ONCE_A_HOST, sampled
from conformance.verdicts import recorded

pytestmark = pytest.mark.xdist_group("sampling")
"""What is collected once serves all of them."""


@pytest.fixture(scope="module")
def collected():
    """The hosts that each run collects."""

    def hosts(asked):
        words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*words, "tests/conformance/test_agreement.py"],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "TIPSTAFF_HOSTS": asked},
            capture_output=True,
            text=True,
            check=True,
        )
        return {line for line in done.stdout.splitlines() if f"::{ONCE_A_HOST}[" in line}

    return {asked: hosts(asked) for asked in ("sample", "rest", "all")}


def test_no_host_is_left_out_of_both_runs(collected):
    assert collected["all"] == collected["sample"] | collected["rest"]


def test_no_host_is_in_both_runs(collected):
    assert set() == collected["sample"] & collected["rest"]


def test_the_sample_has_a_host_of_every_kind():
    names = list(recorded())

    assert {name.partition(":")[0] for name in names} == {
        name.partition(":")[0] for name in sampled(names)
    }


def test_an_unknown_word_for_the_hosts_is_refused():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "tests/conformance/test_sampling.py",
        ],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TIPSTAFF_HOSTS": json.dumps("some")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "expected sample, rest or all" in done.stdout + done.stderr
