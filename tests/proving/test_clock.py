"""The time of a proof, and how much of it is that of the client's own starts."""

import pytest

from proving.clock import Clock
from proving.state import State


class Time:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


def clock(folder, time):
    return Clock(State(folder), 2, time)


def test_the_ratio_is_of_starts_that_run_at_once(tmp_path, time):
    made = clock(tmp_path, time)
    made.add(100.0)
    time.now += 60.0
    made.mark("table")

    assert 60.0 / 50.0 == made.ratio


def test_a_run_that_goes_on_adds_to_the_one_before(tmp_path, time):
    first = clock(tmp_path, time)
    first.add(10.0)
    time.now += 10.0
    first.mark("table")

    second = clock(tmp_path, time)
    second.add(4.0)
    time.now += 2.0
    second.mark("table")

    assert {"table": [12.0, 14.0]} == second.stages


def test_what_passes_between_two_runs_does_not_count(tmp_path, time):
    clock(tmp_path, time).mark("table")
    time.now += 3600.0

    assert 0.0 == clock(tmp_path, time).whole_s
